import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import type { VmegClient } from '../../api/client';
import type { TaskDetail } from '../../api/contract';
import { explain, vmegError } from '../../api/failure';
import { DEFAULT_POLL_SECONDS, DEFAULT_WAIT_SECONDS, waitForTask } from '../../api/wait';
import type { WaitResult } from '../../api/wait';
import type { NodeError } from './items';
import type { CallOptions } from './parameters';
import type { Session } from './session';
import { simplifyResult } from './simplify';

/** A task as an output item: the deliverables as flat fields, or the result as VMEG gives it. */
export function taskItem(task: TaskDetail, simplify: boolean): IDataObject {
	const { taskId, status, result } = task;
	const head = { taskId, taskType: task.taskType ?? null, status };
	if (simplify) return { ...head, ...simplifyResult(result) };
	return { ...head, result: (result ?? null) as IDataObject };
}

const reason = z.object({ message: z.string().optional(), errorMessage: z.string().optional() });

/** Why a task failed, where VMEG says so. */
function reasonOf(task: TaskDetail): string {
	for (const candidate of [task, task.result]) {
		const parsed = reason.safeParse(candidate);
		const text = parsed.success ? parsed.data.errorMessage || parsed.data.message : undefined;
		if (text) return `: ${text}`;
	}
	return '';
}

/** The error for a wait without a result; it always has the task ID and the last state seen. */
function waitError(
	session: Session,
	itemIndex: number,
	taskId: string,
	seconds: number,
	result: Exclude<WaitResult, { end: 'finished' }>,
): NodeError {
	const goesOn = `Use VMEG > Task > Wait with the task ID ${taskId} to go on waiting for it; do not submit it again.`;
	const status = 'task' in result ? result.task.status : result.lastStatus;
	const of = (message: string, description: string) =>
		vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: ${message} (task ${taskId}, last state: ${status})`,
			description,
			itemIndex,
			facts: { taskId, status },
		});

	switch (result.end) {
		case 'failed':
			return of(
				`VMEG could not finish the task${reasonOf(result.task)}`,
				`Look at the input of the task, then run the workflow again. For help, give VMEG's support the task ID ${taskId}.`,
			);
		case 'timedOut':
			return of(
				`The task was not finished within ${seconds} seconds`,
				result.failure === undefined ? goesOn : `${explain(result.failure).message}. ${goesOn}`,
			);
		case 'cancelled':
			return of('Waiting was cancelled', `The task goes on at VMEG. ${goesOn}`);
		case 'lost': {
			const { message, description } = explain(result.failure);
			return of(message, `${description} ${goesOn}`);
		}
	}
}

/** A task as it is, for what needs its result; throws where it has none yet, or never will. */
export function finishedTask(session: Session, itemIndex: number, task: TaskDetail): TaskDetail {
	const { taskId, status } = task;
	if (status === 'finished') return task;
	if (status === 'failed') throw waitError(session, itemIndex, taskId, 0, { end: 'failed', task });
	throw vmegError(session.context.getNode(), {
		message: `Item ${itemIndex}: The task is not finished yet (task ${taskId}, state: ${status})`,
		description: `Put VMEG > Task > Wait with the task ID ${taskId} before this node, or start from the VMEG Trigger.`,
		itemIndex,
		facts: { taskId, status },
	});
}

/**
 * Looks at a task once. `over`: it is finished, failed, or cannot be had any more, so that waiting
 * for it would end; `unknown`: VMEG could not be asked.
 */
export async function lookAt(
	client: VmegClient,
	taskId: string,
): Promise<'over' | 'running' | 'unknown'> {
	const result = await waitForTask(client, taskId, { deadlineMs: 0, maxPollMs: 1 });
	switch (result.end) {
		case 'finished':
		case 'failed':
		case 'lost':
			return 'over';
		case 'cancelled':
			return 'unknown';
		case 'timedOut':
			return result.failure === undefined ? 'running' : 'unknown';
	}
}

/**
 * Waits until a task is over; throws with the task ID and its last state if it does not finish.
 *
 * @param sinceMs when waiting began, in milliseconds since 1970
 */
export async function waitFor(
	session: Session,
	itemIndex: number,
	taskId: string,
	{ timeout = DEFAULT_WAIT_SECONDS, pollInterval = DEFAULT_POLL_SECONDS, requestId }: CallOptions,
	sinceMs = Date.now(),
): Promise<TaskDetail> {
	const { logger } = session.context;
	const result = await waitForTask(session.client, taskId, {
		deadlineMs: sinceMs + timeout * 1000,
		maxPollMs: pollInterval * 1000,
		requestId,
		onPoll: (status) => {
			const elapsed = Math.round((Date.now() - sinceMs) / 1000);
			logger.debug(`VMEG task ${taskId}: ${status} after ${elapsed} s`, { itemIndex });
		},
	});
	if (result.end === 'finished') return result.task;
	throw waitError(session, itemIndex, taskId, timeout, result);
}
