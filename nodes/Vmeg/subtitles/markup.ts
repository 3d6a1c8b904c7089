import type { SubtitleFileFormat } from './format';

/**
 * A piece of a cue. `raw` is how the file has it, `text` what it says: decoded text, or the name of
 * a speaker. `break` is a line break, `mark` is markup, which says nothing.
 */
export interface Token {
	kind: 'text' | 'mark' | 'break' | 'speaker';
	raw: string;
	text: string;
}

export type MarkEvent =
	| { kind: 'open' | 'close'; tag: string }
	| { kind: 'reset' }
	| { kind: 'align'; value: number };

// a blank line inside a text belongs to the break
const EOL = String.raw`(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*`;
const TAGS = 'i|b|u|s|em|strong|strike|font|span|c|ruby|rt';
const ENTITIES = String.raw`amp|lt|gt|nbsp|lrm|rlm|quot|apos|#\d{1,7}|#x[\da-f]{1,6}`;

// in this order: breaks, markup, characters that are written in another way
const SRT = new RegExp(
	String.raw`(${EOL}|<br\s{0,9}/?>)|(</?(?:${TAGS})(?:[.\s/][^<>\r\n]*)?>|\{\\[^{}\r\n]*\}|\{/?[ibus]\}|\{[a-z]:[^{}\r\n]*\})`,
	'gi',
);
const VTT = new RegExp(`(${EOL})|(<[^<>]*>)|(&(?:${ENTITIES});)`, 'gi');
const ASS = /(\\N(?:[ \t]*\\N)*)|(\{[^}]*\})|(\\[nh])/g;
const ASS_WITHOUT_CODES = /(\\N(?:[ \t]*\\N)*)|((?!))|(\\[nh])/g;

const CHARACTERS = new Map([
	['amp', '&'],
	['lt', '<'],
	['gt', '>'],
	['nbsp', '\u00a0'],
	['lrm', '\u200e'],
	['rlm', '\u200f'],
	['quot', '"'],
	['apos', "'"],
]);

