import type { IDataObject, INode } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { z } from 'zod';

/** Where VMEG shows the API key, the webhook URL and the webhook secret (API contract §9). */
export const API_CONFIGURATION_URL = 'https://www.vmeg.ai/open-api-setting';
/** Where credits are bought. */
export const PRICING_URL = 'https://www.vmeg.ai/pricing';

/** What leads to an accepted task whose answer is not known. */
export interface Trace {
	/** Its ID, where it was found all the same. */
	taskId?: string;
	/** `extraData.vmegSubmission.id` of its completion, where it has one. */
	submissionId?: string;
}

/** Why a call brought no answer. Every kind keeps what support and the user need to go on. */
export type Failure = {
	/** `req_id` of the request, which VMEG's support asks for (API contract §1). */
	requestId: string;
	/** The key that the submission was sent with; undefined where the call has none. */
	idempotencyKey?: string;
	attempts: number;
	/** VMEG may have accepted the submission, in this attempt or an earlier one, so that the user must hear of it. */
	mayBeAccepted: boolean;
} & (
	| { kind: 'refused'; code: number; message: string }
	| { kind: 'throttled'; message: string; waitSeconds?: number }
	| ({ kind: 'keyUsed' | 'answerLost' } & Trace)
	| { kind: 'unreadable'; statusCode: number; excerpt: string }
	| { kind: 'unexpected'; detail: string }
	| { kind: 'network'; code: string }
	| { kind: 'cancelled' }
);

/** Text of an error as n8n shows it: what happened, and what to do about it. */
export interface Explanation {
	message: string;
	description: string;
}

const times = (attempts: number) => (attempts === 1 ? '' : ` (${attempts} attempts)`);

const support = ({ requestId }: Failure) =>
	`If it happens again, give VMEG's support this request ID: ${requestId}.`;

const findIt =
	'To find it, use VMEG > Task > Get Many, or wait for its completion at your VMEG Trigger.';

function wayTo({ taskId, submissionId }: Trace): string {
	if (taskId !== undefined) {
		return `It is task ${taskId}: use VMEG > Task > Wait with this ID, or wait for its completion at your VMEG Trigger.`;
	}
	if (submissionId === undefined) return findIt;
	return `${findIt} There extraData.vmegSubmission.id is ${submissionId}.`;
}

function explainRefusal(failure: Failure & { kind: 'refused' }): Explanation {
	const { code, message } = failure;
	const said = message === '' ? '' : `: ${message}`;
	if (code === 401) {
		return {
			message: 'VMEG did not accept the API key',
			description: `Open the VMEG credential of this node and paste the API key from ${API_CONFIGURATION_URL} again. VMEG said${said || ' nothing more'}.`,
		};
	}
	if (code === 402) {
		return {
			message: 'The VMEG account has no credits left for this',
			description: `Add credits at ${PRICING_URL}, then run the workflow again.${failure.mayBeAccepted ? '' : ' Nothing was charged for this request.'}`,
		};
	}
	if (code === 404) {
		return {
			message: `VMEG does not know it${said}`,
			description:
				'Check the ID. An API key sees only the tasks, materials and cloned voices made through the API, never those made on the website.',
		};
	}
	if (code === 413) {
		return {
			message: `The request is too large for VMEG${said}`,
			description: 'Send less at once: shorter texts, or a smaller Batch Size in the options.',
		};
	}
	if (code === 422) {
		return {
			message: `VMEG understood the request but cannot process it${said}`,
			description: `Change the input it names; sending the same again will not help. Request ID: ${failure.requestId}.`,
		};
	}
	if (code >= 500) {
		return {
			message: `VMEG had a problem of its own (code ${code})${said}${times(failure.attempts)}`,
			description: `Try again in some minutes. ${support(failure)}`,
		};
	}
	return {
		message: `VMEG refused the request (code ${code})${said}`,
		description: `Correct the parameter it names. Request ID: ${failure.requestId}.`,
	};
}

// n8n replaces any message that contains a Node.js error code by a text of its own
const NETWORK_FACTS: Record<string, string> = {
	ECONNREFUSED: 'the server refused the connection',
	ECONNRESET: 'the connection was cut',
	ECONNABORTED: 'no answer came in time',
	ETIMEDOUT: 'no answer came in time',
	ENOTFOUND: 'no such host',
	EAI_AGAIN: 'the host name could not be looked up',
	EHOSTUNREACH: 'no way to the host',
	CERT_HAS_EXPIRED: 'the certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
	SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain is self-signed',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate could not be verified',
};

/** What a Node.js error code of a connection means. */
export const networkFact = (code: string) => NETWORK_FACTS[code] ?? 'the connection failed';

function whenToTryAgain(waitSeconds: number | undefined): string {
	if (waitSeconds === undefined) return 'Try again later';
	return `Wait ${waitSeconds} ${waitSeconds === 1 ? 'second' : 'seconds'} and run again`;
}

