import type { z } from 'zod';

import type { Segment, TextSubmitRequest } from '../../api/contract';
import type { Endpoint } from '../../api/endpoints';
import { gather, settleBatches as settleAnyBatches } from '../common/batches';
import type { Batch, Planned } from '../common/batches';
import type { Settled } from '../common/items';
import type { Session } from '../common/session';
import type { TextPlan, TextSettings } from './request';

export { subjectOf } from '../common/batches';

/** What one item asks for, with the index of the item. */
export type PlannedText = Planned<TextPlan>;

/** Items whose segments travel in one request. */
export interface TextBatch {
	settings: TextSettings;
	segments: Segment[];
	itemIndexes: number[];
}

const toTextBatch = ({ settings, plans, itemIndexes }: Batch<TextPlan>): TextBatch => ({
	settings,
	segments: plans.map(({ segment }) => segment),
	itemIndexes,
});

/** Gathers texts with equal settings, in their order, into requests of at most `batchSize` segments. */
export function toBatches(plans: PlannedText[]): TextBatch[] {
	return gather(plans).map(toTextBatch);
}

/** The request of a batch (API contract §2). */
function requestOf({ settings, segments }: TextBatch): TextSubmitRequest {
	const { language, options, extraData } = settings;
	return { language, segments, ...(options && { options }), ...(extraData && { extraData }) };
}

/** Which call a text operation makes for a batch, and what it makes of the answer. */
interface TextCall<A extends z.ZodTypeAny> {
	endpoint: Endpoint<z.ZodTypeAny, A>;
	operation: string;
	settle(batch: TextBatch, answer: z.output<A>, idempotencyKey: string): Settled[];
}

/** Sends texts in batches, several at once; a failed request fails only the items it carried. */
export async function settleBatches<A extends z.ZodTypeAny>(
	session: Session,
	plans: PlannedText[],
	{ endpoint, operation, settle }: TextCall<A>,
): Promise<Settled[]> {
	return await settleAnyBatches(session, gather(plans), {
		endpoint,
		operation,
		requestOf: (batch) => requestOf(toTextBatch(batch)),
		settle: (batch, answer, idempotencyKey) =>
			settle(toTextBatch(batch), answer, idempotencyKey),
	});
}
