/**
 * Waiting without a worker, in n8n's own engine: what n8n stores of the execution is taken through
 * JSON, and woken as n8n's server does it, or by its clock.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { additionalDataFor, loadPackage, NODE, nodeOf, vmegNode } from './n8n';
import type { Credential } from './n8n';
import { useSandbox } from './sandboxed';
import { DUBBING } from '../dubbing';
import { WebhookContext, WorkflowExecute } from 'n8n-core';
import type {
	IDataObject,
	INode,
	INodeType,
	IRun,
	IRunExecutionData,
	IWebhookData,
	IWebhookResponseData,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { NodeHelpers, Workflow } from 'n8n-workflow';

const vmeg = useSandbox();

const INPUT = 'Input';
const LATER = 'Later';
const NEVER_MS = 3_600_000;
const SOON_MS = 800;

/** What n8n answers at its own address; the only thing of a server that the node asks for. */
let own = { status: 404, body: { code: 404, message: 'The execution "0" does not exist.' } };
const server = createServer((_request, response) => {
	response.writeHead(own.status, { 'content-type': 'application/json' });
	response.end(JSON.stringify(own.body));
});
let base = '';

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
	own = { status: 404, body: { code: 404, message: 'The execution "0" does not exist.' } };
	vmeg.sandbox.settings.mediaTaskMs = NEVER_MS;
});

const passing = (items: IDataObject[]): INodeType => ({
	description: {
		displayName: INPUT,
		name: 'input',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: { name: INPUT },
		inputs: [],
		outputs: ['main'],
		properties: [],
	},
	execute: async () => [items.map((json) => ({ json }))],
});
const following: INodeType = {
	...passing([]),
	async execute() {
		return [this.getInputData()];
	},
};
following.description = { ...following.description, displayName: LATER, name: 'later', inputs: ['main'] };

interface Options {
	items?: IDataObject[];
	options?: IDataObject;
	executionOrder?: 'v0' | 'v1';
	settings?: Partial<INode>;
	webhookSecret?: string;
}

/** A workflow of items, the VMEG node and one that passes on what comes. */
async function stage({
	items = [{ row: 0 }],
	options,
	executionOrder = 'v1',
	settings,
	webhookSecret = 'sandbox-secret',
}: Options) {
	const loader = await loadPackage();
	const find = (type: string) => {
		if (type === 'test.input') return passing(items);
		if (type === 'test.later') return following;
		// n8n makes a node type of its own for a tool, with the same code
		return loader.getNode(type.replace('n8n-nodes-vmeg.', '').replace(/Tool$/, '')).type as INodeType;
	};
	const node = vmegNode({
		parameters: {
			...DUBBING,
			operation: 'submitAndWait',
			sourceUrl: '=https://example.com/{{ $json.name ?? "film" }}.mp4',
			options: { waitUsingWebhook: true, pollInterval: 1, ...options } as INode['parameters'],
		},
		...settings,
	});
	const workflow = () =>
		new Workflow({
			id: '1',
			nodes: [nodeOf(INPUT, 'test.input'), structuredClone(node), nodeOf(LATER, 'test.later')],
			connections: {
				[INPUT]: { main: [[{ node: NODE, type: 'main', index: 0 }]] },
				[NODE]: { main: [[{ node: LATER, type: 'main', index: 0 }]] },
			},
			active: false,
			settings: { executionOrder },
			nodeTypes: {
				getByName: find,
				getByNameAndVersion: (type, version) => NodeHelpers.getVersionedNodeType(find(type), version),
				getKnownTypes: () => ({}),
			},
		});
	const { apiKey, url } = vmeg.sandbox;
	const credential: Credential = { apiKey, baseUrl: url, webhookSecret };
	const additional = (executionId = '77'): IWorkflowExecuteAdditionalData => ({
		...additionalDataFor(credential, executionId),
		webhookWaitingBaseUrl: `${base}/webhook-waiting`,
	});

	const begin = async (): Promise<IRun> => {
		const flow = workflow();
		const startNode = flow.getNode(INPUT) ?? undefined;
		return await new WorkflowExecute(additional(), 'manual').run({ workflow: flow, startNode });
	};
	const goOn = async (data: IRunExecutionData, executionId?: string): Promise<IRun> =>
		await new WorkflowExecute(additional(executionId), 'manual', data).processRunExecutionData(workflow());

	/** What n8n's server does with a call to a waiting execution. */
	async function call(run: IRun, body: IDataObject) {
		const data = stored(run);
		const [entry] = data.executionData?.nodeExecutionStack ?? [];
		if (entry === undefined) throw new Error('nothing waits');
		entry.node.disabled = true;
		data.waitTill = undefined;
		data.resultData.runData[NODE]?.pop();
		const flow = workflow();
		const waiting = flow.getNode(NODE);
		if (waiting === null) throw new Error('no node');
		let status = 200;
		const response = {
			status(code: number) {
				status = code;
				return response;
			},
			json: () => response,
		};
		const webhook = { webhookDescription: { name: 'default' } } as unknown as IWebhookData;
		const all = Object.assign(additional(), {
			httpRequest: { body, headers: {}, params: {}, query: {} },
			httpResponse: response,
		});
		const context = new WebhookContext(flow, waiting, all, 'manual', webhook, [], data);
		const answer: IWebhookResponseData = (await find(waiting.type).webhook?.call(context)) ?? {};
		if (answer.workflowData !== undefined) {
			entry.data.main = answer.workflowData;
			entry.metadata = { ...entry.metadata, forwardAllOutputs: true };
		}
		return { status, goesOn: answer.workflowData !== undefined, data };
	}

	return { begin, goOn, call };
}

