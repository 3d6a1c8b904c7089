import type { z } from 'zod';

import type { Segment, TextSubmitRequest } from '../../api/contract';
import type { Endpoint } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { settleAll } from '../common/items';
import type { Settled } from '../common/items';
import type { Session } from '../common/session';
import { submitOnce } from '../common/submission';
import type { TextPlan, TextSettings } from './request';

// lodash reaches for the global object, which a community package may not ship
const chunk = <T>(list: T[], size: number): T[][] =>
	Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
		list.slice(index * size, (index + 1) * size),
	);

/** What one item asks for, with the index of the item. */
export interface PlannedText {
	itemIndex: number;
	plan: TextPlan;
}

/** Items whose segments travel in one request. */
export interface TextBatch {
	settings: TextSettings;
	segments: Segment[];
	itemIndexes: number[];
}

/**
 * Gathers items with equal settings, in their order, into requests of at most `batchSize` segments.
 */
export function toBatches(plans: PlannedText[]): TextBatch[] {
	const groups = new Map<string, PlannedText[]>();
	for (const one of plans) {
		const key = JSON.stringify(one.plan.settings);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [one]);
		else group.push(one);
	}
	return [...groups.values()].flatMap((group) => {
		const [head] = group;
		if (head === undefined) return [];
		const { settings } = head.plan;
		return chunk(group, settings.batchSize).map((part) => ({
			settings,
			segments: part.map(({ plan }) => plan.segment),
			itemIndexes: part.map(({ itemIndex }) => itemIndex),
		}));
	});
}

/** "Item 3" or "Items 0 to 49", for messages. */
export function subjectOf(itemIndexes: number[]): string {
	const [first = 0] = itemIndexes;
	const last = itemIndexes[itemIndexes.length - 1] ?? first;
	if (itemIndexes.length === 1) return `Item ${first}`;
	const together = last - first + 1 === itemIndexes.length;
	return together ? `Items ${first} to ${last}` : `${itemIndexes.length} items from ${first} to ${last}`;
}

/** Numbers the batches of one key of the user's, which each need a key of their own. */
function partsOf(batches: TextBatch[]): number[] {
	const seen = new Map<string | undefined, number>();
	return batches.map(({ settings }) => {
		const own = settings.call.idempotencyKey;
		const part = seen.get(own) ?? 0;
		seen.set(own, part + 1);
		return own === undefined ? 0 : part;
	});
}

/** The request of a batch (API contract §2). */
function requestOf({ settings, segments }: TextBatch): TextSubmitRequest {
	const { language, options, extraData } = settings;
	return { language, segments, ...(options && { options }), ...(extraData && { extraData }) };
}

/** Which call a text operation makes for a batch, and what it makes of the answer. */
interface BatchCall<A extends z.ZodTypeAny> {
	endpoint: Endpoint<z.ZodTypeAny, A>;
	operation: string;
	settle(batch: TextBatch, answer: z.output<A>, idempotencyKey: string): Settled[];
}

/** Sends texts in batches, several at once; a failed request fails only the items it carried. */
export async function settleBatches<A extends z.ZodTypeAny>(
	session: Session,
	plans: PlannedText[],
	{ endpoint, operation, settle }: BatchCall<A>,
): Promise<Settled[]> {
	const batches = toBatches(plans);
	const parts = partsOf(batches);
	const work = batches.map((batch, index) => ({ batch, part: parts[index] }));
	return await settleAll(session, work, async ({ batch, part }) => {
		const { itemIndexes, settings } = batch;
		const [itemIndex = 0] = itemIndexes;
		const { call } = settings;
		const answerTimeoutMs = call.timeout && call.timeout * 1000;
		const name = { operation, itemIndex, part, call, answerTimeoutMs };
		const sent = await submitOnce(session, endpoint, requestOf(batch), name);
		if (sent.answer.ok) return settle(batch, sent.answer.data, sent.idempotencyKey);

		const { failure } = sent.answer;
		const subject = subjectOf(itemIndexes);
		return itemIndexes.map((index) => ({
			ok: false,
			itemIndex: index,
			error: toNodeError(session.context.getNode(), failure, { subject, itemIndex: index }),
		}));
	});
}
