import { parse } from '@plussub/srt-vtt-parser';
import fc from 'fast-check';
import { WebVTTParser } from 'webvtt-parser';
import entities from 'webvtt-parser/html-entities.json';

import type { SubtitleLine } from '../../nodes/Vmeg/subtitles/format';
import { toSubtitles } from '../../nodes/Vmeg/subtitles/format';

/** A line of a cue as it should come back: with all that may confuse a reader of subtitles. */
const piece = fc.oneof(
	{ weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
	fc.constantFrom(
		'-->', '--->', '42', '00:00:01,000 --> 00:00:02,000', '00:01.000 --> 00:02.000', 'WEBVTT', 'NOTE this',
		'STYLE', '<i>soft</i>', '<v Bob>hi', 'a < b && c > d', '&lt;', '&amp;amp;', '{\\an8}', 'Über 電影 🎬', 'שלום',
	),
);
const line = fc
	.array(piece, { minLength: 1, maxLength: 3 })
	.map((pieces) => pieces.join(' ').replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, '').trim())
	.filter((text) => text !== '' && !/<br/i.test(text));

const breaks = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\n \t\n', '\u2028', '<br>', '<BR />', '\u0085');

interface Expected {
	start: number;
	end: number;
	lines: string[];
	speaker: string;
}

/** A line of a script, and what is to be read of it. */
const scriptLine = fc
	.record({
		start: fc.oneof(
			fc.double({ min: 0, max: 300_000, noNaN: true }),
			fc.integer({ min: 0, max: 300_000_000 }).map((ms) => ms / 1000),
			fc.constantFrom(1.9996, 59.9995, 59.9994, 3599.9999, 0.0004),
		),
		length: fc.double({ min: -2, max: 20, noNaN: true }),
		lines: fc.array(line, { maxLength: 3 }),
		between: fc.array(breaks, { minLength: 4, maxLength: 4 }),
		speaker: fc.oneof(fc.constant(''), line.map((name) => name.replace(/\s+/g, ' '))),
	})
	.map(({ start, length, lines, between, speaker }) => {
		const end = start + length;
		const text = lines.reduce((all, one, index) => `${all}${between[index]}${one}`, '') + between[3];
		const given: SubtitleLine = { start, end, text, speaker };
		const startMs = Math.round(start * 1000);
		const endMs = Math.max(Math.round(end * 1000), startMs + 1);
		return { given, expected: { start: startMs, end: endMs, lines, speaker } satisfies Expected };
	});

const asSrt = ({ lines, speaker }: Expected) =>
	`${speaker && `${speaker}: `}${lines.join('\n')}`.replace(/--+>/g, '→');

// the reader leaves it to us in names, where the standard has it decoded as in texts
const unescape = (text: string) =>
	text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

// it adds up fractions of a second, which are not exact
const ms = (seconds: number) => Math.round(seconds * 1000);

/** What a strict reader of WebVTT finds; it names everything that the standard does not allow. */
function readVtt(file: string): Array<Omit<Expected, 'lines'> & { text: string }> {
	const { cues, errors } = new WebVTTParser(entities).parse(file, 'subtitles/captions/descriptions');
	expect(errors).toEqual([]);
	return cues.map(({ startTime, endTime, tree }) => {
		const [first] = tree.children;
		const isVoice = first?.type === 'object' && first.name === 'v';
		const nodes = isVoice ? first.children : tree.children;
		const text = nodes.map(({ value }) => value ?? '').join('');
		return { start: ms(startTime), end: ms(endTime), text, speaker: isVoice ? unescape(first.value ?? '') : '' };
	});
}

it('reads back every cue, to the millisecond, from scripts of any kind, in both formats', () => {
	fc.assert(
		fc.property(fc.array(scriptLine, { maxLength: 5 }), fc.boolean(), (script, speakers) => {
			const given = script.map((one) => one.given);
			const expected = script
				.map((one) => ({ ...one.expected, speaker: speakers ? one.expected.speaker : '' }))
				.filter(({ lines }) => lines.length > 0)
				.sort((a, b) => a.start - b.start || b.end - a.end);
			const srt = toSubtitles(given, 'srt', { speakers });
			const vtt = toSubtitles(given, 'vtt', { speakers });
			if (expected.length === 0) {
				expect([srt, vtt]).toEqual(['', '']);
				return;
			}
			expect(parse(srt).entries).toEqual(
				expected.map((cue, index) => ({
					id: String(index + 1),
					from: cue.start,
					to: cue.end,
					text: asSrt(cue),
				})),
			);
			expect(readVtt(vtt)).toEqual(
				expected.map(({ start, end, lines, speaker }) => ({
					start,
					end,
					text: lines.join('\n'),
					speaker,
				})),
			);
		}),
		{ numRuns: 10_000 },
	);
}, 60_000);
