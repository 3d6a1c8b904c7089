import { createHmac } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox';
import { asRecord, call, closeReceivers, media, receiver, text, until } from './helpers';

const path = '/task/media-translation/create-async';
const bytes = Buffer.from('the bytes of a video, or so');

let sandbox: Sandbox;
let video: string;
let audio: string;
beforeAll(async () => {
	sandbox = await startSandbox({ textTaskMs: 10, mediaTaskMs: 20, webhookRetryMs: 10, webhookTimeoutMs: 250 });
});
afterAll(() => sandbox.close());
afterEach(closeReceivers);
beforeEach(async () => {
	await sandbox.reset();
	sandbox.setWebhookUrl(undefined);
	sandbox.settings.textTaskMs = 10;
	({ materialId: video } = await sandbox.addMaterial({ name: 'Ferien/Film 1.mp4', bytes, durationSeconds: 30 }));
	({ materialId: audio } = await sandbox.addMaterial({ name: 'a.mp3', bytes: Buffer.from('mp3') }));
});

async function finishedResult(body: unknown): Promise<Record<string, unknown>> {
	const { data, message } = await call(sandbox, 'POST', path, body);
	expect(message).toBe('success');
	const detail = async () => (await call(sandbox, 'GET', `/tasks/detail?taskId=${String(data['taskId'])}`)).data;
	await until(async () => (await detail())['status'] === 'finished');
	return asRecord((await detail())['result']);
}

