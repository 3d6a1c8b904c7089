import type { VmegClient } from '../../../nodes/Vmeg/api/client';
import { endpoints } from '../../../nodes/Vmeg/api/endpoints';
import type { Failure } from '../../../nodes/Vmeg/api/failure';
import { waitForTask } from '../../../nodes/Vmeg/api/wait';
import type { WaitOptions } from '../../../nodes/Vmeg/api/wait';
import { withoutWaiting } from '../support/time';

const START_MS = Date.UTC(2026, 0, 1);
const LOOK_MS = 15_000;

beforeEach(() => jest.useFakeTimers({ now: START_MS }));
afterEach(() => jest.useRealTimers());

type Look = { status: string; result?: unknown } | Failure;

const base = { requestId: 'r', attempts: 1, mayBeAccepted: false };
const refused = (code: number): Failure => ({ ...base, kind: 'refused', code, message: '' });
const cancelled: Failure = { ...base, kind: 'cancelled' };

/** A client whose looks at the task are given; the last one is repeated for ever. */
function clientWith(looks: Look[], { signal, lookTakesMs = 0 }: { signal?: AbortSignal; lookTakesMs?: number } = {}) {
	const atMs: number[] = [];
	const send = jest.fn().mockImplementation(async () => {
		atMs.push(Date.now() - START_MS);
		if (lookTakesMs > 0) await new Promise((resolve) => setTimeout(resolve, lookTakesMs));
		const look = looks[Math.min(atMs.length, looks.length) - 1];
		if (look === undefined) throw new Error('no look');
		if ('kind' in look) return { ok: false, failure: look };
		return { ok: true, data: { taskId: 't-1', ...look } };
	});
	const client: VmegClient = { send, signal };
	return { client, send, atMs };
}

const waitOn = async (client: VmegClient, options: Partial<WaitOptions> = {}) =>
	await withoutWaiting(
		waitForTask(client, 't-1', { deadlineMs: START_MS + 60_000, maxPollMs: 10_000, ...options }),
	);

const running = { status: 'running' };
const finished = { status: 'finished' };

describe('the looks at a task', () => {
	test('are calls of tasks/detail, with the request ID of the user', async () => {
		const { client, send } = clientWith([finished]);
		await waitOn(client, { requestId: 'mine' });
		expect(send).toHaveBeenCalledTimes(1);
		expect(send).toHaveBeenCalledWith(
			endpoints.getTask,
			{ taskId: 't-1' },
			expect.objectContaining({ requestId: 'mine', timeoutMs: LOOK_MS }),
		);
	});

	test('come sooner at first and further apart later', async () => {
		const { client, atMs } = clientWith([running, running, running, running, finished]);
		await waitOn(client);
		expect(atMs).toEqual([0, 1_000, 2_500, 4_750, 8_125]);
	});

	test('are never further apart than the poll interval', async () => {
		const { client, atMs } = clientWith([running]);
		await waitOn(client, { maxPollMs: 5_000 });
		const pauses = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
		expect(Math.max(...pauses)).toBe(5_000);
		// the last pause is cut at the deadline
		const growing = pauses.slice(0, -1);
		expect(growing).toEqual([...growing].sort((a, b) => a - b));
	});

	test('keep to a poll interval of less than a second', async () => {
		const { client, atMs } = clientWith([running, running, finished]);
		await waitOn(client, { maxPollMs: 200 });
		expect(atMs).toEqual([0, 200, 400]);
	});

	test('are reported one by one', async () => {
		const { client } = clientWith([{ status: 'queued' }, running, finished]);
		const onPoll = jest.fn();
		await waitOn(client, { onPoll });
		expect(onPoll.mock.calls).toEqual([['queued'], ['running'], ['finished']]);
	});
});

describe('a task that is over', () => {
	test.each([['finished' as const], ['failed' as const]])('ends the wait: %s', async (status) => {
		const { client } = clientWith([running, { status, result: { a: 1 } }]);
		await expect(waitOn(client)).resolves.toEqual({
			end: status,
			task: { taskId: 't-1', status, result: { a: 1 } },
		});
	});

	test('is not mistaken for one in a state that nobody knows', async () => {
		const { client } = clientWith([{ status: 'reviewing' }, finished]);
		await expect(waitOn(client)).resolves.toMatchObject({ end: 'finished' });
	});
});

