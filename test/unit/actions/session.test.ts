import type { IDataObject, IExecuteFunctions, IWorkflowDataProxyData } from 'n8n-workflow';

import { maxConcurrencyOf, openSession } from '../../../nodes/Vmeg/actions/common/session';
import { submitOnce } from '../../../nodes/Vmeg/actions/common/submission';
import { gather, settleBatches } from '../../../nodes/Vmeg/actions/common/batches';
import type { TextLine } from '../../../nodes/Vmeg/actions/text/request';
import { requestOf } from '../../../nodes/Vmeg/actions/text/translation';
import { endpoints } from '../../../nodes/Vmeg/api/endpoints';
import { answer, fake, fakeContext, fakeVmeg, node } from '../support/fakes';
import type { Reply } from '../support/fakes';

interface Run {
	executionId?: string;
	instanceId?: string;
	runIndex?: number;
	isTool?: boolean;
	retryOnFail?: boolean;
	/** What n8n keeps for the node between the tries of one run. */
	kept?: IDataObject;
	replies?: Reply[];
}

/** A run of the node, and what VMEG sees of it. */
async function open({
	executionId = '1042',
	instanceId = 'instance-a',
	runIndex = 0,
	isTool = false,
	retryOnFail = false,
	kept = {},
	replies = [answer(200, { taskId: 't-1' })],
}: Run = {}) {
	const { context: http, requests } = fakeVmeg(replies);
	const context = fake<IExecuteFunctions>({
		helpers: http.helpers,
		getCredentials: http.getCredentials,
		getNode: () => ({ ...node, type: isTool ? `${node.type}Tool` : node.type, retryOnFail }),
		getExecutionId: () => executionId,
		getInstanceId: () => instanceId,
		getWorkflow: () => ({ id: 'w-1', name: 'Test', active: false }),
		getWorkflowDataProxy: () => fake<IWorkflowDataProxyData>({ $runIndex: runIndex }),
		getInputData: jest.fn().mockReturnValue([{ json: {} }]),
		getContext: () => kept,
		continueOnFail: () => false,
	});
	const session = await openSession(context, 4);
	return { session, requests, kept };
}

const submission = { operation: 'task.delete', itemIndex: 0, request: { taskId: 't-1' } };
const keyIn = async (run: Run, change: Partial<typeof submission & { own: string }> = {}) =>
	(await open(run)).session.keyOf({ ...submission, ...change });

describe('the idempotency key of a run', () => {
	test('is the same when n8n runs the node again for the same execution', async () => {
		expect(await keyIn({})).toBe(await keyIn({}));
		expect(await keyIn({})).toMatch(/^[0-9a-f]{64}$/);
	});

	test.each<[string, Run]>([
		['execution', { executionId: '1043' }],
		['pass of a loop', { runIndex: 1 }],
	])('is another one for another %s', async (_, run) => {
		expect(await keyIn(run)).not.toBe(await keyIn({}));
	});

	test('is another one on another n8n, whose executions have the same numbers', async () => {
		expect(await keyIn({ instanceId: 'instance-b' })).not.toBe(await keyIn({}));
	});

	test('does not change with the request, which may contain the time', async () => {
		expect(await keyIn({}, { request: { taskId: 't-2' } })).toBe(await keyIn({}));
	});

	test('changes with the request where an AI agent calls the node again and again', async () => {
		const other = { request: { taskId: 't-2' } };
		expect(await keyIn({ isTool: true }, other)).not.toBe(await keyIn({ isTool: true }));
		expect(await keyIn({ isTool: true })).toBe(await keyIn({ isTool: true }));
	});

	test('never repeats where there is no execution to name', async () => {
		expect(await keyIn({ executionId: '' })).not.toBe(await keyIn({ executionId: '' }));
	});

	test("is the user's own where there is one", async () => {
		expect(await keyIn({}, { own: 'row-1' })).toBe('row-1');
	});
});