/** An execution as it comes back from n8n's database. */
const stored = (run: IRun) => JSON.parse(JSON.stringify(run.data)) as IRunExecutionData;

const ticket = (index = 0) =>
	(vmeg.sandbox.tasks()[index]?.extraData?.vmegSubmission as { resume: Record<string, string> }).resume;
const taskId = (index = 0) => vmeg.sandbox.tasks()[index]?.taskId;
const outputs = (run: IRun, node = LATER, output = 0) =>
	(run.data.resultData.runData[node] ?? []).flatMap(({ data }) => data?.main?.[output] ?? []);
const hints = (run: IRun) => JSON.stringify(run.data.resultData.runData[NODE]?.[0]?.hints ?? []);

/** Runs until the execution waits; its tasks end when the test says so. */
async function waiting(options: Options = {}) {
	const stand = await stage(options);
	const run = await stand.begin();
	expect(run.status).toBe('waiting');
	return { ...stand, run };
}

async function untilOver(): Promise<void> {
	while (vmeg.sandbox.tasks().some(({ status }) => status === 'running')) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

const keyOf = () => ({ key: ticket().key ?? '' });

/** Runs until the execution waits, and lets its tasks end. */
async function waitingAndOver(options: Options = {}) {
	vmeg.sandbox.settings.mediaTaskMs = SOON_MS;
	const stand = await waiting(options);
	await untilOver();
	return stand;
}

const twoRows = [{ row: 0, name: 'one' }, { row: 1, name: 'two' }];
const SUBMIT = '/task/media-translation/create-async';
const DETAIL = '/tasks/detail';
const requests = (path: string) => vmeg.sandbox.journal.requests(path);

describe('an execution that is put to wait', () => {
	it('puts nothing out, and leaves the worker for ten minutes at most', async () => {
		const before = Date.now();
		const { run } = await waiting();
		expect(outputs(run, NODE)).toEqual([]);
		expect(run.data.resultData.runData[LATER]).toBeUndefined();
		const untilMs = run.waitTill?.getTime() ?? 0;
		expect(untilMs).toBeGreaterThanOrEqual(before + 600_000);
		expect(untilMs).toBeLessThanOrEqual(Date.now() + 600_000);
	});

	it('waits as long as the item with the longest Timeout', async () => {
		const before = Date.now();
		const { run } = await waiting({ items: twoRows, options: { timeout: '={{ 50 + $json.row * 50 }}' } });
		const untilMs = run.waitTill?.getTime() ?? 0;
		expect(untilMs).toBeGreaterThanOrEqual(before + 100_000);
		expect(untilMs).toBeLessThanOrEqual(Date.now() + 100_000);
	});

	it.each([[1e15], ['Infinity']])('survives being stored whatever the Timeout: %s', async (timeout) => {
		const { run, call, goOn } = await waitingAndOver({ options: { timeout } });
		const done = await goOn((await call(run, keyOf())).data);
		expect(done.status).toBe('success');
		expect(requests(SUBMIT)).toHaveLength(1);
	});

	it('does not wait where a submission ends the run, and names what was accepted', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: SUBMIT, nth: 2, code: 422, message: 'Not today' });
		const stand = await stage({ items: twoRows, options: { maxConcurrency: 1 } });
		const run = await stand.begin();
		expect(run.status).toBe('error');
		expect(run.waitTill).toBeUndefined();
		expect(run.data.resultData.error?.message).toContain('Item 1');
		expect(run.data.resultData.error?.description).toContain(taskId());
	});

	it('does not wait where no item has a task', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: SUBMIT, code: 422, message: 'Not today' });
		const stand = await stage({ settings: { onError: 'continueRegularOutput' } });
		const run = await stand.begin();
		expect(run.status).toBe('success');
		expect(outputs(run)).toMatchObject([{ json: { row: 0, error: expect.stringContaining('Not today') } }]);
	});
});

