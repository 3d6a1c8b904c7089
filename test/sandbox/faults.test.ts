import { startSandbox, type Sandbox } from '../../sandbox';
import { asRecord, call, closeReceivers, receiver, text, until } from './helpers';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ textTaskMs: 10 });
});
afterAll(() => sandbox.close());
afterEach(closeReceivers);
beforeEach(() => sandbox.reset());

const path = '/task/translate/create';
const translate = () => call(sandbox, 'POST', path, text('x'));
const raw = () =>
	fetch(`${sandbox.url}/openapi/v1/tasks/list`, { headers: { Authorization: `Bearer ${sandbox.apiKey}` } });

describe('faults of API calls', () => {
	it('status: code, message, Retry-After; nothing is processed', async () => {
		sandbox.addFault({ kind: 'status', code: 429, message: 'slow down', retryAfter: 3, count: 1 });
		const answer = await translate();
		expect(answer).toMatchObject({ status: 429, code: 429, message: 'slow down' });
		expect(answer.headers.get('retry-after')).toBe('3');
		expect(sandbox.tasks()).toHaveLength(0);
		expect(sandbox.journal.requests()).toMatchObject([{ code: 429, faults: ['status'], accepted: false }]);
		expect((await translate()).status).toBe(200);
	});

	it('status: an HTML page and an HTTP date', async () => {
		const date = new Date().toUTCString();
		sandbox.addFault({ kind: 'status', code: 502, rawBody: '<h1>Bad gateway</h1>', retryAfter: date });
		const response = await raw();
		expect(response.status).toBe(502);
		expect(response.headers.get('content-type')).toBe('text/html');
		expect(response.headers.get('retry-after')).toBe(date);
		expect(await response.text()).toBe('<h1>Bad gateway</h1>');
	});

	it('status after processing: the task exists', async () => {
		sandbox.addFault({ kind: 'status', code: 502, processed: true, count: 1 });
		const headers = { 'X-Idempotency-Key': 'a' };
		expect((await call(sandbox, 'POST', path, text('x'), headers)).status).toBe(502);
		expect(sandbox.tasks()).toHaveLength(1);
		expect((await call(sandbox, 'POST', path, text('x'), headers)).status).toBe(409);
	});

	it('failingEnvelope', async () => {
		sandbox.addFault({ kind: 'failingEnvelope', code: 402, message: 'no credits' });
		expect(await translate()).toMatchObject({ status: 200, code: 402, message: 'no credits' });
	});

	it('dropBefore leaves the key unused, dropAfter uses it', async () => {
		const headers = { 'X-Idempotency-Key': 'b' };
		sandbox.addFault({ kind: 'dropBefore', nth: 1 });
		sandbox.addFault({ kind: 'dropAfter', nth: 2 });
		await expect(call(sandbox, 'POST', path, text('x'), headers)).rejects.toThrow('fetch failed');
		expect(sandbox.tasks()).toHaveLength(0);
		await expect(call(sandbox, 'POST', path, text('x'), headers)).rejects.toThrow('fetch failed');
		expect(sandbox.tasks()).toHaveLength(1);
		expect(sandbox.charged).toBe(1);
		expect((await call(sandbox, 'POST', path, text('x'), headers)).status).toBe(409);
		expect(sandbox.journal.requests().map(({ code, accepted }) => [code, accepted])).toEqual([
			[0, false],
			[0, true],
			[409, false],
		]);
	});

	it('truncate', async () => {
		sandbox.addFault({ kind: 'truncate' });
		await expect((await raw()).json()).rejects.toThrow('JSON');
	});

	it('delay, slowBody and latency', async () => {
		sandbox.addFault({ kind: 'delay', ms: 40 });
		sandbox.addFault({ kind: 'slowBody', ms: 40 });
		sandbox.settings.latencyMs = 20;
		const started = Date.now();
		expect(asRecord(await (await raw()).json())).toMatchObject({ code: 200 });
		expect(Date.now() - started).toBeGreaterThanOrEqual(95);
		sandbox.settings.latencyMs = 0;
	});

	it('extraFields', async () => {
		sandbox.addFault({ kind: 'extraFields' });
		const { data } = await translate();
		expect(data).toMatchObject({ items: [{ text: '[de-DE] x', sandboxExtra: {} }], sandboxExtra: {} });
	});

	it('strikes by method, path, expression, nth, count and probability', async () => {
		const fault = sandbox.addFault({ kind: 'status', method: 'post', path: '/task/translate', nth: 2 });
		expect((await raw()).status).toBe(200);
		expect((await translate()).status).toBe(200);
		expect((await translate()).status).toBe(500);
		expect((await translate()).status).toBe(200);
		expect(fault.hits).toBe(1);
		fault.remove();
		sandbox.addFault({ kind: 'status', code: 503, path: /list$/, count: 1 });
		expect((await raw()).status).toBe(503);
		expect((await raw()).status).toBe(200);
		sandbox.clearFaults();
		const outcome = async (): Promise<number[]> => {
			sandbox.clearFaults();
			sandbox.addFault({ kind: 'status', probability: 0.5, seed: 7 });
			const codes: number[] = [];
			for (let i = 0; i < 10; i += 1) codes.push((await raw()).status);
			return codes;
		};
		const first = await outcome();
		expect(new Set(first)).toEqual(new Set([200, 500]));
		expect(await outcome()).toEqual(first);
	});
});

