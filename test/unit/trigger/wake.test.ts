import fc from 'fast-check';
import type { IHttpRequestOptions, IWebhookFunctions } from 'n8n-workflow';

import { callWaiting, instanceName, startWaking, wake, wakeAddress } from '../../../nodes/Vmeg/trigger/wake';
import { textCompletion, verdictOn } from '../support/callbacks';
import { fake } from '../support/fakes';
import { withoutWaiting } from '../support/time';

const ticket = {
	instance: instanceName('this-n8n'),
	execution: '42',
	signature: 'a'.repeat(64),
	key: 'c0ffee'.padEnd(32, '0'),
};

test('an n8n is named by sixteen characters that do not give its ID away', () => {
	expect(instanceName('this-n8n')).toMatch(/^[0-9a-f]{16}$/);
	expect(instanceName('this-n8n')).not.toBe(instanceName('other-n8n'));
});

describe('the address of a waiting execution', () => {
	test.each([
		['for no execution', 'https://n8n.example/webhook-waiting/__UNKNOWN__'],
		['for another', 'https://n8n.example/webhook-waiting/7?signature=other#x'],
	])('is made from the one that n8n gives %s', (_, resumeUrl) => {
		expect(wakeAddress(resumeUrl, ticket)).toBe(
			`https://n8n.example/webhook-waiting/42/vmeg?signature=${ticket.signature}`,
		);
	});

	test('keeps the path that n8n is served under', () => {
		expect(wakeAddress('http://10.0.0.1:5678/n8n/wait/7', ticket)).toBe(
			`http://10.0.0.1:5678/n8n/wait/42/vmeg?signature=${ticket.signature}`,
		);
	});

	test.each([[undefined], [42], [''], ['xhttp://n8n.example/1'], ['httpx://n8n.example/1'], ['/webhook-waiting/1'], ['ftp://n8n.example/1'], [{ url: 'x' }]])(
		'is none where n8n gives none: %j',
		(resumeUrl) => {
			expect(wakeAddress(resumeUrl, ticket)).toBeUndefined();
		},
	);

	test('stays on the host of n8n whatever the ticket holds', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), (execution, signature) => {
				const address = wakeAddress('https://n8n.example/wait/1', { execution, signature }) ?? '';
				expect(new URL(address).origin).toBe('https://n8n.example');
			}),
		);
	});
});

describe('waking an execution', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	const answering = (...answers: Array<[number, string?]>) =>
		jest.fn(async () => {
			const [status, text = ''] = answers.length > 1 ? (answers.shift() ?? [0]) : (answers[0] ?? [0]);
			return { status, text };
		});

	test.each([
		['it goes on', 200],
		['it waits for other tasks', 202],
		['the signature is wrong', 401],
		['it does not wait for VMEG', 404],
	])('takes one call where %s', async (_, status) => {
		const call = answering([status]);
		await expect(withoutWaiting(wake(call))).resolves.toMatchObject({ status });
		expect(call).toHaveBeenCalledTimes(1);
	});

	test.each([
		['is still running', 409, 'The execution "42" is running already.'],
		['cannot look at its tasks', 503, ''],
		['is of an n8n that has a problem', 500, ''],
		['is of an n8n that is asked too often', 429, ''],
		['cannot be reached', 0, ''],
	])('is repeated while the execution %s', async (_, status, text) => {
		const call = answering([status, text], [status, text], [200]);
		await expect(withoutWaiting(wake(call))).resolves.toMatchObject({ status: 200 });
		expect(call).toHaveBeenCalledTimes(3);
	});

	test('is not repeated where the execution is over', async () => {
		const call = answering([409, 'The execution "42 has finished already.']);
		await withoutWaiting(wake(call));
		expect(call).toHaveBeenCalledTimes(1);
	});

	test('is given up after a minute', async () => {
		const startedMs = Date.now();
		const call = answering([409, 'running']);
		await expect(withoutWaiting(wake(call))).resolves.toMatchObject({ status: 409 });
		expect(call).toHaveBeenCalledTimes(9);
		expect(Date.now() - startedMs).toBe(60_750);
	});
});

describe('a call', () => {
	const calling = (httpRequest: (options: IHttpRequestOptions) => Promise<unknown>) =>
		callWaiting(
			fake<IWebhookFunctions>({ helpers: fake<IWebhookFunctions['helpers']>({ httpRequest }) }),
			'https://n8n.example/x',
			{ key: 'k' },
		);

	test('takes any answer as text, follows nothing and waits a minute at most', async () => {
		const httpRequest = jest.fn(async () => ({ statusCode: 409, body: 'busy' }));
		await expect(calling(httpRequest)).resolves.toEqual({ status: 409, text: 'busy' });
		expect(httpRequest).toHaveBeenCalledWith({
			method: 'POST',
			url: 'https://n8n.example/x',
			headers: { 'Content-Type': 'application/json' },
			body: '{"key":"k"}',
			encoding: 'text',
			timeout: 60_000,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			disableFollowRedirect: true,
		});
	});

	test.each([
		['an object', { message: 'x' }, '{"message":"x"}'],
		['nothing', undefined, '""'],
	])('may be answered with %s', async (_, body, text) => {
		await expect(calling(async () => ({ statusCode: 200, body }))).resolves.toEqual({ status: 200, text });
	});

	test.each([
		['no answer', async () => await Promise.reject(new Error('ECONNREFUSED'))],
		['something else', async () => 'odd'],
	])('that brings %s brings nothing', async (_, httpRequest) => {
		await expect(calling(httpRequest)).resolves.toEqual({ status: 0, text: '' });
	});
});

