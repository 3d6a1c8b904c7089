import { z } from 'zod';

import { createClient, DEFAULT_ANSWER_TIMEOUT_MS } from '../../../nodes/Vmeg/api/client';
import type { ClientOptions, SendOptions } from '../../../nodes/Vmeg/api/client';
import { endpoints } from '../../../nodes/Vmeg/api/endpoints';
import { answer, fake, fakeVmeg, networkFault } from '../support/fakes';
import type { Reply } from '../support/fakes';
import { withoutWaiting } from '../support/time';

const START_MS = Date.UTC(2026, 0, 1, 12);

beforeEach(() => {
	jest.useFakeTimers({ now: START_MS });
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
	jest.restoreAllMocks();
	jest.useRealTimers();
});

const text = {
	language: { source: 'en-US', target: 'de-DE' },
	segments: [{ text: 'Hello' }],
};
const accepted = answer(200, { taskId: 't-1', createdAt: 'now' });
const finished = answer(200, { taskId: 't-1', status: 'finished' });
const html = (statusCode: number): Reply => ({ statusCode, body: '<html>proxy</html>' });

interface Scene extends ClientOptions {
	cancelled?: AbortSignal;
	baseUrl?: string;
	onRequest?: () => Promise<void> | void;
}

/** Sends one keyed submission to a VMEG that answers its attempts in turn. */
async function submit(replies: Reply[], options: SendOptions = {}, scene: Scene = {}) {
	const { cancelled, baseUrl, onRequest, ...clientOptions } = scene;
	const { context, requests } = fakeVmeg(replies, { cancelled, baseUrl, onRequest });
	const client = await createClient(context, clientOptions);
	const sent = client.send(endpoints.submitText, text, { idempotencyKey: 'key-1', ...options });
	return { result: await withoutWaiting(sent), requests };
}

/** Looks at one task of a VMEG that answers in turn. */
async function look(replies: Reply[], options: SendOptions = {}) {
	const { context, requests } = fakeVmeg(replies);
	const client = await createClient(context);
	const sent = client.send(endpoints.getTask, { taskId: 't-1' }, options);
	return { result: await withoutWaiting(sent), requests };
}

const headersOf = ({ headers }: { headers?: object }) => ({ ...headers });
const failed = (more: object) => ({ ok: false, failure: expect.objectContaining(more) });

describe('a request', () => {
	test('to read carries everything in its query', async () => {
		const { requests } = await look([finished], { requestId: 'mine' });
		expect(requests).toEqual([
			expect.objectContaining({
				credential: 'vmegApi',
				method: 'GET',
				url: 'https://api.vmeg.ai/openapi/v1/tasks/detail',
				qs: { taskId: 't-1', req_id: 'mine' },
				headers: { Accept: 'application/json' },
			}),
		]);
		expect(requests[0]).not.toHaveProperty('body');
	});

	test('to submit carries JSON, its idempotency key and its request ID', async () => {
		const { requests } = await submit([accepted], { requestId: 'mine' });
		expect(requests).toEqual([
			expect.objectContaining({
				credential: 'vmegApi',
				method: 'POST',
				url: 'https://api.vmeg.ai/openapi/v1/task/translate/create-async',
				qs: { req_id: 'mine' },
				headers: {
					Accept: 'application/json',
					'Content-Type': 'application/json',
					'X-Idempotency-Key': 'key-1',
				},
				body: JSON.stringify(text),
			}),
		]);
	});

	test('leaves the API key to n8n and never follows a redirect with it', async () => {
		const { requests } = await submit([accepted]);
		expect(headersOf(requests[0] ?? {})).not.toHaveProperty('Authorization');
		expect(requests[0]).toMatchObject({
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			encoding: 'text',
		});
	});

	test.each(['https://api.vmeg.ai/', ' https://api.vmeg.ai// '])(
		'goes to the Base URL however it is written: "%s"',
		async (baseUrl) => {
			const { requests } = await submit([accepted], {}, { baseUrl });
			expect(requests[0]?.url).toBe('https://api.vmeg.ai/openapi/v1/task/translate/create-async');
		},
	);

	test('gets a request ID of its own where the user has none', async () => {
		const { context, requests } = fakeVmeg([finished]);
		const client = await createClient(context);
		await client.send(endpoints.getTask, { taskId: 'a' });
		await client.send(endpoints.getTask, { taskId: 'b' });
		const ids = requests.map(({ qs }) => qs?.req_id);
		expect(ids[0]).toMatch(/^n8n-[0-9a-f-]{36}$/);
		expect(ids[1]).not.toBe(ids[0]);
	});

	test('waits for its answer as long as it is told, by default five minutes', async () => {
		expect((await submit([accepted])).requests[0]?.timeout).toBe(DEFAULT_ANSWER_TIMEOUT_MS);
		const { requests } = await submit([accepted], { timeoutMs: 7_000 });
		expect(requests[0]?.timeout).toBe(7_000);
	});

	test('that VMEG would not take is not sent', async () => {
		const { context, requests } = fakeVmeg([accepted]);
		const client = await createClient(context);
		await expect(client.send(endpoints.submitText, { ...text, segments: [] })).rejects.toThrow(z.ZodError);
		expect(requests).toHaveLength(0);
	});
});