describe('an execution that is called', () => {
	it('goes on with its own input, and runs the node once more', async () => {
		const { run, call, goOn } = await waitingAndOver({ items: twoRows });
		const called = await call(run, keyOf());
		expect(called.goesOn).toBe(true);
		const done = await goOn(called.data);

		expect(done.status).toBe('success');
		expect(outputs(done).map(({ json, pairedItem }) => [json.taskId, json.status, pairedItem])).toEqual([
			[taskId(1), 'finished', { item: 0 }],
			[taskId(0), 'finished', { item: 1 }],
		]);
		expect(done.data.resultData.runData[NODE]).toHaveLength(1);
		expect(requests(SUBMIT)).toHaveLength(2);
	});

	it('names files after the source, as polling does', async () => {
		const { run, call, goOn } = await waitingAndOver({
			items: twoRows,
			options: { download: ['subtitles'], fileName: '={{ $json.row === 0 ? "" : "own" }}' },
		});
		const done = await goOn((await call(run, keyOf())).data);
		expect(outputs(done).map(({ binary }) => binary?.subtitles?.fileName)).toEqual([
			'one.de-DE.srt',
			'own.de-DE.srt',
		]);
	});

	it('is still to wait while one task is running, and looks no further', async () => {
		vmeg.sandbox.settings.mediaTaskMs = SOON_MS;
		const first = { kind: 'delay', path: SUBMIT, nth: 2, ms: 500 } as const;
		vmeg.sandbox.addFault(first);
		const { run, call } = await waiting({ items: twoRows, options: { maxConcurrency: 1 } });
		while (vmeg.sandbox.tasks().filter(({ status }) => status === 'finished').length < 1) {
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		const finished = vmeg.sandbox.tasks().find(({ status }) => status === 'finished')?.taskId ?? '';
		const called = await call(run, { ...keyOf(), taskId: finished });
		expect(called).toMatchObject({ status: 202, goesOn: false });
		await untilOver();
		expect(await call(run, { ...keyOf(), taskId: finished })).toMatchObject({ goesOn: true });
	});

	it('asks to be called again where VMEG does not yet show what the call says', async () => {
		const { run, call } = await waiting();
		const told = { ...keyOf(), taskId: taskId() ?? '' };
		expect(await call(run, told)).toMatchObject({ status: 503, goesOn: false });
		expect(await call(run, keyOf())).toMatchObject({ status: 202, goesOn: false });
	});

	it.each([
		['without a key', {}],
		['with another key', { key: 'f'.repeat(32) }],
		['with a key that is a list', { key: ['f'.repeat(32)] }],
		['with a key that only begins like it', { key: 'f' }],
	])('does nothing at all %s', async (_, body) => {
		const { run, call } = await waitingAndOver();
		const looks = requests(DETAIL).length;
		expect(await call(run, body as IDataObject)).toMatchObject({ status: 403, goesOn: false });
		expect(requests(DETAIL)).toHaveLength(looks);
	});

	it('does nothing where what it kept is gone', async () => {
		const { run, call } = await waitingAndOver();
		delete run.data.executionData?.contextData[`node:${NODE}`];
		expect(await call(run, keyOf())).toMatchObject({ status: 404, goesOn: false });
	});

	it('never throws, since n8n would go on with an empty item', async () => {
		const { run, call } = await waitingAndOver();
		vmeg.sandbox.addFault({ kind: 'status', path: DETAIL, code: 500 });
		expect(await call(run, keyOf())).toMatchObject({ status: 503, goesOn: false });
	}, 60_000);

	it('goes on where a task was deleted at VMEG, and says so', async () => {
		const { run, call, goOn } = await waitingAndOver();
		vmeg.sandbox.addFault({ kind: 'status', path: DETAIL, code: 404, message: 'Task not found' });
		const called = await call(run, keyOf());
		expect(called.goesOn).toBe(true);
		const done = await goOn(called.data);
		expect(done.status).toBe('error');
		expect(done.data.resultData.error?.message).toContain('VMEG does not know it');
	});

	it('keeps the error of an item that had no task, for the error output too', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: SUBMIT, nth: 1, code: 422, message: 'Not today' });
		const { run, call, goOn } = await waitingAndOver({
			items: twoRows,
			options: { maxConcurrency: 1 },
			settings: { onError: 'continueErrorOutput' },
		});
		const done = await goOn((await call(run, keyOf())).data);
		expect(outputs(done, NODE).map(({ json }) => json.taskId)).toEqual([taskId()]);
		const [failed] = outputs(done, NODE, 1);
		expect(failed?.json).toMatchObject({
			row: 0,
			error: expect.stringContaining('Not today'),
			details: { code: 422, idempotencyKey: expect.any(String) },
		});
	});

	it('runs for the first item alone where the node executes once', async () => {
		const { run, call, goOn } = await waitingAndOver({ items: twoRows, settings: { executeOnce: true } });
		const done = await goOn((await call(run, keyOf())).data);
		expect(outputs(done).map(({ json }) => json.taskId)).toEqual([taskId()]);
		expect(requests(SUBMIT)).toHaveLength(1);
	});

	it('with Retry On Fail, looks again at a task that failed, and submits nothing', async () => {
		const { run, call, goOn } = await waitingAndOver({
			items: [{ name: 'sandbox-fail' }],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		const done = await goOn((await call(run, keyOf())).data);
		expect(done.status).toBe('error');
		expect(requests(SUBMIT)).toHaveLength(1);
	});

	it('begins anew as another execution, as a retry by hand does', async () => {
		const { run, call, goOn } = await waitingAndOver({ items: [{ name: 'sandbox-fail' }] });
		const { data } = await call(run, keyOf());
		const again = await goOn(data, '78');
		expect(again.status).toBe('waiting');
		expect(requests(SUBMIT)).toHaveLength(2);
	});
});

