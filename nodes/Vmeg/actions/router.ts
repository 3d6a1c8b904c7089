import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { maxConcurrencyOf, openSession } from './common/session';
import { material } from './material';
import { media } from './media';
import { speech } from './speech';
import { task } from './task';
import { text } from './text';
import type { Operation } from './types';
import { voice } from './voice';

/** Every operation of the action node, by resource and operation. */
export const operations: Record<string, Record<string, Operation>> = {
	material,
	media,
	speech,
	task,
	text,
	voice,
};

/** Runs the chosen operation over all input items. */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = String(context.getNodeParameter('resource', 0));
	const operation = String(context.getNodeParameter('operation', 0));
	const chosen = operations[resource]?.[operation];
	if (chosen === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			`The operation "${operation}" is not known for the resource "${resource}"`,
			{ description: 'Choose the resource and the operation from their lists.' },
		);
	}
	const session = await openSession(context, maxConcurrencyOf(context));
	return [await chosen.execute(session)];
}