describe('an answer', () => {
	test('gives its data, with fields that nobody knows', async () => {
		const { result } = await submit([answer(200, { taskId: 't-1', queue: { place: 3 } })]);
		expect(result).toEqual({ ok: true, data: { taskId: 't-1', queue: { place: 3 } } });
	});

	test('is read also where n8n has parsed it already', async () => {
		const { context } = fakeVmeg([]);
		context.helpers.httpRequestWithAuthentication = async () => ({
			statusCode: 200,
			headers: {},
			body: { code: 200, data: { taskId: 't-1', status: 'running' } },
		});
		const client = await createClient(context);
		await expect(client.send(endpoints.getTask, { taskId: 't-1' })).resolves.toMatchObject({ ok: true });
	});

	test('of HTTP 200 with a failing code is a failure', async () => {
		const refusal: Reply = { statusCode: 200, body: '{"code":402,"message":"No credits"}' };
		const { result, requests } = await submit([refusal]);
		expect(result).toEqual(failed({ kind: 'refused', code: 402, message: 'No credits' }));
		expect(requests).toHaveLength(1);
	});

	test('of another form says which field is not as expected', async () => {
		const { result } = await submit([answer(200, { id: 't-1' })], { requestId: 'mine' });
		expect(result).toEqual(
			failed({
				kind: 'unexpected',
				detail: expect.stringMatching(/^taskId: /),
				requestId: 'mine',
				idempotencyKey: 'key-1',
				mayBeAccepted: true,
			}),
		);
	});

	test('of another form names a field within another by its path', async () => {
		const { context } = fakeVmeg([answer(200, { records: [{}] })]);
		const client = await createClient(context);
		const result = await withoutWaiting(client.send(endpoints.listTasks, { currentPage: 1, pageSize: 20 }));
		expect(result).toEqual(
			failed({ kind: 'unexpected', detail: expect.stringMatching(/^records\.0\.\w+: \w+/), mayBeAccepted: false }),
		);
	});

	test('of another form counts its attempts', async () => {
		const { result } = await submit([answer(500), answer(200, {})]);
		expect(result).toEqual(failed({ kind: 'unexpected', attempts: 2 }));
	});

	test('that is a redirect is not followed and not repeated', async () => {
		const redirect: Reply = {
			statusCode: 302,
			headers: { location: 'https://evil.example.com' },
			body: '',
		};
		const { result, requests } = await submit([redirect]);
		expect(result).toEqual(failed({ kind: 'unreadable', statusCode: 302 }));
		expect(requests).toHaveLength(1);
	});
});

