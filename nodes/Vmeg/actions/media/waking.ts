import { timingSafeEqual } from 'node:crypto';
import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { createClient } from '../../api/client';
import { lookAt } from '../common/waiting';
import { runDataOf, waitingIn } from './parking';
import type { Waiting } from './parking';

/** What to answer to a call; with 200 the execution goes on. */
interface Decision {
	statusCode: 200 | 202 | 403 | 404 | 503;
	message: string;
}

const isSame = (given: unknown, expected: string): boolean => {
	if (typeof given !== 'string') return false;
	const [one, other] = [Buffer.from(given), Buffer.from(expected)];
	return one.length === other.length && timingSafeEqual(one, other);
};

/** The tasks, the one that the call is about first: mostly that is the one to know of. */
function inOrder({ jobs }: Waiting, { taskId }: IDataObject): string[] {
	const ids = jobs.map((job) => job.taskId);
	return typeof taskId === 'string' && ids.includes(taskId)
		? [taskId, ...ids.filter((id) => id !== taskId)]
		: ids;
}

/**
 * Decides about a call. Nothing in it is believed: the key only lets it ask, and VMEG says whether
 * the tasks are over. The looks end at the first task that is not.
 */
async function decide(context: IWebhookFunctions): Promise<Decision> {
	const runData = runDataOf(context);
	const kept = runData && waitingIn(NodeHelpers.getContext(runData, 'node', context.getNode()));
	if (kept === undefined || kept.execution !== context.getExecutionId()) {
		return { statusCode: 404, message: 'This execution waits for no VMEG task' };
	}
	const body = context.getBodyData();
	if (!isSame(body.key, kept.key)) return { statusCode: 403, message: 'The key is wrong' };

	const client = await createClient(context);
	for (const [index, taskId] of inOrder(kept, body).entries()) {
		const state = await lookAt(client, taskId);
		if (state === 'unknown') return { statusCode: 503, message: 'VMEG could not be asked' };
		if (state === 'over') continue;
		return index === 0 && taskId === body.taskId
			? { statusCode: 503, message: 'VMEG does not show the task as over yet' }
			: { statusCode: 202, message: 'Other tasks are still running' };
	}
	return { statusCode: 200, message: 'Going on' };
}

/**
 * Answers a call to a waiting execution (n8n's resume address, `WAKE_PATH`). Once all its tasks are
 * over it goes on: with nothing from here, since the node runs again (parking.ts). Until then it stays
 * as it is. This never throws: n8n would then go on with an empty item.
 */
export async function answerCall(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	let decision: Decision;
	try {
		decision = await decide(context);
	} catch (error) {
		context.logger.warn(`VMEG: a waiting execution could not look at its tasks: ${String(error)}`);
		decision = { statusCode: 503, message: 'The tasks could not be looked at' };
	}
	const { statusCode, message } = decision;
	if (statusCode === 200) return { workflowData: [[]], webhookResponse: { message } };
	context.getResponseObject().status(statusCode).json({ message });
	return { noWebhookResponse: true };
}
