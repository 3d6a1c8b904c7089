import { startSandbox, type Sandbox } from '../../sandbox';
import { asRecord, call, closeReceivers, receiver, until } from './helpers';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ textTaskMs: 10 });
});
afterAll(() => sandbox.close());
afterEach(closeReceivers);
beforeEach(() => sandbox.reset());

const tts = '/task/tts/create';
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

async function clone(voiceName = 'Mine'): Promise<string> {
	const { data } = await call(sandbox, 'POST', '/task/clone-voice/create', {
		voiceName,
		refAudio: 'https://example.com/a.wav',
	});
	return String(data['voiceId']);
}

describe('text to speech', () => {
	it.each([
		['wav', 'audio/wav'],
		['mp3', 'audio/mpeg'],
		['m4a', 'audio/mp4'],
	])('serves %s', async (outputFormat, type) => {
		const { data } = await call(sandbox, 'POST', tts, {
			language: { target: 'de-DE' },
			data: [
				{ text: 'Hello', voiceId: 'sv_0001', emoWeight: 0.5, emoPrompt: 'calm' },
				{ text: 'x {{fail}}', voiceId: 'sv_0008' },
			],
			outputFormat,
		});
		const [first, second] = list(data['results']).map(asRecord);
		expect(first).toEqual({ uri: expect.any(String), duration: 0.5 });
		expect(second).toEqual({ uri: '', duration: 0, errorMessage: expect.any(String) });
		const audio = await fetch(String(first?.['uri']));
		expect(audio.headers.get('content-type')).toBe(type);
		expect((await audio.arrayBuffer()).byteLength).toBeGreaterThan(50);
		expect(sandbox.tasks()).toMatchObject([{ taskType: 'tts', status: 'finished' }]);
		expect(sandbox.charged).toBe(1);
	});

	it('completes asynchronously', async () => {
		const hook = await receiver();
		sandbox.setWebhookUrl(hook.url);
		await call(sandbox, 'POST', `${tts}-async`, { data: [{ text: 'Hello' }], extraData: { a: 1 } });
		await until(() => hook.received.length === 1);
		expect(JSON.parse(hook.received[0]?.body ?? '')).toMatchObject({
			event: 'openapi-tts',
			data: { results: [{ duration: 0.5 }] },
		});
		sandbox.setWebhookUrl(undefined);
	});

	const line = { text: 'Hello' };
	it.each<[string, number, object]>([
		['no data', 400, {}],
		['51 lines', 400, { data: Array.from({ length: 51 }, () => line) }],
		['provider', 400, { data: [line], provider: 'S1' }],
		['extraData on sync', 400, { data: [line], extraData: {} }],
		['format', 400, { data: [line], outputFormat: 'ogg' }],
		['emoWeight', 400, { data: [{ ...line, emoWeight: 1.1 }] }],
		['http audio', 400, { data: [{ ...line, timbreRefAudio: 'http://a.b/c.wav' }] }],
		['voice and timbre', 400, { data: [{ ...line, voiceId: 'sv_0001', timbreRefAudio: 'https://a.b/c.wav' }] }],
		['voice id', 400, { data: [{ ...line, voiceId: 'Anna' }] }],
		['mixed', 400, { data: [{ ...line, voiceId: 'sv_0001' }, { ...line, voiceId: 'cv_1' }] }],
		['two engines', 400, { data: [{ ...line, voiceId: 'sv_0001' }, { ...line, voiceId: 'sv_0002' }] }],
		['unknown voice', 422, { data: [{ ...line, voiceId: 'sv_9999' }] }],
		['{{refuse}}', 422, { data: [{ text: '{{refuse}}' }] }],
	])('refuses: %s', async (_name, code, body) => {
		expect(await call(sandbox, 'POST', tts, body)).toMatchObject({ status: code, code });
	});
});

