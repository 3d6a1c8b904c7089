import { readSubtitles, SubtitleError } from '../../../nodes/Vmeg/subtitles/file';

const srt = (...texts: string[]) =>
	texts.map((text, at) => `${at + 1}\n00:00:0${at + 1},000 --> 00:00:0${at + 1},900\n${text}\n`).join('\n');
const vtt = (...texts: string[]) => `WEBVTT\n\n${srt(...texts).replace(/(\d),(\d{3})/g, '$1.$2')}`;
const ass = (...texts: string[]) =>
	`[Script Info]\nScriptType: v4.00+\n\n[Events]\n${texts.map((text) => `Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,${text}\n`).join('')}`;

const textsOf = (source: string) => readSubtitles(source).lines.map(({ text }) => text);
const speakersOf = (source: string) => readSubtitles(source).lines.map(({ speaker, text }) => [speaker, text]);

describe('a line to translate', () => {
	it('says where it is, who speaks and when', () => {
		const { lines, cueCount } = readSubtitles('\n1\n00:00:01,500 --> 00:00:02,250\n- Hi.\n- <b>JOHN</b>: Oh, <i>you</i>.\n\n2\n00:00:03,000 --> 00:00:04,000\nJOHN: Bye.\n');
		expect(cueCount).toBe(2);
		expect(lines).toEqual([
			{ text: 'Hi.', start: 1.5, end: 2.25, cue: 1, line: 4, hasMarks: false },
			{ text: '<1>JOHN<2>: Oh, <3>you<4>.', start: 1.5, end: 2.25, cue: 1, line: 5, hasMarks: true },
			{ text: 'Bye.', start: 3, end: 4, speaker: 'JOHN', cue: 2, line: 9, hasMarks: false },
		]);
	});

	it.each([
		['-00:00:01,000 --> 00:00:02,000', {}],
		['00:00:03,000 --> 00:00:02,000', {}],
		['00:00:02,000 --> 00:00:02,000', { start: 2, end: 2 }],
		['1:02,5 --> 1:02:03.25', { start: 62.5, end: 3723.25 }],
		['100:00:00,000 --> 100:00:00,001', { start: 360_000, end: 360_000.001 }],
	])('has valid times only: %s', (times, expected) => {
		const [line] = readSubtitles(`1\n${times}\nText\n`).lines;
		expect(line).toEqual({ text: 'Text', cue: 1, line: 3, hasMarks: false, ...expected });
	});

	it('is not made of what has no letter and no digit', () => {
		expect(textsOf(srt('♪', '…', '- ...', '<i>—</i>', '12', '?!'))).toEqual(['12']);
		expect(textsOf(ass('{\\p1}m 0 0 l 10 10{\\p0}', '{only a note}', 'x'))).toEqual(['x']);
	});

	it.each([
		['two words', 'one\ntwo', 'one two'],
		['Japanese', '今日は\nいい天気', '今日はいい天気'],
		['Thai', 'สวัสดี\nครับ', 'สวัสดีครับ'],
		['Korean, which has spaces', '안녕\n하세요', '안녕 하세요'],
		['Japanese and Latin', '今日は\nGoogle', '今日は Google'],
		['markup between', '今日は</i>\n<b>いい', '今日は<1><2>いい'],
	])('joins the lines of a cue: %s', (_, text, joined) => {
		expect(textsOf(srt(text))).toEqual([joined]);
	});
});

describe('markup', () => {
	it.each([
		['around the text', '<i>Hello</i>', 'Hello'],
		['around each line', '<i>Hello</i>\n<i>world</i>', 'Hello world'],
		['around both lines', '{\\an8}<i>Hello\nworld</i>', 'Hello world'],
		['inside', 'Hello <b>world</b>!', 'Hello <1>world<2>!'],
		['that begins with the text and ends inside', '<i>Hello</i> world', '<1>Hello<2> world'],
		['that begins inside and ends with the text', 'Hello <i>world</i>', 'Hello <1>world<2>'],
		['of several kinds in one place', 'Hello <b><i>world</i></b>!', 'Hello <1>world<2>!'],
		['different on each line', '<i>Hello</i>\n<b>world</b>', '<1>Hello<2> <3>world<4>'],
		['beside a text that looks like a placeholder', 'Press <1> or <b>2</b>, or <2>!', 'Press <1> or <3>2<4>, or <2>!'],
		['that is none', 'a <3 b, 1 < 2, <Enter>, {x}', 'a <3 b, 1 < 2, <Enter>, {x}'],
	])('%s', (_, text, sent) => {
		expect(textsOf(srt(text))).toEqual([sent]);
	});

	it('of WebVTT is every tag, and its escapes are decoded', () => {
		expect(textsOf(vtt('<c.a>R&amp;D</c> &lt;1&gt;<00:01.000> x', '<lang en>a&nbsp;b &#65;'))).toEqual([
			'<2>R&D<3> <1><4> x',
			'a\u00a0b A',
		]);
	});

	it('of ASS is what stands in braces', () => {
		expect(textsOf(ass('{\\an8}A {\\i1}b{\\i0}\\Nc\\nd\\he', 'a {b', '{\\k10}ka{\\k20}ra'))).toEqual([
			'A <1>b<2> c d\u00a0e',
			'a {b',
			'ka<1>ra',
		]);
	});
});

