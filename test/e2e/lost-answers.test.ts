/**
 * Nothing is billed twice on a real n8n: a node with Retry On Fail whose submission was accepted
 * while the answer got lost, a node one of whose items is refused, and an execution that is stopped
 * while it waits. Says what the user reads in each case.
 */
import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { addCredential } from './harness/credential';
import { startN8nWithPackage } from './harness/handover';
import { outputOf, VMEG_CREDENTIAL, VMEG_NODE } from './harness/n8n';
import type { Execution, N8n, WorkflowDefinition } from './harness/n8n';
import { sleep, until } from './harness/process';
import { DUBBING } from '../dubbing';

let n8n: N8n;
let sandbox: Sandbox;
let credential: { id: string; name: string };

beforeAll(async () => {
	sandbox = await startSandbox({ mediaTaskMs: 60_000 });
	n8n = await startN8nWithPackage();
	credential = await addCredential(n8n, sandbox);
});

afterEach(async () => {
	sandbox.clearFaults();
	await sandbox.reset();
});

afterAll(async () => {
	await n8n?.stop();
	await sandbox?.close();
});

/** A workflow of a list of items and a VMEG node that is retried when it fails. */
const workflow = (items: object[], parameters: Record<string, unknown>): WorkflowDefinition => ({
	name: 'Retry On Fail',
	nodes: [
		{
			id: '7a3c1f52-0000-4000-8000-000000000001',
			name: 'Start Here',
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			id: '7a3c1f52-0000-4000-8000-000000000002',
			name: 'Items',
			type: 'n8n-nodes-base.code',
			typeVersion: 2,
			position: [200, 0],
			parameters: { jsCode: `return ${JSON.stringify(items.map((json) => ({ json })))};` },
		},
		{
			id: '7a3c1f52-0000-4000-8000-000000000003',
			name: 'VMEG',
			type: VMEG_NODE,
			typeVersion: 1,
			position: [400, 0],
			parameters,
			credentials: { [VMEG_CREDENTIAL]: credential },
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 100,
		},
	],
	connections: {
		'Start Here': { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
		Items: { main: [[{ node: 'VMEG', type: 'main', index: 0 }]] },
	},
});

async function start(items: object[], parameters: Record<string, unknown>): Promise<string> {
	const id = await n8n.createWorkflow(workflow(items, parameters));
	return await n8n.runWorkflow(id, { triggerName: 'Start Here' });
}

const run = async (items: object[], parameters: Record<string, unknown>): Promise<Execution> =>
	await n8n.waitForExecution(await start(items, parameters), { timeoutMs: 90_000 });

const text = { sourceLanguage: 'en-US', targetLanguage: 'de-DE', text: '={{ $json.text }}' };
const media = {
	...DUBBING,
	sourceUrl: '={{ $json.url }}',
};
const texts = [{ text: 'One' }, { text: 'Two' }];
const video = [{ url: 'https://example.com/film.mp4' }];

describe.each([
	['text.translate', '/task/translate/create', texts, { resource: 'text', operation: 'translate', ...text }, 1, 'Items 0 to 1'],
	['text.submit', '/task/translate/create-async', texts, { resource: 'text', operation: 'submit', ...text }, 1, 'Items 0 to 1'],
	['media.submit', '/task/media-translation/create-async', video, { ...media, operation: 'submit' }, 60, 'Item 0'],
])('%s with Retry On Fail', (_name, path, items, parameters, credits, subject) => {
	const expectOneSubmission = () => {
		expect(sandbox.tasks()).toHaveLength(1);
		expect(sandbox.charged).toBe(credits);
		const keys = sandbox.journal.requests(path).map(({ idempotencyKey }) => idempotencyKey);
		expect(new Set(keys).size).toBe(1);
	};

	test('submits and bills once when the answer is lost once, and finds the task', async () => {
		sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		const execution = await run(items, parameters);

		expectOneSubmission();
		expect(execution.status).toBe('success');
		expect(outputOf(execution, 'VMEG')[0]?.json.taskId).toBe(sandbox.tasks()[0]?.taskId);
	});

	test('submits and bills once when every answer is lost, and says so', async () => {
		sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		// five attempts in each of three tries
		for (let nth = 2; nth <= 15; nth++) sandbox.addFault({ kind: 'dropBefore', path, nth });
		const execution = await run(items, parameters);

		expectOneSubmission();
		expect(execution.status).toBe('error');
		const error = execution.data?.resultData.error;
		expect(error?.message).toBe(`${subject}: VMEG could not be reached (5 attempts)`);
		expect(error?.description).toContain('Retry On Fail is safe');
		expect(error?.description).toContain('To find it, use VMEG > Task > Get Many');
	});
});

test('an item that was accepted is not submitted again because another one was refused', async () => {
	const path = '/task/media-translation/create-async';
	sandbox.addFault({ kind: 'status', path, nth: 2, code: 422, message: 'Not today' });
	const urls = [{ url: 'https://example.com/1.mp4' }, { url: 'https://example.com/2.mp4' }];
	const parameters = { ...media, operation: 'submit', options: { maxConcurrency: 1 } };
	const execution = await run(urls, parameters);

	expect(execution.status).toBe('success');
	expect(outputOf(execution, 'VMEG')).toHaveLength(2);
	expect(sandbox.tasks()).toHaveLength(2);
	expect(sandbox.charged).toBe(120);
	expect(sandbox.journal.requests(path)).toHaveLength(3);
});

test('an execution that is stopped while it waits ends soon, and asks no more', async () => {
	const execution = await start(video, { ...media, operation: 'submitAndWait' });
	const looks = () => sandbox.journal.requests('/tasks/detail').length;
	await until('the first look', async () => (looks() > 0 ? true : undefined), { timeoutMs: 20_000 });

	const stopped = Date.now();
	await n8n.stopExecution(execution);
	const { status } = await n8n.waitForExecution(execution, { timeoutMs: 10_000 });
	expect(status).toBe('canceled');
	expect(Date.now() - stopped).toBeLessThan(5_000);
	await sleep(1_000);
	const before = looks();
	await sleep(5_000);
	expect(looks()).toBe(before);
});
