import type { SubtitleFileFormat } from './format';
import type { Token } from './markup';
import { encode, isClosing, pairsOf, tokensOf, voiceIn } from './markup';
import type { Prefix } from './speakers';
import { prefixOf } from './speakers';
import { balancedBreaks, joiner, linesOf } from './text';

/** One line of a cue as the file has it: its words, what stands around them, and the break after it. */
interface CueLine {
	lead: Token[];
	core: Token[];
	trail: Token[];
	after: Token | undefined;
	/** The dash of a dialogue, in characters, and who may speak after it. */
	dash: number;
	prefix: Prefix | undefined;
}

/** A cue, ready to be told what its speakers are. */
export interface CueOutline {
	format: SubtitleFileFormat;
	lines: CueLine[];
	/** All that its lines might have as a speaker. */
	prefixes: Prefix[];
	/** All its words. */
	text: string;
}

/** A text to translate, and what it needs to come back as it was. */
export interface Segment {
	format: SubtitleFileFormat;
	/** As the file has it. */
	tokens: Token[];
	/** Before and after the text: markup, dash, speaker, direction marks. */
	open: Token[];
	close: Token[];
	/** What each line but the first begins with, and each but the last ends with. */
	lead: Token[];
	trail: Token[];
	breaks: Token[];
	/** The markup inside the text, in runs, by the number of its placeholder. */
	marks: Map<number, Token[]>;
	text: string;
	speaker: string | undefined;
	/** Lines of the file between the beginning of the cue and of this. */
	linesBefore: number;
	/** It has a letter or a digit. */
	hasWords: boolean;
}

export interface CueText {
	segments: Segment[];
	/** The breaks between the segments. */
	between: Token[];
}

const textOf = (tokens: readonly Token[]) => tokens.map(({ text }) => text).join('');
const rawOf = (tokens: readonly Token[]) => tokens.map(({ raw }) => raw).join('');
const isMark = ({ kind }: Token) => kind === 'mark';

