import type { SubtitleFileFormat } from './format';
import type { Span } from './time';

/** One cue, or one `Dialogue` row. Its text is as the file has it: with markup, escapes and line breaks. */
export interface Cue extends Span {
	/** The line of its times, from 1. */
	line: number;
	/** The line where its text begins, from 1. */
	textLine: number;
	text: string;
	/** What follows the times: the settings of WebVTT, the coordinates of SRT. */
	settings: string;
	/** The `Name` or `Actor` of a row. */
	name?: string;
	/** The times of the next cue follow right below, so a number in the last line would be its index. */
	isTight: boolean;
}

/** A file as cues and, between them, everything else as it stands. */
export interface SubtitleDocument {
	format: SubtitleFileFormat;
	pieces: Array<string | Cue>;
}

export const cuesOf = ({ pieces }: SubtitleDocument): Cue[] =>
	pieces.filter((piece): piece is Cue => typeof piece !== 'string');

/** A line of a file, and where it stands: its text from `from`, the next line from `next`. */
export interface FileLine {
	text: string;
	from: number;
	next: number;
}

/** The lines of a text, whose breaks may be of any and of several kinds. */
export function fileLines(text: string): FileLine[] {
	const lines: FileLine[] = [];
	let from = 0;
	for (const { 0: lineBreak, index } of text.matchAll(/\r\n|\n|\r/g)) {
		const next = index + lineBreak.length;
		lines.push({ text: text.slice(from, index), from, next });
		from = next;
	}
	if (from < text.length) lines.push({ text: text.slice(from), from, next: text.length });
	return lines;
}

/** Cuts a text into the cues, whose texts stand at the given places, and what is around them. */
export function piecesOf(text: string, cues: ReadonlyArray<{ from: number; to: number; cue: Omit<Cue, 'text'> }>) {
	const pieces: Array<string | Cue> = [];
	let at = 0;
	for (const { from, to, cue } of cues) {
		pieces.push(text.slice(at, from), { ...cue, text: text.slice(from, to) });
		at = to;
	}
	pieces.push(text.slice(at));
	return pieces;
}
