import { createHash } from 'node:crypto';
import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { Ticket } from '../actions/common/submissionTie';
import { httpAnswer } from '../api/envelope';

/** Where the action node is called below the address of an execution; no other node waits there. */
export const WAKE_PATH = 'vmeg';

const ANSWER_TIMEOUT_MS = 60_000;
/** Pauses between calls, in milliseconds: a minute in all, for an execution that is about to wait. */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Names an n8n without giving its ID away. */
export const instanceName = (instanceId: string): string =>
	createHash('sha256').update(instanceId).digest('hex').slice(0, 16);

/**
 * The address of a waiting execution of this n8n, made from the one that n8n gives for another, or for
 * none: `{{ $execution.resumeUrl }}`, whose last part is the execution. Undefined where n8n has none.
 */
export function wakeAddress(
	resumeUrl: unknown,
	{ execution, signature }: Pick<Ticket, 'execution' | 'signature'>,
): string | undefined {
	if (typeof resumeUrl !== 'string' || !URL.canParse(resumeUrl)) return undefined;
	const url = new URL(resumeUrl);
	if (!/^https?:$/.test(url.protocol)) return undefined;
	const waiting = url.pathname.replace(/\/[^/]*$/, '');
	url.pathname = `${waiting}/${execution}/${WAKE_PATH}`;
	url.search = new URLSearchParams({ signature }).toString();
	url.hash = '';
	return url.href;
}

/** What came back from a call; status 0 where nothing did. */
export interface WakeAnswer {
	status: number;
	text: string;
}

/** Calls a waiting execution once. It sends no credential, and follows no redirect. */
export async function callWaiting(
	{ helpers }: IExecuteFunctions | IWebhookFunctions,
	address: string,
	body: { key: string; taskId?: string },
): Promise<WakeAnswer> {
	try {
		const answer: unknown = await helpers.httpRequest({
			method: 'POST',
			url: address,
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(body),
			encoding: 'text',
			timeout: ANSWER_TIMEOUT_MS,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			disableFollowRedirect: true,
		});
		const { statusCode, body: text } = httpAnswer.parse(answer);
		return { status: statusCode, text };
	} catch {
		return { status: 0, text: '' };
	}
}

/** Whether an execution is still running, so that it may be waiting the next time. */
const isStillRunning = ({ status, text }: WakeAnswer): boolean =>
	status === 409 && !/finished/.test(text);

/** Whether the next call may be answered otherwise. */
const mayPass = (answer: WakeAnswer): boolean =>
	isStillRunning(answer) || answer.status === 0 || answer.status === 429 || answer.status >= 500;

/**
 * Tells a waiting execution that a task is over. Repeated for a minute while the execution is not
 * waiting yet, or cannot be asked; gives the last answer.
 */
export async function wake(call: () => Promise<WakeAnswer>): Promise<WakeAnswer> {
	for (const pauseMs of PAUSES_MS) {
		const answer = await call();
		if (!mayPass(answer)) return answer;
		await sleep(pauseMs);
	}
	return await call();
}

function ownAddress(context: IWebhookFunctions, ticket: Ticket): string | undefined {
	try {
		return wakeAddress(context.evaluateExpression('{{ $execution.resumeUrl }}'), ticket);
	} catch {
		return undefined;
	}
}

/**
 * Starts to wake the execution that waits for a completion, and returns at once: the answer to VMEG
 * does not depend on it. An execution of another n8n with the same account is left alone.
 */
export function startWaking(
	context: IWebhookFunctions,
	{ ticket, taskId }: { ticket: Ticket; taskId: string },
): void {
	if (ticket.instance !== instanceName(context.getInstanceId())) return;
	const address = ownAddress(context, ticket);
	if (address === undefined) return;
	const { key, execution } = ticket;
	void wake(async () => await callWaiting(context, address, { key, taskId })).then((answer) => {
		const came = answer.status === 0 ? 'no answer' : `HTTP ${answer.status}`;
		const line = `VMEG task ${taskId} is over, for which execution ${execution} waits: ${came}`;
		if (mayPass(answer)) context.logger.warn(`${line}. It finds out by itself within ten minutes.`);
		else context.logger.debug(line);
	});
}