// spaces, and what steers the direction of writing
const BLANK = /[\s\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/;

// only raw text is cut; an escaped character is one
const cut = (token: Token, from: number, to?: number): Token => {
	const raw = token.raw.slice(from, to);
	return { ...token, raw, text: raw };
};

/** Takes a number of characters of text off the beginning of tokens. */
function takeText(tokens: Token[], count: number): [taken: Token[], rest: Token[]] {
	const taken: Token[] = [];
	let left = count;
	let at = 0;
	for (; at < tokens.length && left > 0; at += 1) {
		const token = tokens[at];
		if (token === undefined || token.text.length > left) break;
		taken.push(token);
		left -= token.text.length;
	}
	const next = tokens[at];
	if (left === 0 || next === undefined) return [taken, tokens.slice(at)];
	return [[...taken, cut(next, 0, left)], [cut(next, left), ...tokens.slice(at + 1)]];
}

/** Splits off what comes before the first word: markup, spaces and direction marks. */
function takeLead(tokens: Token[]): [lead: Token[], rest: Token[]] {
	for (const [at, token] of tokens.entries()) {
		if (token.kind !== 'text') continue;
		let blank = 0;
		while (blank < token.text.length && BLANK.test(token.text.charAt(blank))) blank += 1;
		if (blank === token.text.length) continue;
		const [taken, rest] = takeText(tokens.slice(at), blank);
		return [[...tokens.slice(0, at), ...taken], rest];
	}
	return [tokens, []];
}

/** The same at the end. */
function takeTrail(tokens: Token[]): [rest: Token[], trail: Token[]] {
	for (let at = tokens.length - 1; at >= 0; at -= 1) {
		const token = tokens[at];
		if (token === undefined || token.kind !== 'text') continue;
		let end = token.text.length;
		while (end > 0 && BLANK.test(token.text.charAt(end - 1))) end -= 1;
		if (end === 0) continue;
		const [head, tail] = takeText(tokens.slice(at), end);
		return [[...tokens.slice(0, at), ...head], tail];
	}
	return [[], tokens];
}

/** The text up to the first markup. */
function firstRun(tokens: readonly Token[]): string {
	const end = tokens.findIndex(({ kind }) => kind !== 'text');
	return textOf(end < 0 ? tokens : tokens.slice(0, end));
}

// the dash of a dialogue, or the chevrons of broadcast captions; not a minus, not a dash of two
const DASH = /^(?:[-–—‐](?![-–—‐\d])|>{2,3}(?!>))[\s\u200b\u200e\u200f\u202a-\u202e]*/;

function beginningOf(core: Token[]): Pick<CueLine, 'dash' | 'prefix'> {
	const run = firstRun(core);
	const dash = DASH.exec(run.slice(0, 40))?.[0].length ?? 0;
	return { dash, prefix: prefixOf(run.slice(dash, dash + 200)) };
}

function lineOf(tokens: Token[], after: Token | undefined): CueLine {
	const [lead, rest] = takeLead(tokens);
	const [core, trail] = takeTrail(rest);
	return { lead, core, trail, after, ...beginningOf(core) };
}

function linesIn(tokens: readonly Token[]): CueLine[] {
	const lines: CueLine[] = [];
	let line: Token[] = [];
	for (const token of tokens) {
		if (token.kind !== 'break') {
			line.push(token);
			continue;
		}
		lines.push(lineOf(line, token));
		line = [];
	}
	return [...lines, lineOf(line, undefined)];
}

const lineTokens = ({ lead, core, trail, after }: CueLine): Token[] => [
	...lead,
	...core,
	...trail,
	...(after === undefined ? [] : [after]),
];

/** Reads the text of a cue as far as is possible without the rest of the file. */
export function outlineOf(text: string, format: SubtitleFileFormat): CueOutline {
	const tokens = tokensOf(text, format);
	const lines = linesIn(tokens);
	const prefixes = lines.flatMap(({ prefix }) => prefix ?? []);
	return { format, lines, prefixes, text: textOf(tokens) };
}

const voiceOf = (tokens: readonly Token[]) =>
	tokens.reduce<string | undefined>((voice, { kind, raw }) => voice ?? (kind === 'mark' ? voiceIn(raw) : undefined), undefined);

// where a second speaker may follow whose dash is the only one
const SENTENCE_END = /[.?!…。？！‥"'”’»)\]♪]$/;

/** The lines of each who speaks; a line without a dash or a speaker goes on with the one before. */
function groupsOf(lines: CueLine[], isSpeaker: (prefix: Prefix) => boolean, format: SubtitleFileFormat): CueLine[][] {
	const begins = lines.map(({ lead, dash, prefix }) => {
		const isVoice = format === 'vtt' && voiceOf(lead) !== undefined;
		return { isAny: dash > 0 || isVoice || (prefix !== undefined && isSpeaker(prefix)), isHyphen: dash > 0 };
	});
	const firstBegins = begins[0]?.isAny === true;
	const groups: CueLine[][] = [];
	lines.forEach((line, at) => {
		const begin = begins[at];
		const before = lines[at - 1];
		const isSecond = begin?.isHyphen === true && before !== undefined && SENTENCE_END.test(textOf(before.core));
		const starts = at === 0 || (firstBegins ? begin?.isAny === true : isSecond);
		if (starts) groups.push([line]);
		else groups.at(-1)?.push(line);
	});
	return groups;
}

/** Lines without a word at either end go with their neighbours, so that they are not wrapped. */
function wordedLines(lines: readonly CueLine[]): { before: Token[]; lines: CueLine[]; after: Token[] } {
	const isWorded = ({ core }: CueLine) => core.length > 0;
	const first = lines.findIndex(isWorded);
	if (lines.every(isWorded)) return { before: [], lines: [...lines], after: [] };
	if (first < 0) return { before: lines.flatMap(lineTokens), lines: [], after: [] };
	const end = lines.findLastIndex(isWorded) + 1;
	const worded = lines.slice(first, end);
	const last = worded.at(-1);
	const after = lines.slice(end).flatMap(lineTokens);
	if (last?.after === undefined) return { before: lines.slice(0, first).flatMap(lineTokens), lines: worded, after };
	return {
		before: lines.slice(0, first).flatMap(lineTokens),
		lines: [...worded.slice(0, -1), { ...last, after: undefined }],
		after: [last.after, ...after],
	};
}

/** What a text begins with: everything up to its first own word. */
function openingOf(line: CueLine, isSpeaker: (prefix: Prefix) => boolean): { open: Token[]; core: Token[]; name?: string } {
	const [dash, rest] = takeText(line.core, line.dash);
	const [afterDash, named] = takeLead(rest);
	const open = [...line.lead, ...dash, ...afterDash].map((token): Token => {
		const voice = token.kind === 'mark' ? voiceIn(token.raw) : undefined;
		return voice === undefined ? token : { kind: 'speaker', raw: token.raw, text: voice };
	});
	const prefix = prefixOf(firstRun(named));
	const voice = open.find(({ kind }) => kind === 'speaker')?.text;
	if (prefix === undefined || !isSpeaker(prefix)) return { open, core: named, name: voice };
	const [speaker, said] = takeText(named, prefix.length);
	const [afterSpeaker, core] = takeLead(said);
	const token: Token = { kind: 'speaker', raw: rawOf(speaker), text: prefix.name };
	return { open: [...open, token, ...afterSpeaker], core, name: prefix.name };
}

/** Whether all lines are in the same markup, as in `<i>a</i>` over `<i>b</i>`. */
function hasSameMarks(lines: readonly CueLine[]): boolean {
	const [first, ...others] = lines;
	if (first === undefined || others.length === 0) return false;
	const lead = rawOf(first.lead);
	const trail = rawOf(first.trail);
	if (`${lead}${trail}`.trim() === '' || /<v[.\s]/i.test(lead)) return false;
	return others.every((line) => rawOf(line.lead) === lead && rawOf(line.trail) === trail);
}

/**
 * Markup around a text stays outside it, unless its other half is inside: then a translator must see
 * both.
 */
function pairUp(open: Token[], body: Token[], close: Token[]): { open: Token[]; body: Token[]; close: Token[] } {
	if (!body.some(isMark)) return { open, body, close };
	const all = [...open, ...body, ...close];
	const inBody = (at: number) => at >= open.length && at < open.length + body.length;
	const after = open.findLastIndex(({ kind, text }) => kind === 'speaker' || (kind === 'text' && text.trim() !== '')) + 1;
	let first = open.length;
	let last = -1;
	for (const [opened, closed] of pairsOf(all.map(({ kind, raw }) => (kind === 'mark' ? raw : '')))) {
		if (opened >= after && opened < open.length && inBody(closed)) first = Math.min(first, opened);
		if (inBody(opened) && closed >= open.length + body.length) last = Math.max(last, closed - open.length - body.length);
	}
	return {
		open: open.slice(0, first),
		body: [...open.slice(first), ...body, ...close.slice(0, last + 1)],
		close: close.slice(last + 1),
	};
}

const MARK = '\u0001';
const GAP = '\n';

const JOINT = /([^\s\u0001]?)(\u0001?) ?\n[ \n]*(\u0001?)(?= ?([^\s\u0001]?))/gu;

/** A text on one line with a sign for each run of markup, and these runs. */
function flatten(body: readonly Token[]): { text: string; runs: Token[][] } {
	const runs: Token[][] = [];
	let isAfterMark = false;
	const parts = body.map((token) => {
		const isRun = isAfterMark && token.kind === 'mark';
		isAfterMark = token.kind === 'mark';
		if (isRun) runs.at(-1)?.push(token);
		else if (token.kind === 'mark') runs.push([token]);
		if (token.kind === 'break') return GAP;
		if (token.kind === 'text') return token.text.replace(/\p{Cc}/gu, ' ');
		return isRun ? '' : MARK;
	});
	const joined = parts
		.join('')
		.replace(/[^\S\n\u00a0\u202f\u3000]+/g, ' ')
		.replace(JOINT, (_, before: string, first: string, second: string, after: string) => {
			const gap = joiner(before, after);
			return `${before}${first}${gap}${second}`;
		})
		.trim();
	return { text: joined, runs };
}

// translators put spaces into placeholders, widen their brackets and close them like tags
const PLACEHOLDER = /[<＜]\s?\/?\s?(\d{1,6})\s?\/?\s?[>＞]/g;

function numberMarks(text: string, runs: readonly Token[][]): { text: string; marks: Map<number, Token[]> } {
	if (runs.length === 0) return { text, marks: new Map() };
	const taken = new Set([...text.matchAll(PLACEHOLDER)].map(({ 1: number }) => Number(number)));
	const marks = new Map<number, Token[]>();
	let number = 0;
	let run = 0;
	const numbered = text.replace(/\u0001/g, () => {
		do number += 1;
		while (taken.has(number));
		marks.set(number, runs[run] ?? []);
		run += 1;
		return `<${number}>`;
	});
	return { text: numbered, marks };
}

const hasWords = (text: string) => /[\p{L}\p{N}]/u.test(text);

const lineBreaksIn = (tokens: readonly Token[]) => rawOf(tokens).match(/\r\n|\n|\r/g)?.length ?? 0;

function segmentOf(
	lines: CueLine[],
	before: Token[],
	after: Token[],
	isSpeaker: (prefix: Prefix) => boolean,
	format: SubtitleFileFormat,
): Segment {
	const [first, ...others] = lines;
	const opening = first === undefined ? { open: [], core: [] } : openingOf(first, isSpeaker);
	// a speaker may have a line alone
	const second = others[0];
	const isAlone = opening.core.length === 0 && second !== undefined;
	const above = isAlone && first !== undefined ? [...first.trail, ...(first.after === undefined ? [] : [first.after]), ...second.lead] : [];
	const head = [...before, ...opening.open, ...above];
	const rest = isAlone ? others.slice(1) : others;
	const own = isAlone ? second : first;
	const core = isAlone ? second.core : opening.core;
	const all = own === undefined ? [] : [own, ...rest];
	const last = all.at(-1);
	const breaks = all.slice(0, -1).flatMap((line) => line.after ?? []);
	const isSame = hasSameMarks(all);
	const inner = all.flatMap((line, at): Token[] => {
		const isLast = at === all.length - 1;
		return [
			...(at === 0 || isSame ? [] : line.lead),
			...(at === 0 ? core : line.core),
			...(isSame || isLast ? [] : line.trail),
			...(isLast || line.after === undefined ? [] : [line.after]),
		];
	});
	const outer = { open: head, body: inner, close: [...(last?.trail ?? []), ...after] };
	const { open, body, close } = isSame ? outer : pairUp(outer.open, outer.body, outer.close);
	const tokens = [
		...head,
		...core,
		...all.flatMap((line, at) => [
			...(at === 0 ? line.trail : lineTokens({ ...line, after: undefined })),
			...(line.after === undefined || at === all.length - 1 ? [] : [line.after]),
		]),
		...after,
	];
	const flat = flatten(body);
	const { text, marks } = numberMarks(flat.text, flat.runs);
	return {
		format,
		tokens,
		open,
		close,
		lead: isSame ? (own?.lead ?? []) : [],
		trail: isSame ? (own?.trail ?? []) : [],
		breaks,
		marks,
		text,
		speaker: opening.name,
		linesBefore: lineBreaksIn(head),
		hasWords: hasWords(textOf(body)),
	};
}

/** The texts of a cue: one, or one for each who speaks in it. */
export function readCueText({ lines, format }: CueOutline, isSpeaker: (prefix: Prefix) => boolean): CueText {
	const worded = wordedLines(lines);
	const groups = groupsOf(worded.lines, isSpeaker, format);
	if (groups.length === 0) groups.push([]);
	const between = groups.slice(0, -1).flatMap((group) => group.at(-1)?.after ?? []);
	let linesBefore = 0;
	const segments = groups.map((group, at) => {
		const segment = segmentOf(
			group,
			at === 0 ? worded.before : [],
			at === groups.length - 1 ? worded.after : [],
			isSpeaker,
			format,
		);
		const start = linesBefore + segment.linesBefore;
		linesBefore += lineBreaksIn([...segment.tokens, ...between.slice(at, at + 1)]);
		return { ...segment, linesBefore: start };
	});
	return { segments, between };
}

/** Markup at a place of a text. */
interface Placed {
	at: number;
	mark: Token;
}

/** A translation without its placeholders, and where the markup goes. */
interface Placement {
	text: string;
	placed: Placed[];
	isMoved: boolean;
}

/** All placeholders once, and no closing before its opening. */
function areInOrder(numbers: readonly number[], { marks, open, close }: Segment): boolean {
	if (numbers.length !== marks.size || new Set(numbers).size !== marks.size) return false;
	const isAsItWas = [...marks.keys()].every((number, at) => numbers[at] === number);
	if (isAsItWas) return true;
	const pairsIn = (order: Iterable<number>) => {
		const raws = [...order].flatMap((number) => (marks.get(number) ?? []).map(({ raw }) => raw));
		return pairsOf([...open.map(({ raw }) => raw), ...raws, ...close.map(({ raw }) => raw)]).length;
	};
	const times = numbers.flatMap((number) => marks.get(number)?.filter(({ raw }) => /^<\d/.test(raw)).map(({ raw }) => raw) ?? []);
	const original = [...marks.values()].flatMap((run) => run.filter(({ raw }) => /^<\d/.test(raw)).map(({ raw }) => raw));
	return pairsIn(numbers) === pairsIn(marks.keys()) && times.join('') === original.join('');
}

function place(translation: string, segment: Segment): Placement {
	const { marks } = segment;
	if (marks.size === 0) return { text: translation, placed: [], isMoved: false };
	const found = [...translation.matchAll(PLACEHOLDER)].filter(({ 1: number }) => marks.has(Number(number)));
	const placed: Placed[] = [];
	let text = '';
	let from = 0;
	for (const { 0: placeholder, 1: number, index } of found) {
		text += translation.slice(from, index);
		from = index + placeholder.length;
		for (const mark of marks.get(Number(number)) ?? []) placed.push({ at: text.length, mark });
	}
	text += translation.slice(from);
	if (areInOrder(found.map(({ 1: number }) => Number(number)), segment)) return { text, placed, isMoved: false };
	const plain = text.replace(/ {2,}/g, ' ').trim();
	const moved = [...marks.values()].flat();
	const [opening, closing] = [moved.filter(({ raw }) => !isClosing(raw)), moved.filter(({ raw }) => isClosing(raw))];
	return {
		text: plain,
		placed: [...opening.map((mark) => ({ at: 0, mark })), ...closing.map((mark) => ({ at: plain.length, mark }))],
		isMoved: true,
	};
}

const textToken = (text: string, format: SubtitleFileFormat): Token[] =>
	text === '' ? [] : [{ kind: 'text', raw: encode[format](text), text }];

/** One line of a placed text, with the markup that falls into it. */
function lineWithMarks(text: string, from: number, to: number, placed: readonly Placed[], format: SubtitleFileFormat): Token[] {
	const tokens: Token[] = [];
	let at = from;
	for (const { at: position, mark } of placed) {
		const until = Math.min(Math.max(position, at), to);
		tokens.push(...textToken(text.slice(at, until), format), mark);
		at = until;
	}
	return [...tokens, ...textToken(text.slice(at, to), format)];
}

function wrap({ text, placed }: Placement, { breaks, lead, trail, format }: Segment, locale: string): Token[] {
	const places = balancedBreaks(text, breaks.length + 1, locale);
	const lines = [...places, { end: text.length, next: text.length }];
	const missing = breaks.length + 1 - lines.length;
	const repeated = (tokens: readonly Token[]) => Array.from({ length: missing }, () => tokens.filter(isMark)).flat();
	let from = 0;
	let done = 0;
	const written = lines.map(({ end, next }, at): Token[] => {
		const isLast = at === lines.length - 1;
		const isHere = ({ at: position, mark }: Placed) =>
			isLast || position < end || (position <= next && isClosing(mark.raw));
		// in the order they have: what follows one that waits, waits too
		const first = done;
		for (let one = placed[done]; one !== undefined && isHere(one); one = placed[done]) done += 1;
		const here = placed.slice(first, done);
		const said = lineWithMarks(text, from, end, here, format);
		const lineBreak = breaks[at];
		from = next;
		const ending = isLast || lineBreak === undefined ? [] : [...trail, oneBreak(lineBreak)];
		return [...(at === 0 ? [] : lead), ...said, ...ending];
	});
	return [...repeated(lead), ...written.flat(), ...repeated(trail)];
}

/** A break without the blank lines in it: most players take these for the end of the cue. */
export const oneBreak = (token: Token): Token => ({ ...token, raw: /^(?:\r\n|\n|\r)/.exec(token.raw)?.[0] ?? token.raw });

/** A segment with its translation, or as it was where there is none or nothing in it. */
export function renderSegment(
	segment: Segment,
	translation: string | undefined,
	locale: string,
): { tokens: Token[]; isMoved: boolean; isTranslated: boolean } {
	const unchanged = { tokens: segment.tokens, isMoved: false, isTranslated: false };
	if (translation === undefined || translation === segment.text) return unchanged;
	const flat = linesOf(translation.replace(/\p{Cs}/gu, '\ufffd'))
		.map((line, at, lines) => `${at === 0 ? '' : joiner(lines[at - 1] ?? '', line)}${line}`)
		.join('')
		.replace(/[^\S\u00a0\u202f\u3000]+/g, ' ');
	if (flat === segment.text) return unchanged;
	const placement = place(flat, segment);
	if (placement.text.trim() === '') return unchanged;
	const tokens = [...segment.open, ...wrap(placement, segment, locale), ...segment.close];
	return { tokens, isMoved: placement.isMoved, isTranslated: true };
}