describe('media translation', () => {
	it('answers and ends with a full result', async () => {
		const { data } = await call(sandbox, 'POST', path, media(video));
		expect(data).toEqual({
			taskId: expect.any(String),
			taskType: 'vt',
			status: 'running',
			createdAt: expect.any(String),
		});
		const result = await finishedResult(media(video));
		expect(Object.keys(result)).toEqual([
			'compress', 'asrScripts', 'audioSeparation', 'translatedScripts', 'voiceClone', 'voiceMatch', 'tts',
			'alignment', 'build',
		]);
		const lines = asRecord(result['translatedScripts'])['result'];
		expect(lines).toHaveLength(7);
		expect(lines).toMatchObject([{ start: 0, text: '[fr-FR] Welcome back to the workshop.', locale: 'fr-FR' }, {}, {}, {}, {}, {}, {}]);
	});

	it('serves the deliverables, with ranges', async () => {
		const build = asRecord((await finishedResult(media(video)))['build']);
		const url = String(asRecord(build['video'])['url']);
		const whole = await fetch(url);
		expect(whole.status).toBe(200);
		expect(Object.fromEntries(whole.headers)).toMatchObject({
			'content-type': 'video/mp4',
			'content-length': String(bytes.length),
			'accept-ranges': 'bytes',
			etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
		});
		expect(Buffer.from(await whole.arrayBuffer())).toEqual(bytes);

		const part = await fetch(url, { headers: { Range: 'bytes=4-8' } });
		expect(part.status).toBe(206);
		expect(part.headers.get('content-range')).toBe(`bytes 4-8/${bytes.length}`);
		expect(await part.text()).toBe('bytes');
		expect(await (await fetch(url, { headers: { Range: 'bytes=-2' } })).text()).toBe('so');
		expect((await fetch(url, { headers: { Range: 'bytes=999-' } })).status).toBe(416);
		expect((await fetch(url, { headers: { 'If-None-Match': whole.headers.get('etag') ?? '' } })).status).toBe(304);
		const head = await fetch(url, { method: 'HEAD' });
		expect(head.headers.get('content-length')).toBe(String(bytes.length));

		const wav = await fetch(String(asRecord(build['audio'])['url']));
		expect(wav.headers.get('content-type')).toBe('audio/wav');
		expect(Buffer.from(await wav.arrayBuffer()).toString('latin1', 0, 4)).toBe('RIFF');
		const [image] = Array.isArray(build['images']) ? build['images'] : [];
		const png = await fetch(String(asRecord(image)['url']));
		expect(png.headers.get('content-type')).toBe('image/png');
		expect(Buffer.from(await png.arrayBuffer()).subarray(1, 4).toString()).toBe('PNG');
	});

	it('refuses an Authorization header, a changed URL and an unsigned one, as object storage does', async () => {
		const build = asRecord((await finishedResult(media(video)))['build']);
		const url = String(asRecord(build['video'])['url']);
		const withKey = await fetch(url, { headers: { Authorization: `Bearer ${sandbox.apiKey}` } });
		expect(withKey.status).toBe(400);
		expect(await withKey.text()).toContain('<Code>InvalidArgument</Code>');
		expect(sandbox.journal.requests('/storage/').at(-1)).toMatchObject({ code: 400, authorization: 'wrong' });
		expect((await fetch(`${url}&req_id=1`)).status).toBe(403);
		expect((await fetch(url.split('?')[0] ?? '')).status).toBe(403);
		expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
	});

	it('keeps serving results when the material is deleted, not when the task is', async () => {
		const build = asRecord((await finishedResult(media(video)))['build']);
		const url = String(asRecord(build['video'])['url']);
		await call(sandbox, 'POST', '/assets/material/delete', { materialId: video });
		expect((await fetch(url)).status).toBe(200);
		await call(sandbox, 'POST', '/tasks/delete', { taskId: sandbox.tasks()[0]?.taskId });
		expect((await fetch(url)).status).toBe(404);
	});

	it('takes an https URL, runs `at` on a video as vt, and makes audio of audio', async () => {
		await finishedResult({ ...media(video), source: { sourceUrl: 'https://example.com/a.mp4' } });
		const { data } = await call(sandbox, 'POST', path, { ...media(video), taskType: 'at' });
		expect(data['taskType']).toBe('vt');
		const result = await finishedResult({ ...media(audio), taskType: 'at' });
		expect(Object.keys(asRecord(result['build']))).toEqual(['audio']);
	});

	it('fails by a marker in extraData, the name or the URL', async () => {
		const { materialId } = await sandbox.addMaterial({ name: 'x {{fail}}.mp4', bytes: Buffer.from('f') });
		await call(sandbox, 'POST', path, { ...media(video), extraData: { a: ['{{fail}}'] } });
		await call(sandbox, 'POST', path, media(materialId));
		await call(sandbox, 'POST', path, { ...media(video), source: { sourceUrl: 'https://a.b/sandbox-fail.mp4' } });
		await until(() => sandbox.tasks().every(({ status }) => status === 'failed'));
		expect(sandbox.tasks()).toHaveLength(3);
	});

	const refusals: Array<[string, number, (good: ReturnType<typeof media>) => unknown]> = [
		['no options', 400, ({ options: _, ...rest }) => rest],
		['no voiceClone', 400, (good) => ({ ...good, options: {} })],
		['no mode', 400, (good) => ({ ...good, options: { voiceClone: { style: 'emotional' } } })],
		['style', 400, (good) => ({ ...good, options: { voiceClone: { style: 'x', mode: 'role' } } })],
		['provider S1', 400, (good) => ({ ...good, options: { voiceClone: { mode: 'role', provider: 'S1' } } })],
		['task type', 400, (good) => ({ ...good, taskType: 'video' })],
		['no source', 400, (good) => ({ ...good, source: {} })],
		['two sources', 400, (good) => ({ ...good, source: { ...good.source, sourceUrl: 'https://a.b/c.mp4' } })],
		['http URL', 400, (good) => ({ ...good, source: { sourceUrl: 'http://a.b/c.mp4' } })],
		['unknown material', 404, (good) => ({ ...good, source: { materialId: 'nothing' } })],
		['auto as target', 400, (good) => ({ ...good, language: { target: 'auto' } })],
		['extraData a list', 400, (good) => ({ ...good, extraData: [] })],
		['vt on audio', 422, (good) => ({ ...good, source: { materialId: audio } })],
		['lip sync of audio', 400, (good) => ({ ...good, taskType: 'at', options: { ...good.options, lipsync: { enable: true } } })],
		['speakerNum a number', 400, (good) => ({ ...good, options: { ...good.options, voiceSpeakers: { speakerNum: 2 } } })],
		[
			'voice of another provider',
			422,
			(good) => ({
				...good,
				options: {
					...good.options,
					voiceSpeakers: { selectedVoicesList: [{ provider: 'S2', voiceId: 'sv_0001' }] },
				},
			}),
		],
	];
	it.each(refusals)('refuses: %s', async (_name, code, change) => {
		expect(await call(sandbox, 'POST', path, change(media(video)))).toMatchObject({ status: code, code });
		expect(sandbox.charged).toBe(0);
	});
});

