import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { SubtitleFileFormat } from '../../../nodes/Vmeg/subtitles/file';
import { encodeSubtitles, readSubtitles, SubtitleError, writeSubtitles } from '../../../nodes/Vmeg/subtitles/file';

import type { ReaderName } from './readers';
import { readers } from './readers';

const FOLDER = path.join(__dirname, '../../corpus/subtitles');
const bytesOf = (name: string) => readFileSync(path.join(FOLDER, name));

interface Readable {
	cues: number;
	/** All the texts, or the first ones. */
	texts: string[];
	encoding?: string;
	language?: string;
	format?: SubtitleFileFormat;
	/** An independent reader that can read the file; none knows the sloppiest ones. */
	reader?: ReaderName;
}

const readable: Record<string, Readable> = {
	'aegisub.ass': { cues: 3, texts: ['Hello, <1>world<2>, with commas', 'Two lines', 'At the top'], reader: 'ass' },
	'arabic.srt': { cues: 4, texts: ['مرحبا بك في بيتنا. كيف حالك اليوم؟', 'أنا بخير.', 'نعم', 'لا', 'السعر 12,50 ريال'], reader: 'plussub' },
	'arabic-cp1256.srt': { cues: 2, texts: ['مرحبا، كيف حالك؟'], encoding: 'windows-1256', language: 'ar-SA', reader: 'plussub' },
	'arrow-in-note.vtt': { cues: 1, texts: ['Text'] },
	'ass-codes.srt': {
		cues: 6,
		texts: ['At the top', '<1>Slanted<2> at the top', 'Old style', 'Older style', 'Placed', 'Curly {brackets} as text'],
		reader: 'plussub',
	},
	'blank-lines-inside.srt': {
		cues: 4,
		texts: ['Above the gap below the gap', 'After a gap and another', 'A countdown: 3 2 1', 'End'],
	},
	'breaks.ass': {
		cues: 5,
		texts: ['Soft break and\u00a0hard space', 'Above below', 'C:\\temp and \\{not a code', '{unclosed', 'One', 'Two'],
		reader: 'ass',
	},
	'chinese-big5.srt': { cues: 3, texts: ['你好，最近怎麼樣？'], encoding: 'big5', language: 'zh-TW', reader: 'plussub' },
	'chinese-gb18030.srt': { cues: 3, texts: ['你好，最近怎么样？'], encoding: 'gb18030', language: 'zh-CN', reader: 'plussub' },
	'column-order.ass': { cues: 1, texts: ['In another order, with a comma'], reader: 'ass' },
	'commas.vtt': { cues: 2, texts: ['A comma', 'And less'] },
	'coordinates.srt': { cues: 2, texts: ['Up there', 'Over here'] },
	'cr-only.ass': { cues: 1, texts: ['Old Macintosh'], reader: 'ass' },
	'cr-only.srt': { cues: 2, texts: ['Old Macintosh.', 'Two lines of text.'], reader: 'plussub' },
	'crlf.vtt': { cues: 2, texts: ['Two lines', 'End'], reader: 'webvtt' },
	'cut-in-a-character.srt': { cues: 2, texts: ['Schöne Grüße', 'Ende: \ufffd'], reader: 'plussub' },
	'dialogue.srt': {
		cues: 14,
		texts: [
			'Are you coming?', 'In a minute.', 'No dash space.', 'None here either.', 'En dash.',
			'And another with a second line.', 'Em dash.', 'And another.', 'Hyphen proper.', 'Again.', 'Kom je mee?', 'Nee.',
			'I went — as you know — — early', 'Slanted.', 'Also slanted.', 'One tag.', 'For both.', 'Alone with a dash.',
			'-5 degrees -10 degrees', 'What?', 'Hello.', 'Hello, John.', 'On a line of his own.',
		],
		reader: 'plussub',
	},
	'double-spaced.srt': { cues: 2, texts: ['One', 'Two, first line second line'] },
	'drawings.ass': { cues: 3, texts: ['After the drawing'], reader: 'ass' },
	'duplicate-indices.srt': { cues: 3, texts: ['One', 'Two', 'Three'], reader: 'plussub' },
	'elder.ssa': { cues: 1, texts: ['The elder format'], format: 'ssa', reader: 'ass' },
	'emoji.srt': {
		cues: 4,
		texts: ['Family 👨‍👩‍👧‍👦 time at home 🏠', 'Flags 🇩🇪🇫🇷 and skin 👍🏽', 'e\u0301galite\u0301 a\u0300 tous'],
		reader: 'plussub',
	},
	'empty-cues.srt': { cues: 4, texts: ['Something'] },
	'end-before-start.srt': { cues: 2, texts: ['Backwards', 'No time at all'], reader: 'plussub' },
	'ends-with-index.srt': { cues: 1, texts: ['The rest is missing'] },
	'entities.vtt': {
		cues: 3,
		texts: ['Fish & chips <3 >', 'Hard\u00a0space\u200e © 😀 caf&eacute; R&D', 'Hello &amp; bye'],
		reader: 'webvtt',
	},
	'fonts.ass': { cues: 1, texts: ['Before the fonts'], reader: 'ass' },
	'french-latin1.srt': { cues: 2, texts: ['Ça va très bien, merci.'], encoding: 'windows-1252', language: 'fr-FR', reader: 'plussub' },
	'gap-of-an-hour.srt': { cues: 2, texts: ['Before', 'After'], reader: 'plussub' },
	'greek-cp1253.srt': { cues: 2, texts: ['Καλημέρα, τι κάνεις;'], encoding: 'windows-1253', language: 'el-GR', reader: 'plussub' },
	'hebrew-cp1255.srt': { cues: 2, texts: ['שלום, מה שלומך?'], encoding: 'windows-1255', language: 'he-IL', reader: 'plussub' },
	'hls.vtt': { cues: 1, texts: ['From a stream'], reader: 'webvtt' },
	'hours-over-99.srt': { cues: 2, texts: ['A long stream', 'still running'], reader: 'plussub' },
	'html-tags.srt': {
		cues: 10,
		texts: [
			'In italics', 'Both lines in italics', 'One tag over two lines', 'Only <1>one<2> word', 'Red <1>and<2> more',
			'SHOUTED TAG', 'Never closed', 'Never opened', '<1>Nested<2> wrongly', 'A break of HTML',
		],
		reader: 'plussub',
	},
	'japanese.srt': { cues: 2, texts: ['今日はとても天気がいいですね', '「はい」と彼は言いました'], reader: 'plussub' },
	'japanese-eucjp.srt': { cues: 3, texts: ['こんにちは、元気ですか。'], encoding: 'euc-jp', language: 'ja-JP', reader: 'plussub' },
	'japanese-iso2022.srt': { cues: 2, texts: ['こんにちは、元気ですか。'], encoding: 'iso-2022-jp', reader: 'plussub' },
	'japanese-sjis.srt': { cues: 3, texts: ['こんにちは、元気ですか。'], encoding: 'shift_jis', language: 'ja-JP', reader: 'plussub' },
	'joined-files.srt': { cues: 2, texts: ['First file', 'Second file'], reader: 'plussub' },
	'junk-between.vtt': { cues: 2, texts: ['Shown', 'Shown too'], reader: 'webvtt' },
	'karaoke.ass': { cues: 2, texts: ['ka<1>ra<2>o<3>ke', 'Sing <1>along'], reader: 'ass' },
	'korean-euckr.srt': { cues: 3, texts: ['안녕하세요, 잘 지내셨어요?'], encoding: 'euc-kr', language: 'ko-KR', reader: 'plussub' },
	'many-blank-lines.srt': { cues: 2, texts: ['One', 'Two'], reader: 'plussub' },
	'mixed-line-ends.srt': { cues: 2, texts: ['One and a half', 'Two'], reader: 'plussub' },
	'music.srt': { cues: 8, texts: ['♪ I did it my way ♪'], reader: 'plussub' },
	'negative-times.srt': { cues: 3, texts: ['Before the film', 'Into the film', 'In the film'] },
	'no-blank-after-header.vtt': { cues: 2, texts: ['Directly below', 'As it should be'], reader: 'webvtt' },
	'no-blank-lines.srt': { cues: 3, texts: ['One more', 'Two', 'Three, without an index'] },
	'no-blank-lines.vtt': { cues: 3, texts: ['One', 'Two', 'Three'], reader: 'webvtt' },
	'no-final-newline.srt': { cues: 2, texts: ['First.', 'The last one ends with the file'], reader: 'plussub' },
	'no-format.ass': { cues: 1, texts: ['No format line'] },
	'no-indices.srt': { cues: 3, texts: ['One', '12', 'Three'], reader: 'plussub' },
	'not-markup.srt': {
		cues: 7,
		texts: [
			'I <3 you', 'a < b and b > c', 'Press <1> to go on', 'See <Enter> & "quotes"', '<1> is <2>not<3> markup',
			'5 > 4', '{maybe}',
		],
		reader: 'plussub',
	},
	'notepad.srt': {
		cues: 2,
		texts: ['Saved by Notepad.', 'With a mark at the start and two signs per line break.'],
		reader: 'plussub',
	},
	'one-cue.srt': { cues: 1, texts: ['Alone'], reader: 'plussub' },
	'out-of-order.srt': { cues: 3, texts: ['Last', 'First', 'Middle'], reader: 'plussub' },
	'overlapping.srt': { cues: 3, texts: ['Goes on and on', 'Meanwhile', 'Meanwhile elsewhere'], reader: 'plussub' },
	'plain.srt': {
		cues: 3,
		texts: ['Good morning.', 'We have been waiting for you since dawn.', 'Have you really?'],
		reader: 'plussub',
	},
	'polish-cp1250.srt': { cues: 2, texts: ['Zażółć gęślą jaźń.'], encoding: 'windows-1250', language: 'pl-PL', reader: 'plussub' },
	'ruby.vtt': { cues: 2, texts: ['<1>漢<2>かん<3>字<4>じ<5>を<6>read<7>', 'Never closed'], reader: 'webvtt' },
	'russian-cp1251.srt': { cues: 4, texts: ['Привет! Как дела?'], encoding: 'windows-1251', language: 'ru-RU', reader: 'plussub' },
	'russian-cp866.srt': { cues: 4, texts: ['Привет! Как дела?'], encoding: 'ibm866', language: 'ru-RU', reader: 'plussub' },
	'russian-koi8r.srt': { cues: 4, texts: ['Привет! Как дела?'], encoding: 'koi8-r', language: 'ru-RU', reader: 'plussub' },
	'sdh.srt': {
		cues: 11,
		texts: [
			'[DOOR CREAKS]', 'Who is there?', '(whispering) Nobody.', '(SIGHS)', 'I told you.', 'Again.', 'Come in.',
			'It is 12:30 now. See http://example.com/a', 'NOTE: this is a label', 'Remember: once only', 'Live from here',
		],
		reader: 'plussub',
	},
	'separators.srt': {
		cues: 4,
		texts: ['One line, says SRT', 'Tab here and \u00a0 hard spaces\u00a0!', 'Zero\u200bwidth', 'Vertical tab'],
		reader: 'plussub',
	},
	'sloppy-times.srt': {
		cues: 8,
		texts: ['Points', 'One digit', 'No hours', 'Spaces', 'No fractions', 'Short fractions', 'Narrow', 'Text after the time'],
	},
	'spoilt-utf8.srt': {
		cues: 2,
		texts: ['Größe, Süße, Äpfel, Öl, Maß, Häuser, Mühe, Füße, Bäume', 'Ein kaputtes Zeichen: \ufffd'],
		reader: 'plussub',
	},
	'standard.vtt': {
		cues: 3,
		texts: ['Never drink liquid nitrogen.', '<1>It will<2> perforate your stomach.', 'Really?'],
		reader: 'webvtt',
	},
	'thai-cp874.srt': { cues: 2, texts: ['สวัสดีครับ สบายดีไหม'], encoding: 'windows-874', language: 'th-TH', reader: 'plussub' },
	'times.ass': { cues: 5, texts: ['Overlap', 'Backwards', 'Ten hours', 'Milliseconds', 'Spaces'] },
	'turkish-cp1254.srt': { cues: 2, texts: ['Günaydın, nasılsınız?'], encoding: 'windows-1254', language: 'tr-TR', reader: 'plussub' },
	'typesetting.ass': { cues: 3, texts: ['<1>Big<2>, <3>other <4>heavy<5>', 'Both'], reader: 'ass' },
	'utf16be.srt': { cues: 3, texts: ['Привет, мир.'], encoding: 'utf-16be', reader: 'plussub' },
	'utf16be-without-mark.srt': { cues: 3, texts: ['Привет, мир.'], encoding: 'utf-16be', reader: 'plussub' },
	'utf16le.srt': { cues: 3, texts: ['Привет, мир.'], encoding: 'utf-16le', reader: 'plussub' },
	'utf16le-without-mark.srt': { cues: 3, texts: ['Привет, мир.'], encoding: 'utf-16le', reader: 'plussub' },
	'voices.vtt': {
		cues: 3,
		texts: ['We are in New York City', 'Oh!', 'What?', 'Tea?', 'Coffee.'],
		reader: 'webvtt',
	},
	'western-cp1252.srt': {
		cues: 3,
		texts: ['“Déjà vu”, he said – it’s 5 €…'],
		encoding: 'windows-1252',
		language: 'es-ES',
		reader: 'plussub',
	},
	'wrong-indices.srt': { cues: 3, texts: ['One', 'Two', 'Three'], reader: 'plussub' },
	'youtube-auto.vtt': {
		cues: 3,
		texts: ['so<1> today<2> we<3> will<4>', 'so today we will', 'so today we will look<1> at<2> subtitles<3>'],
		reader: 'webvtt',
	},
};

