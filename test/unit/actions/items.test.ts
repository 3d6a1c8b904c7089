import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import {
	asNodeError,
	conclude,
	errorItem,
	perItem,
	prepareItems,
	settleAll,
} from '../../../nodes/Vmeg/actions/common/items';
import type { Settled } from '../../../nodes/Vmeg/actions/common/items';
import { vmegError } from '../../../nodes/Vmeg/api/failure';
import { fakeContext, fakeSession, node } from '../support/fakes';

const items = [{ json: { row: 0 } }, { json: { row: 1 } }, { json: { row: 2 } }];
const stopping = fakeSession(items);
const continuing = () => fakeSession(items, { context: fakeContext({ continueOnFail: true }) });

const done = (itemIndex: number, json: IDataObject = { made: itemIndex }): Settled => ({
	ok: true,
	itemIndex,
	output: [{ json, pairedItem: { item: itemIndex } }],
});

const failure = (itemIndex: number, message = `item ${itemIndex} failed`) =>
	vmegError(node, {
		message,
		description: 'Do this.',
		itemIndex,
		facts: { code: 422, taskId: `t-${itemIndex}` },
	});
const broken = (itemIndex: number, message?: string): Settled => ({
	ok: false,
	itemIndex,
	error: failure(itemIndex, message),
});

/** What something throws. */
function thrownBy(act: () => unknown): unknown {
	try {
		act();
	} catch (thrown) {
		return thrown;
	}
	throw new Error('nothing was thrown');
}

describe('the item that stands for a failed one', () => {
	test('keeps its input and adds the error with its facts', () => {
		expect(errorItem(items[1], failure(1), 1, 'main')).toEqual({
			json: {
				row: 1,
				error: 'item 1 failed',
				details: { description: 'Do this.', code: 422, taskId: 't-1' },
			},
			pairedItem: { item: 1 },
		});
	});

	test('has nothing but the error for the error output, where n8n adds the input', () => {
		expect(errorItem(items[1], failure(1), 1, 'errorOutput').json).toEqual({
			error: 'item 1 failed',
			details: { description: 'Do this.', code: 422, taskId: 't-1' },
		});
	});

	test('has the two fields that n8n 1 takes for the error output', () => {
		expect(errorItem(items[1], failure(1), 1, 'errorOutputOfN8n1').json).toEqual({
			error: 'item 1 failed',
			message: { description: 'Do this.', code: 422, taskId: 't-1' },
		});
	});

	test('does not need facts, a description or an input', () => {
		const error = new NodeOperationError(node, 'odd');
		expect(errorItem(undefined, error, 0, 'main').json).toEqual({
			error: 'odd',
			details: { description: null },
		});
	});

	test('leaves the input item as it is', () => {
		const input = { json: { row: 1 } };
		errorItem(input, failure(1), 1, 'main');
		expect(input).toEqual({ json: { row: 1 } });
	});
});

describe('whatever was thrown', () => {
	test.each([failure(0), new NodeOperationError(node, 'x')])('stays the error that it is: %#', (error) => {
		expect(asNodeError(stopping, error, 0)).toBe(error);
	});

	test.each([
		['an error', new Error('odd')],
		['text', 'odd'],
	])('becomes an error of its item: %s', (_, thrown) => {
		const error = asNodeError(stopping, thrown, 2);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error.message).toBe('odd');
		expect(error.context.itemIndex).toBe(2);
	});
});

