import { sleep } from 'n8n-workflow';

/** How a repeated call spreads its attempts; times in milliseconds. */
export interface RetryPolicy {
	maxAttempts: number;
	firstDelayMs: number;
	maxDelayMs: number;
	/** The longest `Retry-After` that is waited out rather than reported. */
	maxRetryAfterMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
	maxAttempts: 5,
	firstDelayMs: 500,
	maxDelayMs: 30_000,
	maxRetryAfterMs: 120_000,
};

/**
 * The pause before the next attempt: exponential, with a jitter of the upper half so that many
 * clients do not come back together, and never shorter than what the server asked for.
 */
export function retryDelayMs(
	policy: RetryPolicy,
	attempt: number,
	retryAfterMs: number | undefined,
	random: number,
): number {
	const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
	const backoff = ceiling / 2 + (ceiling / 2) * random;
	return Math.round(Math.max(backoff, retryAfterMs ?? 0));
}

/** Sleeps, or returns at once when the execution is cancelled; true where it was cancelled. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
	if (signal === undefined) {
		await sleep(ms);
		return false;
	}
	if (signal.aborted) return true;
	let onAbort = () => {};
	const aborted = new Promise<void>((resolve) => {
		onAbort = resolve;
		signal.addEventListener('abort', onAbort, { once: true });
	});
	await Promise.race([sleep(ms), aborted]);
	signal.removeEventListener('abort', onAbort);
	return signal.aborted;
}
