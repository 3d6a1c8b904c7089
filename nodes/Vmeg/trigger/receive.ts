import type { IDataObject } from 'n8n-workflow';

import { ticketIn } from '../actions/common/submissionTie';
import type { Ticket } from '../actions/common/submissionTie';
import { deliveryKey, isWanted, parseEvent, taskIdOf, toItem } from './event';
import type { Outcome } from './event';
import { checkHeaders, isAuthentic } from './signature';
import type { Headers } from './signature';

/** One HTTP request to the webhook, and what is needed to judge it. */
export interface Callback {
	headers: Headers;
	/** The bytes as received; undefined where n8n could not keep them. */
	rawBody: Buffer | undefined;
	nowMs: number;
	/** Fetched only for a request that could be genuine: reading a credential is dear. */
	secret: () => Promise<string>;
	filter: () => { events: readonly string[]; outcome: Outcome };
	wasEmitted: (key: string) => boolean;
}

/** What to answer, and the item to emit if there is one. */
export interface Verdict {
	statusCode: 200 | 400 | 401;
	message: string;
	item?: IDataObject;
	/** The execution that waits for it, where one does, whether or not the item is emitted. */
	waiting?: { ticket: Ticket; taskId: string };
}

export const NO_SECRET =
	'No webhook secret is set in the VMEG credential of this workflow, so nothing can be accepted';

/**
 * Decides about one callback: 401 for what is not proven to come from VMEG, 400 for what is signed
 * but is no completion, 200 for all else. Every case has an answer, so no request is left hanging.
 */
export async function receive(callback: Callback): Promise<Verdict> {
	const { rawBody } = callback;
	const headers = checkHeaders(callback.headers, callback.nowMs);
	if (!headers.ok) return { statusCode: 401, message: headers.reason };
	if (rawBody === undefined) return { statusCode: 401, message: 'The body could not be read' };

	const secret = await callback.secret();
	if (secret === '') return { statusCode: 401, message: NO_SECRET };
	if (!isAuthentic(secret, headers.signed, rawBody)) {
		return { statusCode: 401, message: 'The signature does not match' };
	}

	const parsed = parseEvent(rawBody);
	if (parsed.kind === 'invalid') return { statusCode: 400, message: parsed.reason };
	if (parsed.kind === 'other') return { statusCode: 200, message: 'Signature verified, no event' };

	const { completion } = parsed;
	const ticket = ticketIn(completion.extraData);
	const verdict: Verdict = {
		statusCode: 200,
		message: 'Received',
		...(ticket && { waiting: { ticket, taskId: taskIdOf(completion) ?? '' } }),
	};
	if (!isWanted(completion, callback.filter())) return { ...verdict, message: 'Filtered out' };
	const item = toItem(completion);
	if (callback.wasEmitted(deliveryKey(item))) return { ...verdict, message: 'Received before' };
	return { ...verdict, item };
}
