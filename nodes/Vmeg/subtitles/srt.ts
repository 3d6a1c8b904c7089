import type { Cue, FileLine, SubtitleDocument } from './document';
import { fileLines, piecesOf } from './document';
import { quoted, SubtitleError } from './error';
import { CUT_OFF, readTiming } from './time';

const isBlank = (line: FileLine | undefined) => line === undefined || line.text.trim() === '';
const isIndex = (line: FileLine | undefined) => line !== undefined && /^\s*\d+\s*$/.test(line.text);

// the beginning of a line of times that was cut off or misspelt
const PART_OF_TIMES = /^\s*-?\d{1,3}:[\d:.,]*\d[\d:.,\s>-]*$/;
const CUT_TIMES = /^[\d:.,\s>-]+$/;

interface Header {
	/** Where the index stands, or the times if there is none. */
	first: number;
	/** Where the times stand. */
	at: number;
	start: number;
	end: number;
	rest: string;
}

/** The index of a cue: right above its times, or in a file with a blank line after each line, further up. */
function firstOfHeader(lines: readonly FileLine[], at: number, after: number): number {
	if (at - 1 > after && isIndex(lines[at - 1])) return at - 1;
	let above = at - 1;
	while (above > after && isBlank(lines[above])) above -= 1;
	const isAlone = above < at - 1 && isBlank(lines[above - 1]);
	return above > after && isAlone && isIndex(lines[above]) ? above : at;
}

function headersOf(lines: readonly FileLine[]): Header[] {
	const headers: Header[] = [];
	lines.forEach(({ text, from, next }, at) => {
		const timing = readTiming(text);
		if (timing === undefined) return;
		if ('problem' in timing) throw new SubtitleError(timing.problem, at + 1);
		if (timing.isShort && next === from + text.length) throw new SubtitleError(CUT_OFF, at + 1);
		headers.push({ ...timing, at, first: firstOfHeader(lines, at, headers.at(-1)?.at ?? -1) });
	});
	return headers;
}

function refuseTextBefore(lines: readonly FileLine[], first: number): void {
	const at = lines.findIndex((line) => !isBlank(line));
	if (at < 0 || at >= first) return;
	const below = lines[at + 1];
	if (isIndex(lines[at]) && below !== undefined && CUT_TIMES.test(below.text)) {
		throw new SubtitleError(`the time ${quoted(below.text)} cannot be read`, at + 2);
	}
	throw new SubtitleError(`expected the first subtitle, found ${quoted(lines[at]?.text ?? '')}`, at + 1);
}

/**
 * Where the text of a cue ends, in lines. A lone index that follows at the end of the file is no
 * text; one whose times cannot be read is refused.
 */
function endOfText(lines: readonly FileLine[], header: Header, from: number, to: number): number {
	const index = header.first < header.at ? Number(lines[header.first]?.text) : Number.NaN;
	for (let at = from; at < to; at += 1) {
		const line = lines[at];
		if (line === undefined || !isIndex(line) || Number(line.text) !== index + 1 || !isBlank(lines[at - 1])) continue;
		const below = lines[at + 1];
		if (at + 1 >= to || below === undefined) return to === lines.length ? at : to;
		const isCut = at + 2 >= lines.length && CUT_TIMES.test(below.text) && !isBlank(below);
		if (!isCut && !PART_OF_TIMES.test(below.text)) continue;
		throw new SubtitleError(`the time ${quoted(below.text)} cannot be read`, at + 2);
	}
	return to;
}

/**
 * Reads SubRip. An index may be missing, doubled or wrong; blank lines may be missing, or stand inside
 * a text, which goes on until the next times.
 *
 * @throws SubtitleError for times that cannot be read, for text before the first cue, and without any cue
 */
export function readSrt(text: string): SubtitleDocument {
	const lines = fileLines(text);
	const headers = headersOf(lines);
	refuseTextBefore(lines, headers[0]?.first ?? lines.length);
	const cues = headers.map((header, position) => {
		const { at, start, end, rest } = header;
		const following = headers[position + 1]?.first ?? lines.length;
		let from = at + 1;
		while (from < following && isBlank(lines[from])) from += 1;
		let to = endOfText(lines, header, from, following);
		while (to > from && isBlank(lines[to - 1])) to -= 1;
		const cue: Omit<Cue, 'text'> = {
			start,
			end,
			settings: rest.trim(),
			line: at + 1,
			textLine: from + 1,
			isTight: to === following && headers[position + 1]?.at === following,
		};
		if (to === from) {
			const empty = lines[at]?.next ?? text.length;
			return { from: empty, to: empty, cue };
		}
		const last = lines[to - 1];
		return { from: lines[from]?.from ?? 0, to: (last?.from ?? 0) + (last?.text.length ?? 0), cue };
	});
	return { format: 'srt', pieces: piecesOf(text, cues) };
}
