import type { INodeProperties } from 'n8n-workflow';

import { parameterError } from './parameters';
import type { Session } from './session';

/** Which binary property of the input holds the file. */
export const binaryPropertyField: INodeProperties = {
	displayName: 'Input Binary Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'Its name in the Binary tab of the input, mostly data',
	description: 'The binary field of the item that holds the file',
};

/** The binary property of an item; an error naming the item where it is not there. */
export function binaryPropertyOf(session: Session, itemIndex: number): string {
	const { context, items } = session;
	const name = String(context.getNodeParameter('binaryPropertyName', itemIndex, 'data')).trim();
	if (items[itemIndex]?.binary?.[name] !== undefined) return name;
	const there = Object.keys(items[itemIndex]?.binary ?? {});
	const hint =
		there.length === 0
			? 'the item has no file. Put a node before this one that fetches it, such as HTTP Request'
			: `the item has ${there.join(', ')}`;
	throw parameterError(context, itemIndex, 'Input Binary Field', `is "${name}", but ${hint}`);
}
