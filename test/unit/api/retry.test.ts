import { getEventListeners } from 'node:events';

import { defaultRetryPolicy, pause, retryDelayMs } from '../../../nodes/Vmeg/api/retry';

const policy = { maxAttempts: 5, firstDelayMs: 500, maxDelayMs: 30_000, maxRetryAfterMs: 120_000 };
const HIGHEST = 1 - Number.EPSILON;

describe('the pause before the next attempt', () => {
	test.each([
		[1, 250, 500],
		[2, 500, 1_000],
		[3, 1_000, 2_000],
		[4, 2_000, 4_000],
	])('after attempt %i lies between %i and %i ms', (attempt, lowest, highest) => {
		expect(retryDelayMs(policy, attempt, undefined, 0)).toBe(lowest);
		expect(retryDelayMs(policy, attempt, undefined, HIGHEST)).toBe(highest);
	});

	test('stops growing at the ceiling', () => {
		expect(retryDelayMs(policy, 7, undefined, HIGHEST)).toBe(30_000);
		expect(retryDelayMs(policy, 60, undefined, HIGHEST)).toBe(30_000);
	});

	test('is never shorter than what the server asked for', () => {
		expect(retryDelayMs(policy, 1, 60_000, 0)).toBe(60_000);
	});

	test('is not made shorter by what the server asked for', () => {
		expect(retryDelayMs(policy, 4, 1, 0)).toBe(2_000);
		expect(retryDelayMs(policy, 4, 0, 0)).toBe(2_000);
	});

	test('is a whole number of milliseconds', () => {
		expect(retryDelayMs(policy, 1, undefined, 0.123_456)).toBe(281);
	});

	test('lets an outage of some seconds pass by default', () => {
		expect(defaultRetryPolicy).toEqual(policy);
	});
});

describe('pausing', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	/** Starts a pause and tells how it ended, once it has. */
	function started(ms: number, signal?: AbortSignal) {
		const seen: { cancelled?: boolean } = {};
		const ended = pause(ms, signal).then((cancelled) => (seen.cancelled = cancelled));
		return { seen, ended };
	}

	test.each([
		['that cannot be cancelled', undefined],
		['that nobody cancels', new AbortController().signal],
	])('lasts as long as it should: a pause %s', async (_, signal) => {
		const { seen } = started(1_000, signal);
		await jest.advanceTimersByTimeAsync(999);
		expect(seen.cancelled).toBeUndefined();
		await jest.advanceTimersByTimeAsync(1);
		expect(seen.cancelled).toBe(false);
	});

	test('ends at once when the execution is cancelled', async () => {
		const controller = new AbortController();
		const { seen } = started(60_000, controller.signal);
		await jest.advanceTimersByTimeAsync(10);
		controller.abort();
		await jest.advanceTimersByTimeAsync(0);
		expect(seen.cancelled).toBe(true);
	});

	test('does not even start when the execution is cancelled already', async () => {
		await expect(pause(60_000, AbortSignal.abort())).resolves.toBe(true);
		expect(jest.getTimerCount()).toBe(0);
	});

	test('leaves no listener behind, however often it is called', async () => {
		const { signal } = new AbortController();
		for (let count = 0; count < 20; count++) {
			const { ended } = started(5, signal);
			await jest.advanceTimersByTimeAsync(5);
			await ended;
		}
		expect(getEventListeners(signal, 'abort')).toHaveLength(0);
	});
});
