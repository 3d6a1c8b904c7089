import { alike, gather, itemIndexesOf, subjectOf } from '../../../nodes/Vmeg/actions/common/batches';
import type { TextLine, TextSettings } from '../../../nodes/Vmeg/actions/text/request';

/** What a batch carries, by its parts. */
const toBatches = (lines: TextLine[]) =>
	gather(lines).map((batch) => ({
		settings: batch.settings,
		segments: batch.lines.map(({ plan }) => plan.segment),
		itemIndexes: itemIndexesOf(batch),
	}));

const settings = (change: Partial<TextSettings> = {}): TextSettings => ({
	language: { source: 'en-US', target: 'de-DE' },
	call: {},
	batchSize: 50,
	...change,
});

const planned = (itemIndex: number, change?: Partial<TextSettings>): TextLine => ({
	itemIndex,
	position: 0,
	plan: { settings: settings(change), segment: { text: `text ${itemIndex}` } },
});

const indexesOf = (plans: TextLine[]) => toBatches(plans).map(({ itemIndexes }) => itemIndexes);
const range = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('batches', () => {
	test('are none where there is nothing to translate', () => {
		expect(toBatches([])).toEqual([]);
	});

	test('gather texts with equal settings into one request, in their order', () => {
		expect(toBatches([planned(0), planned(1), planned(2)])).toEqual([
			{
				settings: settings(),
				segments: [{ text: 'text 0' }, { text: 'text 1' }, { text: 'text 2' }],
				itemIndexes: [0, 1, 2],
			},
		]);
	});

	test('hold 50 texts at most', () => {
		const batches = indexesOf(range(0, 119).map((index) => planned(index)));
		expect(batches).toEqual([range(0, 49), range(50, 99), range(100, 119)]);
	});

	test('hold as many texts as the user says', () => {
		const plans = range(0, 4).map((index) => planned(index, { batchSize: 2 }));
		expect(indexesOf(plans)).toEqual([[0, 1], [2, 3], [4]]);
	});

	test('bring together what belongs together, even from far apart', () => {
		const french = { language: { source: 'en-US', target: 'fr-FR' } };
		const plans = [planned(0), planned(1, french), planned(2), planned(3, french)];
		expect(indexesOf(plans)).toEqual([
			[0, 2],
			[1, 3],
		]);
	});

	test.each<[string, Partial<TextSettings>]>([
		['source language', { language: { source: 'en-GB', target: 'de-DE' } }],
		['target language', { language: { source: 'en-US', target: 'fr-FR' } }],
		['options', { options: { prompt: 'Informal' } }],
		['extra data', { extraData: { row: 1 } }],
		['idempotency key', { call: { idempotencyKey: 'row-1' } }],
		['request ID', { call: { requestId: 'mine' } }],
		['timeout', { call: { timeout: 5 } }],
		['batch size', { batchSize: 49 }],
	])('keep apart texts of another %s', (_, change) => {
		expect(indexesOf([planned(0), planned(1, change), planned(2)])).toEqual([[0, 2], [1]]);
	});

	test('give each segment of a request the place of its item', () => {
		const [batch] = toBatches([planned(7), planned(3), planned(9)]);
		expect(batch?.itemIndexes).toEqual([7, 3, 9]);
		expect(batch?.segments.map(({ text }) => text)).toEqual(['text 7', 'text 3', 'text 9']);
	});
});

describe('lines that ask for the same', () => {
	const wish = ({ segment }: TextLine['plan']) => segment;
	const line = (itemIndex: number, text: string, change?: Partial<TextSettings>): TextLine => ({
		itemIndex,
		position: 0,
		plan: { settings: settings(change), segment: { text } },
	});
	const french = { language: { source: 'en-US', target: 'fr-FR' } };

	test('come together, in their order, whatever lies between them', () => {
		const lines = [line(0, 'Buy'), line(1, 'Sell'), line(2, 'Buy'), line(3, 'Buy')];
		const groups = alike(lines, wish).map((group) => group.map(({ itemIndex }) => itemIndex));
		expect(groups).toEqual([[0, 2, 3], [1]]);
	});

	test('do not where their settings differ', () => {
		expect(alike([line(0, 'Buy'), line(1, 'Buy', french)], wish)).toHaveLength(2);
	});
});

describe('the subject of a message', () => {
	test.each([
		[[3], 'Item 3'],
		[[0, 1, 2], 'Items 0 to 2'],
		[range(0, 49), 'Items 0 to 49'],
		[[0, 2, 7], '3 items from 0 to 7'],
	])('%j is called "%s"', (itemIndexes, expected) => {
		expect(subjectOf(itemIndexes)).toBe(expected);
	});
});
