/**
 * Every operation that the example workflows do not use, in one workflow on a real n8n: each node
 * takes what the one before it made.
 */
import { startSandbox } from '../../../sandbox';
import type { Sandbox } from '../../../sandbox';
import { addCredential } from '../harness/credential';
import type { RunningN8n, StartN8n } from '../harness/handover';
import { outputOf, VMEG_CREDENTIAL, VMEG_NODE } from '../harness/n8n';
import type { Execution, WorkflowDefinition, WorkflowNode } from '../harness/n8n';

/** Where n8n may keep files, by its own names; `default` is in memory, as n8n 1.x does unless told otherwise. */
export type BinaryMode = 'filesystem' | 'database' | 'default';

/** Runs the operations once for each place for files, on an n8n that is started for it. */
export function operations(start: StartN8n, modes: BinaryMode[]): void {
	let n8n: RunningN8n;
	let sandbox: Sandbox;
	let credential: { id: string; name: string };

	const id = (value: string) => ({ __rl: true, mode: 'id', value });

	type Step = [name: string, parameters: Record<string, unknown>];

	/** A chain of VMEG nodes behind a list of one item. */
	function chain(steps: Step[]): WorkflowDefinition {
		const node = (name: string, index: number, type: string, parameters: object): WorkflowNode => ({
			id: `9b2d4c11-0000-4000-8000-${String(index).padStart(12, '0')}`,
			name,
			type,
			typeVersion: type.endsWith('.code') ? 2 : 1,
			position: [index * 200, 0],
			parameters: { ...parameters },
			...(type === VMEG_NODE ? { credentials: { [VMEG_CREDENTIAL]: credential } } : {}),
		});
		const file = Buffer.from('a recording of my voice').toString('base64');
		const jsCode = `return [{ json: {}, binary: { data: { data: '${file}', mimeType: 'video/mp4', fileName: 'lesson.mp4' } } }];`;
		const nodes = [
			node('Start Here', 0, 'n8n-nodes-base.manualTrigger', {}),
			node('File', 1, 'n8n-nodes-base.code', { jsCode }),
			...steps.map(([name, parameters], index) => node(name, index + 2, VMEG_NODE, parameters)),
		];
		const connections = Object.fromEntries(
			nodes.slice(0, -1).map(({ name }, index) => [
				name,
				{ main: [[{ node: nodes[index + 1]?.name, type: 'main', index: 0 }]] },
			]),
		);
		return { name: 'Every operation', nodes, connections };
	}

	async function run(steps: Step[]): Promise<Execution> {
		const workflow = await n8n.createWorkflow(chain(steps));
		const execution = await n8n.waitForExecution(
			await n8n.runWorkflow(workflow, { triggerName: 'Start Here' }),
			{ timeoutMs: 60_000 },
		);
		expect(execution.data?.resultData.error?.message).toBeUndefined();
		return execution;
	}

	const json = (execution: Execution, node: string) => outputOf(execution, node)[0]?.json;

	describe.each(modes)('with binary data in the %s', (mode) => {
		beforeAll(async () => {
			sandbox = await startSandbox({ textTaskMs: 300, mediaTaskMs: 500 });
			n8n = await start({ env: { N8N_DEFAULT_BINARY_DATA_MODE: mode } });
			credential = await addCredential(n8n, sandbox);
		});

		afterAll(async () => {
			await n8n?.stop();
			await sandbox?.close();
		});

		test('materials: upload, list, delete', async () => {
			const execution = await run([
				['Upload', { resource: 'material', operation: 'upload' }],
				['List', { resource: 'material', operation: 'getAll', returnAll: true }],
				['Delete', { resource: 'material', operation: 'delete', materialId: id('={{ $json.materialId }}') }],
			]);
			expect(json(execution, 'Upload')).toMatchObject({ name: 'lesson.mp4', alreadyThere: false });
			expect(json(execution, 'List')).toMatchObject({ name: 'lesson.mp4' });
			expect(json(execution, 'Delete')).toMatchObject({ deleted: true });
		});

		test('tasks: submit, wait, get, download, upload again, delete', async () => {
			const taskId = id("={{ $('Submit').item.json.taskId }}");
			const execution = await run([
				[
					'Submit',
					{
						resource: 'media',
						operation: 'submit',
						sourceLanguage: 'en-US',
						targetLanguage: 'fr-FR',
						taskType: 'vt',
						materialSource: 'binary',
						voiceCloneStyle: 'consistent',
						voiceCloneMode: 'mix',
					},
				],
				['Wait', { resource: 'task', operation: 'wait', taskId }],
				['Get', { resource: 'task', operation: 'get', taskId }],
				[
					'Download',
					{
						resource: 'task',
						operation: 'downloadResult',
						taskId,
						deliverables: ['video', 'audio', 'subtitles', 'sourceSubtitles'],
						subtitleFormat: 'vtt',
					},
				],
				['Upload', { resource: 'material', operation: 'upload', binaryPropertyName: 'audio' }],
				['Delete', { resource: 'task', operation: 'delete', taskId }],
			]);
			expect(json(execution, 'Wait')).toMatchObject({ status: 'finished' });
			expect(json(execution, 'Get')).toMatchObject({ status: 'finished', videoUrl: expect.any(String) });
			expect(Object.keys(outputOf(execution, 'Download')[0]?.binary ?? {}).sort()).toEqual([
				'audio',
				'sourceSubtitles',
				'subtitles',
				'video',
			]);
			// what was downloaded lies where n8n keeps files, and is uploaded from there
			const audio = outputOf(execution, 'Download')[0]?.binary?.audio;
			const place = audio?.id === undefined ? 'default' : String(audio.id);
			expect(place).toMatch(new RegExp(`^${mode}`));
			expect(json(execution, 'Upload')).toMatchObject({ alreadyThere: false });
			expect(json(execution, 'Delete')).toMatchObject({ deleted: true });
		});

		test('speech and voices: clone, submit, list, rename, speak, delete', async () => {
			const voiceId = id("={{ $('Clone').item.json.voiceId }}");
			const refAudio = 'https://example.com/anna.wav';
			const execution = await run([
				['Clone', { resource: 'voice', operation: 'clone', refAudio, voiceName: 'Anna' }],
				['Rename', { resource: 'voice', operation: 'rename', voiceId, voiceName: 'Anna, narrator' }],
				[
					'Speak',
					{ resource: 'speech', operation: 'submit', text: 'Hello', voiceId, targetLanguage: 'en-US' },
				],
				['Wait', { resource: 'task', operation: 'wait', taskId: id('={{ $json.taskId }}') }],
				['Delete', { resource: 'voice', operation: 'delete', voiceId }],
				['Clone Later', { resource: 'voice', operation: 'submitClone', refAudio, voiceName: 'Berta' }],
				['Tasks', { resource: 'task', operation: 'getAll', filters: { taskType: 'cloneVoice' } }],
			]);
			expect(json(execution, 'Rename')).toMatchObject({ voiceName: 'Anna, narrator' });
			expect(json(execution, 'Wait')).toMatchObject({ status: 'finished', audioUrls: [expect.any(String)] });
			expect(json(execution, 'Delete')).toMatchObject({ deleted: true });
			expect(json(execution, 'Clone Later')).toMatchObject({ taskId: expect.any(String) });
			expect(outputOf(execution, 'Tasks')).toHaveLength(2);

			const voices = await run([
				['System', { resource: 'voice', operation: 'getAll', voiceType: 'system', limit: 3 }],
			]);
			expect(outputOf(voices, 'System')).toHaveLength(3);
		});
	});
}
