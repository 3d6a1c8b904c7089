import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import pLimit from 'p-limit';

import { createClient } from '../../api/client';
import type { VmegClient } from '../../api/client';
import { idempotencyKey, ownKey } from '../../api/idempotency';
import { acceptedAnswers, answersOfTool } from './accepted';
import type { AcceptedAnswers } from './accepted';
import { isToolRun } from './parameters';

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

/** Opens the session of a run; `maxConcurrency` is the most requests under way at once. */
export async function openSession(
	context: IExecuteFunctions,
	maxConcurrency: number,
): Promise<Session> {
	// several n8n may share one VMEG account, and each counts its executions from 1
	const executionId = `${context.getInstanceId()}/${context.getExecutionId() || randomUUID()}`;
	const nodeId = context.getNode().id;
	const names = new Set<string>();
	const tool = isToolRun(context) ? answersOfTool(context, names) : undefined;
	// n8n counts each try of a tool as another run: what tells its calls apart is what they ask for
	const runIndex = tool?.turn ?? Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);

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
		accepted: tool ?? acceptedAnswers(context),
		keyOf({ operation, itemIndex, part = 0, split, own, request }) {
			if (own !== undefined) return ownKey(own, part, split);
			const payload = tool && JSON.stringify(request);
			const submission = { executionId, nodeId, runIndex, operation, itemIndex, part, split, payload };
			const key = idempotencyKey(submission);
			names.add(key);
			return key;
		},
	};
}

/** Reads `options.maxConcurrency` of the first item; it holds for the whole run. */
export function maxConcurrencyOf(context: IExecuteFunctions): number {
	const { maxConcurrency } = context.getNodeParameter('options', 0, {}) as IDataObject;
	const wanted = Math.floor(Number(maxConcurrency ?? 4));
	return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 1), 50) : 4;
}