describe('a repeated attempt', () => {
	const passing: Array<[string, Reply]> = [
		['throttling', answer(429)],
		['a fault of VMEG', answer(500)],
		['an upstream fault', answer(502)],
		['an unavailable VMEG', answer(503)],
		['a failing code under HTTP 200', { statusCode: 200, body: '{"code":500,"message":""}' }],
		['the error page of a proxy', html(502)],
		['a proxy that throttles', html(429)],
		['JSON cut short', { body: '{"code":200,"data":{"taskId":"t' }],
		['an empty answer', { body: '' }],
		['a refused connection', networkFault('ECONNREFUSED')],
		['a cut connection', networkFault('ECONNRESET')],
		['no answer in time', networkFault('ECONNABORTED')],
		['an unknown host, for now', networkFault('EAI_AGAIN')],
		['a fault without a name', new Error('odd')],
	];

	test.each(passing)('follows %s', async (_, reply) => {
		const { result, requests } = await submit([reply, accepted]);
		expect(result).toMatchObject({ ok: true, data: { taskId: 't-1' } });
		expect(requests).toHaveLength(2);
	});

	test.each<[string, Reply]>([
		['a wrong request', answer(400)],
		['a wrong key', answer(401)],
		['no credits', answer(402)],
		['a forbidden call', answer(403)],
		['an unknown ID', answer(404)],
		['a used idempotency key', answer(409, null, { headers: { 'retry-after': '2' } })],
		['too large a request', answer(413)],
		['an input that cannot be processed', answer(422)],
		['a page that is not from VMEG', html(404)],
		['a login page of a proxy', html(403)],
		['an expired certificate', networkFault('CERT_HAS_EXPIRED')],
		['a self-signed certificate', networkFault('DEPTH_ZERO_SELF_SIGNED_CERT')],
	])('does not follow %s', async (_, reply) => {
		const { result, requests } = await submit([reply, accepted]);
		expect(result.ok).toBe(false);
		expect(requests).toHaveLength(1);
	});

	test.each([
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'ERR_TLS_CERT_ALTNAME_INVALID',
	])('does not follow a certificate that stays wrong: %s', async (code) => {
		const { requests } = await submit([networkFault(code), accepted]);
		expect(requests).toHaveLength(1);
	});

	test('has the idempotency key, the request ID and the body of the first', async () => {
		const { result, requests } = await submit([answer(503), networkFault('ECONNRESET'), html(502), accepted]);
		expect(result.ok).toBe(true);
		expect(requests).toHaveLength(4);
		const sent = requests.map(({ atMs, ...request }) => ({ ...request, hasTime: atMs > 0 }));
		for (const request of sent) expect(request).toEqual(sent[0]);
		expect(sent[0]?.headers).toMatchObject({ 'X-Idempotency-Key': 'key-1' });
	});

	test('comes after a pause that grows', async () => {
		const { result, requests } = await submit([answer(500)]);
		expect(result).toEqual(failed({ kind: 'refused', code: 500, attempts: 5 }));
		const at = requests.map(({ atMs }) => atMs - START_MS);
		expect(at).toEqual([0, 375, 375 + 750, 375 + 750 + 1_500, 375 + 750 + 1_500 + 3_000]);
	});

	test('is not made more often than the policy says', async () => {
		const retry = { maxAttempts: 2, firstDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 };
		const { requests } = await submit([networkFault('ECONNRESET')], {}, { retry });
		expect(requests).toHaveLength(2);
	});

	test.each<[string, Reply]>([
		['VMEG', answer(429, null, { headers: { 'retry-after': '7' } })],
		['a proxy', { statusCode: 503, headers: { 'retry-after': '7' }, body: '<html>' }],
		[
			'VMEG with a date',
			answer(503, null, { headers: { 'retry-after': 'Thu, 01 Jan 2026 12:00:07 GMT' } }),
		],
	])('waits as long as %s asks for', async (_, reply) => {
		const { result, requests } = await submit([reply, accepted]);
		expect(result.ok).toBe(true);
		expect(requests.map(({ atMs }) => atMs - START_MS)).toEqual([0, 7_000]);
	});

	test('is left to the user where VMEG asks for too long a pause', async () => {
		const slow = answer(429, null, { message: 'Slow down', headers: { 'retry-after': '3600' } });
		const { result, requests } = await submit([slow, accepted]);
		expect(result).toEqual(failed({ kind: 'throttled', waitSeconds: 3_600, message: 'Slow down' }));
		expect(requests).toHaveLength(1);
		expect(Date.now()).toBe(START_MS);
	});

	test('ends in throttling without a time where none was given', async () => {
		const { result } = await submit([html(429)]);
		expect(result).toEqual(failed({ kind: 'throttled', waitSeconds: undefined, attempts: 5 }));
	});
});

describe('the deadline', () => {
	test('lets no pause begin that would outlast it', async () => {
		const { result, requests } = await submit([answer(500)], { deadlineMs: START_MS + 1_000 });
		expect(result).toEqual(failed({ kind: 'refused', code: 500, attempts: 2 }));
		expect(requests).toHaveLength(2);
		expect(Date.now()).toBeLessThan(START_MS + 1_000);
	});

	test('cuts the time for an answer', async () => {
		const { requests } = await submit([networkFault('ECONNRESET'), accepted], {
			deadlineMs: START_MS + 1_000,
			timeoutMs: 60_000,
		});
		expect(requests.map(({ timeout }) => timeout)).toEqual([1_000, 625]);
	});

	test('leaves a shorter time for an answer as it is', async () => {
		const { requests } = await submit([accepted], { deadlineMs: START_MS + 60_000, timeoutMs: 500 });
		expect(requests[0]?.timeout).toBe(500);
	});
});