describe('cloned voices', () => {
	it('are cloned, used, listed, renamed and deleted', async () => {
		const voiceId = await clone();
		expect(voiceId).toMatch(/^cv_/);
		await clone('Other');
		expect((await call(sandbox, 'POST', tts, { data: [{ text: 'x', voiceId }] })).status).toBe(200);
		await call(sandbox, 'POST', '/assets/voice/clone/update', { voiceId, voiceName: 'Renamed' });
		const { data } = await call(sandbox, 'POST', '/assets/voice/clone/list', { searchName: 'name' });
		expect(data).toMatchObject({ records: [{ voiceId, name: 'Renamed', provider: 'V1' }], total: 1 });
		const byName = await call(sandbox, 'POST', '/assets/voice/clone/list', { orderBy: 'name', order: 'asc' });
		expect(list(byName.data['records']).map((record) => asRecord(record)['name'])).toEqual(['Other', 'Renamed']);
		await call(sandbox, 'POST', '/assets/voice/clone/delete', { voiceId });
		expect((await call(sandbox, 'POST', '/assets/voice/clone/delete', { voiceId })).status).toBe(404);
		expect((await call(sandbox, 'POST', '/assets/voice/clone/update', { voiceId, voiceName: 'x' })).status).toBe(404);
	});

	it('need a reference: refused, or failed later', async () => {
		expect((await call(sandbox, 'POST', '/task/clone-voice/create', {})).status).toBe(422);
		const { data } = await call(sandbox, 'POST', '/task/clone-voice/create-async', {});
		expect(data).toEqual({ taskId: expect.any(String), voiceId: expect.any(String), createdAt: expect.any(String) });
		await until(() => sandbox.tasks()[0]?.status === 'failed');
		const clones = await call(sandbox, 'POST', '/assets/voice/clone/list', {});
		expect(clones.data).toEqual({ records: [], total: 0 });
	});

	it('appear when their task has finished', async () => {
		sandbox.settings.textTaskMs = 300;
		await call(sandbox, 'POST', '/task/clone-voice/create-async', { refAudio: 'https://a.b/c.wav', extraData: {} });
		const total = async () => (await call(sandbox, 'POST', '/assets/voice/clone/list', {})).data['total'];
		expect(await total()).toBe(0);
		await until(async () => (await total()) === 1);
	});
});

describe('system voices', () => {
	const voices = async (body: object, headers = {}) =>
		(await call(sandbox, 'POST', '/assets/voice/basic/list', body, headers)).data;

	it('lists sixty, without an idempotency key', async () => {
		const data = await voices({}, { 'X-Idempotency-Key': undefined });
		expect(data['total']).toBe(60);
		expect(list(data['records'])).toHaveLength(10);
		const [first] = list(data['records']).map(asRecord);
		expect(first).toMatchObject({ voiceId: 'sv_0001', provider: 'S1', locale: 'en-GB', gender: 'female' });
		expect((await fetch(String(first?.['audio']))).headers.get('content-type')).toBe('audio/wav');
		expect((await fetch(String(first?.['cover']))).headers.get('content-type')).toBe('image/png');
	});

	it('filters, orders and pages', async () => {
		const german = await voices({ locale: 'de-DE', gender: 'female', pageSize: 50 });
		expect(list(german['records']).length).toBeGreaterThan(0);
		for (const record of list(german['records'])) {
			expect(record).toMatchObject({ locale: 'de-DE', gender: 'female' });
		}
		expect(await voices({ voiceId: 'sv_0005' })).toMatchObject({ total: 1 });
		expect(await voices({ topIds: ['sv_0060'], pageSize: 1 })).toMatchObject({ records: [{ voiceId: 'sv_0060' }] });
		expect(await voices({ orderBy: 'voiceId', order: 'asc', currentPage: 2, pageSize: 2 })).toMatchObject({
			records: [{ voiceId: 'sv_0003' }, { voiceId: 'sv_0004' }],
		});
		expect(await voices({ quality: 'high', emotionPrompt: 'include', searchName: 'a' })).toHaveProperty('total');
	});

	it.each([{ age: 'old' }, { pageSize: '10' }, { orderBy: 'name' }, { locale: 'de' }, { topIds: 'x' }])(
		'refuses %j',
		async (body) => {
			expect((await call(sandbox, 'POST', '/assets/voice/basic/list', body)).status).toBe(400);
		},
	);
});