describe('who speaks', () => {
	it('is what stands in capitals before a colon', () => {
		expect(speakersOf(srt('JOHN: Hi', 'MAN #2: Hi', "DR. O'NEIL (ON TV): Hi", '- ÉMILE: Salut', 'JOHN:\nHi'))).toEqual([
			['JOHN', 'Hi'],
			['MAN #2', 'Hi'],
			["DR. O'NEIL (ON TV)", 'Hi'],
			['ÉMILE', 'Salut'],
			['JOHN', 'Hi'],
		]);
	});

	it('is a name that begins two cues', () => {
		expect(speakersOf(srt('John Smith: Hi', 'John Smith: Bye', 'Remember: once'))).toEqual([
			['John Smith', 'Hi'],
			['John Smith', 'Bye'],
			[undefined, 'Remember: once'],
		]);
	});

	it('is not any word with a colon', () => {
		const texts = ['It is 12:30', 'HTTP://EXAMPLE.COM is it', 'NOTE: this', 'A: one letter', 'so JOHN: no', 'one two: three'];
		expect(speakersOf(srt(...texts))).toEqual(texts.map((text) => [undefined, text]));
	});

	it('needs two cues in a file that is all in capitals', () => {
		expect(speakersOf(srt('HE SAID: GO', 'ANN: HELLO', 'ANN: BYE'))).toEqual([
			[undefined, 'HE SAID: GO'],
			['ANN', 'HELLO'],
			['ANN', 'BYE'],
		]);
	});

	it('comes from voices and from names of rows, too', () => {
		expect(speakersOf(vtt('<v.loud John &amp; Ann>Hi</v>', '- <v Ann>Tea?</v>\n- No.'))).toEqual([
			['John & Ann', 'Hi'],
			['Ann', 'Tea?'],
			[undefined, 'No.'],
		]);
		expect(speakersOf(ass('x').replace('Default,,', 'Default,Ann,'))).toEqual([['Ann', 'x']]);
	});
});

describe('a file', () => {
	it('has a mark or not, whatever it comes as', () => {
		expect(readSubtitles(`\ufeff${srt('a')}`)).toMatchObject({ hasBom: true, encoding: 'utf-8' });
		expect(readSubtitles(Buffer.from(`\ufeff${srt('ä')}`, 'utf16le'))).toMatchObject({ hasBom: true, encoding: 'utf-16le' });
		expect(readSubtitles(Buffer.from(srt('ä')))).toMatchObject({ hasBom: false, encoding: 'utf-8' });
	});

	it('is decoded as it is told', () => {
		const bytes = Buffer.from(srt('\u00e4\u0092'), 'latin1');
		expect(readSubtitles(bytes, { encoding: 'Windows-1251' }).lines[0]?.text).toBe('д’');
		expect(readSubtitles(bytes, { encoding: 'latin1' }).lines[0]?.text).toBe('ä’');
		expect(readSubtitles(Buffer.from(`\ufeff${srt('ä')}`), { encoding: 'windows-1251' }).lines[0]?.text).toBe('ä');
	});

	it('cannot be decoded in a way that nobody knows', () => {
		expect(() => readSubtitles(Buffer.from(srt('a')), { encoding: 'utf-9' })).toThrow(
			new SubtitleError('The encoding "utf-9" is not known'),
		);
	});

	it.each(['', '\n \n', 'WEBVTT\n', '[Script Info]\n[Events]\n'])('without any cue is refused: %j', (source) => {
		expect(() => readSubtitles(source)).toThrow(new SubtitleError('The file has no subtitles'));
	});

	it('has comments that go on until an empty line', () => {
		const note = 'NOTE one\n \n00:05.000 --> 00:06.000\nstill the comment';
		expect(textsOf(`WEBVTT\n\n${note}\n\n00:01.000 --> 00:02.000\na\n \nb\n`)).toEqual(['a b']);
	});

	it('is of the format that it begins with', () => {
		expect(readSubtitles(srt('[Events]', 'Dialogue: 0,0:00:01.00,x', 'WEBVTT')).format).toBe('srt');
		expect(readSubtitles(ass('00:00:01,000 --> 00:00:02,000')).format).toBe('ass');
		expect(readSubtitles(ass('x').replace('v4.00+', 'v4.00')).format).toBe('ssa');
		expect(readSubtitles('Dialogue: Marked=0,0:00:01.00,0:00:02.00,,,0,0,0,,x').format).toBe('ssa');
	});
});