describe('a submission', () => {
	const name = { operation: 'task.delete', itemIndex: 0, call: {} };
	const remove = async (run: Run) => {
		const opened = await open(run);
		const sent = await submitOnce(opened.session, endpoints.deleteTask, { taskId: 't-1' }, name);
		return { ...opened, sent };
	};

	test('is sent, also where its answer is nothing', async () => {
		const { requests, sent } = await remove({ replies: [answer(200)] });
		expect(sent.answer).toEqual({ ok: true, data: null });
		expect(requests).toHaveLength(1);
		expect(requests[0]?.headers).toMatchObject({ 'X-Idempotency-Key': sent.idempotencyKey });
	});

	test.each([
		['is not sent again when n8n retries the node', true, 0],
		['is sent again in a run that is no retry', false, 1],
	])('%s', async (_, retryOnFail, expected) => {
		const kept = {};
		const first = await remove({ retryOnFail, kept });
		first.session.accepted.close(true);

		const second = await remove({ retryOnFail, kept });
		expect(second.requests).toHaveLength(expected);
		expect(second.sent.answer.ok).toBe(true);
	});

	test('is forgotten after a run that went well', async () => {
		const kept = {};
		const first = await remove({ retryOnFail: true, kept });
		first.session.accepted.close(false);
		expect(kept).toEqual({});
	});

	test('that failed is sent again when n8n retries the node', async () => {
		const kept = {};
		const first = await remove({ retryOnFail: true, kept, replies: [answer(400)] });
		expect(first.sent.answer.ok).toBe(false);
		first.session.accepted.close(true);

		const second = await remove({ retryOnFail: true, kept });
		expect(second.requests).toHaveLength(1);
	});

	test('is sent where n8n kept something that is no answer', async () => {
		const { requests } = await remove({ retryOnFail: true, kept: { vmegAccepted: 'odd' } });
		expect(requests).toHaveLength(1);
	});
});

describe('the batches of a run', () => {
	const planned = (itemIndex: number, idempotencyKey?: string): TextLine => ({
		itemIndex,
		position: 0,
		plan: {
			segment: { text: 'Hi' },
			settings: {
				language: { source: 'en-US', target: 'de-DE' },
				call: { idempotencyKey },
				batchSize: 1,
			},
		},
	});

	async function keysOf(plans: TextLine[]): Promise<unknown[]> {
		const { session, requests } = await open();
		await settleBatches(session, gather(plans), {
			endpoint: endpoints.submitText,
			operation: 'text.submit',
			requestOf,
			settle: () => [],
			fail: () => [],
		});
		return requests.map(({ headers }) => headers?.['X-Idempotency-Key']);
	}

	test('each have a key of their own', async () => {
		const keys = await keysOf([planned(0), planned(1), planned(2)]);
		expect(new Set(keys).size).toBe(3);
	});

	test('each have a key of their own where they start at the same item', async () => {
		const keys = await keysOf([planned(0), planned(0), planned(0)]);
		expect(new Set(keys).size).toBe(3);
	});

	test("number the user's key where it has to serve for several", async () => {
		expect(await keysOf([planned(0, 'job'), planned(1, 'job'), planned(2, 'row-3')])).toEqual([
			'job',
			'job-2',
			'row-3',
		]);
	});

	test("never make one of the user's keys out of another", async () => {
		const keys = await keysOf([planned(0, 'job'), planned(1, 'job'), planned(2, 'job-2')]);
		expect(new Set(keys).size).toBe(3);
	});
});

describe('how many requests a run may have under way', () => {
	test.each([
		[undefined, 4],
		[1, 1],
		['8', 8],
		[2.9, 2],
		[0, 1],
		[-3, 1],
		[500, 50],
		['many', 4],
	])('%p means %i', (maxConcurrency, expected) => {
		const parameters = { options: { maxConcurrency } };
		expect(maxConcurrencyOf(fakeContext({ parameters }))).toBe(expected);
	});
});
