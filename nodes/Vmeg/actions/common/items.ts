import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { z } from 'zod';

import { isToolRun } from './parameters';
import type { Session } from './session';

export type NodeError = NodeApiError | NodeOperationError;

/** What an operation made of one unit of work: items to emit, or the error of the items it is for. */
export type Settled = {
	itemIndex: number;
	/** The place among several of one item, such as its languages. */
	position?: number;
} & ({ ok: true; output: INodeExecutionData[] } | { ok: false; error: NodeError });

/** Turns whatever was thrown into an error that n8n shows with its item. */
export function asNodeError(session: Session, thrown: unknown, itemIndex: number): NodeError {
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	const error = thrown instanceof Error ? thrown : String(thrown);
	return new NodeOperationError(session.context.getNode(), error, { itemIndex });
}

/**
 * Where an error item goes: on with the others, or to the error output. n8n 1 takes an item for the
 * error output only if it has nothing but `error` and `message`.
 */
export type ErrorRoute = 'main' | 'errorOutput' | 'errorOutputOfN8n1';

function errorRouteOf(context: IExecuteFunctions): ErrorRoute {
	if (context.getNode().onError !== 'continueErrorOutput') return 'main';
	return 'isToolExecution' in context ? 'errorOutput' : 'errorOutputOfN8n1';
}

/**
 * The item that stands for a failed one: its own fields, `error` and `details`. `item.error` stays
 * unset, since n8n would then reduce the item to its message. For the error output the input is
 * left out: n8n routes there what has no other fields, and adds the input itself.
 */
export function errorItem(
	input: INodeExecutionData | undefined,
	error: NodeError,
	itemIndex: number,
	route: ErrorRoute,
): INodeExecutionData {
	const pairedItem = { item: itemIndex };
	const { message, description } = error;
	const { vmeg } = error.context as { vmeg?: IDataObject };
	const details: IDataObject = { description: description ?? null, ...vmeg };
	if (route === 'errorOutputOfN8n1') return { json: { error: message, message: details }, pairedItem };
	return { json: { ...(route === 'main' ? input?.json : {}), error: message, details }, pairedItem };
}

const SHOWN = 100;

function listed(names: string[]): string {
	const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
	return `${names.slice(0, SHOWN).join(', ')}${more}`;
}

