import { convertSubtitles } from './convert';
import type { CueText, Segment } from './cueText';
import { oneBreak, outlineOf, readCueText, renderSegment } from './cueText';
import { decodeSubtitles } from './decode';
import type { Cue, SubtitleDocument } from './document';
import { cuesOf } from './document';
import { SubtitleError } from './error';
import type { SubtitleFileFormat } from './format';
import type { Token } from './markup';
import { parseSubtitles } from './parse';
import { speakerRule } from './speakers';
import { PRECISION, readTiming } from './time';

export { SubtitleError } from './error';
export { translatedFileName } from './fileName';
export type { SubtitleFileFormat } from './format';

/** One text to translate. A cue gives none (no word in it), one, or several (a dialogue). */
export interface ScriptLine {
	/** On one line, without the markup around it; markup inside it is `<1>`, `<2>` and so on. */
	text: string;
	/** Seconds, to the millisecond; only where the start is not negative and the end not before it. */
	start?: number;
	end?: number;
	speaker?: string;
	/** Which cue of the file, from 1. */
	cue: number;
	/** Which line of the file, from 1. */
	line: number;
	/** Whether `text` has placeholders. */
	hasMarks: boolean;
}

/** A file that was read. */
export interface SubtitleFile {
	format: SubtitleFileFormat;
	/** How its bytes were read: a WHATWG label. */
	encoding: string;
	hasBom: boolean;
	cueCount: number;
	lines: ScriptLine[];
	/** What writing needs: all of the file, and what each of its cues says. */
	document: SubtitleDocument;
	texts: CueText[];
}

/** Both languages in each cue, and where the original goes. */
export type Bilingual = 'originalBelow' | 'originalAbove';

function linesOfCue(cue: Cue, { segments }: CueText, ordinal: number): ScriptLine[] {
	const isValid = cue.start >= 0 && cue.end >= cue.start;
	return segments
		.filter(({ hasWords }) => hasWords)
		.map((segment) => ({
			text: segment.text,
			...(isValid ? { start: cue.start / 1000, end: cue.end / 1000 } : {}),
			...(segment.speaker === undefined && cue.name === undefined ? {} : { speaker: segment.speaker ?? cue.name }),
			cue: ordinal,
			line: cue.textLine + segment.linesBefore,
			hasMarks: segment.marks.size > 0,
		}));
}

/**
 * Reads SRT, WebVTT, ASS or SSA, whichever it is.
 *
 * @param options `encoding`: a WHATWG label, for a file that does not show its encoding; `language`: the
 * locale of its text, which settles doubt between encodings older than Unicode
 * @throws SubtitleError, with the line where there is one, for what cannot be read
 */
export function readSubtitles(
	source: Uint8Array | string,
	options: { encoding?: string; language?: string } = {},
): SubtitleFile {
	const { text, encoding, hasBom } = decodeSubtitles(source, options);
	const document = parseSubtitles(text);
	const cues = cuesOf(document);
	const outlines = cues.map((cue) => outlineOf(cue.text, document.format));
	const isSpeaker = speakerRule(
		outlines.map(({ prefixes }) => prefixes),
		outlines.map((outline) => outline.text).join('\n'),
	);
	const texts = outlines.map((outline) => readCueText(outline, isSpeaker));
	const lines = cues.flatMap((cue, at) => {
		const cueText = texts[at];
		return cueText === undefined ? [] : linesOfCue(cue, cueText, at + 1);
	});
	return { format: document.format, encoding, hasBom, cueCount: cues.length, lines, document, texts };
}

/** A cue with its translations. */
interface RenderedCue {
	parts: Token[][];
	between: Token[];
	isTranslated: boolean;
	marksMoved: number;
}

function renderCue({ segments, between }: CueText, translationOf: (segment: Segment) => string | undefined, target: string): RenderedCue {
	const rendered = segments.map((segment) => renderSegment(segment, translationOf(segment), target));
	return {
		parts: rendered.map(({ tokens }) => tokens),
		between,
		isTranslated: rendered.some(({ isTranslated }) => isTranslated),
		marksMoved: rendered.filter(({ isMoved }) => isMoved).length,
	};
}

const isEmptyText = ({ kind, text }: Token) => kind === 'break' || (kind === 'text' && text.trim() === '');

/** The original as it goes below or above a translation: without empty lines. */
function originalParts({ segments }: CueText): Token[][] {
	return segments.map(({ tokens }) => {
		const first = tokens.findIndex((token) => !isEmptyText(token));
		const end = tokens.findLastIndex((token) => !isEmptyText(token)) + 1;
		return tokens.slice(Math.max(first, 0), end).map((token) => (token.kind === 'break' ? oneBreak(token) : token));
	});
}

const joinParts = (parts: readonly Token[][], between: readonly Token[]): Token[] =>
	parts.flatMap((tokens, at) => (at === 0 ? tokens : [...between.slice(at - 1, at), ...tokens]));

/** The break that a file uses, as its own cues have it. */
function breakOf({ format, pieces }: SubtitleDocument): Token {
	const raw = /\r\n|\n|\r/.exec(pieces.find((piece) => typeof piece === 'string' && /[\r\n]/.test(piece))?.toString() ?? '\n')?.[0];
	const isAss = format === 'ass' || format === 'ssa';
	return { kind: 'break', raw: isAss ? '\\N' : (raw ?? '\n'), text: '' };
}

