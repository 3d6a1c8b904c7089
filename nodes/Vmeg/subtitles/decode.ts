import type { Context, Recogniser } from 'chardet/lib/encoding';
import { big5, euc_jp, euc_kr, gb_18030, sjis } from 'chardet/lib/encoding/mbcs';
import {
	ISO_8859_1,
	ISO_8859_2,
	ISO_8859_7,
	ISO_8859_8,
	ISO_8859_9,
	KOI8_R,
	windows_1251,
	windows_1256,
	windows_1257,
	windows_1258,
	windows_874,
} from 'chardet/lib/encoding/sbcs';

import { SubtitleError } from './error';

/** A file as text, with how its bytes were read (a WHATWG label). */
export interface DecodedFile {
	text: string;
	encoding: string;
	hasBom: boolean;
}

// bytes 80 to 9F, as the WHATWG Encoding Standard has them: Node.js 20.18.3 to 24 leave them as they are
// (nodejs/node issue 56542)
const WINDOWS_1252 =
	'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const decodeWestern = (bytes: Uint8Array) =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
		.toString('latin1')
		.replace(/[\u0080-\u009f]/g, (sign) => WINDOWS_1252.charAt(sign.charCodeAt(0) - 0x80));

const decodeAs = (bytes: Uint8Array, encoding: string) =>
	encoding === 'windows-1252' ? decodeWestern(bytes) : new TextDecoder(encoding).decode(bytes);

/** How files in a language were written before UTF-8, the likeliest first. */
const LEGACY: ReadonlyArray<readonly [languages: string, encodings: readonly string[]]> = [
	['ru uk be bg mk kk mn', ['windows-1251', 'koi8-r', 'ibm866', 'iso-8859-5']],
	['ja', ['shift_jis', 'euc-jp']],
	['zh wuu nan', ['gb18030', 'big5']],
	['yue', ['big5', 'gb18030']],
	['ko', ['euc-kr']],
	['el', ['windows-1253', 'iso-8859-7']],
	['tr az', ['windows-1254']],
	['he', ['windows-1255']],
	['ar fa ur ug ps', ['windows-1256', 'iso-8859-6']],
	['th', ['windows-874']],
	['vi', ['windows-1258', 'windows-1252']],
	['lt lv et', ['windows-1257']],
	['pl cs sk hu ro hr sl bs sq sr', ['windows-1250', 'iso-8859-2']],
];
const TRADITIONAL = /^zh-(?:TW|HK|MO|Hant)/i;
const WESTERN = ['windows-1252'];

/** Where nothing is known of the language: whatever a recogniser knows. */
const ANY = [
	'windows-1252', 'shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr', 'windows-1251', 'koi8-r', 'ibm866',
	'windows-1250', 'windows-1253', 'windows-1254', 'windows-1255', 'windows-1256', 'windows-1257', 'windows-874',
];

function candidatesFor(language: string | undefined): readonly string[] {
	if (language === undefined) return ANY;
	if (TRADITIONAL.test(language)) return ['big5', 'gb18030'];
	const code = language.split(/[-_]/)[0]?.toLowerCase() ?? '';
	return LEGACY.find(([languages]) => languages.split(' ').includes(code))?.[1] ?? WESTERN;
}

/** Those of chardet for our candidates; without its entry, which would bring in the file system. */
const RECOGNISERS = new Map<string, new () => Recogniser>([
	['shift_jis', sjis],
	['euc-jp', euc_jp],
	['gb18030', gb_18030],
	['big5', big5],
	['euc-kr', euc_kr],
	['windows-1251', windows_1251],
	['koi8-r', KOI8_R],
	['windows-1250', ISO_8859_2],
	['iso-8859-2', ISO_8859_2],
	['windows-1252', ISO_8859_1],
	['windows-1253', ISO_8859_7],
	['iso-8859-7', ISO_8859_7],
	['windows-1254', ISO_8859_9],
	['windows-1255', ISO_8859_8],
	['windows-1256', windows_1256],
	['windows-1257', windows_1257],
	['windows-1258', windows_1258],
	['windows-874', windows_874],
]);

function contextOf(bytes: Uint8Array): Context {
	const byteStats = new Array<number>(256).fill(0);
	for (const byte of bytes) byteStats[byte] = (byteStats[byte] ?? 0) + 1;
	const c1Bytes = byteStats.slice(0x80, 0xa0).some((count) => count > 0);
	const rawLen = bytes.length;
	return { byteStats, c1Bytes, rawInput: bytes, rawLen, inputBytes: bytes, inputLen: rawLen };
}

// signs that texts hardly have and wrongly decoded ones do: controls, boxes, private ones, narrow kana,
// misplaced capitals
const ODD = /[\u0080-\u009f\ufffd\uff61-\uff9f\u2500-\u25ff\p{Co}\p{Cn}¤¦§¨¬¯±µ¶¸¹¼½¾]|\p{Ll}\p{Lu}|(?<=\p{L})[¡-¿](?=\p{L})/gu;

/** The share of odd signs among those that are not ASCII. */
function oddness(text: string): number {
	const foreign = text.match(/[^\0-\x7f]/gu)?.length ?? 0;
	return foreign === 0 ? 0 : (text.match(ODD)?.length ?? 0) / foreign;
}

/** As much of a file as is looked at to know its encoding. */
const SAMPLE = 100_000;

