import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { z } from 'zod';

import { MAX_SEGMENTS } from '../../api/contract';
import type { AcceptedAnswer } from '../../api/contract';
import type { Endpoint } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import type { Failure } from '../../api/failure';
import { ownKey } from '../../api/idempotency';
import { settleAll } from './items';
import type { NodeError, Settled } from './items';
import { parameterError } from './parameters';
import type { CallOptions } from './parameters';
import { partBy } from './partBy';
import type { Session } from './session';
import { submitOnce } from './submission';
import { submissionTie } from './submissionTie';

/** What one line of a request asks for; lines whose `settings` are equal may share a request. */
export interface BatchPlan {
	settings: { call: CallOptions; batchSize: number; extraData?: IDataObject };
}

/** One line of a request, with the item that it comes from. */
export interface Planned<P extends BatchPlan = BatchPlan> {
	itemIndex: number;
	plan: P;
}

/** Lines that travel in one request, in its order. */
export interface Batch<L extends Planned> {
	settings: L['plan']['settings'];
	lines: L[];
}

export const batchSizeOption: INodeProperties = {
	displayName: 'Batch Size',
	name: 'batchSize',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: MAX_SEGMENTS },
	default: MAX_SEGMENTS,
	description: 'How many texts share one request. VMEG rounds up the charge of each request, so larger batches cost fewer credits.',
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

const keys = new WeakMap<object, string>();

/** Equal for equal settings; worked out once for each object. */
function settingsKey(settings: object): string {
	const known = keys.get(settings);
	if (known !== undefined) return known;
	const key = JSON.stringify(settings);
	keys.set(settings, key);
	return key;
}

/**
 * Gathers lines with equal settings, in their order, into requests of at most `batchSize` lines.
 * `groupOf` names what else the lines of a request must have in common.
 */
export function gather<L extends Planned>(
	planned: L[],
	groupOf: (plan: L['plan']) => string = () => '',
): Array<Batch<L>> {
	const keyOf = ({ plan }: L) => `${groupOf(plan)} ${settingsKey(plan.settings)}`;
	return partBy(planned, keyOf).flatMap((group) => {
		const [head] = group;
		if (head === undefined) return [];
		const { settings }: { settings: L['plan']['settings'] } = head.plan;
		return chunk(group, settings.batchSize).map((lines) => ({ settings, lines }));
	});
}

/** Lines that ask for exactly the same, so that one answer serves them all. */
export function alike<L extends Planned>(planned: L[], wishOf: (plan: L['plan']) => unknown): L[][] {
	return partBy(planned, ({ plan }) => `${JSON.stringify(wishOf(plan))} ${settingsKey(plan.settings)}`);
}

/** The items whose lines a batch carries, each once. */
export const itemIndexesOf = ({ lines }: { lines: Planned[] }): number[] => [
	...new Set(lines.map(({ itemIndex }) => itemIndex)),
];

/** "Item 3" or "Items 0 to 49", for messages. */
export function subjectOf(itemIndexes: number[]): string {
	const [first = 0] = itemIndexes;
	const last = itemIndexes[itemIndexes.length - 1] ?? first;
	if (itemIndexes.length === 1) return `Item ${first}`;
	const together = last - first + 1 === itemIndexes.length;
	return together ? `Items ${first} to ${last}` : `${itemIndexes.length} items from ${first} to ${last}`;
}

/**
 * Numbers the batches that would otherwise have one key: those of one key of the user's, and those
 * that start at the same item, as translations of one text into several languages do.
 */
function partsOf(batches: Array<Batch<Planned>>): number[] {
	const given = new Set(batches.map(({ settings }) => settings.call.idempotencyKey));
	const next = new Map<string | number, number>();
	return batches.map(({ settings, lines }) => {
		const own = settings.call.idempotencyKey;
		const name = own ?? lines[0]?.itemIndex ?? 0;
		let part = next.get(name) ?? 0;
		// a derived key must not be one that the user gave to other items
		while (own !== undefined && part > 0 && given.has(ownKey(own, part))) part++;
		next.set(name, part + 1);
		return part;
	});
}

/** What came of a request, and whether its halves may fare better. */
interface Sent<O> {
	results: O[];
	maySplit: boolean;
}

/** Which call an operation makes for a batch, and what it makes of the answer. */
interface BatchCall<L extends Planned, R extends z.ZodTypeAny, A extends z.ZodTypeAny, O> {
	endpoint: Endpoint<R, A>;
	operation: string;
	requestOf(batch: Batch<L>): z.input<R>;
	settle(batch: Batch<L>, answer: z.output<A>, idempotencyKey: string): O[] | Promise<O[]>;
	/** What becomes of the lines of a batch for which no answer came. */
	fail(batch: Batch<L>, failure: Failure): O[];
}

/**
 * Whether a smaller request may be taken where this one was refused: for its size, or for what may be
 * one line in it. A refused request is not billed (API contract §1).
 */