test('a submission without a key is never sent', async () => {
	const { context, requests } = fakeVmeg([accepted]);
	const client = await createClient(context);
	await expect(client.send(endpoints.submitText, text)).rejects.toThrow('/task/translate/create-async needs an idempotency key');
	expect(requests).toHaveLength(0);
});

describe('cancelling', () => {
	test('before a request is sent sends nothing', async () => {
		const { result, requests } = await submit([accepted], {}, { cancelled: AbortSignal.abort() });
		expect(result).toEqual(failed({ kind: 'cancelled', idempotencyKey: 'key-1', mayBeAccepted: false }));
		expect(requests).toHaveLength(0);
	});

	test('during a pause ends it at once', async () => {
		const controller = new AbortController();
		setTimeout(() => controller.abort(), 3_000);
		const slow = answer(429, null, { headers: { 'retry-after': '60' } });
		const { result, requests } = await submit([slow, accepted], {}, { cancelled: controller.signal });
		expect(result).toEqual(failed({ kind: 'cancelled', mayBeAccepted: false }));
		expect(requests).toHaveLength(1);
		expect(Date.now() - START_MS).toBe(3_000);
	});

	test('does not lose what VMEG accepts meanwhile', async () => {
		const controller = new AbortController();
		const onRequest = () => controller.abort();
		const { result } = await submit([accepted], {}, { cancelled: controller.signal, onRequest });
		expect(result).toMatchObject({ ok: true, data: { taskId: 't-1' } });
	});

	test('keeps a request that fails meanwhile from being repeated', async () => {
		const controller = new AbortController();
		const onRequest = () => controller.abort();
		const { result, requests } = await submit([answer(500)], {}, { cancelled: controller.signal, onRequest });
		expect(result).toEqual(failed({ kind: 'cancelled', mayBeAccepted: true }));
		expect(requests).toHaveLength(1);
	});

	test.each([
		['that was refused before leaves nothing unknown', [answer(402)], false],
		['whose answer was lost before leaves it unknown, whatever comes now', [networkFault('ECONNRESET'), answer(429)], true],
	])('a submission %s', async (_, replies, mayBeAccepted) => {
		const controller = new AbortController();
		let left = replies.length;
		const onRequest = () => {
			left -= 1;
			if (left === 0) controller.abort();
		};
		const { result } = await submit(replies, {}, { cancelled: controller.signal, onRequest });
		expect(result).toEqual(failed({ kind: 'cancelled', mayBeAccepted }));
	});

	test('a look at a task leaves nothing to be accepted', async () => {
		const controller = new AbortController();
		const { context } = fakeVmeg([networkFault('ECONNRESET')], { cancelled: controller.signal, onRequest: () => controller.abort() });
		const client = await createClient(context);
		const result = await withoutWaiting(client.send(endpoints.getTask, { taskId: 't-1' }));
		expect(result).toEqual(failed({ kind: 'cancelled', mayBeAccepted: false }));
	});

	test('works for a run that is given up as for an execution that the user cancels', async () => {
		const user = new AbortController();
		const own = new AbortController();
		const { context } = fakeVmeg([accepted], { cancelled: user.signal });
		const client = await createClient(context, { signal: own.signal });
		expect(client.signal?.aborted).toBe(false);
		own.abort();
		expect(client.signal?.aborted).toBe(true);
		expect(user.signal.aborted).toBe(false);
	});
});

