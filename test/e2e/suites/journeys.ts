/**
 * The journeys of a user on a real n8n: the example workflows, imported as they are published, with
 * the package installed as a community package and the sandbox in place of VMEG.
 */
import { readFile } from 'node:fs/promises';

import { startSandbox } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { addCredential } from '../harness/credential';
import { exampleNames, exampleWorkflow, SAMPLE_VIDEO } from '../harness/examples';
import type { Choices } from '../harness/examples';
import type { RunningN8n, StartN8n } from '../harness/handover';
import { outputOf, VMEG_CREDENTIAL } from '../harness/n8n';
import type { Execution } from '../harness/n8n';
import { until } from '../harness/process';

const TRIGGER = 'VMEG Trigger';

/** Runs the journeys on an n8n that is started for them and stopped afterwards. */
export function journeys(start: StartN8n): void {
	let n8n: RunningN8n;
	let sandbox: Sandbox;
	let choices: Choices;
	let receiver: string;

	beforeAll(async () => {
		sandbox = await startSandbox({ textTaskMs: 300, mediaTaskMs: 1_000, webhookRetryMs: 200 });
		n8n = await start();
		const material = await sandbox.addMaterial({ name: 'mountain-shop.mp4', path: SAMPLE_VIDEO });
		const { materialId } = material;
		choices = {
			videoUrl: String(material.addressUrl),
			credential: await addCredential(n8n, sandbox),
			material: { id: materialId, name: 'mountain-shop.mp4' },
		};
		receiver = await n8n.createWorkflow(exampleWorkflow('receive-completions', choices));
		await n8n.activate(receiver);
		sandbox.setWebhookUrl(await n8n.webhookUrl(receiver, TRIGGER));
	});

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	});

	async function run(example: string): Promise<Execution> {
		const id = await n8n.createWorkflow(exampleWorkflow(example, choices));
		const execution = await n8n.runWorkflow(id, { triggerName: 'Start Here' });
		return await n8n.waitForExecution(execution);
	}

	/** Items that the receiving workflow got for a task, over all its executions. */
	async function received(taskId: string) {
		const executions = await n8n.listExecutions({ workflowId: receiver, includeData: true });
		return executions
			// In queue mode n8n lists those too that a worker has not finished.
			.filter(({ stoppedAt }) => stoppedAt)
			.flatMap((execution) => outputOf(execution, TRIGGER))
			.filter(({ json }) => json.taskId === taskId);
	}

	async function receivedOnce(taskId: string) {
		const items = await until(
			`the completion of task ${taskId}`,
			async () => {
				const found = await received(taskId);
				return found.length > 0 ? found : undefined;
			},
			{ timeoutMs: 30_000, everyMs: 200 },
		);
		expect(items).toHaveLength(1);
		return items[0]?.json ?? {};
	}

	/** All executions of the receiver that are over, once no delivery is left to come. */
	async function settledExecutions(): Promise<number> {
		const count = async () => (await n8n.listExecutions({ workflowId: receiver })).length;
		let before = -1;
		return await until(
			'the receiver to come to rest',
			async () => {
				const now = await count();
				const isSettled = now === before;
				before = now;
				return isSettled ? now : undefined;
			},
			{ timeoutMs: 20_000, everyMs: 1_000 },
		);
	}

	const taskIdOf = (execution: Execution, node: string) =>
		String(outputOf(execution, node)[0]?.json.taskId);

	describe('credential', () => {
		const credential = (data: Record<string, string>) => ({
			name: 'VMEG account',
			type: VMEG_CREDENTIAL,
			data: { apiKey: sandbox.apiKey, webhookSecret: '', baseUrl: sandbox.url, ...data },
		});

		test('a right key passes', async () => {
			const result = await n8n.testCredential(choices.credential.id, credential({}));
			expect(result).toMatchObject({ status: 'OK' });
		});

		test('a refused key, another server and no server are told apart', async () => {
			const { id } = choices.credential;
			const refused = await n8n.testCredential(id, credential({ apiKey: 'wrong' }));
			expect(refused).toEqual({ status: 'Error', message: expect.stringContaining('refused this API key') });
			const other = await n8n.testCredential(id, credential({ baseUrl: n8n.baseUrl }));
			expect(other).toEqual({ status: 'Error', message: expect.stringContaining('not the VMEG API') });
			const nobody = await n8n.testCredential(id, credential({ baseUrl: 'http://127.0.0.1:9' }));
			expect(nobody.status).toBe('Error');
			expect(nobody.message).not.toContain('API key');
		});
	});

	describe('text', () => {
		test('a list of texts is translated into two languages, one request each', async () => {
			const execution = await run('translate-product-texts');
			expect(execution.status).toBe('success');
			const rows = outputOf(execution, 'German Rows').map(({ json }) => json);
			expect(rows).toHaveLength(5);
			expect(rows[0]).toMatchObject({ sku: 'MS-1001', translation: expect.stringMatching(/^\[de-DE\] /) });
			expect(outputOf(execution, 'French Rows')[4]?.json).toMatchObject({
				sku: 'MS-1005',
				translation: expect.stringMatching(/^\[fr-FR\] /),
			});
			expect(sandbox.journal.requests('/task/translate/create')).toHaveLength(2);
		});

		test('submitted texts come back to the trigger, with their extra data', async () => {
			const execution = await run('submit-without-waiting');
			const completion = await receivedOnce(taskIdOf(execution, 'Submit Texts'));
			expect(completion).toMatchObject({
				event: 'openapi-translate',
				succeeded: true,
				extraData: { job: 'newsletter' },
				translations: [expect.stringMatching(/^\[ja-JP\] /), expect.stringMatching(/^\[ja-JP\] /)],
			});
		});
	});

	describe('media', () => {
		test('a submitted video comes back to the trigger, and its deliverables are there', async () => {
			const execution = await run('submit-without-waiting');
			const completion = await receivedOnce(taskIdOf(execution, 'Submit Video'));
			expect(completion).toMatchObject({ event: 'openapi-media-translation', succeeded: true });
			const video = await fetch(String(completion.videoUrl));
			expect(Buffer.from(await video.arrayBuffer()).equals(await readFile(SAMPLE_VIDEO))).toBe(true);
		});

		test('submit and wait gives the deliverables to the next node', async () => {
			const execution = await run('dub-video-and-wait');
			expect(execution.status).toBe('success');
			expect(outputOf(execution, 'Deliverables')[0]?.json).toMatchObject({
				videoUrl: expect.stringContaining('http'),
				audioUrl: expect.stringContaining('http'),
				seconds: expect.any(Number),
				firstLine: expect.any(String),
			});
		});

		test('a failed job is delivered too', async () => {
			const workflow = exampleWorkflow('submit-without-waiting', choices);
			for (const node of workflow.nodes) {
				if (node.name === 'Submit Video') node.parameters.options = { extraData: '{"why": "{{fail}}"}' };
			}
			const id = await n8n.createWorkflow(workflow);
			const execution = await n8n.waitForExecution(
				await n8n.runWorkflow(id, { triggerName: 'Start Here' }),
			);
			const taskId = taskIdOf(execution, 'Submit Video');
			const completion = await receivedOnce(taskId);
			expect(completion).toMatchObject({ succeeded: false, message: expect.stringMatching(/.+/) });
			const [failure] = await n8n.listExecutions({ workflowId: receiver, includeData: true });
			expect(failure && outputOf(failure, 'Failure')[0]?.json).toMatchObject({ taskId });
		});
	});

	describe('speech and voice', () => {
		test('a text is narrated with a voice that was cloned before', async () => {
			const execution = await run('narrate-with-cloned-voice');
			expect(execution.status).toBe('success');
			const spoken = outputOf(execution, 'Speak');
			expect(spoken.map(({ json }) => json.line)).toHaveLength(3);
			for (const { json, binary } of spoken) {
				expect(json).toMatchObject({ audioUrl: expect.stringContaining('http') });
				expect(binary?.audio).toMatchObject({ fileExtension: 'wav' });
			}
			expect(sandbox.journal.requests('/task/tts/create')).toHaveLength(1);
		});
	});

	describe('the webhook', () => {
		const completion = (key: string) =>
			JSON.stringify({
				code: 200,
				version: 'v1',
				event: 'openapi-translate',
				pipelineKey: key,
				message: '',
				extraData: {},
				data: { taskId: `task-${key}`, items: [] },
			});

		async function post(body: string, headers: Record<string, string>) {
			const response = await fetch(await n8n.webhookUrl(receiver, TRIGGER), {
				method: 'POST',
				headers: { 'Content-Type': 'application/json', ...headers },
				body,
			});
			return { status: response.status, answer: await response.text() };
		}

		test('refuses forged and stale callbacks with 401 and starts nothing', async () => {
			const before = await settledExecutions();
			const body = completion('forged');
			const genuine = sandbox.signedRequest(body);
			const stale = sandbox.signedRequest(body, { timestamp: Date.now() - 301_000 });
			const forged = sandbox.signedRequest(body, { secret: 'a guess' });
			expect((await post(body, {})).status).toBe(401);
			expect((await post(body, stale.headers)).status).toBe(401);
			expect((await post(body, forged.headers)).status).toBe(401);
			expect((await post(body.replace('200', '201'), genuine.headers)).status).toBe(401);
			expect(await settledExecutions()).toBe(before);
		});

		test('answers a signed connectivity test with 200 and starts nothing', async () => {
			const before = await settledExecutions();
			const { headers, body } = sandbox.signedRequest('{"test": true}');
			expect((await post(body, headers)).status).toBe(200);
			expect(await settledExecutions()).toBe(before);
		});

		test('emits a completion once, however often it comes, also after a restart of n8n', async () => {
			const key = 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0';
			const deliver = async () => {
				const { headers, body } = sandbox.signedRequest(completion(key));
				return (await post(body, headers)).status;
			};
			expect(await deliver()).toBe(200);
			await settledExecutions();
			expect(await Promise.all([deliver(), deliver(), deliver()])).toEqual([200, 200, 200]);
			await n8n.restart();
			expect(await deliver()).toBe(200);
			await settledExecutions();
			expect(await received(`task-${key}`)).toHaveLength(1);
		});

		test('cannot be activated without a secret, and n8n says why', async () => {
			const { apiKey, url } = sandbox;
			const credential = await addCredential(n8n, { apiKey, webhookSecret: '', url }, 'VMEG without secret');
			const workflow = exampleWorkflow('receive-completions', { credential });
			for (const node of workflow.nodes) {
				if (node.name === TRIGGER) node.webhookId = '0f0f0f0f-0000-4000-8000-000000000000';
			}
			const workflowId = await n8n.createWorkflow(workflow);
			await expect(n8n.activate(workflowId)).rejects.toThrow('has no Webhook Secret');
		});
	});

	test('every example has been run', () => {
		expect(exampleNames()).toEqual([
			// here
			'dub-video-and-wait',
			'narrate-with-cloned-voice',
			'receive-completions',
			'submit-without-waiting',
			'translate-product-texts',
			// suites/recipes.ts
			'reconcile-missed-completions',
			'submit-many-texts-and-join',
			'translate-subtitles',
			// templates.test.ts
			'alert-and-retry-failed-jobs',
			'dub-and-publish-with-subtitles',
			'localise-course-in-five-languages',
			'route-events-to-sub-workflows',
			'sub-workflow-speech-or-voice-ready',
			'sub-workflow-texts-ready',
			'sub-workflow-video-ready',
			'translate-sheet',
		].sort());
	});
}
