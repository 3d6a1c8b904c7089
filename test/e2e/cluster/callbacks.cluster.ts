/**
 * What the trigger makes of completions in queue mode, where the same one may reach two webhook
 * processors at the same moment and be executed by two workers: each is to be emitted exactly once.
 */
import { createHash } from 'node:crypto';

import { startSandbox } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { addCredential } from '../harness/credential';
import { exampleWorkflow } from '../harness/examples';
import { outputOf } from '../harness/n8n';
import type { Execution } from '../harness/n8n';
import { until } from '../harness/process';
import type { N8nCluster } from './cluster';
import { describeOnServices, startPackageInQueueMode } from './handover';

const TRIGGER = 'VMEG Trigger';
const PROCESSORS = ['webhook1', 'webhook2'];
const COMPLETIONS = 200;
const DELIVERIES = 3;
/** How many completions are under way at once. */
const CONCURRENCY = 8;

const keyOf = (run: string, index: number) => createHash('md5').update(`${run} ${index}`).digest('hex');

describeOnServices('completions in queue mode, two webhook processors and two workers', () => {
	let n8n: N8nCluster;
	let sandbox: Sandbox;
	let receiver: string;
	let urls: string[];

	beforeAll(async () => {
		sandbox = await startSandbox({});
		// with n8n's other engine, which makes an isolate for each run, executions are too few a second to meet
		n8n = await startPackageInQueueMode({ webhookProcessors: PROCESSORS.length, expressionEngine: 'legacy' });
	});

	// A receiver that was never called before, so that the very first completions may meet as well
	beforeEach(async () => {
		const credential = await addCredential(n8n, sandbox);
		if (receiver) await n8n.deactivate(receiver);
		receiver = await n8n.createWorkflow(exampleWorkflow('receive-completions', { credential }));
		await n8n.activate(receiver);
		urls = await Promise.all(PROCESSORS.map(async (name) => await n8n.webhookUrlOn(name, receiver, TRIGGER)));
	});

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	});

	/** Delivers until n8n takes it, as VMEG does: same key, new timestamp and signature; `attempt` chooses the processor. */
	async function deliver(pipelineKey: string, attempt: number): Promise<void> {
		const body = JSON.stringify({
			code: 200,
			version: 'v1',
			event: 'openapi-translate',
			pipelineKey,
			message: '',
			extraData: {},
			data: { taskId: `task-${pipelineKey}`, items: [{ text: 'Hallo' }] },
		});
		const url = urls[attempt % urls.length] ?? '';
		await until(
			`delivery of ${pipelineKey}`,
			async () => {
				const { headers } = sandbox.signedRequest(body);
				const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
				return answer?.ok ? true : undefined;
			},
			{ timeoutMs: 60_000, everyMs: 500 },
		);
	}

	async function concurrently(keys: string[], work: (key: string) => Promise<unknown>): Promise<void> {
		const left = keys.values();
		const worker = async () => {
			for (const key of left) await work(key);
		};
		await Promise.all(Array.from({ length: CONCURRENCY }, worker));
	}

	const attempts = Array.from({ length: DELIVERIES }, (_, index) => index);

	/** All executions of the receiver with their data, once it has taken `deliveries` and none is left to run. */
	async function settled(deliveries: number): Promise<Execution[]> {
		await until(
			`${deliveries} executions`,
			async () => {
				const executions = await n8n.listExecutions({ workflowId: receiver });
				const finished = executions.filter(({ stoppedAt }) => stoppedAt);
				return finished.length >= deliveries || undefined;
			},
			{ timeoutMs: 90_000, everyMs: 1_000 },
		);
		return await n8n.listExecutions({ workflowId: receiver, includeData: true });
	}

	/** How often each key was emitted, and how many executions did not succeed. */
	function count(executions: Execution[], keys: string[]) {
		const times = new Map(keys.map((key) => [key, 0]));
		for (const execution of executions.filter(({ status }) => status === 'success')) {
			for (const { json } of outputOf(execution, TRIGGER)) {
				const key = String(json.pipelineKey);
				times.set(key, (times.get(key) ?? 0) + 1);
			}
		}
		return {
			once: [...times.values()].filter((count) => count === 1).length,
			twiceOrMore: [...times.values()].filter((count) => count > 1).length,
			lost: [...times.values()].filter((count) => count === 0).length,
			notSuccessful: executions.filter(({ status }) => status !== 'success').length,
		};
	}

	async function expectOnce(name: string, keys: string[]): Promise<void> {
		const executions = await settled(keys.length * DELIVERIES);
		const counted = count(executions, keys);
		process.stdout.write(`${name}: ${keys.length} completions × ${DELIVERIES} deliveries: ${JSON.stringify(counted)}\n`);
		expect(counted).toEqual({ once: keys.length, twiceOrMore: 0, lost: 0, notSuccessful: 0 });
	}

	test('delivered three times one after another', async () => {
		const keys = Array.from({ length: COMPLETIONS }, (_, index) => keyOf('sequence', index));
		await concurrently(keys, async (key) => {
			for (const attempt of attempts) await deliver(key, attempt);
		});
		await expectOnce('one after another', keys);
	});

	test('delivered three times at once', async () => {
		const keys = Array.from({ length: COMPLETIONS }, (_, index) => keyOf('together', index));
		await concurrently(keys, async (key) => {
			await Promise.all(attempts.map(async (attempt) => await deliver(key, attempt)));
		});
		await expectOnce('at once', keys);
	});

	test('delivered again when all have been delivered', async () => {
		const keys = Array.from({ length: COMPLETIONS }, (_, index) => keyOf('again', index));
		for (const attempt of attempts) {
			await concurrently(keys, async (key) => await deliver(key, attempt));
		}
		await expectOnce('again later', keys);
	});
});