describe('an idempotency key that VMEG has seen (409)', () => {
	const used = answer(409, null, {
		message: 'Idempotency key already used',
		headers: { 'retry-after': '2' },
	});

	test('at the first attempt was used by an earlier submission', async () => {
		const { result } = await submit([used]);
		expect(result).toEqual(failed({ kind: 'keyUsed', idempotencyKey: 'key-1', attempts: 1 }));
	});

	test.each<[string, Reply]>([
		['a cut connection', networkFault('ECONNRESET')],
		['no answer in time', networkFault('ETIMEDOUT')],
		['a proxy that gave up', html(504)],
		['an answer cut short', { body: '{"code":200,"da' }],
		['an upstream fault, after which the task may exist', answer(502)],
	])('after %s was accepted by us, and the answer is lost', async (_, first) => {
		const { result } = await submit([first, used]);
		expect(result).toEqual(failed({ kind: 'answerLost', idempotencyKey: 'key-1', attempts: 2 }));
	});

	test.each<[string, Reply]>([
		['throttling', answer(429)],
		['a refused connection', networkFault('ECONNREFUSED')],
		['an unknown host', networkFault('EAI_AGAIN')],
	])('after %s was not accepted by us: that request never got in', async (_, first) => {
		const { result } = await submit([first, used]);
		expect(result).toEqual(failed({ kind: 'keyUsed' }));
	});

	test('is asked for again where it came broken, and takes nothing away from what it says', async () => {
		const again = await submit([html(409), used]);
		expect(again.result).toEqual(failed({ kind: 'keyUsed', attempts: 2 }));
		const after = await submit([networkFault('ECONNRESET'), html(409), used]);
		expect(after.result).toEqual(failed({ kind: 'answerLost', attempts: 3 }));
	});

	test('is what it is where it always comes broken', async () => {
		const { result } = await submit([html(409)]);
		expect(result).toEqual(failed({ kind: 'keyUsed', attempts: 5, mayBeAccepted: true }));
	});

	test('is remembered over several attempts', async () => {
		const { result } = await submit([networkFault('ECONNRESET'), answer(429), used]);
		expect(result).toEqual(failed({ kind: 'answerLost', attempts: 3 }));
	});

	test('is a plain refusal where the call has no key', async () => {
		const { result } = await look([used]);
		expect(result).toEqual(failed({ kind: 'refused', code: 409 }));
	});

	describe('when a task is deleted', () => {
		async function remove(replies: Reply[]) {
			const { context } = fakeVmeg(replies);
			const client = await createClient(context);
			return await withoutWaiting(
				client.send(endpoints.deleteTask, { taskId: 't-1' }, { idempotencyKey: 'key-1' }),
			);
		}

		test('after a lost answer means that it is done', async () => {
			await expect(remove([networkFault('ECONNRESET'), used])).resolves.toEqual({ ok: true, data: null });
		});

		test('at once does not', async () => {
			await expect(remove([used])).resolves.toEqual(failed({ kind: 'keyUsed' }));
		});
	});
});

describe('a request without an answer', () => {
	test.each([
		['ECONNREFUSED', false],
		['ENOTFOUND', false],
		['EAI_AGAIN', false],
		['EHOSTUNREACH', false],
		['ECONNRESET', true],
		['ETIMEDOUT', true],
		['ECONNABORTED', true],
	])('with %s may have been accepted: %s', async (code, mayBeAccepted) => {
		const { result } = await submit([networkFault(code)]);
		expect(result).toEqual(failed({ kind: 'network', code, mayBeAccepted, attempts: 5 }));
	});

	test('may have been accepted where an earlier attempt may have been', async () => {
		const { result } = await submit([networkFault('ECONNRESET'), networkFault('ECONNREFUSED')]);
		expect(result).toEqual(failed({ code: 'ECONNREFUSED', mayBeAccepted: true }));
	});

	test.each([
		['throttled', answer(429)],
		['refused', answer(402)],
		['unreadable', html(404)],
	])('may have been accepted where a later attempt was %s', async (kind, later) => {
		const { result } = await submit([networkFault('ECONNRESET'), later]);
		expect(result).toEqual(failed({ kind, mayBeAccepted: true }));
	});

	test.each([
		['throttled', answer(429)],
		['refused', answer(402)],
	])('was not accepted where every attempt was %s', async (kind, reply) => {
		const { result } = await submit([reply]);
		expect(result).toEqual(failed({ kind, mayBeAccepted: false }));
	});

	test('accepts nothing where there is nothing to accept', async () => {
		const { result } = await look([networkFault('ECONNRESET')]);
		expect(result).toEqual(failed({ kind: 'network', mayBeAccepted: false }));
	});

	test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_INVALID_URL'])(
		'with %s was not accepted: nothing was sent',
		async (code) => {
			const { result } = await submit([networkFault(code)]);
			expect(result).toEqual(failed({ code, mayBeAccepted: false }));
		},
	);

	test('is known by its code, however deeply it is wrapped', async () => {
		const cause = networkFault('ECONNRESET');
		const wrapped = new Error('outer', { cause: new Error('inner', { cause }) });
		const { result } = await submit([wrapped]);
		expect(result).toEqual(failed({ kind: 'network', code: 'ECONNRESET' }));
	});

	test.each([['text'], [null], [undefined], [42], [{ code: 17 }]])(
		'is a failure whatever was thrown: %p',
		async (thrown) => {
			const { context } = fakeVmeg([]);
			context.helpers.httpRequestWithAuthentication = async () => await Promise.reject(thrown);
			const client = await createClient(context);
			const result = await withoutWaiting(client.send(endpoints.getTask, { taskId: 't' }));
			expect(result).toEqual(failed({ kind: 'network', code: 'UNKNOWN' }));
		},
	);

	test('is a failure also where an error is its own cause', async () => {
		const circular = new Error('round');
		circular.cause = circular;
		const { result } = await look([circular]);
		expect(result).toEqual(failed({ kind: 'network', code: 'UNKNOWN' }));
	});
});