describe('control over HTTP', () => {
	const control = async (method: string, what: string, body?: unknown) => {
		const response = await fetch(`${sandbox.url}/_sandbox/${what}`, {
			method,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const json: unknown = await response.json();
		return { status: response.status, json };
	};

	it('sets the webhook, faults and settings, delivers, reports and resets', async () => {
		const hook = await receiver();
		expect((await control('PUT', 'webhook', { url: hook.url, secret: 'other' })).json).toEqual({
			webhookUrl: hook.url,
			webhookSecret: 'other',
		});
		expect(sandbox.webhookSecret).toBe('other');
		const { data } = await call(sandbox, 'POST', '/task/translate/create-async', text('x'));
		await until(() => hook.received.length === 1);
		expect((await control('POST', 'deliver', { taskId: data['taskId'] })).json).toMatchObject({ status: 200 });
		expect(hook.received).toHaveLength(2);

		await control('POST', 'faults', { kind: 'status', code: 429, pathPattern: 'list$' });
		expect((await raw()).status).toBe(429);
		expect((await control('GET', 'state')).json).toMatchObject({
			balance: 999_999,
			faults: [{ rule: { kind: 'status', pathPattern: 'list$' }, hits: 1 }],
			tasks: [{ taskId: data['taskId'] }],
		});
		await control('DELETE', 'faults');
		expect((await raw()).status).toBe(200);
		await control('PUT', 'settings', { latencyMs: 1, credits: 5 });
		expect([sandbox.settings.latencyMs, sandbox.balance]).toEqual([1, 5]);
		await control('PUT', 'settings', { latencyMs: 0, credits: 1_000_000 });

		expect((await control('GET', 'journal?path=translate')).json).toMatchObject([{ code: 200 }]);
		await control('POST', 'reset');
		expect((await control('GET', 'journal')).json).toEqual([]);
		await control('PUT', 'webhook', { url: '', secret: 'sandbox-secret' });
	});

	it('refuses what it does not know', async () => {
		expect((await control('POST', 'faults', { kind: 'fire' })).status).toBe(400);
		expect((await control('PUT', 'settings', { speed: 1 })).status).toBe(400);
		expect((await control('PUT', 'webhook', { url: 'ftp://x' })).status).toBe(400);
		expect((await control('POST', 'deliver', { taskId: 'no' })).status).toBe(404);
		expect((await control('GET', 'nothing')).status).toBe(404);
	});

	it('shows a page', async () => {
		const response = await fetch(sandbox.url);
		expect(response.headers.get('content-type')).toContain('text/html');
		expect(await response.text()).toContain('VMEG sandbox');
		expect((await fetch(`${sandbox.url}/favicon.ico`)).status).toBe(404);
	});
});
