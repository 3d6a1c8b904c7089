import type { Bilingual, SubtitleFileFormat } from '../../../nodes/Vmeg/subtitles/file';
import { encodeSubtitles, readSubtitles, SubtitleError, translatedFileName, writeSubtitles } from '../../../nodes/Vmeg/subtitles/file';

const srt = (...texts: string[]) =>
	texts.map((text, at) => `${at + 1}\n00:00:0${at + 1},000 --> 00:00:0${at + 1},900\n${text}\n`).join('\n');
const ASS_HEAD = '[Script Info]\nScriptType: v4.00+\n\n[Events]\n';
const ass = (text: string, name = '') => `${ASS_HEAD}Dialogue: 0,0:00:01.00,0:00:02.00,Default,${name},0,0,0,,${text}\n`;
const vtt = (text: string, settings = '') => `WEBVTT\n\n00:01.000 --> 00:02.000${settings}\n${text}\n`;

interface Options {
	target?: string;
	format?: SubtitleFileFormat;
	bilingual?: Bilingual;
}

function write(source: string, translations: Array<string | undefined>, { target = 'de-DE', ...options }: Options = {}) {
	return writeSubtitles(readSubtitles(source), translations, { target, ...options });
}

/** The text of the only cue, in SRT. */
const translated = (text: string, ...translations: string[]) => {
	const written = write(srt(text), translations).text;
	return written.slice(written.indexOf('\n', 3) + 1, -1);
};

describe('a translation', () => {
	it('is wrapped over as many lines, of about the same width', () => {
		expect(translated('one\ntwo', 'eins zwei drei vier')).toBe('eins zwei\ndrei vier');
		expect(translated('one\ntwo\nthree', 'a b c d e f')).toBe('a b\nc d\ne f');
		expect(translated('one two three', 'eins zwei drei vier fünf sechs')).toBe('eins zwei drei vier fünf sechs');
		expect(translated('one\ntwo', 'Donaudampfschiff')).toBe('Donaudampfschiff');
		expect(translated('one\ntwo', 'x  \n\n y\u2028z <br> w')).toBe('x y\nz w');
	});

	it('is wrapped between words where the script has no spaces, and not before a full stop', () => {
		const lines = write(srt('one\ntwo'), ['今日はとても天気がいいですね。'], { target: 'ja-JP' }).text.split('\n').slice(2, 4);
		expect(lines.join('')).toBe('今日はとても天気がいいですね。');
		expect(lines[0]).toMatch(/^今日はとても(天気)?$/);
		expect(write(srt('one\ntwo'), ['晴れた。（雨）'], { target: 'ja-JP' }).text).toContain('\n晴れた。\n（雨）\n');
		expect(write(srt('one\ntwo'), ['晴れ、雨'], { target: 'ja-JP' }).text).toContain('\n晴れ、\n雨\n');
		expect(translated('one\ntwo', '👨‍👩‍👧👨‍👩‍👧')).toBe('👨‍👩‍👧👨‍👩‍👧');
	});

	it('that is empty leaves the original, with its markup', () => {
		expect(translated('<i>one</i> x', ' \n\t')).toBe('<i>one</i> x');
		expect(translated('<i>one</i> x', '<1> <2>')).toBe('<i>one</i> x');
	});

	it('takes the place of the words only', () => {
		expect(translated('{\\an8}<i>- JOHN: Hello</i>\n<i>-  Bye</i>', 'Hallo', 'Tschüs')).toBe(
			'{\\an8}<i>- JOHN: Hallo</i>\n<i>-  Tschüs</i>',
		);
		expect(translated('<i>a</i>\n<i>b</i>', 'eins zwei')).toBe('<i>eins</i>\n<i>zwei</i>');
		expect(translated('\u202bא\u202c\n\u202bב\u202c', 'ג ד')).toBe('\u202bג\u202c\n\u202bד\u202c');
	});

	it('keeps all markup where it has fewer lines than the original', () => {
		expect(translated('<i>a</i>\n<i>b</i>', 'eins')).toBe('<i><i>eins</i></i>');
	});

	it.each([
		['SRT', 'a', '<i>x</i> {\\an8}', '<\u2060i>x<\u2060/i> {\u2060\\an8}'],
		['SRT', 'a', 'go --> there', 'go → there'],
		['SRT', 'a', '00:00:01,000 -> 00:00:02,000', '00:00:01,000 → 00:00:02,000'],
		['SRT', 'a', 'x\n\n7\n00:00:01,000 --> 00:00:02,000\ny', 'x 7 00:00:01,000 → 00:00:02,000 y'],
		['SRT', 'a', 'lone \ud800 half', 'lone \ufffd half'],
	])('cannot break the file or become markup: %s', (_, text, translation, expected) => {
		expect(translated(text, translation)).toBe(expected);
	});

	it('is escaped as the format has it', () => {
		expect(write(vtt('R&amp;D'), ['<b> & --> &lt; \u00a0']).text).toBe(vtt('&lt;b&gt; &amp; --&gt; &amp;lt;'));
		expect(write(ass('a'), ['{\\i1} \\N \\h \u00a0x ,']).text).toBe(ass('｛\\i1｝ \\\u2060N \\\u2060h \\hx ,'));
	});

	it('that is a number is no index where times follow at once', () => {
		const source = '00:00:01,000 --> 00:00:02,000\none\n00:00:03,000 --> 00:00:04,000\ntwo\n';
		expect(write(source, ['1', '2']).text).toBe('00:00:01,000 --> 00:00:02,000\n1\u2060\n00:00:03,000 --> 00:00:04,000\n2\n');
	});
});