/** The bytes of the lines with foreign letters: in times and numbers all encodings agree. */
function sampleOf(bytes: Uint8Array): Uint8Array {
	const lines: number[] = [];
	let from = 0;
	let isForeign = false;
	for (let at = 0; at <= bytes.length && lines.length < SAMPLE; at += 1) {
		const byte = bytes[at] ?? 10;
		isForeign ||= byte >= 0x80;
		if (byte !== 10 && at < bytes.length) continue;
		if (isForeign) for (let index = from; index < Math.min(at, from + SAMPLE); index += 1) lines.push(bytes[index] ?? 0);
		if (isForeign) lines.push(10);
		from = at + 1;
		isForeign = false;
	}
	return Uint8Array.from(lines);
}

function legacyEncodingOf(bytes: Uint8Array, language: string | undefined): string {
	const candidates = candidatesFor(language);
	const sample = sampleOf(bytes);
	const context = contextOf(sample);
	const scores = candidates.map((encoding, position) => {
		const Known = RECOGNISERS.get(encoding);
		const confidence = (Known === undefined ? 0 : (new Known().match(context)?.confidence ?? 0)) / 100;
		// the order decides only where nothing else does
		return { encoding, score: confidence - 2 * oddness(decodeAs(sample, encoding)) - position / 100 };
	});
	return scores.reduce((best, one) => (one.score > best.score ? one : best), { encoding: 'windows-1252', score: -Infinity })
		.encoding;
}

const startsWith = (bytes: Uint8Array, ...signs: number[]) => signs.every((sign, index) => bytes[index] === sign);

function bomOf(bytes: Uint8Array): string | undefined {
	if (startsWith(bytes, 0xef, 0xbb, 0xbf)) return 'utf-8';
	if (startsWith(bytes, 0xff, 0xfe)) return 'utf-16le';
	return startsWith(bytes, 0xfe, 0xff) ? 'utf-16be' : undefined;
}

/** Text in UTF-8; undefined where it is none. A file may have been cut within a character. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		const missing = bytes.length - Buffer.byteLength(text);
		if (missing === 0) return text;
		// a lone foreign byte at the end of ASCII is of another encoding
		return Buffer.byteLength(text) === text.length ? undefined : `${text}\ufffd`;
	} catch {
		return undefined;
	}
}

/** UTF-8 with a few spoilt bytes in it: far more characters that are well-formed than not. */
function decodeSpoiltUtf8(bytes: Uint8Array): string | undefined {
	const text = new TextDecoder().decode(bytes);
	const spoilt = text.match(/\ufffd/g)?.length ?? 0;
	const foreign = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
	return foreign > 10 * spoilt ? text : undefined;
}

/** UTF-16 without a mark shows by its zero bytes, in times and line breaks at least. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
	const zeros = [0, 0];
	bytes.forEach((byte, index) => {
		if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
	});
	const [even = 0, odd = 0] = zeros;
	const few = Math.min(even, odd);
	const many = Math.max(even, odd);
	if (many < bytes.length / 20 || many < 2 || few * 20 > many) return undefined;
	return odd > even ? 'utf-16le' : 'utf-16be';
}

// what switches to two bytes in ISO-2022-JP, whose bytes are all ASCII
const hasJapaneseEscape = (text: string) => /\u001b\$[@B]/.test(text);

function detect(bytes: Uint8Array, language: string | undefined): { text: string; encoding: string } {
	const utf16 = utf16Of(bytes);
	if (utf16 !== undefined) return { text: decodeAs(bytes, utf16), encoding: utf16 };
	const utf8 = decodeUtf8(bytes);
	if (utf8 !== undefined && hasJapaneseEscape(utf8)) {
		return { text: decodeAs(bytes, 'iso-2022-jp'), encoding: 'iso-2022-jp' };
	}
	const unicode = utf8 ?? (bytes.includes(0) ? undefined : decodeSpoiltUtf8(bytes));
	if (unicode !== undefined) return { text: unicode, encoding: 'utf-8' };
	if (bytes.includes(0)) throw binary();
	const encoding = legacyEncodingOf(bytes, language);
	return { text: decodeAs(bytes, encoding), encoding };
}

const binary = () => new SubtitleError('This does not look like a subtitle file: it is not text');

/** More control characters than any text has. */
function isBinary(text: string): boolean {
	const controls = text.match(/[\0-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0;
	return text.includes('\0') || controls * 50 > text.length;
}

function encodingOf(label: string): string | undefined {
	try {
		return new TextDecoder(label.trim()).encoding;
	} catch {
		return undefined;
	}
}

function decodeBytes(bytes: Uint8Array, label: string | undefined, language: string | undefined): DecodedFile {
	const given = label === undefined ? undefined : encodingOf(label);
	if (label !== undefined && given === undefined) throw new SubtitleError(`The encoding "${label}" is not known`);
	const bom = bomOf(bytes);
	const encoding = bom ?? given;
	if (encoding === undefined) return { ...detect(bytes, language), hasBom: false };
	return { text: decodeAs(bytes, encoding), encoding, hasBom: bom !== undefined };
}

/**
 * The text of a file. A byte order mark tells its encoding, else `encoding` does, else its bytes;
 * `language` settles doubt between encodings older than Unicode.
 *
 * @throws SubtitleError for an encoding that is not known and for what is no text
 */
export function decodeSubtitles(
	source: Uint8Array | string,
	{ encoding, language }: { encoding?: string; language?: string },
): DecodedFile {
	const isText = typeof source === 'string';
	const decoded = isText
		? { text: source, encoding: 'utf-8', hasBom: source.startsWith('\ufeff') }
		: decodeBytes(source, encoding, language);
	if (isBinary(decoded.text)) throw binary();
	return { ...decoded, text: decoded.text.replace(/^\ufeff/, '') };
}
