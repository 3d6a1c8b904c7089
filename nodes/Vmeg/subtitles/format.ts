import { build as buildSrt } from 'subsrt-ts/dist/format/srt.js';
import { build as buildVtt } from 'subsrt-ts/dist/format/vtt.js';

import { linesOf } from './text';

/** The formats that a script is written in, with their MIME types. */
export const SUBTITLE_MIME_TYPES = {
	srt: 'application/x-subrip',
	vtt: 'text/vtt',
} as const;
export type SubtitleFormat = keyof typeof SUBTITLE_MIME_TYPES;

/** The formats of subtitle files that are translated, with their MIME types. */
export const SUBTITLE_FILE_MIME_TYPES = {
	...SUBTITLE_MIME_TYPES,
	ass: 'text/x-ssa',
	ssa: 'text/x-ssa',
} as const;
export type SubtitleFileFormat = keyof typeof SUBTITLE_FILE_MIME_TYPES;

/** One line of a script; times in seconds. */
export interface SubtitleLine {
	start: number;
	end: number;
	text: string;
	speaker?: string;
}

export interface SubtitleOptions {
	/** Puts the speaker before each line that has one. */
	speakers?: boolean;
}

/** One subtitle on the screen; times in whole milliseconds. */
interface Cue {
	start: number;
	end: number;
	lines: string[];
	speaker: string;
}

// rounded as a whole, so that 1.9996 s becomes 2.000 s rather than 1.1000 s
const milliseconds = (seconds: number) => Math.max(0, Math.round(seconds * 1000));

/** Cues in the order of WebVTT, by time; those that overlap stay as they are, those without text go. */
function cuesOf(script: readonly SubtitleLine[]): Cue[] {
	return script
		.filter(({ start, end }) => Number.isFinite(start) && Number.isFinite(end))
		.map(({ start, end, text, speaker }) => {
			const startMs = milliseconds(start);
			return {
				start: startMs,
				// a cue that does not end after its start is not valid
				end: Math.max(startMs + 1, milliseconds(end)),
				lines: linesOf(text),
				speaker: linesOf(speaker ?? '').join(' ').replace(/\s+/g, ' '),
			};
		})
		.filter(({ lines }) => lines.length > 0)
		.sort((a, b) => a.start - b.start || b.end - a.end);
}

// SRT cannot escape anything, and in a text its arrow would read as another time
const srtText = (text: string) => text.replace(/--+>/g, '→');

const vttText = (text: string) =>
	text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const textIn = {
	srt: ({ lines, speaker }: Cue) => srtText(`${speaker && `${speaker}: `}${lines.join('\n')}`),
	vtt: ({ lines, speaker }: Cue) =>
		`${speaker && `<v ${vttText(speaker)}>`}${vttText(lines.join('\n'))}`,
};

const builders = { srt: buildSrt, vtt: buildVtt };

/**
 * A script as a subtitle file, in SRT or WebVTT. Line breaks inside a line are kept; nothing in a
 * text can break the file. Empty where no line has any text.
 */
export function toSubtitles(
	script: readonly SubtitleLine[],
	format: SubtitleFormat,
	{ speakers = false }: SubtitleOptions = {},
): string {
	const cues = cuesOf(script);
	if (cues.length === 0) return '';
	const captions = cues.map((cue, index) => {
		const text = textIn[format](speakers ? cue : { ...cue, speaker: '' });
		const { start, end } = cue;
		const duration = end - start;
		return { type: 'caption' as const, index: index + 1, start, end, duration, text, content: text };
	});
	return builders[format](captions, { format, eol: '\n' });
}
