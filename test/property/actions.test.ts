import fc from 'fast-check';

import { gather, itemIndexesOf, subjectOf } from '../../nodes/Vmeg/actions/common/batches';
import { simplifyResult } from '../../nodes/Vmeg/actions/common/simplify';
import type { TextLine, TextSettings } from '../../nodes/Vmeg/actions/text/request';
import { MAX_SEGMENTS, textSubmitRequest } from '../../nodes/Vmeg/api/contract';
import { json } from './arbitraries';

/** What a batch carries, by its parts. */
const toBatches = (lines: TextLine[]) =>
	gather(lines).map((batch) => ({
		settings: batch.settings,
		segments: batch.lines.map(({ plan }) => plan.segment),
		itemIndexes: itemIndexesOf(batch),
	}));

describe('batches', () => {
	// few values each, so that equal settings meet often
	const settings: fc.Arbitrary<TextSettings> = fc.record(
		{
			language: fc.constantFrom(
				{ source: 'en-US', target: 'de-DE' },
				{ source: 'en-US', target: 'fr-FR' },
			),
			options: fc.constantFrom(undefined, { prompt: 'Informal' }, { glossary: { a: 'b' } }),
			extraData: fc.constantFrom(undefined, { row: 1 }, { row: 2 }),
			call: fc.constantFrom({}, { idempotencyKey: 'own' }, { timeout: 5 }),
			batchSize: fc.oneof(fc.integer({ min: 1, max: MAX_SEGMENTS }), fc.constant(MAX_SEGMENTS)),
		},
		{ requiredKeys: ['language', 'call', 'batchSize'] },
	);
	const plans: fc.Arbitrary<TextLine[]> = fc
		.tuple(fc.array(settings, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 200 }))
		.map(([kinds, choices]) =>
			choices.flatMap((choice, itemIndex) => {
				const kind = kinds[choice % kinds.length];
				if (kind === undefined) return [];
				return [{ itemIndex, position: 0, plan: { settings: structuredClone(kind), segment: { text: `text ${itemIndex}` } } }];
			}),
		);

	test('carry every text once, beside the index of its item', () => {
		fc.assert(
			fc.property(plans, (given) => {
				const batches = toBatches(given);
				const carried = batches.flatMap(({ itemIndexes, segments }) => {
					expect(segments).toHaveLength(itemIndexes.length);
					return itemIndexes.map((itemIndex, index) => [itemIndex, segments[index]?.text]);
				});
				carried.sort(([a], [b]) => Number(a) - Number(b));
				expect(carried).toEqual(given.map(({ itemIndex, plan }) => [itemIndex, plan.segment.text]));
			}),
			{ numRuns: 300 },
		);
	});

	test('are never empty and never larger than their texts allow', () => {
		fc.assert(
			fc.property(plans, (given) => {
				for (const { settings: shared, segments } of toBatches(given)) {
					expect(segments.length).toBeGreaterThan(0);
					expect(segments.length).toBeLessThanOrEqual(shared.batchSize);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('bring together only texts with the same settings, in their order', () => {
		fc.assert(
			fc.property(plans, (given) => {
				for (const { settings: shared, itemIndexes } of toBatches(given)) {
					for (const itemIndex of itemIndexes) expect(given[itemIndex]?.plan.settings).toEqual(shared);
					expect(itemIndexes).toEqual([...itemIndexes].sort((a, b) => a - b));
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('are as few as can be: of equal settings only the last one is not full', () => {
		fc.assert(
			fc.property(plans, (given) => {
				const batches = toBatches(given);
				const kindOf = (shared: TextSettings) => JSON.stringify(shared);
				for (const kind of new Set(batches.map(({ settings: shared }) => kindOf(shared)))) {
					const group = batches.filter(({ settings: shared }) => kindOf(shared) === kind);
					for (const { segments, settings: shared } of group.slice(0, -1)) {
						expect(segments).toHaveLength(shared.batchSize);
					}
					const last = group.at(-1)?.itemIndexes[0] ?? 0;
					for (const { itemIndexes } of group.slice(0, -1)) {
						expect(itemIndexes.at(-1)).toBeLessThan(last);
					}
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('are requests that VMEG takes', () => {
		fc.assert(
			fc.property(plans, (given) => {
				for (const { settings: shared, segments } of toBatches(given)) {
					const { language, options, extraData } = shared;
					const request = { language, segments, options, extraData };
					expect(textSubmitRequest.safeParse(request).success).toBe(true);
				}
			}),
			{ numRuns: 100 },
		);
	});

	test('have a subject that names where they start', () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), (indexes) => {
				const sorted = indexes.sort((a, b) => a - b);
				expect(subjectOf(sorted)).toMatch(/^(Item \d+|Items \d+ to \d+|\d+ items from \d+ to \d+)$/);
				expect(subjectOf(sorted)).toContain(String(sorted[0]));
			}),
		);
	});
});

describe('simplifying a result', () => {
	const FIELDS = new Set([
		'videoUrl',
		'audioUrl',
		'thumbnailUrl',
		'duration',
		'subtitles',
		'translations',
		'audioUrls',
		'voiceId',
		'errors',
	]);
	const maybe = <T>(known: fc.Arbitrary<T>) => fc.oneof(known, json);
	const file = fc.record({ url: maybe(fc.webUrl()), duration: maybe(fc.double()) }, { requiredKeys: [] });
	const likely = fc.record(
		{
			build: maybe(fc.record({ video: maybe(file), audio: maybe(file), images: maybe(fc.array(maybe(file))) }, { requiredKeys: [] })),
			translatedScripts: maybe(fc.record({ result: json }, { requiredKeys: [] })),
			items: maybe(fc.array(fc.record({ text: json, errorMessage: json }, { requiredKeys: [] }))),
			results: maybe(fc.array(fc.record({ uri: json, duration: json, errorMessage: json }, { requiredKeys: [] }))),
			voiceId: json,
		},
		{ requiredKeys: [] },
	);

	test.each([
		['any JSON', json],
		['what looks like a result', likely],
	])('never throws and gives no field of another name: %s', (_, result: fc.Arbitrary<unknown>) => {
		fc.assert(
			fc.property(result, (value) => {
				const simple = simplifyResult(value);
				expect(Object.keys(simple).filter((name) => !FIELDS.has(name))).toEqual([]);
				expect(Object.values(simple)).not.toContain(undefined);
			}),
			{ numRuns: 2_000 },
		);
	});

	test('keeps the translations beside the texts they are of', () => {
		const items = fc.array(
			fc.oneof(
				fc.record({ text: fc.string() }),
				fc.record({ errorMessage: fc.string({ minLength: 1 }) }),
			),
		);
		fc.assert(
			fc.property(items, (given) => {
				const { translations, errors = [] } = simplifyResult({ items: given });
				expect(translations).toEqual(given.map((one) => ('text' in one ? one.text : null)));
				expect(errors).toEqual(
					given.flatMap((one, index) =>
						'errorMessage' in one ? [{ index, message: one.errorMessage }] : [],
					),
				);
			}),
		);
	});
});