describe('a failure', () => {
	test.each<[string, Reply]>([
		[
			'a request that n8n reports with all its headers',
			Object.assign(new Error('Bearer SECRET-KEY'), {
				code: 'ECONNRESET',
				config: { headers: { Authorization: 'Bearer SECRET-KEY' } },
				response: { headers: { 'set-cookie': 'SECRET-KEY' } },
			}),
		],
		['a refusal with headers', answer(401, { key: 'SECRET-KEY' }, { headers: { echo: 'SECRET-KEY' } })],
		['a page with headers', { statusCode: 403, headers: { echo: 'SECRET-KEY' }, body: 'no' }],
	])('holds no secret: %s', async (_, reply) => {
		const { result } = await submit([reply]);
		expect(result.ok).toBe(false);
		expect(JSON.stringify(result)).not.toContain('SECRET-KEY');
	});

	test('holds no secret even where a server sends back the headers it got', async () => {
		const echo: Reply = { body: '{"headers":{"Authorization":"Bearer SECRET-KEY"}}' };
		const { result } = await submit([echo]);
		expect(JSON.stringify(result)).not.toContain('SECRET-KEY');
	});

	test('names the request ID that was sent', async () => {
		const { result, requests } = await submit([answer(400)]);
		expect(result).toEqual(failed({ requestId: requests[0]?.qs?.req_id }));
	});
});

describe('requests under way', () => {
	/** Sends many calls at once and counts how many VMEG sees together. */
	async function mostAtOnce(maxConcurrency: number | undefined, calls: number) {
		let now = 0;
		let most = 0;
		const onRequest = async () => {
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, 10));
			now--;
		};
		const { context, requests } = fakeVmeg([finished], { onRequest });
		const client = await createClient(context, { maxConcurrency });
		const sent = Array.from({ length: calls }, async (_, index) =>
			await client.send(endpoints.getTask, { taskId: `t-${index}` }),
		);
		await withoutWaiting(Promise.all(sent));
		expect(requests).toHaveLength(calls);
		return most;
	}

	test.each([
		[1, 6, 1],
		[3, 20, 3],
		[50, 20, 20],
		[undefined, 20, 4],
	])('are at most as many as allowed: %p', async (maxConcurrency, calls, expected) => {
		await expect(mostAtOnce(maxConcurrency, calls)).resolves.toBe(expected);
	});

	test('keep those in line from being sent once the run is given up', async () => {
		const controller = new AbortController();
		const { context, requests } = fakeVmeg([answer(400)], { onRequest: () => controller.abort() });
		const client = await createClient(context, { maxConcurrency: 1, signal: controller.signal });
		const results = await withoutWaiting(
			Promise.all([1, 2, 3].map(async () => await client.send(endpoints.getTask, { taskId: 't' }))),
		);
		expect(requests).toHaveLength(1);
		expect(results.map((result) => result.ok)).toEqual([false, false, false]);
	});
});

test('a context without a cancel signal, such as that of a picker, is served too', async () => {
	const { context } = fakeVmeg([finished]);
	const { helpers, getCredentials } = context;
	const client = await createClient(fake<typeof context>({ helpers, getCredentials }));
	expect(client.signal).toBeUndefined();
	await expect(client.send(endpoints.getTask, { taskId: 't' })).resolves.toMatchObject({ ok: true });
});
