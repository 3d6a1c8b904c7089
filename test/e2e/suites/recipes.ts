/** The examples that do more than one thing: subtitles, joining, reconciling; as they are published. */
import { randomUUID } from 'node:crypto';

import { startSandbox } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import type { WorkflowDefinition, WorkflowNode } from '../harness/client';
import { addCredential } from '../harness/credential';
import { exampleWorkflow } from '../harness/examples';
import type { RunningN8n, StartN8n } from '../harness/handover';
import { outputOf } from '../harness/n8n';
import type { Execution } from '../harness/n8n';
import { until } from '../harness/process';

const TRIGGER = 'VMEG Trigger';

/** A workflow that hands an event to another one, as the hub does. */
function callerOf(workflowId: string, event: Record<string, unknown>): WorkflowDefinition {
	const node = (name: string, type: string, typeVersion: number, parameters: Record<string, unknown>): WorkflowNode => ({
		id: randomUUID(),
		name,
		type: `n8n-nodes-base.${type}`,
		typeVersion,
		position: [0, 0],
		parameters,
	});
	const to = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		name: 'Caller',
		nodes: [
			node('Start Here', 'manualTrigger', 1, {}),
			node('Event', 'code', 2, { jsCode: `return [{ json: ${JSON.stringify(event)} }];` }),
			node('Hand Over', 'executeWorkflow', 1.2, {
				source: 'database',
				workflowId: { __rl: true, mode: 'id', value: workflowId },
				mode: 'once',
				options: { waitForSubWorkflow: false },
			}),
		],
		connections: { 'Start Here': to('Event'), Event: to('Hand Over') },
		settings: { executionOrder: 'v1' },
	};
}

