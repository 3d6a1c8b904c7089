/**
 * Media > Submit and Wait with *Wait Using Webhook*: the execution waits in n8n's database and goes on
 * when the VMEG Trigger receives the completion, with what polling would have given; also when n8n is
 * killed in between. Where n8n cannot wait so, the node polls and says why.
 */
import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { addCredential } from './harness/credential';
import { releaseUnderTest } from './harness/handover';
import type { RunningN8n, StartN8n } from './harness/handover';
import { outputOf, VMEG_CREDENTIAL, VMEG_NODE, VMEG_TRIGGER_NODE } from './harness/n8n';
import type { Execution, WorkflowDefinition, WorkflowNode } from './harness/n8n';
import { sleep, until } from './harness/process';
import { DUBBING } from '../dubbing';

const SUBMIT = '/task/media-translation/create-async';
const DETAIL = '/tasks/detail';
const CREDITS_PER_VIDEO = 60;
const TASK_MS = 5_000;
const NEVER_MS = 3_600_000;
const VIDEO = 'https://example.com/film.mp4';

const canWait = releaseUnderTest() === 'current';
const whereItCan = canWait ? describe : describe.skip;
const whereItCannot = canWait ? describe.skip : describe;

/** What to expect of an n8n that is started so. */
export function waitWebhook(startN8n: StartN8n): void {
	let n8n: RunningN8n;
	let sandbox: Sandbox;
	let credential: { id: string; name: string };
	let withoutSecret: { id: string; name: string };
	let receiver: string;
	let callbackUrl: string;

	const position: [number, number] = [0, 0];

	const receiving = (outcome = 'all'): WorkflowDefinition => ({
		name: 'Receive',
		nodes: [
			{
				id: '7a3c1f52-0000-4000-8000-000000000011',
				name: 'VMEG Trigger',
				type: VMEG_TRIGGER_NODE,
				typeVersion: 1,
				position,
				webhookId: '7a3c1f52-0000-4000-8000-000000000012',
				parameters: { events: ['openapi-media-translation'], outcome },
				credentials: { [VMEG_CREDENTIAL]: credential },
			},
		],
		connections: {},
	});

	interface Job {
		urls?: string[];
		options?: Record<string, unknown>;
		settings?: Record<string, unknown>;
		account?: { id: string; name: string };
	}

	const dubbing = ({ urls = [VIDEO], options, settings, account = credential }: Job): WorkflowDefinition => ({
		name: 'Dub',
		settings: { executionOrder: 'v1' },
		nodes: [
			{
				id: '7a3c1f52-0000-4000-8000-000000000001',
				name: 'Start Here',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position,
				parameters: {},
			},
			{
				id: '7a3c1f52-0000-4000-8000-000000000002',
				name: 'Items',
				type: 'n8n-nodes-base.code',
				typeVersion: 2,
				position: [200, 0],
				parameters: {
					jsCode: `return ${JSON.stringify(urls.map((url, row) => ({ json: { url, row } })))};`,
				},
			},
			{
				id: '7a3c1f52-0000-4000-8000-000000000003',
				name: 'VMEG',
				type: VMEG_NODE,
				typeVersion: 1,
				position: [400, 0],
				parameters: {
					...DUBBING,
					operation: 'submitAndWait',
					sourceUrl: '={{ $json.url }}',
					options: { waitUsingWebhook: true, ...options },
				},
				credentials: { [VMEG_CREDENTIAL]: account },
				...settings,
			},
			{
				id: '7a3c1f52-0000-4000-8000-000000000004',
				name: 'After',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				position: [600, 0],
				parameters: {
					assignments: {
						assignments: [
							{ id: 'a', name: 'from', value: "={{ $('Items').item.json.row }}", type: 'number' },
						],
					},
					includeOtherFields: true,
					options: {},
				},
			},
		],
		connections: {
			'Start Here': { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
			Items: { main: [[{ node: 'VMEG', type: 'main', index: 0 }]] },
			VMEG: { main: [[{ node: 'After', type: 'main', index: 0 }]] },
		},
	});

	const node = (
		number: number,
		name: string,
		type: string,
		typeVersion: number,
		parameters: Record<string, unknown>,
	): WorkflowNode => ({
		id: `7a3c1f52-0000-4000-8000-0000000001${String(number).padStart(2, '0')}`,
		name,
		type,
		typeVersion,
		position: [200 * number, 0],
		parameters,
	});

	const to = (...names: string[]) => names.map((name) => ({ node: name, type: 'main', index: 0 }));

	/** Started by a call from outside, and dubs one video after the other. */
	function looping(): WorkflowDefinition {
		const { nodes } = dubbing({ urls: ['https://example.com/1.mp4', 'https://example.com/2.mp4'] });
		const caller = node(1, 'Caller', 'n8n-nodes-base.webhook', 2, { httpMethod: 'POST', path: 'dub', options: {} });
		return {
			name: 'Loop',
			settings: { executionOrder: 'v1' },
			nodes: [
				{ ...caller, webhookId: '7a3c1f52-0000-4000-8000-000000000022' },
				node(2, 'Loop', 'n8n-nodes-base.splitInBatches', 3, { options: {} }),
				node(3, 'Done', 'n8n-nodes-base.noOp', 1, {}),
				...nodes.filter(({ name }) => ['Items', 'VMEG'].includes(name)),
			],
			connections: {
				Caller: { main: [to('Items')] },
				Items: { main: [to('Loop')] },
				Loop: { main: [to('Done'), to('VMEG')] },
				VMEG: { main: [to('Loop')] },
			},
		};
	}

	function beingCalled(): WorkflowDefinition {
		const { nodes, settings } = dubbing({});
		return {
			name: 'Called',
			settings,
			nodes: [
				node(1, 'Called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }),
				...nodes.filter(({ name }) => name === 'VMEG'),
			],
			connections: { Called: { main: [to('VMEG')] } },
		};
	}

	/** The same as `dubbing`, but for the node, which is in another workflow. */
	function calling(workflowId: string): WorkflowDefinition {
		const { nodes, connections, settings } = dubbing({});
		const caller = node(3, 'VMEG', 'n8n-nodes-base.executeWorkflow', 1.2, {
			workflowId: { __rl: true, mode: 'id', value: workflowId },
			options: {},
		});
		return {
			name: 'Calling',
			settings,
			nodes: nodes.map((one) => (one.name === 'VMEG' ? caller : one)),
			connections,
		};
	}

	beforeAll(async () => {
		sandbox = await startSandbox({ mediaTaskMs: TASK_MS, webhookRetryMs: 500 });
		n8n = await startN8n();
		credential = await addCredential(n8n, sandbox);
		const { apiKey, url } = sandbox;
		withoutSecret = await addCredential(n8n, { apiKey, url, webhookSecret: '' }, 'No secret');
		receiver = await n8n.createWorkflow(receiving());
		await n8n.activate(receiver);
		callbackUrl = await n8n.webhookUrl(receiver, 'VMEG Trigger');
		sandbox.setWebhookUrl(callbackUrl);
	});

	afterEach(async () => {
		sandbox.clearFaults();
		sandbox.settings.mediaTaskMs = TASK_MS;
		sandbox.setWebhookUrl(callbackUrl);
		await sandbox.reset();
	});

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	});

	async function start(job: Job = {}): Promise<string> {
		const id = await n8n.createWorkflow(dubbing(job));
		return await n8n.runWorkflow(id, { triggerName: 'Start Here' });
	}

	async function untilWaiting(execution: string): Promise<void> {
		await until(
			`execution ${execution} to wait`,
			async () => {
				const { status } = await n8n.getExecution(execution);
				if (['error', 'success', 'crashed'].includes(status)) throw new Error(`It ended: ${status}`);
				return status === 'waiting' || undefined;
			},
			{ timeoutMs: 30_000 },
		);
	}

	const untilOver = async () =>
		await until('the task to end', async () => sandbox.tasks()[0]?.status === 'finished' || undefined, {
			timeoutMs: 30_000,
		});

	const ended = async (execution: string, timeoutMs = 60_000): Promise<Execution> =>
		await n8n.waitForExecution(execution, { timeoutMs });

	const requests = (path: string) => sandbox.journal.requests(path);
	const runsOf = (execution: Execution, node: string) =>
		execution.data?.resultData.runData[node] ?? [];

	/** What a task is waited for with, as VMEG has it. */
	function ticketOf(index = 0) {
		const extraData = sandbox.tasks()[index]?.extraData;
		const { resume } = extraData?.vmegSubmission as {
			resume: { execution: string; signature: string; key: string };
		};
		return resume;
	}

	async function call(ticket: { execution: string; signature?: string }, body: object): Promise<number> {
		const url = new URL(`/webhook-waiting/${ticket.execution}/vmeg`, callbackUrl);
		if (ticket.signature !== undefined) url.searchParams.set('signature', ticket.signature);
		const { status } = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		return status;
	}

	whereItCan('an execution that waits', () => {
		test('goes on with what polling gives, and asks VMEG four times', async () => {
			const polled = await ended(await start({ options: { waitUsingWebhook: false, download: ['subtitles'] } }));
			await sandbox.reset();
			const execution = await start({ options: { download: ['subtitles'] } });
			await untilWaiting(execution);
			const done = await ended(execution);

			expect(done.status).toBe('success');
			expect(requests(DETAIL)).toHaveLength(4);
			expect(sandbox.charged).toBe(CREDITS_PER_VIDEO);
			const plain = (one: Execution) =>
				outputOf(one, 'VMEG').map(({ json, binary, ...rest }) => ({
					...rest,
					fields: Object.keys(json),
					files: Object.keys(binary ?? {}),
					subtitles: json.subtitles,
				}));
			expect(plain(done)).toEqual(plain(polled));
			expect(outputOf(done, 'VMEG')[0]?.json.taskId).toBe(sandbox.tasks()[0]?.taskId);
			expect(outputOf(done, 'After')[0]?.json.from).toBe(0);
			expect(runsOf(done, 'VMEG')).toHaveLength(1);
		});

		test('shows nobody what it can be woken with', async () => {
			const before = (await n8n.listExecutions({ workflowId: receiver })).length;
			const execution = await start();
			const done = await ended(execution);
			const { resume, ...shown } = sandbox.tasks()[0]?.extraData?.vmegSubmission as Record<string, unknown>;
			const received = await n8n.waitForExecutions(receiver, { count: before + 1 });
			const [item] = outputOf(received.at(-1) as Execution, 'VMEG Trigger');

			expect(resume).toBeDefined();
			expect(item?.json.extraData).toEqual({ vmegSubmission: shown });
			const { key } = resume as { key: string };
			expect(JSON.stringify(received)).not.toContain(key);
			expect(JSON.stringify(done.data?.resultData)).not.toContain(key);
		});

		test('is killed with n8n, and goes on once with the completion that comes after the restart', async () => {
			const execution = await start();
			await untilWaiting(execution);
			await n8n.kill();
			await untilOver();
			await n8n.restart();
			// n8n itself answers with 200 while it starts: what VMEG delivered then is lost
			await sandbox.deliver(sandbox.tasks()[0]?.taskId ?? '');
			const done = await ended(execution);

			expect(done.status).toBe('success');
			expect(requests(SUBMIT)).toHaveLength(1);
			expect(sandbox.charged).toBe(CREDITS_PER_VIDEO);
			expect(runsOf(done, 'After')).toHaveLength(1);
			expect(outputOf(done, 'After')).toHaveLength(1);
		});

		test('outlives a restart of n8n in good order', async () => {
			sandbox.settings.mediaTaskMs = 20_000;
			const execution = await start();
			await untilWaiting(execution);
			await n8n.restart();
			await untilOver();
			await sandbox.deliver(sandbox.tasks()[0]?.taskId ?? '');
			const done = await ended(execution);
			expect(done.status).toBe('success');
			expect(runsOf(done, 'After')).toHaveLength(1);
			expect(requests(SUBMIT)).toHaveLength(1);
		});

		test('goes on when the last of its items is over, each with its own task', async () => {
			const urls = ['https://example.com/1.mp4', 'https://example.com/2.mp4'];
			// the first item is over, and its completion has come, before the second one is submitted
			sandbox.settings.mediaTaskMs = 1_500;
			sandbox.addFault({ kind: 'delay', path: SUBMIT, nth: 2, ms: 3_000 });
			const execution = await start({ urls, options: { maxConcurrency: 1 } });
			await untilWaiting(execution);
			const done = await ended(execution);

			expect(done.status).toBe('success');
			const [second, first] = sandbox.tasks().map(({ taskId }) => taskId);
			expect(outputOf(done, 'After').map(({ json }) => [json.from, json.taskId])).toEqual([
				[0, first],
				[1, second],
			]);
			expect(runsOf(done, 'After')).toHaveLength(1);
		});

		test('does not begin where the completion came before the answer to the submission', async () => {
			sandbox.addFault({ kind: 'webhookEarly' });
			const done = await ended(await start());
			expect(done.status).toBe('success');
			expect(outputOf(done, 'After')).toHaveLength(1);
		});

		test('goes on once where completions come several times together', async () => {
			sandbox.addFault({ kind: 'webhookDuplicate', times: 8, concurrent: true });
			const execution = await start();
			const done = await ended(execution);
			await sleep(2_000);
			const later = await n8n.getExecution(execution);

			expect(done.status).toBe('success');
			expect(runsOf(later, 'VMEG')).toHaveLength(1);
			expect(runsOf(later, 'After')).toHaveLength(1);
		});

		test('is not moved by calls that anybody can make, nor by the ticket before the task is over', async () => {
			sandbox.settings.mediaTaskMs = NEVER_MS;
			const execution = await start();
			await untilWaiting(execution);
			const ticket = ticketOf();
			const { execution: id, signature, key } = ticket;
			const taskId = sandbox.tasks()[0]?.taskId;
			const looks = requests(DETAIL).length;

			expect(await call({ execution: id }, { key, taskId })).toBe(401);
			expect(await call({ execution: id, signature: 'f'.repeat(64) }, { key, taskId })).toBe(401);
			expect(await call(ticket, {})).toBe(403);
			expect(await call(ticket, { key: 'f'.repeat(32), taskId, succeeded: true })).toBe(403);
			expect(await call(ticket, { key: [key] })).toBe(403);
			expect(requests(DETAIL)).toHaveLength(looks);
			expect(await call(ticket, { key, taskId, status: 'finished', code: 200 })).toBe(503);
			expect(await call({ execution: '999999', signature }, { key })).toBe(404);
			expect((await n8n.getExecution(execution)).status).toBe('waiting');
			expect(runsOf(await n8n.getExecution(execution), 'After')).toHaveLength(0);
			await n8n.stopExecution(execution);
		});

		test('stays waiting while VMEG cannot be asked, and goes on when it can', async () => {
			const execution = await start();
			await untilWaiting(execution);
			sandbox.addFault({ kind: 'status', path: DETAIL, code: 500, count: 5 });
			const done = await ended(execution);
			expect(done.status).toBe('success');
			expect(runsOf(done, 'After')).toHaveLength(1);
		});

		test('fails as polling does where the task fails', async () => {
			const execution = await start({ urls: ['https://example.com/sandbox-fail.mp4'] });
			await untilWaiting(execution);
			const done = await ended(execution);
			expect(done.status).toBe('error');
			expect(done.data?.resultData.error?.message).toContain('Item 0: VMEG could not finish the task');
			expect(runsOf(done, 'After')).toHaveLength(0);
		});

		test('with On Error: Continue, gives an error item beside the good one', async () => {
			const urls = ['https://example.com/sandbox-fail.mp4', VIDEO];
			const execution = await start({ urls, settings: { onError: 'continueRegularOutput' } });
			await untilWaiting(execution);
			const done = await ended(execution);
			expect(done.status).toBe('success');
			const [failed, good] = outputOf(done, 'After').map(({ json }) => json);
			expect(failed).toMatchObject({ row: 0, from: 0, error: expect.stringContaining('could not finish') });
			expect(good).toMatchObject({ from: 1, status: 'finished' });
		});

		test('with Retry On Fail, submits what was refused anew and nothing else', async () => {
			const urls = ['https://example.com/1.mp4', 'https://example.com/2.mp4'];
			sandbox.addFault({ kind: 'status', path: SUBMIT, nth: 2, code: 422, message: 'Not today' });
			const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
			const execution = await start({ urls, options: { maxConcurrency: 1 }, settings });
			await untilWaiting(execution);
			const done = await ended(execution);
			expect(done.status).toBe('success');
			expect(requests(SUBMIT)).toHaveLength(3);
			expect(sandbox.charged).toBe(2 * CREDITS_PER_VIDEO);
			expect(outputOf(done, 'After')).toHaveLength(2);
		});

		test('that is stopped stays stopped when its completion comes', async () => {
			const execution = await start();
			await untilWaiting(execution);
			await n8n.stopExecution(execution);
			await untilOver();
			await sleep(2_000);
			const later = await n8n.getExecution(execution);
			expect(later.status).toBe('canceled');
			expect(runsOf(later, 'After')).toHaveLength(0);
		});

		test('looks by itself where no completion comes, and ends at its Timeout as polling does', async () => {
			sandbox.addFault({ kind: 'webhookLose', count: 1 });
			const unheard = await start({ options: { timeout: 8 } });
			await untilWaiting(unheard);
			sandbox.settings.mediaTaskMs = NEVER_MS;
			const options = { timeout: 5 };
			const stopping = await start({ options });
			const continuing = await start({ options, settings: { onError: 'continueRegularOutput' } });
			await untilWaiting(stopping);
			await untilWaiting(continuing);
			const found = await ended(unheard, 90_000);
			const [failed, went] = [await ended(stopping, 90_000), await ended(continuing, 90_000)];
			const [third, second, first] = sandbox.tasks().map(({ taskId }) => taskId);

			expect(found.status).toBe('success');
			expect(outputOf(found, 'After')).toMatchObject([{ json: { taskId: first, status: 'finished' } }]);
			expect(failed.status).toBe('error');
			expect(failed.data?.resultData.error?.message).toBe(
				`Item 0: The task was not finished within 5 seconds (task ${second}, last state: running)`,
			);
			expect(failed.data?.resultData.error?.description).toContain(`Task > Wait with the task ID ${second}`);
			expect(runsOf(failed, 'After')).toHaveLength(0);
			expect(went.status).toBe('success');
			expect(outputOf(went, 'After')).toMatchObject([
				{ json: { row: 0, from: 0, error: expect.stringContaining(`(task ${third},`) } },
			]);
			expect(outputOf(went, 'After')[0]?.json).not.toHaveProperty('taskId');
		});

		test('is woken by a completion that the filter of the trigger keeps from its workflow', async () => {
			await n8n.updateWorkflow(receiver, receiving('failed'));
			try {
				const done = await ended(await start());
				expect(done.status).toBe('success');
				expect(requests(DETAIL)).toHaveLength(4);
			} finally {
				await n8n.updateWorkflow(receiver, receiving());
			}
		});

		test('waits once for each pass of a loop, also where a webhook started it', async () => {
			const workflow = await n8n.createWorkflow(looping());
			await n8n.activate(workflow);
			const url = await n8n.webhookUrl(workflow, 'Caller');
			expect((await fetch(url, { method: 'POST' })).status).toBe(200);
			const [done] = await n8n.waitForExecutions(workflow, { timeoutMs: 60_000 });

			const [second, first] = sandbox.tasks().map(({ taskId }) => taskId);
			expect(done?.mode).toBe('webhook');
			expect(done?.status).toBe('success');
			expect(outputOf(done as Execution, 'Done').map(({ json }) => json.taskId)).toEqual([first, second]);
			expect(runsOf(done as Execution, 'VMEG')).toHaveLength(2);
			expect(requests(SUBMIT)).toHaveLength(2);
			expect(requests(DETAIL)).toHaveLength(8);
		});

		test('waits in the editor too, where the node alone is run', async () => {
			const workflow = await n8n.createWorkflow(dubbing({}));
			const done = await ended(await n8n.runWorkflow(workflow, { destinationNode: 'VMEG' }));
			expect(done.status).toBe('success');
			expect(outputOf(done, 'VMEG')).toMatchObject([{ json: { status: 'finished' } }]);
			expect(runsOf(done, 'VMEG')).toHaveLength(1);
			expect(runsOf(done, 'After')).toHaveLength(0);
			expect(requests(DETAIL)).toHaveLength(4);
		});

		test('lets the workflow wait that called its own', async () => {
			const called = await n8n.createWorkflow(beingCalled());
			await n8n.activate(called);
			const id = await n8n.createWorkflow(calling(called));
			const execution = await n8n.runWorkflow(id, { triggerName: 'Start Here' });
			await untilWaiting(execution);
			const done = await ended(execution);
			expect(done.status).toBe('success');
			expect(outputOf(done, 'After')).toMatchObject([
				{ json: { from: 0, taskId: sandbox.tasks()[0]?.taskId, status: 'finished' } },
			]);
			expect(requests(SUBMIT)).toHaveLength(1);
		});
	});

	whereItCan('an execution that cannot wait', () => {
		test('polls, and says beside its output why: the credential has no Webhook Secret', async () => {
			const done = await ended(await start({ account: withoutSecret }));
			expect(done.status).toBe('success');
			expect(outputOf(done, 'After')).toHaveLength(1);
			const [run] = runsOf(done, 'VMEG');
			expect(JSON.stringify(run?.hints)).toContain('the node polls: the VMEG credential has no Webhook Secret');
			expect(await n8n.logTail(200)).toContain('the node polls: the VMEG credential has no Webhook Secret');
			expect(JSON.stringify(sandbox.tasks()[0]?.extraData)).not.toContain('resume');
		});
	});

	whereItCannot('on n8n 1.x', () => {
		test('the node polls, and says why', async () => {
			const done = await ended(await start());
			expect(done.status).toBe('success');
			expect(outputOf(done, 'After')).toHaveLength(1);
			const [run] = runsOf(done, 'VMEG');
			expect(JSON.stringify(run?.hints)).toContain('this version of n8n does not sign the addresses');
			expect(JSON.stringify(sandbox.tasks()[0]?.extraData)).not.toContain('resume');
		});
	});
}
