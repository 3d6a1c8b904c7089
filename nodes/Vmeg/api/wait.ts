import type { VmegClient } from './client';
import type { TaskDetail } from './contract';
import { endpoints } from './endpoints';
import type { Failure } from './failure';
import { pause } from './retry';

/** Default longest wait for a task, in seconds. */
export const DEFAULT_WAIT_SECONDS = 3600;
/** Default longest pause between two looks at a task, in seconds. */
export const DEFAULT_POLL_SECONDS = 30;

const FIRST_POLL_MS = 1_000;
const POLL_GROWTH = 1.5;
/** Longest time for one look; also what the look at the deadline is given. */
const LOOK_MS = 15_000;

export interface WaitOptions {
	/** Moment (milliseconds since 1970) at which waiting ends. */
	deadlineMs: number;
	/** Longest pause between two looks, in milliseconds; the first ones are shorter. */
	maxPollMs: number;
	requestId?: string;
	/** Told after each look, for progress. */
	onPoll?: (status: string) => void;
}

/** How waiting for a task ended; every end knows the last state that was seen. */
export type WaitResult =
	| { end: 'finished'; task: TaskDetail }
	| { end: 'failed'; task: TaskDetail }
	| { end: 'timedOut' | 'cancelled'; lastStatus: string; failure?: Failure }
	| { end: 'lost'; lastStatus: string; failure: Failure };

/** A refusal will not turn into an answer by waiting; every other fault may pass. */
const isFinal = ({ kind }: Failure) => kind === 'refused' || kind === 'unexpected';

const isServerFault = (failure: Failure) => failure.kind === 'refused' && failure.code >= 500;

/**
 * Polls `tasks/detail` (API contract §6) with growing pauses until the task is over. It outlives
 * passing faults of the API, never sleeps past the deadline, looks once more at the deadline, and
 * ends at once when the execution is cancelled.
 */
export async function waitForTask(
	client: VmegClient,
	taskId: string,
	{ deadlineMs, maxPollMs, requestId, onPoll }: WaitOptions,
): Promise<WaitResult> {
	let lastStatus = 'unknown';
	let delayMs = Math.min(FIRST_POLL_MS, maxPollMs);
	for (;;) {
		// asked before the look, so that one look always comes at or after the deadline
		const isLastLook = Date.now() >= deadlineMs;
		const answer = await client.send(
			endpoints.getTask,
			{ taskId },
			{ requestId, timeoutMs: LOOK_MS, deadlineMs: Math.max(deadlineMs, Date.now() + LOOK_MS) },
		);
		if (answer.ok) {
			lastStatus = answer.data.status;
			onPoll?.(lastStatus);
			if (lastStatus === 'finished') return { end: 'finished', task: answer.data };
			if (lastStatus === 'failed') return { end: 'failed', task: answer.data };
		}
		const failure = answer.ok ? undefined : answer.failure;
		if (failure?.kind === 'cancelled') return { end: 'cancelled', lastStatus };
		if (failure !== undefined && isFinal(failure) && !isServerFault(failure)) {
			return { end: 'lost', lastStatus, failure };
		}
		if (isLastLook) return { end: 'timedOut', lastStatus, failure };

		const untilDeadlineMs = Math.max(0, deadlineMs - Date.now());
		if (await pause(Math.min(delayMs, untilDeadlineMs), client.signal)) {
			return { end: 'cancelled', lastStatus };
		}
		delayMs = Math.min(delayMs * POLL_GROWTH, maxPollMs);
	}
}
