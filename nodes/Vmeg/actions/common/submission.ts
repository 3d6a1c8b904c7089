import { z } from 'zod';

import type { Answer } from '../../api/client';
import type { Endpoint } from '../../api/endpoints';
import type { Failure } from '../../api/failure';
import type { CallOptions } from './parameters';
import { recover } from './recovery';
import type { Session } from './session';
import { SUBMISSION_FIELD } from './submissionTie';

/** Names one logical submission of a run. */
export interface SubmissionName {
	/** For example `text.translate`. */
	operation: string;
	/** The first item that the request carries. */
	itemIndex: number;
	part?: number;
	/** Which half of a refused request it is, and which half of that. */
	split?: string;
	call: CallOptions;
	/** Longest time for the answer, in milliseconds. */
	answerTimeoutMs?: number;
	/** What tells the request from others, where the request itself is still to be made. */
	identity?: unknown;
}

const isMaker = <T>(request: T | (() => Promise<T>)): request is () => Promise<T> =>
	typeof request === 'function';

const tiedRequest = z.object({
	extraData: z.object({ [SUBMISSION_FIELD]: z.object({ id: z.string() }) }),
});

/** Whether the answer to a request of this run is missing; a key used before it was sent is another's. */
const isLost = ({ kind, mayBeAccepted }: Failure) => mayBeAccepted && kind !== 'keyUsed';

/** The answer of a request that VMEG accepted without us hearing so, or the failure that it is. */
async function findAnswer<R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
	session: Session,
	endpoint: Endpoint<R, A>,
	failure: Failure,
	{ request, own, sentFromMs, answerTimeoutMs }: {
		request: unknown;
		own: string | undefined;
		sentFromMs: number;
		answerTimeoutMs?: number;
	},
): Promise<Answer<z.output<A>>> {
	const wasSentBefore = session.accepted.lostSince(failure.idempotencyKey ?? '') !== undefined;
	const isOurs = failure.kind === 'answerLost' || (failure.kind === 'keyUsed' && wasSentBefore);
	const tied = tiedRequest.safeParse(request);
	const submissionId = tied.data?.extraData[SUBMISSION_FIELD].id;
	if (!isOurs) {
		// n8n runs an execution again whose worker was lost: a key that it alone can have made is its own
		const isOfExecution = failure.kind === 'keyUsed' && own === undefined;
		return { ok: false, failure: isOfExecution ? { ...failure, submissionId } : failure };
	}

	const recovered = await recover(session, endpoint, sentFromMs, answerTimeoutMs);
	const parsed = endpoint.answer.safeParse(recovered?.answer);
	if (recovered?.answer !== undefined && parsed.success) return { ok: true, data: parsed.data };
	return { ok: false, failure: { ...failure, taskId: recovered?.taskId, submissionId } };
}

/**
 * Sends a billed request once, however often n8n runs the node for it: under a key that stays the
 * same, and not at all where an earlier try of this run already has its answer. A request that is
 * dear to make (a file is uploaded for it) is given as a function, called only if it is to be sent.
 */
export async function submitOnce<R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
	session: Session,
	endpoint: Endpoint<R, A>,
	request: z.input<R> | (() => Promise<z.input<R>>),
	{ operation, itemIndex, part, split, call, answerTimeoutMs, identity = request }: SubmissionName,
): Promise<{ idempotencyKey: string; answer: Answer<z.output<A>> }> {
	const own = call.idempotencyKey;
	const idempotencyKey = session.keyOf({ operation, itemIndex, part, split, own, request: identity });

	const kept = session.accepted.get(idempotencyKey);
	const known = kept === undefined ? undefined : endpoint.answer.safeParse(kept);
	if (known?.success) return { idempotencyKey, answer: { ok: true, data: known.data } };

	const made = isMaker(request) ? await request() : request;
	const sentFromMs = session.accepted.lostSince(idempotencyKey) ?? Date.now();
	const answer = await session.client.send(endpoint, made, {
		idempotencyKey,
		requestId: call.requestId,
		timeoutMs: answerTimeoutMs,
	});
	if (answer.ok) {
		session.accepted.set(idempotencyKey, answer.data);
		return { idempotencyKey, answer };
	}
	const found = await findAnswer(session, endpoint, answer.failure, {
		request: made,
		own,
		sentFromMs,
		answerTimeoutMs,
	});
	if (found.ok) session.accepted.set(idempotencyKey, found.data);
	// the next try of the node would otherwise not know since when to look
	else if (isLost(found.failure)) session.accepted.setLost(idempotencyKey, sentFromMs);
	return { idempotencyKey, answer: found };
}
