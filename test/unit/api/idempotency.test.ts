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
		expect(idempotencyKey({ ...submission, part: 0, payload: '' })).toBe(idempotencyKey(submission));
	});

	test.each([
		['execution', { executionId: '1043' }],
		['node', { nodeId: 'c1b8' }],
		['pass of a loop', { runIndex: 1 }],
		['operation', { operation: 'text.submit' }],
		['item', { itemIndex: 1 }],
		['part of the item', { part: 1 }],
		['input of an AI tool', { payload: '{"text":"Hi"}' }],
	])('changes with the %s', (_, change) => {
		expect(idempotencyKey({ ...submission, ...change })).not.toBe(idempotencyKey(submission));
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

	test('stays within 64 characters and stays distinct when it is long', () => {
		const parts = [0, 1, 2, 99].map((part) => ownKey('k'.repeat(63), part));
		expect(parts.every((key) => key.length <= MAX_KEY_LENGTH)).toBe(true);
		expect(new Set(parts).size).toBe(parts.length);
	});

	test('is the same for the same part', () => {
		expect(ownKey('k'.repeat(64), 3)).toBe(ownKey('k'.repeat(64), 3));
	});
});