/** The execution as n8n's clock finds it after so many seconds. */
function after(seconds: number, run: IRun): IRunExecutionData {
	const data = stored(run);
	const kept = data.executionData?.contextData[`node:${NODE}`]?.vmegWaiting as Record<string, number>;
	kept.sinceMs = Number(kept.sinceMs) - seconds * 1000;
	kept.deadlineMs = Number(kept.deadlineMs) - seconds * 1000;
	return data;
}

describe('an execution that nobody calls', () => {
	it('finds by itself that its tasks are over', async () => {
		const { run, goOn } = await waitingAndOver({ items: twoRows });
		const done = await goOn(after(600, run));
		expect(done.status).toBe('success');
		expect(outputs(done).map(({ json }) => json.taskId)).toEqual([taskId(1), taskId(0)]);
		expect(done.data.resultData.runData[NODE]).toHaveLength(1);
	});

	it('waits again while they are not, and submits nothing', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 3 * SOON_MS;
		const { run, goOn, call } = await waiting();
		let again = await goOn(after(600, run));
		again = await goOn(after(600, again));
		expect(again.status).toBe('waiting');
		expect(again.waitTill?.getTime()).toBeGreaterThan(Date.now() + 590_000);
		await untilOver();
		const done = await goOn((await call(again, keyOf())).data);
		expect(done.status).toBe('success');
		expect(outputs(done)).toHaveLength(1);
		expect(done.data.resultData.runData[NODE]).toHaveLength(1);
		expect(done.data.resultData.runData[LATER]).toHaveLength(1);
		expect(requests(SUBMIT)).toHaveLength(1);
	});

	it('fails at its Timeout as polling does', async () => {
		const { run, goOn } = await waiting({ options: { timeout: 100 } });
		const done = await goOn(after(100, run));
		expect(done.status).toBe('error');
		expect(done.data.resultData.error?.message).toBe(
			`Item 0: The task was not finished within 100 seconds (task ${taskId()}, last state: running)`,
		);
		expect(done.data.resultData.runData[LATER]).toBeUndefined();
	});

	it.each([
		['the regular output', 'continueRegularOutput', 0],
		['the error output', 'continueErrorOutput', 1],
	] as const)('gives what is over and one error item at its Timeout, at %s', async (_, onError, output) => {
		vmeg.sandbox.settings.mediaTaskMs = 50;
		vmeg.sandbox.addFault({ kind: 'delay', path: SUBMIT, nth: 2, ms: 500 });
		const starting = waiting({
			items: twoRows,
			settings: { onError },
			options: { maxConcurrency: 1, timeout: 100 },
		});
		while (vmeg.sandbox.tasks().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
		vmeg.sandbox.settings.mediaTaskMs = NEVER_MS;
		const { run, goOn } = await starting;
		const done = await goOn(after(100, run));
		expect(done.status).toBe('success');
		expect(outputs(done, NODE)[0]?.json).toMatchObject({ taskId: taskId(1), status: 'finished' });
		expect(outputs(done, NODE, output).at(-1)).toMatchObject({
			json: { row: 1, error: expect.stringContaining('not finished'), details: { taskId: taskId(0) } },
		});
		expect([...outputs(done, NODE), ...outputs(done, NODE, 1)]).toHaveLength(2);
	});

	it('gives one item to the next node also with Always Output Data', async () => {
		const { run, goOn } = await waitingAndOver({ settings: { alwaysOutputData: true } });
		const done = await goOn(after(600, run));
		expect(done.data.resultData.runData[LATER]).toHaveLength(1);
		expect(outputs(done).map(({ json }) => json.taskId)).toEqual([taskId()]);
	});
});

