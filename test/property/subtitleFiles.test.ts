import fc from 'fast-check';

import type { SubtitleFile, SubtitleFileFormat } from '../../nodes/Vmeg/subtitles/file';
import { encodeSubtitles, readSubtitles, SubtitleError, writeSubtitles } from '../../nodes/Vmeg/subtitles/file';

type Kind = 'srt' | 'vtt' | 'ass';

/** A document, with what should be read of it; times in milliseconds. */
interface Generated {
	kind: Kind;
	text: string;
	times: Array<{ start: number; end: number }>;
}

const word = fc.oneof(
	{ weight: 6, arbitrary: fc.string({ unit: fc.constantFrom(...'abcdeXYZäß'), minLength: 1, maxLength: 8 }) },
	fc.constantFrom(
		'Hello', 'world', '12', '...', '♪', 'JOHN:', 'Ann:', '<3', '5 >', 'a&b', '&amp;', '&lt;1&gt;', '<1>', '{x}', '12:30',
		'電影を見る', 'สวัสดีครับ', 'שלום', '\u202b', '\u202c', '\u200f', '👨‍👩‍👧', 'e\u0301', '\u00a0', '\u2028', 'C:\\New', '\\{', '(', '[DOOR]',
	),
);

const marks: Record<Kind, string[]> = {
	srt: ['<i>', '</i>', '<b>', '</b>', '<font color="#f00">', '</font>', '{\\an8}', '{i}', '<I>', '<br>'],
	vtt: ['<i>', '</i>', '<b>', '<c.red>', '</c>', '<v John>', '</v>', '<00:00:01.500>', '<lang en>', '<ruby>', '<rt>', '</ruby>'],
	ass: ['{\\i1}', '{\\i0}', '{\\an8}', '{\\k20}', '{\\c&HFF&}', '{\\r}', '{note}', '{\\b1\\i1}', '\\h', '\\n'],
};

