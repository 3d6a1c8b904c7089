import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { z } from 'zod';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox({ mediaTaskMs: 200 });

const vmegSubmission = { id: expect.stringMatching(/^[0-9a-f]{32}$/), total: 1, items: [0] };

const CREATE = '/task/media-translation/create-async';
const DETAIL = '/tasks/detail';

const byUrl = (operation: string, options: IDataObject = {}): INodeParameters => ({
	resource: 'media',
	operation,
	sourceLanguage: 'auto',
	targetLanguage: 'de-DE',
	taskType: 'vt',
	materialSource: 'url',
	sourceUrl: '={{ $json.url ?? "https://example.com/film.mp4" }}',
	voiceCloneStyle: 'emotional',
	voiceCloneMode: 'role',
	options: options as INodeParameters,
});

/** Voices that the sandbox knows. */
async function systemVoices(): Promise<Array<{ provider: string; voiceId: string }>> {
	const { url, apiKey } = vmeg.sandbox;
	const response = await fetch(`${url}/openapi/v1/assets/voice/basic/list`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
		body: JSON.stringify({ pageSize: 2 }),
	});
	const { data } = z
		.object({ data: z.object({ records: z.array(z.object({ provider: z.string(), voiceId: z.string() })) }) })
		.parse(await response.json());
	return data.records;
}

