/**
 * Who speaks, at the beginning of a line: `NAME: ` or `NAME：`.
 *
 * - In capitals (digits, `#`, `'`, `.`, `-`, `&`, `/` and brackets too; at least two letters, at most five
 *   words), always, but for the labels below. In a file that is all in capitals, as in the next rule.
 * - Else up to three words that each begin with a capital, where at least two cues of the file begin so.
 *
 * A space or the end of the line must follow the colon, so that `12:30` and `http://` are none.
 */
const CAPITALS =
	/^((?=[^:：]*\p{Lu}[^:：]*\p{Lu})[\p{Lu}\p{N}#(][\p{Lu}\p{M}\p{N}.'’#&/()-]{0,24}(?: [\p{Lu}\p{N}#(&][\p{Lu}\p{M}\p{N}.'’#&/()-]{0,24}){0,4}) ?(?::(?=\s|$)|：)\s*/u;
const NAME =
	/^(\p{Lu}[\p{L}\p{M}\p{N}'’.-]{0,24}(?: [\p{Lu}\p{N}#][\p{L}\p{M}\p{N}'’.#-]{0,24}){0,2}) ?(?::(?=\s|$)|：)\s*/u;

const LABELS = /^(?:NOTE|WARNING|CAUTION|ATTENTION|IMPORTANT|P\.?S\.?)$/;

const MAX_LENGTH = 120;

// enough to know whether a file is all in capitals
const SAMPLE = 20_000;

/** A speaker prefix: who, and how many characters of the line say so. */
export interface Prefix {
	name: string;
	length: number;
	isCapitals: boolean;
}

/** What could be a speaker prefix of a line. */
export function prefixOf(line: string): Prefix | undefined {
	const start = line.slice(0, MAX_LENGTH);
	if (!/[:：]/.test(start)) return undefined;
	const capitals = CAPITALS.exec(start);
	const isLabel = capitals !== null && LABELS.test((capitals[1] ?? '').trim());
	const found = isLabel ? null : (capitals ?? NAME.exec(start));
	if (found === null) return undefined;
	return { name: (found[1] ?? '').trim(), length: found[0].length, isCapitals: capitals !== null };
}

/** Decides for one file which prefixes are speakers, from those of each cue and from all its text. */
export function speakerRule(prefixesOfCues: ReadonlyArray<readonly Prefix[]>, text: string): (prefix: Prefix) => boolean {
	const cues = new Map<string, number>();
	for (const prefixes of prefixesOfCues) {
		for (const name of new Set(prefixes.map((prefix) => prefix.name))) cues.set(name, (cues.get(name) ?? 0) + 1);
	}
	const sample = text.slice(0, SAMPLE);
	const small = sample.match(/\p{Ll}/gu)?.length ?? 0;
	const capital = sample.match(/\p{Lu}/gu)?.length ?? 0;
	const isAllCapitals = small * 10 < capital;
	return ({ name, isCapitals }) => (isCapitals && !isAllCapitals) || (cues.get(name) ?? 0) > 1;
}
