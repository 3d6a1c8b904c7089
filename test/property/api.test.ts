import fc from 'fast-check';

import { judge, retryAfterMs } from '../../nodes/Vmeg/api/envelope';
import { idempotencyKey, MAX_KEY_LENGTH, ownKey } from '../../nodes/Vmeg/api/idempotency';
import { sourceLocale, sourceLocaleOptions, targetLocale, targetLocaleOptions } from '../../nodes/Vmeg/api/locales';
import { collectPages } from '../../nodes/Vmeg/api/paging';
import { retryDelayMs } from '../../nodes/Vmeg/api/retry';
import { json, jsonObject } from './arbitraries';

const NOW_MS = Date.UTC(2026, 0, 1);

describe('judging an answer', () => {
	const judged = (body: string, statusCode = 200, retryAfter: unknown = undefined) =>
		judge({ statusCode, headers: { 'retry-after': retryAfter }, body }, NOW_MS);

	test('never throws, whatever the text', () => {
		const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), json.map((value) => JSON.stringify(value)));
		fc.assert(
			fc.property(text, fc.integer({ min: 100, max: 599 }), fc.string(), (body, statusCode, header) => {
				const answer = judged(body, statusCode, header);
				if (!answer.ok && answer.kind === 'unreadable') {
					expect(answer).toMatchObject({ statusCode });
					expect(answer.excerpt.length).toBeLessThanOrEqual(120);
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	test('finds success in the code 200 alone, whatever else is there', () => {
		const code = fc.oneof(fc.integer(), fc.constant(200));
		fc.assert(
			fc.property(jsonObject, code, fc.string(), json, fc.integer({ min: 100, max: 599 }), (extra, own, message, data, statusCode) => {
				const body = JSON.stringify({ ...extra, code: own, message, data });
				const answer = judged(body, statusCode);
				if (own === 200) expect(answer).toEqual({ ok: true, data });
				else expect(answer).toMatchObject({ ok: false, kind: 'refused', code: own, message });
			}),
			{ numRuns: 1_000 },
		);
	});

	test('never makes a negative pause of a Retry-After', () => {
		const header = fc.oneof(fc.string(), fc.integer(), fc.date().map(String), fc.constant(undefined));
		fc.assert(
			fc.property(header, (value) => {
				expect(retryAfterMs(value, NOW_MS) ?? 0).toBeGreaterThanOrEqual(0);
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('the pause before a repeated attempt', () => {
	const policy = fc.record({
		maxAttempts: fc.integer({ min: 1, max: 10 }),
		firstDelayMs: fc.integer({ min: 1, max: 10_000 }),
		maxDelayMs: fc.integer({ min: 1, max: 100_000 }),
		maxRetryAfterMs: fc.integer({ min: 1, max: 1_000_000 }),
	});
	const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
	const attempt = fc.integer({ min: 1, max: 2_000 });

	test('is never longer than the ceiling and never shorter than half of it', () => {
		fc.assert(
			fc.property(policy, attempt, random, (given, attempts, chance) => {
				const ceiling = Math.min(given.maxDelayMs, given.firstDelayMs * 2 ** (attempts - 1));
				const delay = retryDelayMs(given, attempts, undefined, chance);
				expect(Number.isSafeInteger(delay)).toBe(true);
				expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
				expect(delay).toBeLessThanOrEqual(Math.ceil(ceiling));
			}),
			{ numRuns: 1_000 },
		);
	});

	test('is never shorter than what the server asks for', () => {
		fc.assert(
			fc.property(policy, attempt, fc.nat({ max: 10_000_000 }), random, (given, attempts, asked, chance) => {
				const alone = retryDelayMs(given, attempts, undefined, chance);
				expect(retryDelayMs(given, attempts, asked, chance)).toBe(Math.max(alone, asked));
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('an idempotency key', () => {
	const submission = fc.record({
		executionId: fc.string(),
		nodeId: fc.string(),
		runIndex: fc.nat(),
		operation: fc.string(),
		itemIndex: fc.nat(),
		part: fc.nat(),
		payload: fc.string(),
	});

	test('is 64 hexadecimal characters, whatever it is made of', () => {
		fc.assert(fc.property(submission, (one) => expect(idempotencyKey(one)).toMatch(/^[0-9a-f]{64}$/)));
	});

	test('is the same for two submissions where they are the same, and only there', () => {
		fc.assert(
			fc.property(submission, submission, (one, other) => {
				const isSame = Object.entries(one).every(([part, value]) => value === Reflect.get(other, part));
				expect(idempotencyKey(one) === idempotencyKey(other)).toBe(isSame);
				expect(idempotencyKey({ ...one })).toBe(idempotencyKey(one));
			}),
		);
	});

	test("of the user's is never longer than VMEG takes, and is another one for another part", () => {
		const own = fc.string({ minLength: 1, maxLength: MAX_KEY_LENGTH });
		fc.assert(
			fc.property(own, fc.nat(), fc.nat(), (key, part, other) => {
				expect(ownKey(key, part).length).toBeLessThanOrEqual(MAX_KEY_LENGTH);
				expect(ownKey(key, part) === ownKey(key, other)).toBe(part === other);
			}),
		);
	});
});

describe('a language', () => {
	const spelled = (codes: string[]) =>
		fc
			.tuple(fc.constantFrom(...codes), fc.array(fc.boolean(), { minLength: 16 }), fc.constantFrom('-', '_'))
			.map(([code, upper, dash]) => ({
				code,
				input: [...code]
					.map((letter, index) => (upper[index] ? letter.toUpperCase() : letter.toLowerCase()))
					.join('')
					.replaceAll('-', dash),
			}));

	test.each([
		['source', sourceLocale, sourceLocaleOptions],
		['target', targetLocale, targetLocaleOptions],
	])('is known in any spelling: %s', (_, schema, options) => {
		fc.assert(
			fc.property(spelled(options.map(({ value }) => value)), ({ code, input }) => {
				expect(schema.parse(input)).toBe(code);
			}),
		);
	});

	test('is VMEG\'s or is refused, and asking never throws', () => {
		const codes = new Set(targetLocaleOptions.map(({ value }) => value));
		fc.assert(
			fc.property(fc.oneof(fc.string(), json), (input) => {
				const parsed = targetLocale.safeParse(input);
				if (parsed.success) expect(codes).toContain(parsed.data);
				else expect(parsed.error.issues).toHaveLength(1);
			}),
			{ numRuns: 500 },
		);
	});
});

describe('collecting pages', () => {
	test('ends, keeps the limit and gives nothing twice, whatever the server serves', async () => {
		const page = fc.record({
			records: fc.array(fc.record({ id: fc.integer({ min: 0, max: 40 }).map(String) }), { maxLength: 20 }),
			total: fc.option(fc.nat({ max: 1_000 }), { nil: undefined }),
		});
		const limits = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(Infinity));
		await fc.assert(
			fc.asyncProperty(fc.array(page, { minLength: 1 }), limits, async (pages, limit) => {
				let looks = 0;
				const found = await collectPages(
					async () => {
						// each look but the last brings one of 41 new records
						if (looks > 42) throw new Error('asks for ever');
						return pages[looks++ % pages.length] ?? { records: [] };
					},
					({ id }) => id,
					limit,
				);
				expect(found.length).toBeLessThanOrEqual(limit);
				expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
				expect(looks).toBeLessThanOrEqual(42);
			}),
			{ numRuns: 500 },
		);
	});
});