describe('a completion for an execution that waits', () => {
	const resumeUrl = 'https://n8n.example/webhook-waiting/__UNKNOWN__';

	function trigger(evaluate: (expression: string) => string = () => resumeUrl, statusCode = 200) {
		const requests: IHttpRequestOptions[] = [];
		const logger = { debug: jest.fn(), warn: jest.fn(), info: jest.fn(), error: jest.fn() };
		const context = fake<IWebhookFunctions>({
			logger,
			getInstanceId: () => 'this-n8n',
			evaluateExpression: evaluate,
			helpers: fake<IWebhookFunctions['helpers']>({
				httpRequest: async (options: IHttpRequestOptions) => {
					requests.push(options);
					if (statusCode === 0) throw new Error('no answer');
					return { statusCode, body: '{}' };
				},
			}),
		});
		return { context, requests, logger };
	}

	test.each([
		[200, 'debug', /^VMEG task t-1 is over, for which execution 42 waits: HTTP 200$/],
		[404, 'debug', /HTTP 404$/],
		[503, 'warn', /HTTP 503\. It finds out by itself within ten minutes\.$/],
		[0, 'warn', /: no answer\. It finds out/],
	] as const)('is logged with what came of it: %i', async (status, level, line) => {
		jest.useFakeTimers();
		const { context, logger } = trigger(undefined, status);
		startWaking(context, { ticket, taskId: 't-1' });
		await jest.advanceTimersByTimeAsync(70_000);
		jest.useRealTimers();
		expect(logger[level].mock.calls).toEqual([[expect.stringMatching(line)]]);
		expect(logger[level === 'warn' ? 'debug' : 'warn']).not.toHaveBeenCalled();
	});

	test('is told at the address that n8n gives for the execution', () => {
		const evaluate = jest.fn(() => resumeUrl);
		startWaking(trigger(evaluate).context, { ticket, taskId: 't-1' });
		expect(evaluate).toHaveBeenCalledWith('{{ $execution.resumeUrl }}');
	});

	test('is told to it at the address of this n8n, with the key and nothing secret of VMEG', () => {
		const { context, requests } = trigger();
		startWaking(context, { ticket, taskId: 't-1' });
		expect(requests).toMatchObject([
			{
				method: 'POST',
				url: `https://n8n.example/webhook-waiting/42/vmeg?signature=${ticket.signature}`,
				body: JSON.stringify({ key: ticket.key, taskId: 't-1' }),
				disableFollowRedirect: true,
			},
		]);
		expect(Object.keys(requests[0]?.headers ?? {})).toEqual(['Content-Type']);
	});

	test('is not told where it is of another n8n', () => {
		const { context, requests } = trigger();
		startWaking(context, { ticket: { ...ticket, instance: instanceName('other') }, taskId: 't-1' });
		expect(requests).toEqual([]);
	});

	test.each([
		['has no address of its own', () => ''],
		[
			'cannot say its address',
			() => {
				throw new Error('no expression engine');
			},
		],
	])('does not trouble the answer to VMEG where n8n %s', (_, evaluate) => {
		const { context, requests } = trigger(evaluate);
		expect(() => startWaking(context, { ticket, taskId: 't-1' })).not.toThrow();
		expect(requests).toEqual([]);
	});

	const body = JSON.stringify({
		...textCompletion,
		extraData: { rowId: 7, vmegSubmission: { id: 'x', resume: ticket } },
	});
	const waiting = { ticket, taskId: 'task-1' };

	test('is emitted without the ticket', async () => {
		const verdict = await verdictOn(body);
		expect(verdict).toMatchObject({ message: 'Received', waiting });
		expect(verdict.item?.extraData).toEqual({ rowId: 7, vmegSubmission: { id: 'x' } });
		expect(JSON.stringify(verdict.item)).not.toContain(ticket.key);
	});

	test.each([
		['filtered out', { filter: () => ({ events: [], outcome: 'all' as const }) }, 'Filtered out'],
		['received before', { wasEmitted: () => true }, 'Received before'],
	])('counts for it also where it is %s', async (_, more, message) => {
		await expect(verdictOn(body, undefined, more)).resolves.toEqual({ statusCode: 200, message, waiting });
	});

	test('counts for nobody where the signature is wrong', async () => {
		const verdict = await verdictOn(body, { 'x-timestamp': '1770000000000', 'x-signature': 'f'.repeat(64) });
		expect(verdict.statusCode).toBe(401);
		expect(verdict.waiting).toBeUndefined();
	});
});
