import { toSubtitles } from '../../nodes/Vmeg/subtitles/format';
import { scriptsOf } from '../../nodes/Vmeg/subtitles/script';

const one = (start: number, end: number, text = 'Hi') => ({ start, end, text });

describe('toSubtitles', () => {
	it('writes SRT', () => {
		const script = [
			{ start: 0, end: 1.5, text: 'Hello,\nworld', speaker: 'Ann' },
			{ start: 3661.007, end: 3662, text: 'Bye' },
		];
		expect(toSubtitles(script, 'srt')).toBe(
			'1\n00:00:00,000 --> 00:00:01,500\nHello,\nworld\n\n2\n01:01:01,007 --> 01:01:02,000\nBye\n\n',
		);
		expect(toSubtitles(script, 'srt', { speakers: true })).toContain('\nAnn: Hello,\nworld\n');
	});

	it('writes WebVTT, with whoever speaks', () => {
		const script = [{ start: 0, end: 1.5, text: 'a < b & c --> d', speaker: 'R&D <Ann>\nMay' }];
		expect(toSubtitles(script, 'vtt')).toBe(
			'WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c --&gt; d\n\n',
		);
		expect(toSubtitles(script, 'vtt', { speakers: true })).toContain(
			'\n<v R&amp;D &lt;Ann&gt; May>a &lt; b',
		);
	});

	it.each([
		[1.9996, '00:00:02,000'],
		[1.9994, '00:00:01,999'],
		[59.9996, '00:01:00,000'],
		[3599.9996, '01:00:00,000'],
		[0.0005, '00:00:00,001'],
		[-1, '00:00:00,000'],
		[8.29, '00:00:08,290'],
		[90_000.001, '25:00:00,001'],
		[360_000, '100:00:00,000'],
	])('rounds %d s to %s', (start, time) => {
		expect(toSubtitles([one(start, start + 1)], 'srt')).toContain(`1\n${time} --> `);
	});

	it('keeps overlapping lines, in the order of time', () => {
		const script = [one(5, 6, 'third'), one(1, 2, 'second'), one(1, 9, 'first'), one(1, 2, 'then')];
		const srt = toSubtitles(script, 'srt');
		expect(srt.match(/first|second|then|third/g)).toEqual(['first', 'second', 'then', 'third']);
	});

	it('leaves out lines without text or time, and ends no cue before its start', () => {
		const script = [one(1, 2, ' \n\t'), one(Number.NaN, 2), one(3, 1, 'back')];
		expect(toSubtitles(script, 'srt')).toBe('1\n00:00:03,000 --> 00:00:03,001\nback\n\n');
	});

	it('lets no text end a cue or begin another', () => {
		const srt = toSubtitles([one(0, 1, 'a\n\n2\n00:00:01,000 --> 00:00:02,000\nb')], 'srt');
		expect(srt).toBe('1\n00:00:00,000 --> 00:00:01,000\na\n2\n00:00:01,000 → 00:00:02,000\nb\n\n');
	});
});

describe('scriptsOf', () => {
	it('reads both scripts, with their locales and speakers', () => {
		const scripts = scriptsOf({
			asrScripts: {
				asrResults: [
					{ start: 0, end: 1, text: 'Hello my world', textWithBreak: 'Hello\nmy world', name: 'Ann', speaker: 's0' },
					{ start: 1, end: 2, text: 'Bye', textWithBreak: 'something else', speaker: 's1' },
					{ start: 2, end: 3, text: '', textWithBreak: 'Only<br>here' },
				],
				language: { source: 'en-US', target: 'de-DE' },
			},
			translatedScripts: { result: [{ start: '0.5', end: 1, text: 'Hallo', speakerDisplayName: 'Anna', speaker: 's0' }] },
		});
		expect(scripts.source).toEqual({
			locale: 'en-US',
			lines: [
				{ start: 0, end: 1, text: 'Hello\nmy world', speaker: 'Ann' },
				{ start: 1, end: 2, text: 'Bye', speaker: 's1' },
				{ start: 2, end: 3, text: 'Only<br>here', speaker: undefined },
			],
		});
		expect(scripts.translated).toEqual({
			locale: 'de-DE',
			lines: [{ start: 0.5, end: 1, text: 'Hallo', speaker: 'Anna' }],
		});
	});

	it('takes the locale of a line where the source was detected', () => {
		const { source } = scriptsOf({
			asrScripts: { asrResults: [{ start: 0, end: 1, text: 'a', locale: 'fr-FR' }], language: { source: 'auto' } },
		});
		expect(source.locale).toBe('fr-FR');
	});

	it.each([null, undefined, {}, 'text', { asrScripts: null, translatedScripts: { result: 'no' } }])(
		'finds nothing in %j',
		(result) => {
			expect(scriptsOf(result)).toEqual({
				source: { lines: [], locale: undefined },
				translated: { lines: [], locale: undefined },
			});
		},
	);

	it('leaves out lines that have no times', () => {
		const { translated } = scriptsOf({
			translatedScripts: { result: [{ start: null, end: 1, text: 'a' }, 'b', { start: 1, end: 2, text: 'c' }] },
		});
		expect(translated.lines).toHaveLength(1);
	});
});
