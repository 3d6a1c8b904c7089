import { randomUUID } from 'node:crypto';
import type { IContextObject, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import pLimit from 'p-limit';
import { z } from 'zod';

import { createClient } from '../../api/client';
import type { VmegClient } from '../../api/client';
import { idempotencyKey, ownKey } from '../../api/idempotency';
import { isRecord } from '../../api/record';

/**
 * What became of the submissions of a run, by idempotency key. When a run fails under Retry On Fail,
 * n8n runs the whole node again: what VMEG has already accepted is then taken from here, since
 * sending its key again would only bring a 409 without the result.
 */
export interface AcceptedAnswers {
	get(key: string): unknown;
	/** The tasks of all answers. */
	taskIds(): string[];
	set(key: string, answer: unknown): void;
	/** When a submission was first sent whose answer is missing, in milliseconds since 1970. */
	lostSince(key: string): number | undefined;
	setLost(key: string, sentFromMs: number): void;
	/** Keys whose answers are missing, those of earlier tries among them. */
	allLost(): string[];
	/** Leaves all of it to the next try of this node, or forgets it. */
	close(hasFailed: boolean): void;
}

/** One run of the action node: everything that an operation needs. */
export interface Session {
	context: IExecuteFunctions;
	client: VmegClient;
	items: INodeExecutionData[];
	accepted: AcceptedAnswers;
	/** Lets nothing new be sent and ends all waiting: the run is going to fail. */
	stop(): void;
	/** Runs work that takes much memory, one piece after another. */
	oneAtATime<T>(work: () => Promise<T>): Promise<T>;
	/** Says how far long work is: in n8n's log, and in the browser while the user watches. */
	progress(line: string): void;
	/** The idempotency key of the submission that starts at an item. */
	keyOf(submission: {
		operation: string;
		itemIndex: number;
		part?: number;
		split?: string;
		/** The user's key, where one is set. */
		own?: string;
		/** The request, told apart only where n8n may call one run for several inputs. */
		request: unknown;
	}): string;
}

const withTaskId = z.object({ taskId: z.string() });

const STORE = 'vmegAccepted';
const LOST_STORE = 'vmegLost';

function kept(store: IContextObject, name: string): Map<string, unknown> {
	const entries: unknown = store[name];
	return new Map(Object.entries(isRecord(entries) ? entries : {}));
}

function acceptedAnswers(context: IExecuteFunctions): AcceptedAnswers {
	const store = context.getContext('node');
	const answers = kept(store, STORE);
	const lost = kept(store, LOST_STORE);
	return {
		get: (key) => answers.get(key),
		taskIds: () =>
			[...answers.values()].flatMap((answer) => {
				const parsed = withTaskId.safeParse(answer);
				return parsed.success ? [parsed.data.taskId] : [];
			}),
		set(key, answer) {
			answers.set(key, answer);
			lost.delete(key);
		},
		lostSince(key) {
			const sentFromMs = lost.get(key);
			return typeof sentFromMs === 'number' ? sentFromMs : undefined;
		},
		setLost: (key, sentFromMs) => lost.set(key, sentFromMs),
		allLost: () => [...lost.keys()],
		close(hasFailed) {
			if (hasFailed && context.getNode().retryOnFail === true) {
				store[STORE] = Object.fromEntries(answers);
				store[LOST_STORE] = Object.fromEntries(lost);
			} else {
				delete store[STORE];
				delete store[LOST_STORE];
			}
		},
	};
}

/** Opens the session of a run; `maxConcurrency` is the most requests under way at once. */
export async function openSession(
	context: IExecuteFunctions,
	maxConcurrency: number,
): Promise<Session> {
	// several n8n may share one VMEG account, and each counts its executions from 1
	const executionId = `${context.getInstanceId()}/${context.getExecutionId() || randomUUID()}`;
	const nodeId = context.getNode().id;
	const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);
	// an AI agent may call the tool again within one run: another input is another submission
	const isTool = 'isToolExecution' in context && context.isToolExecution();

	const stopping = new AbortController();

	return {
		context,
		client: await createClient(context, { maxConcurrency, signal: stopping.signal }),
		stop: () => stopping.abort(),
		oneAtATime: pLimit(1),
		progress(line) {
			context.logger.info(`VMEG: ${line}`);
			context.sendMessageToUI(`VMEG: ${line}`);
		},
		items: context.getInputData(),
		accepted: acceptedAnswers(context),
		keyOf({ operation, itemIndex, part = 0, split, own, request }) {
			if (own !== undefined) return ownKey(own, part, split);
			const payload = isTool ? JSON.stringify(request) : undefined;
			return idempotencyKey({ executionId, nodeId, runIndex, operation, itemIndex, part, split, payload });
		},
	};
}

/** Reads `options.maxConcurrency` of the first item; it holds for the whole run. */
export function maxConcurrencyOf(context: IExecuteFunctions): number {
	const { maxConcurrency } = context.getNodeParameter('options', 0, {}) as IDataObject;
	const wanted = Math.floor(Number(maxConcurrency ?? 4));
	return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 1), 50) : 4;
}
