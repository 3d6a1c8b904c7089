import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { z } from 'zod';

import { MAX_SEGMENTS } from '../../api/contract';
import type { AcceptedAnswer } from '../../api/contract';
import type { Endpoint } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { ownKey } from '../../api/idempotency';
import { settleAll } from './items';
import type { Settled } from './items';
import { parameterError } from './parameters';
import type { CallOptions } from './parameters';
import type { Session } from './session';
import { submitOnce } from './submission';

/** What one item asks for; items whose `settings` are equal may share a request. */
export interface BatchPlan {
	settings: { call: CallOptions; batchSize: number };
}

/** What one item asks for, with the index of the item. */
export interface Planned<P extends BatchPlan> {
	itemIndex: number;
	plan: P;
}

/** Items that travel in one request, in the order of its lines. */
export interface Batch<P extends BatchPlan> {
	settings: P['settings'];
	plans: P[];
	itemIndexes: number[];
}

export const batchSizeOption: INodeProperties = {
	displayName: 'Batch Size',
	name: 'batchSize',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: MAX_SEGMENTS },
	default: MAX_SEGMENTS,
	description: 'How many texts share one request. VMEG bills each request rounded up, so larger batches cost fewer credits.',
};

/** Reads the batch size of an item: 50 texts at most fit in a request (API contract §2, §4). */
export function batchSizeOf(
	context: IExecuteFunctions,
	itemIndex: number,
	{ batchSize = MAX_SEGMENTS }: IDataObject,
): number {
	const size = Number(batchSize);
	if (Number.isInteger(size) && size >= 1 && size <= MAX_SEGMENTS) return size;
	throw parameterError(context, itemIndex, 'Batch Size', `must be 1 to ${MAX_SEGMENTS}`);
}

// lodash reaches for the global object, which a community package may not ship
const chunk = <T>(list: T[], size: number): T[][] =>
	Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
		list.slice(index * size, (index + 1) * size),
	);

/**
 * Gathers items with equal settings, in their order, into requests of at most `batchSize` lines.
 * `groupOf` names what else the lines of a request must have in common.
 */
export function gather<P extends BatchPlan>(
	planned: Array<Planned<P>>,
	groupOf: (plan: P) => string = () => '',
): Array<Batch<P>> {
	const groups = new Map<string, Array<Planned<P>>>();
	for (const one of planned) {
		const key = JSON.stringify([one.plan.settings, groupOf(one.plan)]);
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
			plans: part.map(({ plan }) => plan),
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
function partsOf<P extends BatchPlan>(batches: Array<Batch<P>>): number[] {
	const given = new Set(batches.map(({ settings }) => settings.call.idempotencyKey));
	const next = new Map<string, number>();
	return batches.map(({ settings }) => {
		const own = settings.call.idempotencyKey;
		if (own === undefined) return 0;
		let part = next.get(own) ?? 0;
		// a derived key must not be one that the user gave to other items
		while (part > 0 && given.has(ownKey(own, part))) part++;
		next.set(own, part + 1);
		return part;
	});
}

/** Which call an operation makes for a batch, and what it makes of the answer. */
interface BatchCall<P extends BatchPlan, R extends z.ZodTypeAny, A extends z.ZodTypeAny> {
	endpoint: Endpoint<R, A>;
	operation: string;
	requestOf(batch: Batch<P>): z.input<R>;
	settle(
		batch: Batch<P>,
		answer: z.output<A>,
		idempotencyKey: string,
	): Settled[] | Promise<Settled[]>;
}

/** Sends batches, several at once; a failed request fails only the items it carried. */
export async function settleBatches<
	P extends BatchPlan,
	R extends z.ZodTypeAny,
	A extends z.ZodTypeAny,
>(
	session: Session,
	batches: Array<Batch<P>>,
	{ endpoint, operation, requestOf, settle }: BatchCall<P, R, A>,
): Promise<Settled[]> {
	const parts = partsOf(batches);
	const work = batches.map((batch, index) => ({ batch, part: parts[index] }));
	return await settleAll(session, work, async ({ batch, part }) => {
		const { itemIndexes, settings } = batch;
		const [itemIndex = 0] = itemIndexes;
		const { call } = settings;
		const answerTimeoutMs = call.timeout && call.timeout * 1000;
		const name = { operation, itemIndex, part, call, answerTimeoutMs };
		const sent = await submitOnce(session, endpoint, requestOf(batch), name);
		if (sent.answer.ok) return await settle(batch, sent.answer.data, sent.idempotencyKey);

		const { failure } = sent.answer;
		const subject = subjectOf(itemIndexes);
		return itemIndexes.map((index) => ({
			ok: false,
			itemIndex: index,
			error: toNodeError(session.context.getNode(), failure, { subject, itemIndex: index }),
		}));
	});
}

/** The item that stands for an accepted task, paired to every item whose line it carries. */
export function acceptedBatch(
	taskType: 'textTranslation' | 'tts',
	{ itemIndexes, settings }: { itemIndexes: number[]; settings: { extraData?: IDataObject } },
	idempotencyKey: string,
	{ taskId, createdAt }: AcceptedAnswer,
): Settled {
	const json: IDataObject = {
		taskId,
		taskType,
		createdAt: createdAt ?? null,
		segmentCount: itemIndexes.length,
		idempotencyKey,
		extraData: settings.extraData ?? null,
	};
	const pairedItem = itemIndexes.map((item) => ({ item }));
	return { ok: true, itemIndex: itemIndexes[0] ?? 0, output: [{ json, pairedItem }] };
}
