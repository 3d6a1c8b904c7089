import { idempotencyKey, MAX_KEY_LENGTH, ownKey } from '../../../nodes/Vmeg/api/idempotency';

const submission = {
	executionId: '1042',
	nodeId: 'c1b7',
	runIndex: 0,
	operation: 'text.translate',
	itemIndex: 0,
};

describe('the key of a submission', () => {
	test('is 64 hexadecimal characters, as many as VMEG takes', () => {
		expect(idempotencyKey(submission)).toMatch(/^[0-9a-f]{64}$/);
		expect(MAX_KEY_LENGTH).toBe(64);
	});

	test('is the same whenever its parts are, so that a retry is no second submission', () => {
		expect(idempotencyKey({ ...submission })).toBe(idempotencyKey(submission));
	});

	test('takes a missing part for the first one', () => {
		expect(idempotencyKey({ ...submission, part: 0, payload: '', split: '' })).toBe(idempotencyKey(submission));
	});

	test.each([
		['execution', { executionId: '1043' }],
		['node', { nodeId: 'c1b8' }],
		['pass of a loop', { runIndex: 1 }],
		['operation', { operation: 'text.submit' }],
		['item', { itemIndex: 1 }],
		['part of the item', { part: 1 }],
		['half of a refused request', { split: 'a' }],
		['input of an AI tool', { payload: '{"text":"Hi"}' }],
	])('changes with the %s', (_, change) => {
		expect(idempotencyKey({ ...submission, ...change })).not.toBe(idempotencyKey(submission));
	});

	test('is another one for each half, and each half of that', () => {
		const splits = ['', 'a', 'b', 'aa', 'ab', 'ba'];
		const keys = splits.map((split) => idempotencyKey({ ...submission, split }));
		expect(new Set(keys).size).toBe(splits.length);
		const other = idempotencyKey({ ...submission, itemIndex: 1, split: 'a' });
		expect(keys).not.toContain(other);
	});

	test('is that of earlier versions, so that an update in the middle of a retry bills nothing twice', () => {
		expect(idempotencyKey(submission)).toBe('f89fea55e275a480facff8a6a75f2fcdcf16b7f577cefd6fbd136464b0e252fd');
		expect(idempotencyKey({ ...submission, part: 2, split: 'ab' })).toBe('76908d8e56fb1daa7b6b973ccf8654941b4e670a506412f5a7ae6c7f5a0c15a5');
	});

	test('keeps its parts apart: what moves from one to the next makes another key', () => {
		const one = idempotencyKey({ ...submission, executionId: '1', nodeId: '23' });
		expect(idempotencyKey({ ...submission, executionId: '12', nodeId: '3' })).not.toBe(one);
		const first = idempotencyKey({ ...submission, runIndex: 1, itemIndex: 0 });
		expect(idempotencyKey({ ...submission, runIndex: 0, itemIndex: 1 })).not.toBe(first);
	});
});

describe("the user's own key", () => {
	test('is sent as it is', () => {
		expect(ownKey('row-17', 0)).toBe('row-17');
		expect(ownKey('k'.repeat(64), 0)).toBe('k'.repeat(64));
	});

	test('gets a number where a submission needs several requests', () => {
		expect([ownKey('row-17', 1), ownKey('row-17', 2)]).toEqual(['row-17-2', 'row-17-3']);
	});

	test('gets letters where a refused request is halved', () => {
		expect([ownKey('row-17', 0, 'a'), ownKey('row-17', 1, 'ab')]).toEqual(['row-17-1a', 'row-17-2ab']);
	});

	test('is kept as it is up to 64 characters', () => {
		expect(ownKey('k'.repeat(62), 0, '')).toBe('k'.repeat(62));
		expect(ownKey('k'.repeat(62), 1)).toBe(`${'k'.repeat(62)}-2`);
		expect(ownKey('k'.repeat(63), 1)).toMatch(/^[0-9a-f]{64}$/);
	});

	test('stays within 64 characters and stays distinct when it is long', () => {
		const parts = [0, 1, 2, 99].map((part) => ownKey('k'.repeat(63), part));
		expect(parts.every((key) => key.length <= MAX_KEY_LENGTH)).toBe(true);
		expect(new Set(parts).size).toBe(parts.length);
	});

	test('is the same for the same part', () => {
		expect(ownKey('k'.repeat(64), 3)).toBe(ownKey('k'.repeat(64), 3));
	});
});
