import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import { isRecord } from '../../api/record';
import type { Session } from './session';

/** The field of `extraData` that ties the tasks of one run together. */
export const SUBMISSION_FIELD = 'vmegSubmission';

const ID_LENGTH = 32;

/**
 * Makes the `extraData` of each task of a run, which VMEG sends back with its completion (API contract
 * §9): the user's own, and under `vmegSubmission` the `id` of the run's submission, how many lines it
 * has in `total` and which `items` of the input this task carries. So the workflow behind the trigger
 * can tell when the last task is in, and a completion can be traced to its submission, whose answer
 * may have got lost. The ID stays the same when n8n runs the node again.
 *
 * @param run `request` tells runs apart where n8n may call one run for several inputs
 */
export function submissionTie(
	session: Session,
	operation: string,
	run: { total: number; request: unknown },
): (own: IDataObject | undefined, items: number[], also?: IDataObject) => IDataObject {
	const name = { operation: `${operation} as a whole`, itemIndex: 0, request: run.request };
	const id = session.keyOf(name).slice(0, ID_LENGTH);
	return (own, items, also) => ({
		...own,
		[SUBMISSION_FIELD]: { id, total: run.total, items, ...also },
	});
}

/** The field of `vmegSubmission` that says which waiting execution a completion is for. */
export const TICKET_FIELD = 'resume';

/**
 * Which execution waits for a completion. It travels to VMEG and back, so it names no host: a
 * callback can make n8n call nobody but itself. Every part is of a form that cannot lead elsewhere.
 */
const ticket = z
	.object({
		/** Which n8n it is (several may share one account), as a hash. */
		instance: z.string().regex(/^[0-9a-f]{16}$/),
		execution: z.string().regex(/^[1-9]\d{0,18}$/),
		/** What n8n asks for before it looks at a call for that execution. */
		signature: z.string().regex(/^[\w-]{16,128}$/),
		/** What the waiting node asks for before it looks at its tasks. */
		key: z.string().regex(/^[0-9a-f]{32}$/),
	})
	.strict();
export type Ticket = z.infer<typeof ticket>;

/** Reads a ticket that is alone, or undefined where any part has another form. */
export const parseTicket = (value: unknown): Ticket | undefined => ticket.safeParse(value).data;

const tied = z.object({ [SUBMISSION_FIELD]: z.object({ [TICKET_FIELD]: z.unknown() }) });

/** The ticket in the `extraData` of a completion. */
export const ticketIn = (extraData: unknown): Ticket | undefined =>
	parseTicket(tied.safeParse(extraData).data?.[SUBMISSION_FIELD][TICKET_FIELD]);

/** `extraData` as it may be shown: the ticket is as good as a password for its execution. */
export function withoutTicket(extraData: unknown): unknown {
	if (!isRecord(extraData) || !isRecord(extraData[SUBMISSION_FIELD])) return extraData;
	const { [TICKET_FIELD]: _, ...shown } = extraData[SUBMISSION_FIELD];
	return { ...extraData, [SUBMISSION_FIELD]: shown };
}