function decodeEntity(entity: string): string {
	const name = entity.slice(1, -1).toLowerCase();
	const known = CHARACTERS.get(name);
	if (known !== undefined) return known;
	const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
	const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
	return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

const decode = (raw: string) => {
	if (raw === '\\n') return ' ';
	return raw === '\\h' ? '\u00a0' : decodeEntity(raw);
};

function split(text: string, pattern: RegExp): Token[] {
	const tokens: Token[] = [];
	let at = 0;
	const push = (kind: Token['kind'], raw: string, said: string) => {
		if (raw !== '') tokens.push({ kind, raw, text: said });
	};
	for (const { 0: raw, 1: lineBreak, 2: mark, index } of text.matchAll(pattern)) {
		const before = text.slice(at, index);
		push('text', before, before);
		if (lineBreak !== undefined) push('break', raw, '');
		else if (mark !== undefined) push('mark', raw, '');
		else push('text', raw, decode(raw));
		at = index + raw.length;
	}
	push('text', text.slice(at), text.slice(at));
	return tokens;
}

/** Whether a drawing is on after this code (`{\p1}` begins one). */
function isDrawingAfter(code: string, before: boolean): boolean {
	const scale = [...code.matchAll(/\\p\s*(\d+)/g)].at(-1)?.[1];
	return scale === undefined ? before : Number(scale) > 0;
}

function splitAss(text: string): Token[] {
	// without a closing brace there is no code
	const end = text.lastIndexOf('}') + 1;
	let isDrawing = false;
	return [...split(text.slice(0, end), ASS), ...split(text.slice(end), ASS_WITHOUT_CODES)].map((token) => {
		if (token.kind === 'mark') isDrawing = isDrawingAfter(token.raw, isDrawing);
		return isDrawing ? { kind: 'mark', raw: token.raw, text: '' } : token;
	});
}

/** The pieces of a cue's text; their `raw`s together are the text again. */
export function tokensOf(text: string, format: SubtitleFileFormat): Token[] {
	if (format === 'srt') return split(text, SRT);
	return format === 'vtt' ? split(text, VTT) : splitAss(text);
}

// shows nothing, and keeps what is before it from being read together with what follows
const WALL = '\u2060';

const SRT_CODE = new RegExp(String.raw`<(?=/?(?:${TAGS})(?:[.\s/>]|$)|br[\s/>])|\{(?=\\|/?[ibus]\}|[a-z]:|$)`, 'gi');

// a name of HTML that is not among those that are read stays as it came
const VTT_AMPERSAND = new RegExp(`&(?=(?:${ENTITIES});|(?![a-z][a-z0-9]*;))`, 'gi');

const encodeAss = (text: string) =>
	text
		// not every renderer knows an escape for them
		.replace(/\{/g, '｛')
		.replace(/\}/g, '｝')
		.replace(/\\(?=[Nnh]|$)/g, `\\${WALL}`)
		.replace(/\u00a0/g, '\\h');

/** Writes plain text so that nothing in it is markup. */
export const encode: Record<SubtitleFileFormat, (text: string) => string> = {
	srt: (text) => text.replace(SRT_CODE, (sign) => `${sign}${WALL}`),
	vtt: (text) =>
		text
			.replace(VTT_AMPERSAND, '&amp;')
			.replace(/</g, '&lt;')
			.replace(/>/g, '&gt;')
			.replace(/\u00a0/g, '&nbsp;')
			.replace(/\u200e/g, '&lrm;')
			.replace(/\u200f/g, '&rlm;'),
	ass: encodeAss,
	ssa: encodeAss,
};

const SAME_TAGS = new Map([
	['em', 'i'],
	['strong', 'b'],
	['strike', 's'],
]);

// of the elder format: by columns from the bottom, 4 more for the top, 8 more for the middle
const OLD_ALIGNMENTS = new Map([
	[1, 1],
	[2, 2],
	[3, 3],
	[5, 7],
	[6, 8],
	[7, 9],
	[9, 4],
	[10, 5],
	[11, 6],
]);

function codeEvent(name: string, value: string): MarkEvent[] {
	if (name === 'an' || name === 'a') {
		const align = name === 'an' ? Number(value) : OLD_ALIGNMENTS.get(Number(value));
		return align !== undefined && align >= 1 && align <= 9 ? [{ kind: 'align', value: align }] : [];
	}
	if (name === 'r') return [{ kind: 'reset' }];
	// a duration counts for the syllable that follows
	if (/^k[fo]?$/i.test(name)) return [];
	const isOff = value === '' || (/^[ibus]$/.test(name) && value === '0');
	return [{ kind: isOff ? 'close' : 'open', tag: name }];
}

const codeEvents = (code: string): MarkEvent[] =>
	[...code.matchAll(/\\\s*(an|fn|r|\d?[a-z]{1,5}?(?=[^a-z]|$))([^\\}]*)/gi)].flatMap(({ 1: name = '', 2: value = '' }) =>
		codeEvent(name, value.trim()),
	);

/** What a piece of markup does; nothing for what neither opens nor closes, such as a timestamp. */
export function eventsOf(raw: string): MarkEvent[] {
	if (raw.startsWith('{\\')) return codeEvents(raw);
	const tag = /^[<{](\/?)([a-z]+)/i.exec(raw);
	if (tag === null) return [];
	const name = (tag[2] ?? '').toLowerCase();
	return [{ kind: tag[1] === '/' ? 'close' : 'open', tag: SAME_TAGS.get(name) ?? name }];
}

/** The pairs of an opening and its closing among marks, as positions. */
export function pairsOf(raws: readonly string[]): Array<[open: number, close: number]> {
	const open = new Map<string, number[]>();
	const pairs: Array<[number, number]> = [];
	raws.forEach((raw, position) => {
		for (const event of eventsOf(raw)) {
			if (event.kind !== 'open' && event.kind !== 'close') continue;
			const waiting = open.get(event.tag) ?? [];
			open.set(event.tag, waiting);
			if (event.kind === 'open') {
				waiting.push(position);
				continue;
			}
			const opened = waiting.pop();
			if (opened !== undefined) pairs.push([opened, position]);
		}
	});
	return pairs;
}

/** Whether a mark only ends something. */
export function isClosing(raw: string): boolean {
	const events = eventsOf(raw);
	return events.length > 0 && events.every(({ kind }) => kind === 'close');
}

/** The name in a voice tag of WebVTT. */
export function voiceIn(raw: string): string | undefined {
	const name = /^<v(?:\.[^\s>]*)?\s([^>]*)>$/i.exec(raw)?.[1];
	return name?.replace(/&[a-z]+;/gi, decode).replace(/\s+/g, ' ').trim() || undefined;
}
