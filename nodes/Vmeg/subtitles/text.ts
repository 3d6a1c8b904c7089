// every line break that some player or parser knows, and the one of HTML
const BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]|<br\s{0,9}\/?>/i;

// characters without a shape; tabs become spaces
const CONTROL = /[\p{Cc}\ufeff]/gu;

const clean = (line: string) => line.replace(/\t/g, ' ').replace(CONTROL, '').trim();

/** The lines of a text that have anything on them: an empty one would end a cue. */
export const linesOf = (text: string): string[] =>
	text
		.split(BREAK)
		.map(clean)
		.filter((line) => line !== '');

// scripts that put no spaces between words, with the punctuation and the wide forms they share
const UNSPACED =
	/[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\uff01-\uff65]/u;

const firstOf = (text: string) => String.fromCodePoint(text.codePointAt(0) ?? 32);

// a low surrogate belongs to the one before it
const lastOf = (text: string) =>
	/[\udc00-\udfff]/.test(text.slice(-1)) ? text.slice(-2) : text.slice(-1);

/** What stands between two lines once they are one: nothing in scripts that put no spaces. */
export function joiner(before: string, after: string): '' | ' ' {
	if (before === '' || after === '') return ' ';
	return UNSPACED.test(lastOf(before)) && UNSPACED.test(firstOf(after)) ? '' : ' ';
}

const NO_WIDTH = /[\p{M}\p{Cf}]/u;
const WIDE =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\u{20000}-\u{3fffd}]/u;

function widthOf(character: string): number {
	if (character < '\u0300') return 1;
	if (NO_WIDTH.test(character)) return 0;
	return WIDE.test(character) ? 2 : 1;
}

/** A place where a line may end: it ends before `end`, and the next begins at `next`. */
interface Opportunity {
	end: number;
	next: number;
}

// a mark there belongs to the character before it
const CONTINUES = /[\p{M}\u200d]/u;

function spacesIn(text: string): Opportunity[] {
	const places: Opportunity[] = [];
	for (const { 0: spaces, index: end } of text.matchAll(/[ \u3000]+/g)) {
		const next = end + spaces.length;
		if (end > 0 && next < text.length && !CONTINUES.test(text.charAt(next))) places.push({ end, next });
	}
	return places;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(locale: string): Intl.Segmenter {
	const language = /^[a-z]{2,3}(?![a-z])/i.exec(locale)?.[0] ?? 'und';
	const known = segmenters.get(language);
	if (known !== undefined) return known;
	const made = new Intl.Segmenter(language, { granularity: 'word' });
	segmenters.set(language, made);
	return made;
}

// what may not begin a line, and what may not end one
const NOT_FIRST = /^[\p{Pe}\p{Pf}\p{Po}\p{M}\u200dー々ゝゞヽヾっッゃゅょャュョぁぃぅぇぉァィゥェォ～〜\s]/u;
const NOT_LAST = /[\p{Ps}\p{Pi}\s]$/u;

// segmenting is not linear in ICU's dictionaries, and no cue is that long
const SEGMENT_LIMIT = 5_000;

function wordsIn(text: string, locale: string): Opportunity[] {
	if (!UNSPACED.test(text) || text.length > SEGMENT_LIMIT) return [];
	const words = [...segmenterOf(locale).segment(text)];
	return words.flatMap(({ segment, index }, position) => {
		const before = words[position - 1]?.segment;
		if (before === undefined || NOT_FIRST.test(segment) || NOT_LAST.test(before)) return [];
		const isUnspaced = UNSPACED.test(lastOf(before)) || UNSPACED.test(firstOf(segment));
		return isUnspaced ? [{ end: index, next: index }] : [];
	});
}

/** The width of everything before each character. */
function widthsOf(text: string): Uint32Array {
	const widths = new Uint32Array(text.length + 1);
	let width = 0;
	let isJoined = false;
	let index = 0;
	for (const character of text) {
		widths[index] = width;
		if (character.length > 1) widths[index + 1] = width;
		if (!isJoined) width += widthOf(character);
		isJoined = character === '\u200d';
		index += character.length;
	}
	widths[text.length] = width;
	return widths;
}

/**
 * Where a text breaks into at most `count` lines of about the same displayed width: at spaces, and
 * in scripts without spaces between words of the language of `locale`. Fewer lines where the text
 * gives no such place.
 */
export function balancedBreaks(text: string, count: number, locale: string): Opportunity[] {
	if (count < 2) return [];
	const places = [...spacesIn(text), ...wordsIn(text, locale)].sort((a, b) => a.end - b.end);
	if (places.length === 0) return [];
	const widths = widthsOf(text);
	const total = widths[text.length] ?? 0;
	const breaks: Opportunity[] = [];
	let from = 0;
	for (let line = 1; line < count && from < places.length; line += 1) {
		const goal = (total * line) / count;
		const farness = (place: Opportunity | undefined) =>
			place === undefined ? Infinity : Math.abs(((widths[place.end] ?? 0) + (widths[place.next] ?? 0)) / 2 - goal);
		// the rest of the lines need a place each, as far as there are enough
		const last = Math.max(from, places.length - (count - line));
		let best = from;
		while (best < last && farness(places[best + 1]) < farness(places[best])) best += 1;
		const place = places[best];
		if (place === undefined) break;
		breaks.push(place);
		from = best + 1;
	}
	return breaks;
}