/** An item as it came in, with what was made of it beside its fields and files. */
export function besideInput(
	{ items }: Session,
	itemIndex: number,
	json: IDataObject,
	files: IBinaryKeyData = {},
): INodeExecutionData {
	const input = items[itemIndex];
	const binary = { ...input?.binary, ...files };
	return {
		json: { ...input?.json, ...json },
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

/** Task IDs that this run had accepted before it failed, in any of its tries. */
function acceptedTasks({ accepted }: Session, settled: Settled[]): string[] {
	const emitted = settled
		.flatMap((one) => (one.ok ? one.output : []))
		.flatMap(({ json }) => [json.taskId, ...Object.values(json.taskIds ?? {})])
		.filter((id) => typeof id === 'string');
	return [...new Set([...emitted, ...accepted.taskIds()])];
}

const facts = z.object({
	vmeg: z.object({ idempotencyKey: z.string(), mayBeAccepted: z.literal(true) }),
});

/** Keys of submissions that VMEG may have accepted, besides the one that the error is about. */
function unknownSubmissions({ accepted }: Session, settled: Settled[], thrown: NodeError): string[] {
	const keyOf = (error: NodeError) => facts.safeParse(error.context).data?.vmeg.idempotencyKey;
	const own = keyOf(thrown);
	const keys = settled.flatMap((one) => (one.ok ? [] : [keyOf(one.error)]));
	return [...new Set([...keys, ...accepted.allLost()])].flatMap((key) => (key === undefined || key === own ? [] : [key]));
}

/** Adds to the error that ends a run what else VMEG accepted: in words, and in full in its context. */
function tellTheRest(session: Session, error: NodeError, settled: Settled[]): void {
	const done = acceptedTasks(session, settled);
	const unknown = unknownSubmissions(session, settled, error);
	const words = [
		error.description ?? '',
		done.length === 0
			? ''
			: `Done or accepted before this error: ${listed(done)}. Retry On Fail keeps them and does not pay for them again.`,
		unknown.length === 0
			? ''
			: `VMEG may also have accepted what was sent under these idempotency keys, whose answers are missing: ${listed(unknown)}. Retry On Fail looks for them.`,
	];
	error.description = words.filter((text) => text !== '').join(' ');
	error.context.vmeg = {
		...Object(error.context.vmeg),
		...(done.length === 0 ? {} : { acceptedTaskIds: done }),
		...(unknown.length === 0 ? {} : { unknownIdempotencyKeys: unknown }),
	};
}

/**
 * Ends a run: emits everything in the order of the input, with error items where the node is set to
 * continue; otherwise throws the error that came first, with the IDs of what went well.
 * `settled` is in the order in which the work ended.
 */
export function conclude(session: Session, settled: Settled[]): INodeExecutionData[] {
	const firstFailed = settled.find((one) => !one.ok);
	session.accepted.close(firstFailed !== undefined);

	if (firstFailed !== undefined && !firstFailed.ok && !session.context.continueOnFail()) {
		const { error } = firstFailed;
		// a tool's earlier calls, which n8n counts to the same node, are no part of this one
		if (!isToolRun(session.context)) tellTheRest(session, error, settled);
		throw error;
	}
	const route = errorRouteOf(session.context);
	return [...settled]
		.sort((a, b) => a.itemIndex - b.itemIndex || (a.position ?? 0) - (b.position ?? 0))
		.flatMap((one) => {
			if (one.ok) return one.output;
			const { itemIndex, error } = one;
			return [errorItem(session.items[itemIndex], error, itemIndex, route)];
		});
}

/**
 * Reads the parameters of every item before anything is sent, so that a mistake in the last row
 * costs nothing. Without Continue On Fail the first mistake ends the run.
 */
export async function prepareItems<P>(
	session: Session,
	prepare: (itemIndex: number) => P | Promise<P>,
): Promise<{ prepared: Array<{ itemIndex: number; plan: P }>; failed: Settled[] }> {
	const prepared: Array<{ itemIndex: number; plan: P }> = [];
	const failed: Settled[] = [];
	for (let itemIndex = 0; itemIndex < session.items.length; itemIndex++) {
		try {
			prepared.push({ itemIndex, plan: await prepare(itemIndex) });
		} catch (thrown) {
			failed.push({ ok: false, itemIndex, error: asNodeError(session, thrown, itemIndex) });
			if (!session.context.continueOnFail()) break;
		}
	}
	if (failed.length > 0 && !session.context.continueOnFail()) return { prepared: [], failed };
	return { prepared, failed };
}

/**
 * Runs independent work, all of it at once (the client bounds the requests), and gives the results
 * in the order in which they came. After a failure that will end the run nothing new is sent and
 * waiting ends; requests under way are let finish, so that nothing VMEG accepts goes unseen.
 */
export async function settleAll<P, O extends { ok: boolean } = Settled>(
	session: Session,
	work: P[],
	perform: (unit: P) => Promise<O[]>,
): Promise<O[]> {
	const settled: O[] = [];
	await Promise.all(
		work.map(async (unit) => {
			const results = await perform(unit);
			settled.push(...results);
			if (results.some(({ ok }) => !ok) && !session.context.continueOnFail()) session.stop();
		}),
	);
	return settled;
}

/** What an operation makes of an item: its JSON, and its files where it has some. */
export type Made = Pick<INodeExecutionData, 'json' | 'binary'>;

/** Ends the work for one item: what it made, or the error that it threw. */
export async function settleOne(
	session: Session,
	itemIndex: number,
	perform: () => Promise<Made[]>,
): Promise<Settled> {
	try {
		const made = await perform();
		const output = made.map((one) => ({ ...one, pairedItem: { item: itemIndex } }));
		return { ok: true, itemIndex, output };
	} catch (thrown) {
		return { ok: false, itemIndex, error: asNodeError(session, thrown, itemIndex) };
	}
}

/**
 * Runs an operation that makes its output, files among it, of one input item at a time; `total` is how
 * many there are.
 */
export async function perItemWithFiles<P>(
	session: Session,
	prepare: (itemIndex: number) => P,
	perform: (plan: P, itemIndex: number, total: number) => Promise<Made[]>,
): Promise<INodeExecutionData[]> {
	const { prepared, failed } = await prepareItems(session, prepare);
	const settled = await settleAll(session, prepared, async ({ itemIndex, plan }) => [
		await settleOne(session, itemIndex, async () => await perform(plan, itemIndex, prepared.length)),
	]);
	return conclude(session, [...failed, ...settled]);
}

/** Runs an operation that makes its output of one input item at a time. */
export async function perItem<P>(
	session: Session,
	prepare: (itemIndex: number) => P,
	perform: (plan: P, itemIndex: number, total: number) => Promise<IDataObject | IDataObject[]>,
): Promise<INodeExecutionData[]> {
	return await perItemWithFiles(session, prepare, async (plan, itemIndex, total) =>
		[await perform(plan, itemIndex, total)].flat().map((json) => ({ json })),
	);
}