describe('the end of a run', () => {
	test('emits everything in the order of the input, whatever came first', () => {
		const output = conclude(fakeSession(items), [done(2), done(0), done(1)]);
		expect(output.map(({ json }) => json.made)).toEqual([0, 1, 2]);
	});

	test('keeps the order of the outputs of one item', () => {
		const two: Settled = { ok: true, itemIndex: 1, output: [{ json: { n: 1 } }, { json: { n: 2 } }] };
		const output = conclude(fakeSession(items), [two, done(0, { n: 0 })]);
		expect(output.map(({ json }) => json.n)).toEqual([0, 1, 2]);
	});

	test('puts error items in the place of failed ones where the node continues', () => {
		const output = conclude(continuing(), [broken(1), done(2), done(0)]);
		expect(output.map(({ json }) => json.error ?? json.made)).toEqual([0, 'item 1 failed', 2]);
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	test('leaves the input out of error items for the error output', () => {
		const settings = { onError: 'continueErrorOutput' as const };
		const context = fakeContext({ continueOnFail: true, settings });
		const concluded = (one: IExecuteFunctions) =>
			conclude(fakeSession(items, { context: one }), [broken(1), done(0)]).map(({ json }) => Object.keys(json));
		expect(concluded(context)).toEqual([['made'], ['error', 'message']]);
		// n8n 1 has no such function
		const current = Object.assign(context, { isToolExecution: () => false });
		expect(concluded(current)).toEqual([['made'], ['error', 'details']]);
	});

	test('throws the error that came first, not the one of the first item', () => {
		const settled = [done(0), broken(2, 'first in time'), broken(1, 'cancelled')];
		expect(thrownBy(() => conclude(fakeSession(items), settled))).toMatchObject({
			message: 'first in time',
		});
	});

	test('tells which tasks were accepted before the error', () => {
		const settled = [done(0, { taskId: 't-8' }), done(1, { taskId: 't-9' }), broken(2)];
		const error = thrownBy(() => conclude(fakeSession(items), settled));
		expect(error).toBeInstanceOf(NodeApiError);
		expect(error).toMatchObject({
			description: expect.stringMatching(/^Do this\. Done or accepted .*: t-8, t-9\. Retry On Fail/),
		});
	});

	test('tells each task once: a hundred in words, all of them in its context', () => {
		const many = Array.from({ length: 250 }, (_, index) => done(index, { taskId: `t-${index % 125}` }));
		const error = thrownBy(() => conclude(fakeSession(items), [...many, broken(2)]));
		expect(error).toMatchObject({
			description: expect.stringContaining('t-99 and 25 more.'),
			context: { vmeg: { acceptedTaskIds: Array.from({ length: 125 }, (_, index) => `t-${index}`) } },
		});
	});

	test('tells what earlier tries of the run had accepted or lost, though this one did not get to it', () => {
		const session = fakeSession(items);
		session.accepted.taskIds = () => ['t-1'];
		session.accepted.allLost = () => ['key-7'];
		expect(thrownBy(() => conclude(session, [broken(2)]))).toMatchObject({
			description: expect.stringMatching(/before this error: t-1\..*whose answers are missing: key-7\./),
			context: { vmeg: { acceptedTaskIds: ['t-1'], unknownIdempotencyKeys: ['key-7'] } },
		});
	});

	test('tells what else may have been accepted, though its answer is missing', () => {
		const lost = (itemIndex: number, key: string) => {
			const error = broken(itemIndex);
			if (!error.ok) error.error.context.vmeg = { idempotencyKey: key, mayBeAccepted: true };
			return error;
		};
		const settled = [lost(0, 'key-0'), lost(1, 'key-1'), lost(1, 'key-1'), lost(2, 'key-0'), broken(2)];
		expect(thrownBy(() => conclude(fakeSession(items), settled))).toMatchObject({
			description: expect.stringMatching(/whose answers are missing: key-1\. Retry/),
			context: { vmeg: { idempotencyKey: 'key-0', unknownIdempotencyKeys: ['key-1'] } },
		});
	});

	test('tells nothing of tasks where none was accepted', () => {
		const settled = [done(0, { taskId: null }), broken(2)];
		expect(thrownBy(() => conclude(fakeSession(items), settled))).toMatchObject({
			description: 'Do this.',
		});
	});

	test.each([
		['forgets accepted answers after a success', [done(0)], false],
		['leaves accepted answers to the next try', [done(0), broken(1)], true],
	])('%s', (_, settled, hasFailed) => {
		const session = continuing();
		conclude(session, settled);
		expect(session.accepted.close).toHaveBeenCalledTimes(1);
		expect(session.accepted.close).toHaveBeenCalledWith(hasFailed);
	});
});

describe('reading the parameters', () => {
	const prepare = (itemIndex: number) => {
		if (itemIndex === 1) throw new Error('wrong');
		return `plan ${itemIndex}`;
	};

	test('gives a plan for each item', async () => {
		expect(await prepareItems(stopping, (itemIndex) => itemIndex * 10)).toEqual({
			prepared: [
				{ itemIndex: 0, plan: 0 },
				{ itemIndex: 1, plan: 10 },
				{ itemIndex: 2, plan: 20 },
			],
			failed: [],
		});
	});

	test('ends at the first mistake, and then nothing is to be sent', async () => {
		const read = jest.fn(prepare);
		const { prepared, failed } = await prepareItems(stopping, read);
		expect(prepared).toEqual([]);
		expect(failed).toMatchObject([{ ok: false, itemIndex: 1 }]);
		expect(read).toHaveBeenCalledTimes(2);
	});

	test('goes on after a mistake where the node continues', async () => {
		const { prepared, failed } = await prepareItems(continuing(), prepare);
		expect(prepared.map(({ plan }) => plan)).toEqual(['plan 0', 'plan 2']);
		expect(failed).toMatchObject([{ ok: false, itemIndex: 1 }]);
	});
});

describe('running the work', () => {
	test('gives the results in the order in which they came', async () => {
		const later = new Promise<void>((resolve) => setTimeout(resolve, 5));
		const settled = await settleAll(stopping, [0, 1], async (unit) => {
			if (unit === 0) await later;
			return [done(unit)];
		});
		expect(settled.map(({ itemIndex }) => itemIndex)).toEqual([1, 0]);
	});

	test('gives up what is left after a failure', async () => {
		const session = fakeSession(items);
		await settleAll(session, [0, 1], async (unit) => [unit === 0 ? broken(0) : done(1)]);
		expect(session.stop).toHaveBeenCalledTimes(1);
	});

	test('gives up nothing where the node continues, or nothing failed', async () => {
		const session = continuing();
		await settleAll(session, [0, 1], async (unit) => [broken(unit)]);
		expect(session.stop).not.toHaveBeenCalled();

		const happy = fakeSession(items);
		await settleAll(happy, [0, 1], async (unit) => [done(unit)]);
		expect(happy.stop).not.toHaveBeenCalled();
	});
});

describe('an operation of one item at a time', () => {
	const identity = (itemIndex: number) => itemIndex;

	test('pairs each output with its input', async () => {
		const output = await perItem(fakeSession(items), identity, async (plan) =>
			plan === 1 ? [{ n: 1 }, { n: 2 }] : { n: 10 * plan },
		);
		expect(output).toEqual([
			{ json: { n: 0 }, pairedItem: { item: 0 } },
			{ json: { n: 1 }, pairedItem: { item: 1 } },
			{ json: { n: 2 }, pairedItem: { item: 1 } },
			{ json: { n: 20 }, pairedItem: { item: 2 } },
		]);
	});

	test('sends nothing where the parameters of any item are wrong', async () => {
		const perform = jest.fn();
		const wrong = (itemIndex: number) => {
			if (itemIndex === 2) throw new Error('the last row is wrong');
			return itemIndex;
		};
		await expect(perItem(fakeSession(items), wrong, perform)).rejects.toThrow('the last row is wrong');
		expect(perform).not.toHaveBeenCalled();
	});

	test('turns a failed item into an error item where the node continues', async () => {
		const output = await perItem(continuing(), identity, async (plan) => {
			if (plan === 1) throw new Error('odd');
			return { n: plan };
		});
		expect(output.map(({ json }) => json.error ?? json.n)).toEqual([0, 'odd', 2]);
	});
});