/** Runs the journeys on an n8n that is started for them and stopped afterwards. */
export function recipes(start: StartN8n): void {
	let n8n: RunningN8n;
	let sandbox: Sandbox;
	let credential: { id: string; name: string };

	beforeAll(async () => {
		sandbox = await startSandbox({ textTaskMs: 300, mediaTaskMs: 300, webhookRetryMs: 200 });
		n8n = await start();
		credential = await addCredential(n8n, sandbox);
	});

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	});

	async function run(workflowId: string) {
		const id = await n8n.runWorkflow(workflowId, { triggerName: 'Start Here' });
		return await n8n.waitForExecution(id);
	}

	test('a subtitle file becomes one file for each language', async () => {
		const id = await n8n.createWorkflow(exampleWorkflow('translate-subtitles', { credential }));
		const execution = await run(id);

		expect(execution.status).toBe('success');
		const files = outputOf(execution, 'To Languages');
		expect(files.map(({ binary }) => Object(binary?.data).fileName)).toEqual([
			'mountain.de-DE.srt',
			'mountain.fr-FR.srt',
			'mountain.ja-JP.srt',
		]);
		expect(files[0]?.json).toMatchObject({ cueCount: 3, untranslatedCues: [], format: 'srt' });
		const sent = sandbox.journal.requests('/task/translate/create');
		expect(sent).toHaveLength(3);
		expect(Object(sent[0]?.body).segments[1]).toEqual({
			text: 'Tea first, then the summit!',
			speaker: 'ANNA',
			start: 3.6,
			end: 6.2,
		});
	});

	test('120 texts become three tasks, and their results come out together, once and in order', async () => {
		const example = exampleWorkflow('submit-many-texts-and-join', { credential });
		const id = await n8n.createWorkflow(example);
		await n8n.activate(id);
		sandbox.setWebhookUrl(await n8n.webhookUrl(id, TRIGGER));

		const submitted = outputOf(await run(id), 'Submit to VMEG');
		expect(submitted.map(({ json }) => json.segmentCount)).toEqual([50, 50, 20]);

		const ran = (execution: Execution, node: string) =>
			execution.data?.resultData.runData[node] !== undefined;
		const joins = async () => {
			const executions = await n8n.listExecutions({ workflowId: id, includeData: true });
			const received = executions.filter((one) => one.stoppedAt && ran(one, TRIGGER));
			if (received.length < 3) return undefined;
			return received
				.filter((one) => ran(one, 'Joined Lines'))
				.map((one) => outputOf(one, 'Joined Lines'));
		};
		const joined = await until('the three parts', joins, { timeoutMs: 30_000, everyMs: 300 });

		expect(joined).toHaveLength(1);
		expect(joined[0]?.map(({ json }) => json.translation)).toEqual(
			Array.from({ length: 120 }, (_, index) => `[de-DE] Catalogue entry ${index + 1}`),
		);
	});

	test('a completion whose callback never arrived is found, handled, and not found again; what was over before is left alone', async () => {
		const example = exampleWorkflow('reconcile-missed-completions', { credential });
		for (const node of example.nodes) {
			// a test cannot wait ten minutes
			if (node.name === 'Over Long Enough') {
				node.parameters = JSON.parse(JSON.stringify(node.parameters).replace('600000', '0'));
			}
		}
		await sandbox.reset();
		sandbox.setWebhookUrl(undefined);

		const submit = async (name = 'film') => {
			const answer = await fetch(`${sandbox.url}/openapi/v1/task/media-translation/create-async`, {
				method: 'POST',
				headers: {
					Authorization: `Bearer ${sandbox.apiKey}`,
					'Content-Type': 'application/json',
					'X-Idempotency-Key': randomUUID(),
				},
				body: JSON.stringify({
					taskType: 'vt',
					source: { sourceUrl: `https://example.com/${name}.mp4` },
					language: { source: 'auto', target: 'de-DE' },
					options: { voiceClone: { mode: 'role' } },
				}),
			});
			const body = Object(await answer.json());
			return String(Object(body.data).taskId);
		};
		const ended = async (taskId: string) =>
			await until('the end of the task', async () =>
				sandbox.tasks().some((task) => task.taskId === taskId && task.status !== 'running') || undefined,
				{ timeoutMs: 10_000, everyMs: 100 },
			);

		await ended(await submit());
		const id = await n8n.createWorkflow(example);
		expect(outputOf(await run(id), 'Note as Known')).toHaveLength(1);
		await n8n.activate(id);
		const url = await n8n.webhookUrl(id, TRIGGER);
		const handled = (execution: Execution) =>
			outputOf(execution, 'Handle Video Here').map(({ json }) => json);

		sandbox.setWebhookUrl(url);
		const arrived = await submit();
		const callback = await until('the callback', async () => {
			const executions = await n8n.listExecutions({ workflowId: id, includeData: true });
			return executions.find(
				(one) => one.stoppedAt && one.data?.resultData.runData['Handle Video Here'] !== undefined,
			);
		}, { timeoutMs: 20_000, everyMs: 300 });
		expect(handled(callback)).toEqual([
			expect.objectContaining({ taskId: arrived, via: 'callback', succeeded: true, videoUrl: expect.stringContaining('http') }),
		]);

		sandbox.setWebhookUrl(undefined);
		const missed = await submit();
		const failed = await submit('sandbox-fail');
		await ended(missed);
		await ended(failed);
		const hourly = async () =>
			await n8n.waitForExecution(await n8n.runWorkflow(id, { triggerName: 'Every Hour' }));

		const found = handled(await hourly());
		expect(found).toHaveLength(2);
		expect(found).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ taskId: missed, via: 'reconciled', succeeded: true, videoUrl: expect.stringContaining('http') }),
				expect.objectContaining({ taskId: failed, via: 'reconciled', succeeded: false, videoUrl: '' }),
			]),
		);
		expect(outputOf(await hourly(), 'Not Received Yet')).toEqual([]);

		// what another workflow hands over is noted and handled as what VMEG delivers is
		const event = { taskId: 'from-elsewhere', succeeded: true, videoUrl: 'https://example.com/film.de.mp4' };
		await run(await n8n.createWorkflow(callerOf(id, event)));
		const handedOver = await until('the sub-execution', async () => {
			const executions = await n8n.listExecutions({ workflowId: id, includeData: true });
			return executions.find(
				(one) => one.stoppedAt && one.data?.resultData.runData['From the Hub'] !== undefined,
			);
		}, { timeoutMs: 20_000, everyMs: 300 });
		expect(handled(handedOver)).toEqual([expect.objectContaining({ ...event, via: 'callback' })]);
		expect(outputOf(handedOver, 'Note Received')).toEqual([
			expect.objectContaining({ json: expect.objectContaining({ taskId: 'from-elsewhere', via: 'callback' }) }),
		]);
	});
}
