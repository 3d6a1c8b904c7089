import { parse as parseSimple } from '@plussub/srt-vtt-parser';
import { parse as parseAss } from 'ass-compiler/dist/ass-compiler.js';
import { WebVTTParser } from 'webvtt-parser';
import entities from 'webvtt-parser/html-entities.json';

/** A cue as another program reads it; times in milliseconds. */
export interface ForeignCue {
	start: number;
	end: number;
	text: string;
}

// none of the three expects the line breaks of old systems
const unixLines = (text: string) => text.replace(/\r\n?/g, '\n');

const ms = (seconds: number) => Math.round(seconds * 1000);

type Nodes = ReturnType<WebVTTParser['parse']>['cues'][number]['tree']['children'];

const wordsOf = (nodes: Nodes): string =>
	nodes.map(({ type, value, children }) => (type === 'text' ? (value ?? '') : wordsOf(children ?? []))).join('');

/** Readers that share no code with ours. */
export const readers = {
	plussub: (text: string): ForeignCue[] =>
		parseSimple(unixLines(text)).entries.map(({ from, to, text: said }) => ({ start: from, end: to, text: said })),
	webvtt: (text: string): ForeignCue[] =>
		new WebVTTParser(entities)
			.parse(unixLines(text), 'subtitles/captions/descriptions')
			.cues.map(({ startTime, endTime, tree }) => ({ start: ms(startTime), end: ms(endTime), text: wordsOf(tree.children) })),
	ass: (text: string): ForeignCue[] =>
		parseAss(unixLines(text)).events.dialogue.map(({ Start, End, Text }) => ({
			start: ms(Start),
			end: ms(End),
			text: Text.combined,
		})),
};

export type ReaderName = keyof typeof readers;
