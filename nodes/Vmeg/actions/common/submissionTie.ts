import type { IDataObject } from 'n8n-workflow';

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