function mayHelpToSplit(failure: Failure, continueOnFail: boolean): boolean {
	if (failure.kind !== 'refused') return false;
	return failure.code === 413 || (continueOnFail && (failure.code === 400 || failure.code === 422));
}

/**
 * Sends batches, several at once; a failed request fails only the lines it carried. A request that is
 * refused is halved, and its halves again, until only the lines that VMEG will not take are left:
 * always where it is too large, otherwise where the node is set to continue.
 */
export async function settleBatches<
	L extends Planned,
	R extends z.ZodTypeAny,
	A extends z.ZodTypeAny,
	O extends { ok: boolean },
>(
	session: Session,
	batches: Array<Batch<L>>,
	{ endpoint, operation, requestOf, settle, fail }: BatchCall<L, R, A, O>,
): Promise<O[]> {
	async function send(batch: Batch<L>, part: number, split = ''): Promise<Sent<O>> {
		const { settings, lines } = batch;
		const { call } = settings;
		const answerTimeoutMs = call.timeout && call.timeout * 1000;
		const itemIndex = lines[0]?.itemIndex ?? 0;
		const name = { operation, itemIndex, part, split, call, answerTimeoutMs };
		const { answer, idempotencyKey } = await submitOnce(session, endpoint, requestOf(batch), name);
		if (answer.ok) {
			return { results: await settle(batch, answer.data, idempotencyKey), maySplit: false };
		}
		const { failure } = answer;
		const maySplit = lines.length > 1 && mayHelpToSplit(failure, session.context.continueOnFail());
		return { results: fail(batch, failure), maySplit };
	}

	async function sendHalves({ settings, lines }: Batch<L>, part: number, split = ''): Promise<O[]> {
		const halves = chunk(lines, Math.ceil(lines.length / 2));
		const results = await Promise.all(
			halves.map(async (half, index) => {
				const batch = { settings, lines: half };
				const name = `${split}${'ab'.charAt(index)}`;
				const sent = await send(batch, part, name);
				return sent.maySplit ? await sendHalves(batch, part, name) : sent.results;
			}),
		);
		return results.flat();
	}

	// settings under which not one line of a request was taken: what is wrong is in the settings
	const hopeless = new Set<object>();
	const oneAfterAnother = pLimit(1);

	const parts = partsOf(batches);
	const work = batches.map((batch, index) => ({ batch, part: parts[index] ?? 0 }));
	return await settleAll(session, work, async ({ batch, part }) => {
		const whole = await send(batch, part);
		if (!whole.maySplit) return whole.results;
		return await oneAfterAnother(async () => {
			if (hopeless.has(batch.settings)) return whole.results;
			const results = await sendHalves(batch, part);
			if (!results.some(({ ok }) => ok)) hopeless.add(batch.settings);
			return results;
		});
	});
}

/** The error of an item whose line travelled in a batch that failed. */
export function batchError(
	session: Session,
	batch: { lines: Planned[] },
	failure: Failure,
	itemIndex: number,
): NodeError {
	const carried = itemIndexesOf(batch);
	const subject = subjectOf(carried.includes(itemIndex) ? carried : [itemIndex]);
	return toNodeError(session.context.getNode(), failure, { subject, itemIndex });
}

/** The same for every item of the batch. */
export function batchErrors(session: Session, batch: { lines: Planned[] }, failure: Failure): Settled[] {
	return itemIndexesOf(batch).map((itemIndex) => ({
		ok: false,
		itemIndex,
		error: batchError(session, batch, failure, itemIndex),
	}));
}

/** Makes the `extraData` of the tasks of a run, each with the lines that it carries. */
export function tiedTogether<L extends Planned>(
	session: Session,
	operation: string,
	planned: L[],
	describe: (settings: L['plan']['settings']) => IDataObject = () => ({}),
): (batch: Batch<L>) => IDataObject {
	const request = planned.map(({ plan }) => plan);
	const tie = submissionTie(session, operation, { total: planned.length, request });
	return ({ settings, lines }) =>
		tie(settings.extraData, lines.map(({ itemIndex }) => itemIndex), describe(settings));
}

/** The item that stands for an accepted task, paired to every item whose line it carries. */
export function acceptedBatch(
	taskType: 'textTranslation' | 'tts',
	batch: Batch<Planned>,
	extraData: IDataObject,
	idempotencyKey: string,
	{ taskId, createdAt }: AcceptedAnswer,
): Settled {
	const json: IDataObject = {
		taskId,
		taskType,
		createdAt: createdAt ?? null,
		segmentCount: batch.lines.length,
		idempotencyKey,
		extraData,
	};
	const carried = itemIndexesOf(batch);
	const pairedItem = carried.map((item) => ({ item }));
	return { ok: true, itemIndex: carried[0] ?? 0, output: [{ json, pairedItem }] };
}