const NOT_TEXT = 'This does not look like a subtitle file: it is not text';

const refused: Record<string, string> = {
	'answer.srt': 'Line 1: expected the first subtitle, found "{"error":"not found","status":404}"',
	'archive.srt': NOT_TEXT,
	'arrow-in-text.srt': 'Line 3: the time "From A" cannot be read',
	'bad-format.ass': 'Line 2: this Format has no Start and End before its Text',
	'bad-time.ass': 'Line 21: the time "soon" cannot be read',
	'bad-time.vtt': 'Line 3: the time "soon" cannot be read',
	'blank.srt': 'The file has no subtitles',
	'cut-after-the-arrow.srt': 'Line 10: the end time is missing',
	'cut-before-the-arrow.srt': 'Line 10: the time "00:00:07,000 -" cannot be read',
	'cut-in-a-time.srt': 'Line 10: the time "00:00:0" cannot be read',
	'cut-in-the-end-time.srt': 'Line 6: the file ends within this time',
	'empty.srt': 'The file has no subtitles',
	'few-fields.ass': 'Line 21: this row has fewer than 10 fields',
	'film.srt': NOT_TEXT,
	'misspelt-time.srt': 'Line 6: the time "00:0x:01,000" cannot be read',
	'no-cue.vtt': 'The file has no subtitles',
	'page.srt': 'Line 1: expected the first subtitle, found "<!DOCTYPE html>"',
	'picture.srt': NOT_TEXT,
	'short-arrow.srt': 'Line 2: the end time is missing',
	'text-before.srt': 'Line 1: expected the first subtitle, found "Subtitles by someone"',
};