describe('webhooks', () => {
	const submit = (extraData: object = { run: 1 }) =>
		call(sandbox, 'POST', '/task/translate/create-async', { ...text('Hello'), extraData });

	it('delivers a signed completion with extraData', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		const { data } = await submit();
		await until(() => hook.received.length === 1);
		const headers = hook.received[0]?.headers ?? {};
		const body = hook.received[0]?.body ?? '';
		const timestamp = String(headers['x-timestamp']);
		expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(5000);
		expect(headers['x-signature']).toBe(
			createHmac('sha256', 'sandbox-secret').update(timestamp + body).digest('hex'),
		);
		expect(JSON.parse(body)).toEqual({
			code: 200,
			version: 'v1',
			event: 'openapi-translate',
			pipelineKey: expect.stringMatching(/^[0-9a-f]{32}$/),
			message: '',
			extraData: { run: 1 },
			data: { ...data, items: [{ text: '[de-DE] Hello' }] },
		});
	});

	it('delivers media results and failures', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		await call(sandbox, 'POST', path, media(video));
		await until(() => hook.received.length === 1);
		expect(JSON.parse(hook.received[0]?.body ?? '')).toMatchObject({
			code: 200,
			event: 'openapi-media-translation',
			data: { taskType: 'vt', status: 'finished', result: { build: { video: { fps: 25 } } } },
		});
		await call(sandbox, 'POST', path, { ...media(video), extraData: { x: '{{fail}}' } });
		await until(() => hook.received.length === 2);
		const failed = asRecord(JSON.parse(hook.received[1]?.body ?? ''));
		expect(failed).toMatchObject({ data: { status: 'failed', result: null }, extraData: { x: '{{fail}}' } });
		expect(failed['code']).not.toBe(200);
		expect(failed['message']).not.toBe('');
	});

	it('tells nobody of synchronous calls', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		await call(sandbox, 'POST', '/task/translate/create', text('x'));
		await submit();
		await until(() => sandbox.journal.deliveries().length > 0);
		expect(sandbox.journal.deliveries()).toHaveLength(1);
		expect(hook.received).toHaveLength(1);
	});

	it('retries on refusals and time-outs: same pipelineKey, new signature', async () => {
		const hook = await receiver((count) => [500, undefined, 302, 204][count - 1]);
		sandbox.setWebhookUrl(hook.url);
		await submit();
		await until(() => sandbox.journal.deliveries().length === 4);
		expect(sandbox.journal.deliveries().map(({ status, attempt }) => [attempt, status])).toEqual([
			[1, 500],
			[2, 0],
			[3, 302],
			[4, 204],
		]);
		expect(new Set(hook.received.map(({ body }) => body)).size).toBe(1);
		expect(new Set(hook.received.map(({ headers }) => headers['x-signature'])).size).toBe(4);
	});

	it('gives up after the last attempt', async () => {
		sandbox.settings.webhookMaxAttempts = 2;
		sandbox.setWebhookUrl('http://127.0.0.1:1/');
		await submit();
		await until(() => sandbox.journal.deliveries().length === 2);
		await new Promise((resolve) => setTimeout(resolve, 40));
		expect(sandbox.journal.deliveries()).toHaveLength(2);
		sandbox.settings.webhookMaxAttempts = 8;
	});

	it.each([true, false])('duplicates (concurrent: %s)', async (concurrent) => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		sandbox.addFault({ kind: 'webhookDuplicate', times: 2, concurrent });
		await submit();
		await until(() => hook.received.length === 3);
		expect(new Set(hook.received.map(({ body }) => body)).size).toBe(1);
	});

	it('delays, loses and disguises', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		sandbox.addFault({ kind: 'webhookLose', count: 1 });
		sandbox.addFault({ kind: 'webhookDelay', ms: 50, nth: 2 });
		sandbox.addFault({ kind: 'webhookExtraFields', nth: 2, event: 'openapi-translate' });
		await submit();
		await until(() => sandbox.journal.deliveries().length === 1);
		expect(sandbox.journal.deliveries()).toMatchObject([{ status: 0, error: 'lost by a fault' }]);
		const started = Date.now();
		await submit();
		await until(() => hook.received.length === 1);
		expect(Date.now() - started).toBeGreaterThanOrEqual(45);
		expect(asRecord(JSON.parse(hook.received[0]?.body ?? ''))).toHaveProperty('sandboxExtra');
	});

	it('signs the first attempt by a clock that is wrong, the next one by the right one', async () => {
		const hook = await receiver((count) => [401, 200][count - 1]);
		sandbox.setWebhookUrl(hook.url);
		sandbox.addFault({ kind: 'webhookSkew', ms: -400_000, count: 1 });
		await submit();
		await until(() => hook.received.length === 2);
		const [first, second] = hook.received.map(({ headers, body, at }) => {
			const timestamp = String(headers['x-timestamp']);
			const signature = createHmac('sha256', 'sandbox-secret').update(timestamp + body).digest('hex');
			expect(headers['x-signature']).toBe(signature);
			return Number(timestamp) - at;
		});
		expect(first).toBeLessThan(-395_000);
		expect(Math.abs(second ?? Infinity)).toBeLessThan(5_000);
	});

	it('can arrive before the answer', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		sandbox.addFault({ kind: 'webhookEarly', count: 1 });
		await submit();
		expect(hook.received).toHaveLength(1);
	});

	it('delivers again on demand', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		sandbox.settings.textTaskMs = 300;
		const { data } = await submit();
		await expect(sandbox.deliver(String(data['taskId']))).rejects.toThrow('running');
		await until(() => hook.received.length === 1);
		await new Promise((resolve) => setTimeout(resolve, 2));
		expect(await sandbox.deliver(String(data['taskId']))).toMatchObject({ status: 200 });
		expect(hook.received[1]?.body).toBe(hook.received[0]?.body);
	});

	it('does not complete a task deleted while it runs', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		sandbox.settings.textTaskMs = 300;
		const { data } = await submit();
		await call(sandbox, 'POST', '/tasks/delete', { taskId: data['taskId'] });
		await new Promise((resolve) => setTimeout(resolve, 350));
		expect(hook.received).toHaveLength(0);
	});

	it('keeps deliveries from before a reset out of the journal after it', async () => {
		const hook = await receiver(() => undefined);
		sandbox.setWebhookUrl(hook.url);
		await submit();
		await until(() => hook.received.length === 1);
		await sandbox.reset();
		await new Promise((resolve) => setTimeout(resolve, 350));
		expect(hook.received).toHaveLength(1);
		expect(sandbox.journal.deliveries()).toHaveLength(0);
	});

	it('signs callbacks for tests', () => {
		const { headers, body } = sandbox.signedRequest('{"a":1}', { timestamp: 1000, secret: 's' });
		expect(headers).toEqual({
			'Content-Type': 'application/json',
			'X-Timestamp': '1000',
			'X-Signature': createHmac('sha256', 's').update(`1000${body}`).digest('hex'),
		});
	});
});