describe('placeholders', () => {
	const text = 'The <b>red</b> and <i>blue</i> car';

	it.each([
		['in order', 'Das <1>rote<2> und <3>blaue<4> Auto', 'Das <b>rote</b> und <i>blaue</i> Auto', 0],
		['in another order', 'Das <3>blaue<4> und <1>rote<2> Auto', 'Das <i>blaue</i> und <b>rote</b> Auto', 0],
		['misspelt', 'Das < 1 >rote</2> und ＜3＞blaue<4 > Auto', 'Das <b>rote</b> und <i>blaue</i> Auto', 0],
		['lost', 'Das <1>rote und <3>blaue<4> Auto', '<b><i>Das rote und blaue Auto</b></i>', 1],
		['doubled', 'Das <1>rote<2><2> und <3>blaue<4> Auto', '<b><i>Das rote und blaue Auto</b></i>', 1],
		['closed before they are opened', 'Das <2>rote<1> und <3>blaue<4> Auto', '<b><i>Das rote und blaue Auto</b></i>', 1],
		['invented', 'Das <1>rote<2> und <3>blaue<4> Auto <5>', 'Das <b>rote</b> und <i>blaue</i> Auto <5>', 0],
	])('%s', (_, translation, expected, marksMoved) => {
		const written = write(srt(text), [translation]);
		expect(written.text).toBe(srt(expected));
		expect(written.marksMoved).toBe(marksMoved);
	});

	it('go with their words where a line breaks', () => {
		expect(translated('Hello <b>big</b>\nworld', 'Hallo <1>große<2> weite Welt')).toBe('Hallo <b>große</b>\nweite Welt');
		expect(translated('Hello\n<b>big</b> world', 'Hallo große <1>weite Welt<2>')).toBe('Hallo große\n<b>weite Welt</b>');
	});

	it('of times stay in the order of time', () => {
		const { text: written, marksMoved } = write(vtt('a<00:01.100> b<00:01.200> c'), ['a<2> b<1> c']);
		expect([written, marksMoved]).toEqual([vtt('<00:01.100><00:01.200>a b c'), 1]);
	});
});

describe('both languages', () => {
	it('stand in each cue that is translated', () => {
		expect(write(srt('<i>one</i>\ntwo', '♪'), ['<1>eins<2> zwei'], { bilingual: 'originalBelow' }).text).toBe(
			srt('<i>eins</i>\nzwei\n<i>one</i>\ntwo', '♪'),
		);
		expect(write(ass('{\\i1}one'), ['eins'], { bilingual: 'originalAbove' }).text).toBe(ass('{\\i1}one\\N{\\i1}eins'));
		expect(write(srt('- a\n- b'), ['x', undefined], { bilingual: 'originalBelow' }).text).toBe(srt('- x\n- b\n- a\n- b'));
		expect(write(srt('one'), [undefined], { bilingual: 'originalBelow' }).text).toBe(srt('one'));
	});

	it('have no blank line between those who speak', () => {
		expect(write(srt('- a\n\n- b'), ['x', 'y'], { bilingual: 'originalBelow' }).text).toBe(srt('- x\n- y\n- a\n- b'));
		expect(write(srt('- a\n\n- b'), ['x', 'y']).text).toBe(srt('- x\n\n- y'));
	});

	it('use the line breaks of the file, and leave out empty lines', () => {
		const source = '1\r\n00:00:01,000 --> 00:00:02,000\r\none\r\n\r\ntwo\r\n';
		expect(write(source, ['eins zwei'], { bilingual: 'originalBelow' }).text).toBe(
			'1\r\n00:00:01,000 --> 00:00:02,000\r\neins\r\nzwei\r\none\r\ntwo\r\n',
		);
	});
});