describe('where an execution cannot be woken', () => {
	it.each([
		['the credential has no secret', { webhookSecret: ' ' }, 'no Webhook Secret'],
		[
			'the node is a tool of an agent',
			{ settings: { type: 'n8n-nodes-vmeg.vmegTool' } },
			'waits for the answer itself',
		],
		['the workflow has the old execution order', { executionOrder: 'v0' as const }, 'old execution order'],
	])('the node polls, and says why: %s', async (_, options, reason) => {
		vmeg.sandbox.settings.mediaTaskMs = 50;
		const run = await (await stage(options)).begin();
		expect(run.status).toBe('success');
		expect(hints(run)).toContain(reason);
		expect(JSON.stringify(vmeg.sandbox.tasks()[0]?.extraData)).not.toContain('resume');
	});

	it.each([
		['another server answers', 404, 'Not Found'],
		['a proxy asks for a password', 401, 'Who are you?'],
		['n8n is not behind it', 502, 'Bad Gateway'],
	])('the node polls, and says why: at its address %s', async (_, status, message) => {
		own = { status, body: { code: status, message } };
		vmeg.sandbox.settings.mediaTaskMs = 50;
		const run = await (await stage({})).begin();
		expect(run.status).toBe('success');
		expect(hints(run)).toContain(`n8n cannot reach itself at its own address ${base}`);
		expect(hints(run)).toContain(`HTTP ${status} came`);
	});

	it('says nothing where nobody asked for it', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 50;
		const run = await (await stage({ options: { waitUsingWebhook: false } })).begin();
		expect(run.status).toBe('success');
		expect(hints(run)).toBe('[]');
	});
});
