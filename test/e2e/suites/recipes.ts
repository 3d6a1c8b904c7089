/** The examples that do more than one thing: subtitles, joining, reconciling; as they are published. */
import { randomUUID } from 'node:crypto';

import { startSandbox } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { addCredential } from '../harness/credential';
import { exampleWorkflow } from '../harness/examples';
import type { RunningN8n, StartN8n } from '../harness/handover';
import { outputOf } from '../harness/n8n';
import type { Execution } from '../harness/n8n';
import { until } from '../harness/process';

const TRIGGER = 'VMEG Trigger';

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

	test('a completion whose callback never arrived is found, handled, and not found again', async () => {
		const example = exampleWorkflow('reconcile-missed-completions', { credential });
		for (const node of example.nodes) {
			// a test cannot wait ten minutes
			if (node.name === 'Over Long Enough') {
				node.parameters = JSON.parse(JSON.stringify(node.parameters).replace('600000', '0'));
			}
		}
		const id = await n8n.createWorkflow(example);
		await run(id);
		await n8n.activate(id);
		const url = await n8n.webhookUrl(id, TRIGGER);
		await sandbox.reset();

		const submit = async () => {
			const sourceUrl = 'https://example.com/film.mp4';
			const answer = await fetch(`${sandbox.url}/openapi/v1/task/media-translation/create-async`, {
				method: 'POST',
				headers: {
					Authorization: `Bearer ${sandbox.apiKey}`,
					'Content-Type': 'application/json',
					'X-Idempotency-Key': randomUUID(),
				},
				body: JSON.stringify({
					taskType: 'vt',
					source: { sourceUrl },
					language: { source: 'auto', target: 'de-DE' },
					options: { voiceClone: { mode: 'role' } },
				}),
			});
			const body = Object(await answer.json());
			return String(Object(body.data).taskId);
		};
		const ended = async (taskId: string) =>
			await until('the end of the task', async () =>
				sandbox.tasks().some((task) => task.taskId === taskId && task.status === 'finished') || undefined,
				{ timeoutMs: 10_000, everyMs: 100 },
			);

		sandbox.setWebhookUrl(url);
		const arrived = await submit();
		await until('the callback', async () => {
			const executions = await n8n.listExecutions({ workflowId: id, includeData: true });
			const isThere = executions.some(
				(one) => one.stoppedAt && one.data?.resultData.runData['Handle Callback'] !== undefined,
			);
			return isThere || undefined;
		}, { timeoutMs: 20_000, everyMs: 300 });
		sandbox.setWebhookUrl(undefined);
		const missed = await submit();
		await ended(missed);

		const first = outputOf(await run(id), 'Handle Missed').map(({ json }) => json);
		expect(first).toEqual([{ taskId: missed, videoUrl: expect.stringContaining('http') }]);
		expect(first[0]?.taskId).not.toBe(arrived);
		const again = await run(id);
		expect(outputOf(again, 'Not Received Yet')).toEqual([]);
	});
}