describe('another format', () => {
	it('has the times, the text and its plain styles', () => {
		expect(write(srt('<i>a</i> <font color="red">b</font> & <3'), [undefined], { format: 'vtt' }).text).toBe(
			'WEBVTT\n\n1\n00:00:01.000 --> 00:00:01.900\n<i>a</i> b &amp; &lt;3\n\n',
		);
		expect(write(srt('<b>a</b>\n{x}'), [undefined], { format: 'ass' }).text).toContain(
			'\nDialogue: 0,0:00:01.00,0:00:01.90,Default,,0,0,0,,{\\b1}a{\\b0}\\N｛x｝\n',
		);
		expect(write(ass('{\\i1\\c&HFF&}a {\\b1}b{\\i0} c{\\r} d\\Ne'), [undefined], { format: 'srt' }).text).toBe(
			'1\n00:00:01,000 --> 00:00:02,000\n<i>a <b>b</b></i><b> c</b> d\ne\n\n',
		);
		expect(write(vtt('<c.red>a</c> &lt;b&gt; --&gt; c'), [undefined], { format: 'srt' }).text).toBe(
			'1\n00:00:01,000 --> 00:00:02,000\na <\u2060b> → c\n\n',
		);
		expect(write(srt('a'), [undefined], { format: 'ssa' }).text).toMatch(/ScriptType: v4\.00\n[^]*Dialogue: Marked=0,/);
	});

	it.each([
		['{\\an8}a', ' line:0'],
		['{\\an4}a', ' line:50% align:left'],
		['{\\an3}a', ' align:right'],
		['{\\an2}a', ''],
	])('has the place on the screen: %s', (text, settings) => {
		expect(write(srt(text), ['x'], { format: 'vtt' }).text).toContain(`00:00:01.900${settings}\nx\n`);
		expect(write(srt(text), ['x'], { format: 'ass' }).text).toContain(`,,${text === '{\\an2}a' ? 'x' : `${text.slice(0, -1)}x`}\n`);
	});

	it.each([
		[' line:5% align:start', '{\\an7}'],
		[' line:0', '{\\an8}'],
		[' line:-1', ''],
		[' line:90%', ''],
		[' line:50% align:right', '{\\an6}'],
		[' align:center', ''],
	])('takes the place from the settings%s', (settings, code) => {
		expect(write(vtt('a', settings), ['x'], { format: 'srt' }).text).toContain(`\n${code}x\n`);
	});

	it('has who speaks, where the original had', () => {
		expect(write(srt('JOHN: a'), ['x'], { format: 'vtt' }).text).toContain('\n<v JOHN>x\n');
		expect(write(srt('JOHN: a'), ['x'], { format: 'ass' }).text).toContain(',Default,JOHN,0,0,0,,x\n');
		expect(write(srt('JOHN: a\nANN: b'), ['x', 'y'], { format: 'vtt' }).text).toContain('\n<v JOHN>x</v>\n<v ANN>y</v>\n');
		expect(write(srt('JOHN: a\nANN: b'), ['x', 'y'], { format: 'ass' }).text).toContain(',Default,,0,0,0,,JOHN: x\\NANN: y\n');
		expect(write(vtt('<v Ann, B>a'), ['x'], { format: 'ass' }).text).toContain(',Default,Ann B,0,0,0,,x\n');
		expect(write(ass('a', 'Ann'), ['x'], { format: 'srt' }).text).toContain('\nAnn: x\n');
		expect(write(ass('a', 'Ann'), ['x'], { format: 'vtt' }).text).toContain('\n<v Ann>x\n');
		expect(write(ass('a'), ['x'], { format: 'vtt' }).text).not.toContain('<v');
	});

	it('rounds to its precision', () => {
		const source = '1\n00:00:01,995 --> 00:59:59,996\na\n';
		expect(write(source, ['x'], { format: 'ass' }).text).toContain('Dialogue: 0,0:00:02.00,1:00:00.00,');
		expect(write('1\n00:00:01,004 --> 10:00:00,006\na\n', ['x'], { format: 'ass' }).text).toContain('0:00:01.00,10:00:00.01,');
	});

	it('cannot hold a negative time, but for SRT', () => {
		const source = '1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n-00:00:01,500 --> 00:00:02,000\nb\n';
		for (const format of ['vtt', 'ass', 'ssa'] as const) {
			expect(() => write(source, ['x', 'y'], { format })).toThrow(
				new SubtitleError(`a negative time cannot be written as ${format.toUpperCase()}`, 6),
			);
		}
		const negative = ass('a').replace('0:00:01.00', '-0:00:01.50');
		expect(write(negative, ['x'], { format: 'srt' }).text).toBe('1\n-00:00:01,500 --> 00:00:02,000\nx\n\n');
	});

	it('keeps a cue that has no text in it', () => {
		expect(write(ass('{\\p1}m 0 0{\\p0}'), [], { format: 'srt' }).text).toBe('1\n00:00:01,000 --> 00:00:02,000\n\n\n');
	});
});