/** Another text with the same placeholders, longer and in other letters. */
const pseudo = (text: string) =>
	`«${text
		.split(/(<\d+>)/)
		.map((piece) => (/^<\d+>$/.test(piece) ? piece : piece.toUpperCase()))
		.join('')}» übersetzt`;

const times = (cues: Array<{ start: number; end: number }>) => cues.map(({ start, end }) => ({ start, end }));

const names = readdirSync(FOLDER);

describe(`the corpus of ${names.length} files`, () => {
	it('is in the tables as a whole', () => {
		expect([...Object.keys(readable), ...Object.keys(refused)].sort()).toEqual([...names].sort());
	});

	describe.each(Object.entries(readable))('%s', (name, { cues, texts, encoding = 'utf-8', language, format, reader }) => {
		const bytes = bytesOf(name);
		const file = readSubtitles(bytes, { language });
		const decoded = new TextDecoder(encoding).decode(bytes);

		it('is read', () => {
			expect(file).toMatchObject({ cueCount: cues, encoding, format: format ?? name.split('.').at(-1) });
			expect(file.lines.map(({ text }) => text).slice(0, texts.length)).toEqual(texts);
			if (encoding === 'utf-8') expect(file.lines).toHaveLength(texts.length);
		});

		it.each(['the texts themselves', 'nothing'])('is the same, to the byte, with %s as translations', (what) => {
			const translations = file.lines.map(({ text }) => (what === 'nothing' ? undefined : text));
			const { text } = writeSubtitles(file, translations, { target: 'de-DE' });
			const isWestern = encoding === 'windows-1252';
			// Node.js has versions that do not know this encoding, so our texts above stand for it
			if (!isWestern) expect(text).toBe(decoded);
			if (encoding === 'utf-8' && !decoded.includes('\ufffd')) expect(encodeSubtitles(text, file).equals(bytes)).toBe(true);
		});

		it('keeps its cues and times when translated', () => {
			const translations = file.lines.map((line) => pseudo(line.text));
			const { text, cueCount, marksMoved } = writeSubtitles(file, translations, { target: 'de-DE' });
			expect({ cueCount, marksMoved }).toEqual({ cueCount: cues, marksMoved: 0 });
			expect(text.match(/«/g)).toHaveLength(file.lines.length);
			if (reader === undefined) return;
			const before = readers[reader](decoded);
			const after = readers[reader](text);
			expect(before).toHaveLength(cues);
			expect(times(after)).toEqual(times(before));
			expect(after.filter((cue) => cue.text.includes('«'))).toHaveLength(new Set(file.lines.map(({ cue }) => cue)).size);
		});
	});

	it.each(Object.entries(refused))('refuses %s: %s', (name, message) => {
		const read = () => readSubtitles(bytesOf(name));
		expect(read).toThrow(SubtitleError);
		expect(read).toThrow(expect.objectContaining({ message }));
		const line = /^Line (\d+)/.exec(message)?.[1];
		expect(read).toThrow(expect.objectContaining({ line: line === undefined ? undefined : Number(line) }));
	});
});