function explainKind(failure: Failure): Explanation {
	switch (failure.kind) {
		case 'refused':
			return explainRefusal(failure);
		case 'throttled':
			return {
				message: `VMEG is throttling this account${times(failure.attempts)}`,
				description: `${whenToTryAgain(failure.waitSeconds)}, or lower Max Concurrency in the options. ${support(failure)}`,
			};
		case 'keyUsed':
			return {
				message: 'VMEG has already accepted this submission',
				description: `Its idempotency key ${failure.idempotencyKey} was used within the last 24 hours, so nothing was started or billed a second time. ${wayTo(failure)} To submit once more on purpose, run the workflow anew or set another Idempotency Key in the options.`,
			};
		case 'answerLost':
			return {
				message: 'VMEG accepted this submission, but its answer was lost on the way',
				description: `It was accepted once, under idempotency key ${failure.idempotencyKey}, and will not be billed twice. ${failure.taskId === undefined ? 'Its task ID is unknown here, since other tasks were made at the same time. ' : ''}${wayTo(failure)} ${support(failure)}`,
			};
		case 'unreadable':
			return {
				message: `The answer (HTTP ${failure.statusCode}) did not come from VMEG, or came broken${times(failure.attempts)}`,
				description: `Check the Base URL of the credential and any proxy between n8n and VMEG. The answer starts with: "${failure.excerpt}". ${support(failure)}`,
			};
		case 'unexpected':
			return {
				message: `VMEG answered in a form that this version does not understand: ${failure.detail}`,
				description: `Update n8n-nodes-vmeg, or report this. ${support(failure)}`,
			};
		case 'network':
			return {
				message: `VMEG could not be reached${times(failure.attempts)}`,
				description: `Check the network of this n8n and the Base URL of the credential (${networkFact(failure.code)}).`,
			};
		case 'cancelled':
			return {
				message: 'The execution was cancelled',
				description: failure.mayBeAccepted
					? `A request was under way. If VMEG accepted it, its task goes on. ${findIt}`
					: 'Nothing more was sent to VMEG.',
			};
	}
}

const TELLS_OF_ITS_TASK: ReadonlyArray<Failure['kind']> = ['keyUsed', 'answerLost', 'cancelled'];

/** Says in plain words what happened and what the user can do. Holds no secret. */
export function explain(failure: Failure): Explanation {
	const { message, description } = explainKind(failure);
	if (!failure.mayBeAccepted || TELLS_OF_ITS_TASK.includes(failure.kind)) return { message, description };
	return {
		message,
		description: `${description} VMEG may have accepted the request although no answer came. Retry On Fail is safe: it sends idempotency key ${failure.idempotencyKey} again, so nothing is billed twice. ${findIt}`,
	};
}

/** Facts that go with an error item, so that a workflow can act on them. */
export const errorFacts = z
	.object({
		code: z.number(),
		taskId: z.string(),
		taskType: z.string(),
		status: z.string(),
		idempotencyKey: z.string(),
		requestId: z.string(),
		/** VMEG may have accepted it although its answer is not known. */
		mayBeAccepted: z.literal(true),
	})
	.partial();
export type ErrorFacts = z.infer<typeof errorFacts>;

interface Subject {
	/** Whom it befell, as in "Item 3" or "Items 0 to 49"; the message starts with it. */
	subject: string;
	itemIndex: number;
	facts?: ErrorFacts;
	/** What to add after the description, for instance which tasks are already accepted. */
	also?: string;
}

/** The error that n8n shows for a failed call; built from plain facts, so no header can leak. */
export function toNodeError(
	node: INode,
	failure: Failure,
	{ subject, itemIndex, facts, also }: Subject,
): NodeApiError {
	const { message, description } = explain(failure);
	const code = failure.kind === 'refused' ? failure.code : undefined;
	const taskId = 'taskId' in failure ? failure.taskId : undefined;
	const { idempotencyKey, requestId } = failure;
	return vmegError(node, {
		message: `${subject}: ${message}`,
		description: also === undefined ? description : `${description} ${also}`,
		itemIndex,
		facts: {
			code,
			taskId,
			idempotencyKey,
			requestId,
			...(failure.mayBeAccepted ? { mayBeAccepted: true } : {}),
			...facts,
		},
	});
}

/** A NodeApiError that carries its facts in `context.vmeg`. */
export function vmegError(
	node: INode,
	{
		message,
		description,
		itemIndex,
		facts,
	}: Explanation & { itemIndex: number; facts: ErrorFacts },
): NodeApiError {
	const error = new NodeApiError(
		node,
		{ message },
		{ message, description, itemIndex, httpCode: facts.code?.toString() },
	);
	// n8n puts its own text in place of one that contains a word such as ECONNREFUSED
	error.message = message;
	error.context.vmeg = Object.fromEntries(
		Object.entries(facts).filter(([, value]) => value !== undefined),
	) satisfies IDataObject;
	return error;
}