it('refuses translations of other texts', () => {
	expect(() => write(srt('a', 'b'), ['x'])).toThrow('There are 1 translations for 2 texts');
});

it('encodes as UTF-8, with a mark if there was one', () => {
	const bytes = Buffer.from(`\ufeff${srt('ä')}`, 'utf16le');
	const file = readSubtitles(bytes);
	expect(encodeSubtitles(srt('ä'), file)).toEqual(Buffer.from(`\ufeff${srt('ä')}`));
	expect(encodeSubtitles('ä', readSubtitles(srt('a')))).toEqual(Buffer.from('ä'));
});

describe('the name of the translated file', () => {
	it.each([
		['film.srt', 'film.de-DE.srt'],
		['film.en-US.srt', 'film.de-DE.srt'],
		['film.en.srt', 'film.de-DE.srt'],
		['film_en.srt', 'film.de-DE.srt'],
		['film.EN_us.srt', 'film.de-DE.srt'],
		['film.eng.srt', 'film.de-DE.srt'],
		['film.English.vtt', 'film.de-DE.srt'],
		['film.fr.srt', 'film.fr.de-DE.srt'],
		['film.part.two.srt', 'film.part.two.de-DE.srt'],
		['en.srt', 'en.de-DE.srt'],
		['.srt', 'srt.de-DE.srt'],
		['../a/b\\film.ass', 'film.de-DE.srt'],
		[undefined, 'subtitles.de-DE.srt'],
	])('%s', (name, expected) => {
		expect(translatedFileName(name, { source: 'en-US', target: 'de-DE', format: 'srt', bilingual: false })).toBe(expected);
	});

	it('tells the scripts of a language apart', () => {
		const options = { source: 'zh-CN', target: 'en-US', format: 'vtt', bilingual: false } as const;
		expect(translatedFileName('film.zh.srt', options)).toBe('film.en-US.vtt');
		expect(translatedFileName('film.zh-TW.srt', options)).toBe('film.zh-TW.en-US.vtt');
	});

	it('names both languages of a bilingual file', () => {
		const options = { source: 'en-US', target: 'de-DE', format: 'ass', bilingual: true } as const;
		expect(translatedFileName('film.en.ass', options)).toBe('film.en-US+de-DE.ass');
	});
});

it('reads and writes five thousand cues, and keeps them all', () => {
	const time = (second: number) => new Date(second * 1000).toISOString().slice(11, 19);
	const source = Array.from(
		{ length: 5_000 },
		(_, at) => `${at + 1}\n${time(at * 2)},000 --> ${time(at * 2 + 1)},500\nLine ${at},\n<i>which</i> goes on\n`,
	).join('\n');
	const file = readSubtitles(source);
	const translations = file.lines.map(({ text }) => text.replace('Line', 'Zeile').replace('goes on', 'weitergeht'));
	const written = writeSubtitles(file, translations, { target: 'de-DE' });
	expect(written).toMatchObject({ cueCount: 5_000, marksMoved: 0 });
	expect(written.text.match(/^Zeile \d+,\s<i>which<\/i>\sweitergeht$/gm)).toHaveLength(5_000);
});
