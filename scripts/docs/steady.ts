import { createHash } from 'node:crypto';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const ORIGIN = /https?:\/\/(?:127\.0\.0\.1|localhost):\d+\/[^\s"]*/g;
const IDENTIFIER = /(?<![0-9a-z])[0-9a-f]{16,64}(?![0-9a-z])/g;

/** No list of an example is longer: what a second entry looks like is clear by then. */
const MAX_ENTRIES = 2;

const lastPart = (url: string) => url.split(/[?#]/)[0]?.split('/').pop() ?? '';

/**
 * Makes what a run gave the same in every run: times, addresses and identifiers are replaced by fixed
 * ones of the same form (equal ones by equal ones), and long lists are cut.
 */
export function steadier(): (value: unknown) => unknown {
	const known = new Map<string, string>();

	function identifier(found: string): string {
		const before = known.get(found);
		if (before !== undefined) return before;
		const made = createHash('sha256').update(`example ${known.size}`).digest('hex').slice(0, found.length);
		known.set(found, made);
		return made;
	}

	const text = (given: string) =>
		given
			.replace(TIME, '2026-01-15T09:30:00.000Z')
			.replace(ORIGIN, (url) => `https://storage.example/${lastPart(url)}`)
			.replace(IDENTIFIER, identifier);

	return function steady(value: unknown): unknown {
		if (typeof value === 'string') return text(value);
		if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map(steady);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, one]) => [text(key), steady(one)]));
	};
}

/** Whether a value has a list that `steadier` cuts. */
export function isCut(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > MAX_ENTRIES || value.some(isCut);
	return typeof value === 'object' && value !== null && Object.values(value).some(isCut);
}