const WALL = '\u2060';

/** A line that no reader takes for the times of a cue. */
function safeLine(line: string, format: SubtitleFileFormat): string {
	const isSafe = (text: string) => readTiming(text) === undefined;
	if (isSafe(line)) return line;
	const arrows = format === 'srt' ? line.replace(/-+>/g, '→') : line;
	return isSafe(arrows) ? arrows : `${WALL}${arrows}`;
}

/** Whether the last line of a text could be taken for the index of the cue after it. */
function endsLikeIndex(text: string): boolean {
	const last = text.trimEnd().split(/[\r\n]/).pop()?.trim() ?? '';
	return last !== '' && !/\D/.test(last);
}

/** Lets no line of a text be taken for the times of a cue, and its last not for an index. */
function safeText(text: string, format: SubtitleFileFormat, isTight: boolean): string {
	if (format !== 'srt' && format !== 'vtt') return text;
	// split, since one match of a very long line can exceed the stack of the engine
	const safe = text
		.split(/([\r\n])/)
		.map((line) => (line === '' ? '' : safeLine(line, format)))
		.join('');
	return isTight && endsLikeIndex(safe) ? `${safe}${WALL}` : safe;
}

function verify(text: string, file: SubtitleFile, format: SubtitleFileFormat): void {
	const precision = PRECISION[format];
	const rounded = (ms: number) => Math.round(ms / precision);
	const before = cuesOf(file.document);
	const after = cuesOf(parseSubtitles(text, format));
	if (after.length !== before.length) {
		throw new SubtitleError(`The translated file would have ${after.length} subtitles instead of ${before.length}`);
	}
	before.forEach(({ start, end, line }, at) => {
		const written = after[at];
		const isSame =
			written !== undefined && rounded(written.start) === rounded(start) && rounded(written.end) === rounded(end);
		if (!isSame) throw new SubtitleError('the translated file would have other times here', line);
	});
}

/**
 * Puts translations into a file, in its own format or in another. In its own, everything but the texts
 * stays byte for byte; a text without translation, or with an empty one, stays too.
 *
 * The result is read again before it is returned: all cues are there, at their times.
 *
 * @param translations one for each of `file.lines`, in this order
 * @returns `marksMoved`: in how many texts the markup had to go around the text, since the translation
 * had lost, doubled or mixed up placeholders
 * @throws SubtitleError if the format cannot hold a time
 */
export function writeSubtitles(
	file: SubtitleFile,
	translations: ReadonlyArray<string | undefined>,
	{ target, format = file.format, bilingual }: { target: string; format?: SubtitleFileFormat; bilingual?: Bilingual },
): { text: string; format: SubtitleFileFormat; cueCount: number; marksMoved: number } {
	if (translations.length !== file.lines.length) {
		throw new SubtitleError(`There are ${translations.length} translations for ${file.lines.length} texts`);
	}
	const { document, texts } = file;
	let next = 0;
	const translationOf = ({ hasWords }: Segment) => {
		if (!hasWords) return undefined;
		next += 1;
		return translations[next - 1];
	};
	const rendered = texts.map((cueText) => renderCue(cueText, translationOf, target));
	const lineBreak = breakOf(document);
	const both = rendered.map((one, at): RenderedCue => {
		const cueText = texts[at];
		if (bilingual === undefined || !one.isTranslated || cueText === undefined) return one;
		const original = originalParts(cueText);
		const isAbove = bilingual === 'originalAbove';
		const [upper, lower] = isAbove ? [original, one.parts] : [one.parts, original];
		const between = one.between.map(oneBreak);
		return { ...one, parts: [...upper, ...lower], between: [...between, lineBreak, ...between] };
	});
	const text = format === file.format ? rewrite(document, both) : convert(document, both, format);
	verify(text, file, format);
	return { text, format, cueCount: file.cueCount, marksMoved: rendered.reduce((sum, one) => sum + one.marksMoved, 0) };
}

function rewrite({ format, pieces }: SubtitleDocument, rendered: readonly RenderedCue[]): string {
	let at = -1;
	return pieces
		.map((piece) => {
			if (typeof piece === 'string') return piece;
			at += 1;
			const cue = rendered[at];
			if (cue?.isTranslated !== true) return piece.text;
			const text = joinParts(cue.parts, cue.between)
				.map(({ raw }) => raw)
				.join('');
			return safeText(text, format, piece.isTight);
		})
		.join('');
}

function convert(document: SubtitleDocument, rendered: readonly RenderedCue[], format: SubtitleFileFormat): string {
	const cues = cuesOf(document).map((cue, at) => ({ cue, parts: rendered[at]?.parts ?? [] }));
	return convertSubtitles(cues, document.format, format, (text) => safeText(text, format, false));
}

/** The bytes of a written file: UTF-8, with a byte order mark where the file that was read had one. */
export function encodeSubtitles(text: string, { hasBom }: SubtitleFile): Buffer {
	return Buffer.from(`${hasBom ? '\ufeff' : ''}${text}`);
}
