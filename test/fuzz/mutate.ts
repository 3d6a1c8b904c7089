import fc from 'fast-check';

/** Values that trip readers of JSON. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
	fc.constantFrom(null, true, false, '', ' ', 0, -1, 1e309, 1e21, 0.5, '0', '200', 'null', '\ud800', '__proto__'),
	fc.jsonValue({ maxDepth: 2 }),
	fc.string({ unit: 'binary' }),
);

const name = fc.oneof(
	fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'code', 'data', 'taskId'),
	fc.string({ maxLength: 8 }),
);

interface Edit {
	kind: 'replace' | 'delete' | 'add' | 'wrap' | 'double';
	/** Which place of the tree, counted round and round. */
	at: number;
	name: string;
	value: unknown;
}

const edit: fc.Arbitrary<Edit> = fc.record({
	kind: fc.constantFrom('replace', 'delete', 'add', 'wrap', 'double'),
	at: fc.nat({ max: 10_000 }),
	name,
	value: odd,
});

const isObject = (value: unknown): value is Record<string, unknown> | unknown[] =>
	typeof value === 'object' && value !== null;

/** Every object of a tree, the outermost first. */
const objectsIn = (tree: unknown): Array<Record<string, unknown> | unknown[]> =>
	isObject(tree) ? [tree, ...Object.values(tree).flatMap(objectsIn)] : [];

/** An own property, also where its name is `__proto__`, as `JSON.parse` makes it. */
const put = (holder: object, key: string, value: unknown) =>
	Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });

function apply(tree: unknown, { kind, at, name: key, value }: Edit): unknown {
	const objects = objectsIn(tree);
	const holder = objects[at % Math.max(1, objects.length)];
	if (holder === undefined) return value;
	const keys = Object.keys(holder);
	const chosen = keys[Math.floor(at / objects.length) % Math.max(1, keys.length)] ?? key;
	const before: unknown = Object.getOwnPropertyDescriptor(holder, chosen)?.value;
	if (Array.isArray(holder)) {
		const index = keys.indexOf(chosen);
		if (kind === 'delete') holder.splice(Math.max(0, index), 1);
		else if (kind === 'add' || index < 0) holder.push(value);
		else if (kind === 'double') holder.push(structuredClone(before));
		else holder[index] = kind === 'wrap' ? [before] : value;
		return tree;
	}
	if (kind === 'delete') delete holder[chosen];
	else if (kind === 'add') put(holder, key, value);
	else if (kind === 'double') put(holder, key, structuredClone(before));
	else put(holder, chosen, kind === 'wrap' ? { [key]: before } : value);
	return tree;
}

/** Sound values with some of their fields replaced, left out, added, wrapped or doubled. */
export const mutatedJson = (samples: readonly unknown[], maxEdits = 4): fc.Arbitrary<unknown> =>
	fc
		.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: maxEdits }))
		.map(([sample, edits]) => edits.reduce(apply, structuredClone(sample)));

interface Cut {
	kind: 'flip' | 'insert' | 'delete' | 'repeat' | 'swap' | 'end';
	at: number;
	length: number;
	times: number;
	bytes: Uint8Array;
}

const text = (value: string) => new Uint8Array(Buffer.from(value));

/** Pieces that mean something to one parser or another. */
const pieces = [
	'\0', '\n', '\r', '\r\n', '\n\n', '"', '\\', '{', '}', '[', ']', ',', ':', '<', '>', '&', '-->', '→', '{\\', '\\N', '<i>', '</i>',
	'<1>', '</1>', '00:00:01,000 --> 00:00:02,000', 'NOTE', 'WEBVTT', 'STYLE', '[Events]', 'Format:', 'Dialogue:', '\ufeff', '\ud83d', '​',
	'__proto__', '1e999', 'null', '.', '/', '..', ' ', '\t', '-', '9999999999999999999999',
].map(text);

const cut: fc.Arbitrary<Cut> = fc.record({
	kind: fc.constantFrom('flip', 'insert', 'delete', 'repeat', 'swap', 'end'),
	at: fc.nat({ max: 1_000_000 }),
	length: fc.integer({ min: 1, max: 40 }),
	times: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 2, max: 20 }) }, { weight: 1, arbitrary: fc.constantFrom(500, 3_000) }),
	bytes: fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ minLength: 1, maxLength: 6 })),
});

/** Longest input that a mutation makes, in bytes. */
const MAX_LENGTH = 128 * 1024;

function applyCut(bytes: Buffer, { kind, at, length, times, bytes: given }: Cut): Buffer {
	const from = bytes.length === 0 ? 0 : at % bytes.length;
	const [before, piece, after] = [bytes.subarray(0, from), bytes.subarray(from, from + length), bytes.subarray(from + length)];
	if (kind === 'flip') {
		const flipped = Buffer.from(bytes);
		if (flipped.length > 0) flipped[from] = (flipped[from] ?? 0) ^ (1 << at % 8);
		return flipped;
	}
	if (kind === 'insert') return Buffer.concat([before, given, bytes.subarray(from)]);
	if (kind === 'delete') return Buffer.concat([before, after]);
	if (kind === 'swap') return Buffer.concat([before, after.subarray(0, length), piece, after.subarray(length)]);
	if (kind === 'end') return Buffer.from(before);
	const repeated = Buffer.concat(Array.from({ length: times }, () => (at % 2 === 0 ? piece : Buffer.from(given))));
	return Buffer.concat([before, repeated, bytes.subarray(from)]).subarray(0, MAX_LENGTH);
}

/** Sound bytes with some of them flipped, put in, left out, repeated, swapped or cut off. */
export const mutatedBytes = (samples: fc.Arbitrary<Buffer>, maxCuts = 5): fc.Arbitrary<Buffer> =>
	fc.tuple(samples, fc.array(cut, { maxLength: maxCuts })).map(([sample, cuts]) => cuts.reduce(applyCut, sample));

/** Texts that are mutations of the given ones. */
export const mutatedText = (samples: readonly string[], maxCuts = 5): fc.Arbitrary<string> =>
	mutatedBytes(fc.constantFrom(...samples).map((sample) => Buffer.from(sample)), maxCuts).map((bytes) => bytes.toString());