describe('Media > Submit', () => {
	it('sends exactly what the contract asks for, with every option', async () => {
		const [first, second] = await systemVoices();
		const { json, error } = await vmeg.run({
			parameters: {
				...byUrl('submit', {
					voiceCloneProvider: 'V4',
					transcribeMode: 'fast',
					translateMode: 'machine',
					prompt: 'Formal',
					separation: true,
					dynamicVideoLength: true,
					lipsync: true,
					text: '{"subtitle": {"size": 12}}',
					selectedVoices: { voice: [first, { provider: '', voiceId: second?.voiceId }] },
					speakerNum: 2,
					timbreMethod: 'smart',
					extraData: '{"row": 4}',
					idempotencyKey: 'film-4',
					requestId: 'req-4',
				}),
				sourceLanguage: 'en-US',
			},
		});

		expect(error).toBeUndefined();
		const [request] = vmeg.sandbox.journal.requests(CREATE);
		expect(request?.idempotencyKey).toBe('film-4');
		expect(request?.query).toEqual({ req_id: 'req-4' });
		expect(request?.body).toEqual({
			taskType: 'vt',
			source: { sourceUrl: 'https://example.com/film.mp4' },
			language: { source: 'en-US', target: 'de-DE' },
			options: {
				voiceClone: { style: 'emotional', mode: 'role', provider: 'V4' },
				transcribe: { mode: 'fast', type: 'default' },
				translate: { mode: 'machine', prompt: 'Formal' },
				separation: { mode: 'auto' },
				dynamicVideoLength: { enable: true },
				lipsync: { enable: true },
				text: { subtitle: { size: 12 } },
				voiceSpeakers: {
					selectedVoicesList: [first, { voiceId: second?.voiceId }],
					speakerNum: '2',
					timbreMethod: 'smart',
				},
			},
			extraData: { row: 4, vmegSubmission },
		});
		expect(json).toEqual([
			{
				taskId: expect.stringMatching(/.+/),
				taskType: 'vt',
				status: 'running',
				createdAt: expect.anything(),
				idempotencyKey: 'film-4',
				extraData: { row: 4, vmegSubmission },
			},
		]);
	});

	it('leaves to VMEG what the user did not set', async () => {
		await vmeg.run({ parameters: byUrl('submit') });
		expect(vmeg.sandbox.journal.requests(CREATE)[0]?.body).toMatchObject({
			language: { source: 'auto', target: 'de-DE' },
			options: { voiceClone: { style: 'emotional', mode: 'role' } },
		});
		expect(Object.keys((vmeg.sandbox.journal.requests(CREATE)[0]?.body as IDataObject).options ?? {})).toEqual([
			'voiceClone',
		]);
	});

	it('takes a material by ID, and reports the task type that VMEG made of it', async () => {
		const { materialId } = await vmeg.sandbox.addMaterial({
			name: 'film.mp4',
			bytes: Buffer.from('not really a film'),
			durationSeconds: 61,
		});
		const { json } = await vmeg.run({
			parameters: {
				...byUrl('submit'),
				taskType: 'at',
				materialSource: 'materialId',
				materialId: { __rl: true, mode: 'id', value: materialId },
			},
		});
		expect(vmeg.sandbox.journal.requests(CREATE)[0]?.body).toMatchObject({ source: { materialId } });
		expect(json[0]?.taskType).toBe('vt');
	});

	it.each([
		[{ sourceUrl: 'http://example.com/a.mp4' }, '"URL" must start with https://'],
		[{ sourceUrl: 'film.mp4' }, '"URL" is not a URL'],
		[{ materialSource: 'materialId', materialId: { __rl: true, mode: 'id', value: ' ' } }, '"Material" is empty'],
		[{ materialSource: 'tape' }, '"Source" is "tape"'],
		[{ targetLanguage: '={{ "" }}' }, '"Target Language" is empty: choose a language'],
		[{ targetLanguage: 'auto' }, '"Target Language" is "auto"'],
		[{ taskType: 'film' }, '"Task Type"'],
		[{ voiceCloneMode: 'choir' }, '"Voice Mode"'],
		[{ options: { speakerNum: 'two' } }, '"Number of Speakers" must be "auto" or a number'],
		[{ options: { text: 'no' } }, '"Text Styling" is not valid JSON'],
	])('refuses %j, naming parameter and item, before anything is sent', async (wrong, message) => {
		const { error } = await vmeg.run({ parameters: { ...byUrl('submit'), ...(wrong as INodeParameters) } });
		expect(error?.message).toContain(`Item 0: ${message}`);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('costs nothing when the last of several items is wrong', async () => {
		const { error } = await vmeg.run({
			parameters: byUrl('submit'),
			items: [{}, {}, { url: 'ftp://old' }],
		});
		expect(error?.message).toContain('Item 2: "URL"');
		expect(vmeg.sandbox.tasks()).toHaveLength(0);
	});

	it('keeps what was accepted when another item fails and the node is retried', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: CREATE, nth: 2, code: 402, message: 'No credits' });
		const { json, error } = await vmeg.run({
			parameters: byUrl('submit', { maxConcurrency: 1 }),
			items: [{ url: 'https://a.example/1.mp4' }, { url: 'https://a.example/2.mp4' }],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		expect(error).toBeUndefined();
		expect(new Set(json.map(({ taskId }) => taskId)).size).toBe(2);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});
});

describe('Media > Submit and Wait', () => {
	it('waits for the deliverables and gives them as flat fields', async () => {
		const { json } = await vmeg.run({ parameters: byUrl('submitAndWait') });
		expect(json[0]).toMatchObject({
			taskId: expect.any(String),
			taskType: 'vt',
			status: 'finished',
			videoUrl: expect.stringContaining('http'),
			audioUrl: expect.stringContaining('http'),
			thumbnailUrl: expect.stringContaining('http'),
			duration: expect.any(Number),
		});
		expect(json[0]?.subtitles).toEqual(
			expect.arrayContaining([expect.objectContaining({ start: expect.any(Number), text: expect.any(String) })]),
		);
		expect(json[0]).not.toHaveProperty('result');
	});

	it('gives the whole result without Simplify', async () => {
		const { json } = await vmeg.run({ parameters: { ...byUrl('submitAndWait'), simplify: false } });
		expect(json[0]).toMatchObject({ status: 'finished', result: { build: {}, translatedScripts: {} } });
	});

	it('reports a failed job with its ID and last state', async () => {
		const { error } = await vmeg.run({
			parameters: byUrl('submitAndWait', { extraData: '{"note": "{{fail}}"}' }),
		});
		const [task] = vmeg.sandbox.tasks();
		expect(error?.message).toMatch(/^Item 0: VMEG could not finish the task/);
		expect(error?.message).toContain(`(task ${task?.taskId}, last state: failed)`);
	});

	it('gives up at the time-out, with the task ID and how to go on', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 60_000;
		const started = Date.now();
		const { error } = await vmeg.run({ parameters: byUrl('submitAndWait', { timeout: 2 }) });
		vmeg.sandbox.settings.mediaTaskMs = 200;

		expect(Date.now() - started).toBeLessThan(5_000);
		const [task] = vmeg.sandbox.tasks();
		expect(error?.message).toBe(
			`Item 0: The task was not finished within 2 seconds (task ${task?.taskId}, last state: running)`,
		);
		expect(error?.description).toContain('do not submit it again');
	});

	it('outlives passing faults of the API while it waits', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: DETAIL, count: 2, code: 500 });
		vmeg.sandbox.addFault({ kind: 'dropBefore', path: DETAIL, nth: 3 });
		const { json, error } = await vmeg.run({ parameters: byUrl('submitAndWait') });
		expect(error).toBeUndefined();
		expect(json[0]?.status).toBe('finished');
	}, 30_000);

	it('ends soon when the execution is cancelled', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 60_000;
		const started = Date.now();
		const { error } = await vmeg.run({
			parameters: byUrl('submitAndWait'),
			onStart: ({ cancel }) => void setTimeout(cancel, 1_000),
		});
		vmeg.sandbox.settings.mediaTaskMs = 200;
		expect(error?.message).toContain('Waiting was cancelled');
		expect(error?.description).toContain('The task goes on at VMEG');
		expect(Date.now() - started).toBeLessThan(4_000);
	});

	it('waits for many jobs at the same time', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 1_500;
		const started = Date.now();
		const { json } = await vmeg.run({
			parameters: byUrl('submitAndWait'),
			items: Array.from({ length: 10 }, (_, index) => ({ url: `https://a.example/${index}.mp4` })),
		});
		vmeg.sandbox.settings.mediaTaskMs = 200;
		expect(new Set(json.map(({ taskId }) => taskId)).size).toBe(10);
		expect(Date.now() - started).toBeLessThan(8_000);
	});
});
