import { helper as srtTimes } from 'subsrt-ts/dist/format/srt.js';
import { helper as vttTimes } from 'subsrt-ts/dist/format/vtt.js';

import { quoted } from './error';
import type { SubtitleFileFormat } from './format';

/** Start and end in whole milliseconds; either may be negative, and the end before the start. */
export interface Span {
	start: number;
	end: number;
}

/**
 * A line that times a cue, with what follows the times; or what is wrong with it. `isShort`: nothing
 * follows, and the end has fewer digits than the start, as where a file was cut off.
 */
export type Timing = (Span & { rest: string; isShort: boolean }) | { problem: string };

// hours may be missing, digits too, and spaces may stand around every sign
const TIME = String.raw`(-?)\s{0,9}(?:(\d{1,6})\s{0,3}:\s{0,3})?(\d{1,3})\s{0,3}:\s{0,3}(\d{1,2})(?:\s{0,3}[.,]\s{0,3}(\d{1,9}))?`;
const ALONE = new RegExp(`^\\s*${TIME}\\s*$`);
const SPAN = new RegExp(`^\\s*${TIME}\\s*-{2,4}>\\s*${TIME}(?![\\d:.,])`);

// with one dash, only times that nobody writes in a text
const FULL = String.raw`-?\d{1,3}:\d{1,2}:\d{1,2}[.,]\d{1,3}`;
const SHORT_ARROW = new RegExp(`^\\s*(${FULL})\\s*->\\s*(${FULL})(?![\\d:.,])`);
const HALF = new RegExp(`^\\s*${FULL}\\s*(?:-+>|-+\\s*$)`);

function milliseconds([sign, hours, minutes, seconds, fraction]: ReadonlyArray<string | undefined>): number {
	const whole = (Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds);
	// as a decimal fraction, also with fewer than three digits
	const ms = whole * 1000 + Math.round(Number(`0.${fraction ?? 0}`) * 1000);
	return sign === '-' && ms !== 0 ? -ms : ms;
}

/** The milliseconds of one time; undefined for anything else. */
export function readTime(text: string): number | undefined {
	const found = ALONE.exec(text);
	return found === null ? undefined : milliseconds(found.slice(1));
}

const unreadable = (time: string) => ({ problem: `the time ${quoted(time)} cannot be read` });

function problemOf(line: string): Timing {
	const [before = '', after = ''] = line.split(/-+>/, 2);
	if (readTime(before) === undefined) return unreadable(before);
	return after.trim() === '' ? { problem: 'the end time is missing' } : unreadable(after);
}

const digitsIn = (parts: readonly string[], from: number) => parts.slice(from + 1, from + 5).join('').length;

/** What to say of a file that ends within a time. */
export const CUT_OFF = 'the file ends within this time';

/** The times that a line of SRT or WebVTT gives; undefined where it is a line of another kind. */
export function readTiming(line: string): Timing | undefined {
	const hasArrow = line.includes('-->');
	const full = hasArrow ? SPAN.exec(line) : null;
	if (full !== null) {
		const [start, end] = [milliseconds(full.slice(1, 6)), milliseconds(full.slice(6, 11))];
		const rest = line.slice(full[0].length);
		return { start, end, rest, isShort: rest === '' && digitsIn(full, 6) < digitsIn(full, 1) };
	}
	if (!hasArrow && !HALF.test(line)) return undefined;
	const short = SHORT_ARROW.exec(line);
	const start = readTime(short?.[1] ?? '');
	const end = readTime(short?.[2] ?? '');
	if (short === null || start === undefined || end === undefined) return problemOf(line);
	return { start, end, rest: line.slice(short[0].length), isShort: false };
}

function assTime(ms: number): string {
	const centiseconds = Math.round(ms / 10);
	const two = (value: number) => String(value).padStart(2, '0');
	const seconds = Math.floor(centiseconds / 100);
	const minutes = Math.floor(seconds / 60);
	return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}.${two(centiseconds % 100)}`;
}

/** A time as the format writes it. Only SRT has a way to write a negative one. */
export const writeTime: Record<SubtitleFileFormat, (ms: number) => string> = {
	srt: (ms) => `${ms < 0 ? '-' : ''}${srtTimes.toTimeString(Math.abs(ms))}`,
	vtt: vttTimes.toTimeString,
	ass: assTime,
	ssa: assTime,
};

/** Milliseconds between two times that the format can tell apart. */
export const PRECISION: Record<SubtitleFileFormat, number> = { srt: 1, vtt: 1, ass: 10, ssa: 10 };
