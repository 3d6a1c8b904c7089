import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { forModel } from './common/forModel';
import type { NodeError } from './common/items';
import { isToolRun } from './common/parameters';
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

/**
 * What the user chose from a list. n8n's editor takes no expression there, but a workflow that was
 * written by hand may have one: then an AI agent could make a translation a deletion.
 */
function choiceOf(context: IExecuteFunctions, parameter: 'resource' | 'operation'): string {
	const stored = context.getNodeParameter(parameter, 0, '', { rawExpressions: true });
	if (isToolRun(context) && typeof stored === 'string' && stored.startsWith('=')) {
		throw new NodeOperationError(context.getNode(), `The ${parameter} of a tool may not be an expression`, {
			description: 'Choose it from its list: an AI agent may fill in fields, but not choose what is done.',
		});
	}
	return String(context.getNodeParameter(parameter, 0));
}

async function run(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const resource = choiceOf(context, 'resource');
	const operation = choiceOf(context, 'operation');
	const chosen = operations[resource]?.[operation];
	if (chosen === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			`The operation "${operation}" is not known for the resource "${resource}"`,
			{ description: 'Choose the resource and the operation from their lists.' },
		);
	}
	const session = await openSession(context, maxConcurrencyOf(context));
	if (!isToolRun(context)) return await chosen.execute(session);

	// the model knows what it said: an operation that adds to the input has nothing to repeat
	const items = session.items.map((item) => ({ ...item, json: {} }));
	return forModel(await chosen.execute({ ...session, items }), operation === 'getAll');
}

/** What is told to a model of an error: what happened, and what can be done about it. */
function inOneMessage({ message, description }: Pick<NodeError, 'message' | 'description'>): string {
	if (!description || message.includes(description)) return message;
	return `${message}${/[.?!]$/.test(message) ? '' : '.'} ${description}`;
}

/**
 * Runs the chosen operation for an AI agent, whose error is an answer as well, so that the model can do
 * better. If it were thrown, the model would read the message alone, or nothing (agents before version
 * 3), or the whole execution would end (n8n 1.x). A node that is set to stop the workflow still does.
 */
async function answer(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	try {
		return await run(context);
	} catch (thrown) {
		const isOurs = thrown instanceof NodeApiError || thrown instanceof NodeOperationError;
		const error = isOurs ? thrown : new NodeOperationError(context.getNode(), thrown as Error);
		if (context.getNode().onError === 'stopWorkflow') throw error;
		return [{ json: { error: inOneMessage(error) }, pairedItem: { item: 0 } }];
	}
}

/** Runs the chosen operation over all input items, or for an AI agent with what the model said. */
export const router = async (context: IExecuteFunctions): Promise<INodeExecutionData[][]> => [
	isToolRun(context) ? await answer(context) : await run(context),
];
