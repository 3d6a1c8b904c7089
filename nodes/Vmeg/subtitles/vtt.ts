import type { Cue, FileLine, SubtitleDocument } from './document';
import { fileLines, piecesOf } from './document';
import { SubtitleError } from './error';
import type { Timing } from './time';
import { CUT_OFF, readTiming } from './time';

const NOTE = /^\s*NOTE(?:\s|$)/;
const BLOCK = /^(?:STYLE|REGION)\s*$/;

const timingAt = (lines: readonly FileLine[], at: number): Timing | undefined => {
	const line = lines[at];
	return line === undefined ? undefined : readTiming(line.text);
};

/** The line after the block that `at` stands in: only an empty line ends one. */
function afterBlock(lines: readonly FileLine[], at: number): number {
	let after = at;
	while (after < lines.length && lines[after]?.text !== '') after += 1;
	return after;
}

/**
 * Where the text of a cue ends: at an empty line, at the next times, or, since a blank line may have
 * been forgotten, at a number right above these.
 */
function endOfText(lines: readonly FileLine[], from: number): number {
	let to = from;
	while (to < lines.length && lines[to]?.text !== '' && timingAt(lines, to) === undefined) to += 1;
	const isIndexed = to > from + 1 && timingAt(lines, to) !== undefined && /^\s*\d+\s*$/.test(lines[to - 1]?.text ?? '');
	return isIndexed ? to - 1 : to;
}

/**
 * Reads WebVTT by its standard, but takes a comma for the point, and cues without blank lines. As in
 * players, text that no times precede is not shown, so it is kept and is no cue.
 *
 * @throws SubtitleError for times that cannot be read
 */
export function readVtt(text: string): SubtitleDocument {
	const lines = fileLines(text);
	const cues: Array<{ from: number; to: number; cue: Omit<Cue, 'text'> }> = [];
	let at = 0;
	let isStart = false;
	while (at < lines.length) {
		const line = lines[at]?.text ?? '';
		const isBlock = BLOCK.test(line) && timingAt(lines, at + 1) === undefined;
		if (isStart && (NOTE.test(line) || isBlock)) {
			at = afterBlock(lines, at);
			continue;
		}
		const timing = readTiming(line);
		isStart = line === '';
		if (timing === undefined) {
			at += 1;
			continue;
		}
		if ('problem' in timing) throw new SubtitleError(timing.problem, at + 1);
		const to = endOfText(lines, at + 1);
		const from = lines[at]?.next ?? text.length;
		if (timing.isShort && from === (lines[at]?.from ?? 0) + line.length) throw new SubtitleError(CUT_OFF, at + 1);
		const last = to > at + 1 ? lines[to - 1] : undefined;
		const { start, end, rest } = timing;
		cues.push({
			from,
			to: last === undefined ? from : last.from + last.text.length,
			cue: {
				start,
				end,
				settings: rest.trim(),
				line: at + 1,
				textLine: at + 2,
				isTight: timingAt(lines, to) !== undefined,
			},
		});
		at = to;
	}
	return { format: 'vtt', pieces: piecesOf(text, cues) };
}