describe('the deadline', () => {
	test('ends the wait with the last state, and not a moment later', async () => {
		const { client, atMs } = clientWith([running]);
		const result = await waitOn(client);
		expect(result).toEqual({ end: 'timedOut', lastStatus: 'running', failure: undefined });
		expect(atMs.at(-1)).toBe(60_000);
		expect(Date.now()).toBe(START_MS + 60_000);
	});

	test('has one last look, which can still find the task finished', async () => {
		const { client, atMs } = clientWith([running, running, running, finished]);
		const result = await waitOn(client, { deadlineMs: START_MS + 3_000 });
		expect(atMs).toEqual([0, 1_000, 2_500, 3_000]);
		expect(result).toMatchObject({ end: 'finished' });
	});

	test('is followed by one look only, even where looks take long', async () => {
		const { client, atMs } = clientWith([running], { lookTakesMs: 9_000 });
		await waitOn(client);
		expect(atMs.filter((at) => at >= 60_000)).toHaveLength(1);
		expect(Date.now() - START_MS).toBeLessThanOrEqual(60_000 + 2 * LOOK_MS);
	});

	test('that is over already leaves one look', async () => {
		const { client, send } = clientWith([running]);
		const result = await waitOn(client, { deadlineMs: START_MS - 1 });
		expect(result).toMatchObject({ end: 'timedOut' });
		expect(send).toHaveBeenCalledTimes(1);
	});

	test('gives each look time to be answered, and no look more than there is', async () => {
		const { client, send, atMs } = clientWith([running]);
		await waitOn(client);
		send.mock.calls.forEach(([, , { deadlineMs }], index) => {
			const sentMs = START_MS + (atMs[index] ?? 0);
			expect(deadlineMs).toBe(Math.max(START_MS + 60_000, sentMs + LOOK_MS));
		});
	});
});

describe('cancelling', () => {
	test('ends a pause at once, with the last state', async () => {
		const controller = new AbortController();
		const { client, send } = clientWith([running], { signal: controller.signal });
		setTimeout(() => controller.abort(), 20_000);
		const result = await waitOn(client, { maxPollMs: 60_000, deadlineMs: START_MS + 3_600_000 });
		expect(result).toEqual({ end: 'cancelled', lastStatus: 'running' });
		expect(Date.now() - START_MS).toBe(20_000);
		const looks = send.mock.calls.length;
		await jest.advanceTimersByTimeAsync(600_000);
		expect(send).toHaveBeenCalledTimes(looks);
	});

	test('during a look ends the wait, with the state of the look before', async () => {
		const { client } = clientWith([running, cancelled]);
		await expect(waitOn(client)).resolves.toEqual({ end: 'cancelled', lastStatus: 'running' });
	});

	test('before the first look leaves the state unknown', async () => {
		const { client } = clientWith([cancelled]);
		await expect(waitOn(client)).resolves.toEqual({ end: 'cancelled', lastStatus: 'unknown' });
	});
});

describe('a fault of the API', () => {
	const passing: Failure[] = [
		{ ...base, kind: 'network', code: 'ECONNRESET' },
		{ ...base, kind: 'throttled', message: '' },
		{ ...base, kind: 'unreadable', statusCode: 502, excerpt: '<html>' },
		refused(500),
		refused(502),
		refused(503),
	];

	test.each(passing.map((failure) => [failure.kind, failure]))(
		'is outlived where it may pass: %s',
		async (_, failure) => {
			const { client } = clientWith([failure, running, failure, failure, finished]);
			await expect(waitOn(client)).resolves.toMatchObject({ end: 'finished' });
		},
	);

	test('that lasts to the deadline is reported with it', async () => {
		const [failure] = passing;
		if (failure === undefined) throw new Error('no failure');
		const { client } = clientWith([running, failure]);
		const result = await waitOn(client);
		expect(result).toEqual({ end: 'timedOut', lastStatus: 'running', failure });
	});

	test('that is over before the deadline is not reported', async () => {
		const { client } = clientWith([refused(500), running]);
		await expect(waitOn(client)).resolves.toMatchObject({ end: 'timedOut', failure: undefined });
	});

	test.each<[string, Failure]>([
		['a refused key', refused(401)],
		['an unknown task', refused(404)],
		['a wrong request', refused(400)],
		['an answer of another form', { ...base, kind: 'unexpected', detail: 'status: Required' }],
	])('that will not pass ends the wait at once: %s', async (_, failure) => {
		const { client, send } = clientWith([running, failure, finished]);
		await expect(waitOn(client)).resolves.toEqual({ end: 'lost', lastStatus: 'running', failure });
		expect(send).toHaveBeenCalledTimes(2);
	});
});