const textLine = (kind: Kind) =>
	fc
		.tuple(
			fc.constantFrom('', '', '- ', '– ', '-', '  '),
			fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: word }, fc.constantFrom(...marks[kind])), fc.constantFrom('', ' ', ' ')), {
				minLength: 1,
				maxLength: 6,
			}),
		)
		.map(([start, pieces]) => `${start}${pieces.flat().join('')}`)
		// alone on a line, a number may be an index and a space ends a text; both have tests of their own
		.filter((line) => !/^\s*\d*\s*$/.test(line) && !/[<{]$/.test(line));

const time = fc.integer({ min: 0, max: 400_000_000 });
const two = (value: number) => String(value).padStart(2, '0');

function clock(ms: number, separator: string, digits: number): string {
	const seconds = Math.floor(ms / 1000);
	const fraction = String(ms % 1000).padStart(3, '0').slice(0, digits);
	return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${separator}${fraction}`;
}

const cue = (kind: Kind) =>
	fc.record({
		start: time,
		end: time,
		lines: fc.array(textLine(kind), { maxLength: 3 }),
		index: fc.constantFrom('1', '7', 'none', 'next'),
		gap: fc.integer({ min: 1, max: 3 }),
		settings: fc.constantFrom('', ' align:left', ' line:0'),
		name: fc.constantFrom('', 'Ann', 'Joe B'),
	});
type CueOf = typeof cue extends (kind: Kind) => fc.Arbitrary<infer Value> ? Value : never;

const writers: Record<Kind, (cues: CueOf[], eol: string) => string> = {
	srt: (cues, eol) =>
		cues
			.map(({ start, end, lines, index, gap }, at) => {
				const number = index === 'none' ? [] : [index === 'next' ? String(at + 1) : index];
				const times = `${clock(start, ',', 3)} --> ${clock(end, ',', 3)}`;
				return [...number, times, ...lines, ...Array.from({ length: gap }, () => '')].join(eol) + eol;
			})
			.join(''),
	vtt: (cues, eol) =>
		['WEBVTT', '', 'NOTE a --> b', '', '']
			.join(eol)
			.concat(
				...cues.map(({ start, end, lines, index, gap, settings }) => {
					const id = index === 'none' ? [] : [`cue ${index}`];
					const times = `${clock(start, '.', 3)} --> ${clock(end, '.', 3)}${settings}`;
					return [...id, times, ...lines, ...Array.from({ length: gap }, () => '')].join(eol) + eol;
				}),
			),
	ass: (cues, eol) =>
		['[Script Info]', 'ScriptType: v4.00+', '', '[Events]', 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text']
			.concat(
				cues.map(
					({ start, end, lines, name }) =>
						`Dialogue: 0,${clock(start, '.', 2)},${clock(end, '.', 2)},Default,${name},0,0,0,,${lines.join('\\N')}`,
				),
				'',
			)
			.join(eol),
};

const generated = (kind: Kind): fc.Arbitrary<Generated> =>
	fc
		.tuple(fc.array(cue(kind), { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r'))
		.map(([cues, eol]) => {
			const rounded = (ms: number) => (kind === 'ass' ? Math.floor(ms / 10) * 10 : ms);
			return {
				kind,
				text: writers[kind](cues, eol),
				times: cues.map(({ start, end }) => ({ start: rounded(start), end: rounded(end) })),
			};
		});
const anyDocument = fc.oneof(generated('srt'), generated('vtt'), generated('ass'));

const nasty = fc.constantFrom(
	'\n', '\r\n\r\n', '\u2028', '-->', '00:00:01,000 --> 00:00:02,000', '\n\n2\n00:00:01,000 --> 00:00:02,000\nhi', '00:00:01,000 -',
	'00:00:01.000 -> 00:00:02.000', '<', '>', '<i>', '</i>', '<b', '{', '}', '{\\an8}', '{i}', '\\N', '\\', '\\h', '\ud800', '\udc00',
	'\0', '\u0001', '<1>', '<2>', '</1>', '< 1 >', '＜1＞', '<99>', '&', '&lt;', '&amp;', '&nbsp;', '12', '\t', '\u00a0', '\u200b', '\ufeff',
	'WEBVTT', 'NOTE', 'STYLE', '[Events]', 'Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,x', '<br>', '- ', 'JOHN: ', ',', '\u202b', '日本語です',
);
const translation = fc.oneof(
	fc.constant(undefined),
	fc.constant(''),
	fc.string({ unit: 'binary', maxLength: 40 }),
	fc.array(fc.oneof(nasty, word), { maxLength: 10 }).map((pieces) => pieces.join(' ')),
	fc.array(nasty, { maxLength: 8 }).map((pieces) => pieces.join('')),
	fc.array(word, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(' ')),
	nasty.map((piece) => piece.repeat(Math.ceil(10_000 / piece.length))),
);
const translations = fc.array(translation, { minLength: 40, maxLength: 40 });

const timesOf = (file: SubtitleFile) =>
	file.document.pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [{ start: piece.start, end: piece.end }]));

const MARKUP: Record<SubtitleFileFormat, RegExp> = {
	srt: /<\/?(?:i|b|font)(?: [^>]*)?>|\{\\[^}]*\}|\{i\}/gi,
	vtt: /<[^<>]*>/g,
	ass: /\{[^{}]*\}/g,
	ssa: /\{[^{}]*\}/g,
};
const markupIn = ({ document: { pieces, format } }: SubtitleFile) =>
	pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [(piece.text.match(MARKUP[format]) ?? []).sort()]));

const target = fc.constantFrom('de-DE', 'ja-JP', 'th-TH', 'zh-CN-guangxi', 'ar-SA', 'nonsense', '');

it('reads what was written, and writes it again to the byte', () => {
	fc.assert(
		fc.property(anyDocument, ({ kind, text, times }) => {
			const file = readSubtitles(text);
			expect({ format: file.format, times: timesOf(file) }).toEqual({ format: kind, times });
			const same = writeSubtitles(
				file,
				file.lines.map((line) => line.text),
				{ target: 'de-DE' },
			);
			expect(same.text).toBe(text);
			expect(encodeSubtitles(same.text, file).toString()).toBe(text);
		}),
		{ numRuns: 3_000 },
	);
}, 120_000);

it('keeps every cue, time and piece of markup, whatever the translations are', () => {
	fc.assert(
		fc.property(anyDocument, translations, target, ({ text, times }, given, locale) => {
			const file = readSubtitles(text);
			const written = writeSubtitles(file, file.lines.map((_, at) => given[at % given.length]), { target: locale });
			const again = readSubtitles(written.text);
			expect(timesOf(again)).toEqual(times);
			expect(again.format).toBe(file.format);
			expect(markupIn(again)).toEqual(markupIn(file));
		}),
		{ numRuns: 3_000 },
	);
}, 120_000);

it('keeps every cue and time in any other format and with both languages', () => {
	fc.assert(
		fc.property(
			anyDocument,
			translations,
			fc.constantFrom<SubtitleFileFormat>('srt', 'vtt', 'ass', 'ssa'),
			fc.constantFrom(undefined, 'originalBelow' as const, 'originalAbove' as const),
			({ text, times }, given, format, bilingual) => {
				const file = readSubtitles(text);
				const written = writeSubtitles(file, file.lines.map((_, at) => given[at % given.length]), {
					target: 'ja-JP',
					format,
					bilingual,
				});
				const again = readSubtitles(written.text);
				const precision = format === 'ass' || format === 'ssa' ? 10 : 1;
				const rounded = times.map(({ start, end }) => ({
					start: Math.round(start / precision) * precision,
					end: Math.round(end / precision) * precision,
				}));
				expect(again.format).toBe(format);
				expect(timesOf(again)).toEqual(rounded);
			},
		),
		{ numRuns: 3_000 },
	);
}, 120_000);

const fragment = fc.oneof(
	nasty,
	word,
	fc.constantFrom('\n', '\n\n', '\r', '1\n', '00:00:01,000 --> 00:00:02,000\n', '00:01.000 --> ', ' --> 00:02.000', '0:00:01.00', 'Format: Text'),
	fc.constantFrom('WEBVTT\n\n', '[Script Info]\n', '[Events]\n', 'Dialogue: ', '0,0:00:01.00,0:00:02.00,a,b,0,0,0,,', 'STYLE\n', 'NOTE\n'),
	fc.string({ unit: 'binary', maxLength: 5 }),
);
const anyText = fc.array(fragment, { maxLength: 25 }).map((pieces) => pieces.join(''));

/** Reads and writes whatever comes, and lets only refusals pass. */
function tryOut(source: string | Uint8Array): void {
	try {
		const file = readSubtitles(source, { language: 'ja-JP' });
		const texts = file.lines.map(({ text }) => text);
		const same = writeSubtitles(file, texts, { target: 'de-DE' });
		if (typeof source === 'string') expect(same.text).toBe(source.replace(/^\ufeff/, ''));
		writeSubtitles(file, texts.map((text) => `${text} <1> neu`), { target: 'th-TH', bilingual: 'originalAbove' });
	} catch (error) {
		if (!(error instanceof SubtitleError)) throw error;
		expect(error.line === undefined || error.line >= 1).toBe(true);
	}
}

it('refuses with a reason, or reads, any text', () => {
	fc.assert(fc.property(anyText, tryOut), { numRuns: 10_000 });
}, 120_000);

it('refuses with a reason, or reads, any bytes', () => {
	const encoded = anyText.map((text) => Buffer.from(text, 'utf16le'));
	fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), encoded), tryOut), { numRuns: 5_000 });
}, 120_000);

const MEGABYTE = 1_000_000;
const long = [
	'a', ' ', '<', '>', '{', '}', '{\\', '<i', '<i>', '<i>a', '</i>', '&', '&#1', '&lt;', '\\N', '\\', '{\\an', '-', '- ', '-->', '00:', '0', ':',
	'A ', 'Ab ', 'JOHN: ', '<1>', '<1', '\u202b', '\u0301', '日', 'ก', '👨‍', '\r', '\n', ' \n', '\t\n', '1\n', 'a\n', '- a.\n', '\u00a0', '\u0001', ',', '<v a>', '{\\i1}a',
	'\\N \\N', '<br ', '[', 'WEBVTT', '\u2028', '<i>a</i>\n', 'x \u0001',
].map((piece) => piece.repeat(MEGABYTE / piece.length));

const heads = ['', '1\n00:00:01,000 --> 00:00:02,000\n', 'WEBVTT\n\n00:01.000 --> 00:02.000\n', 'Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,'];

/** Processor time, since a busy machine takes longer. */
function milliseconds(run: () => void): number {
	const before = process.cpuUsage().user;
	run();
	return (process.cpuUsage().user - before) / 1000;
}

// many times what it takes, and a small part of what it would take to look at every pair of characters
const LIMIT = 15_000;

it.each(long.map((text) => [JSON.stringify(text.slice(0, 8)), text]))(
	'reads and writes a megabyte of %s in time',
	(_, text) => {
		for (const head of heads) expect(milliseconds(() => tryOut(`${head}b${text}x`))).toBeLessThan(LIMIT);
		expect(milliseconds(() => tryOut(`${heads[1]}${text}`))).toBeLessThan(LIMIT);
		const file = readSubtitles(`${heads[1]}one <i>two</i>\nthree\n`);
		expect(milliseconds(() => writeSubtitles(file, [text], { target: 'ja-JP' }))).toBeLessThan(LIMIT);
	},
	120_000,
);
