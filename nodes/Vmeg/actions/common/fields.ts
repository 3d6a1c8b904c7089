import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { alphabetical } from '../../api/alphabetical';
import { MAX_KEY_LENGTH } from '../../api/idempotency';
import { DEFAULT_POLL_SECONDS, DEFAULT_WAIT_SECONDS } from '../../api/wait';

/** Shows fields only for the given operations of a resource. */
export function shownFor(
	resource: string,
	operations: string[],
	fields: INodeProperties[],
): INodeProperties[] {
	return fields.map((field) => ({
		...field,
		displayOptions: {
			...field.displayOptions,
			show: { resource: [resource], operation: operations, ...field.displayOptions?.show },
		},
	}));
}

type OptionEntry = INodePropertyOptions | INodeProperties | INodePropertyCollection;

const isProperty = (entry: OptionEntry): entry is INodeProperties => 'type' in entry;

/** The Options collection of an operation, sorted by name as n8n shows it. */
export function optionsField(entries: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...entries]
			.filter(isProperty)
			.sort((a, b) => alphabetical(a.displayName, b.displayName)),
	};
}

export const extraDataOption: INodeProperties = {
	displayName: 'Extra Data',
	name: 'extraData',
	type: 'json',
	default: '{}',
	description: 'A JSON object of your own, such as a row ID. VMEG sends it back with the completion, so that the workflow behind the VMEG Trigger knows what it belongs to.',
};

export const idempotencyKeyOption: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	typeOptions: { maxLength: MAX_KEY_LENGTH },
	description:
		'VMEG accepts a key once in 24 hours. Left empty, each submission gets a key of its own that stays the same when n8n retries the node, so nothing is billed twice. Set it to something that names the job, such as a row ID, to be safe across executions too',
};

export const requestIdOption: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	default: '',
	description: 'Your own name for the request, which VMEG support can look up. Left empty, one is made.',
};

export const maxConcurrencyOption: INodeProperties = {
	displayName: 'Max Concurrency',
	name: 'maxConcurrency',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 50 },
	default: 4,
	description: 'How many requests may be under way at once. The value of the first item counts.',
};

export const answerTimeoutOption: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 300,
	description: 'How many seconds to wait for the answer to one request',
};

export const waitOptions: INodeProperties[] = [
	{
		displayName: 'Poll Interval',
		name: 'pollInterval',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_POLL_SECONDS,
		description: 'The longest pause between two looks at the task, in seconds. The first looks come sooner.',
	},
	{
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_WAIT_SECONDS,
		description: 'How many seconds to wait for the result. When they are over the node fails with the task ID, and the task goes on at VMEG.',
	},
];

export const waitUsingWebhookOption: INodeProperties = {
	displayName: 'Wait Using Webhook',
	name: 'waitUsingWebhook',
	type: 'boolean',
	default: false,
	description:
		'Whether to put the execution to wait in the database of n8n, where it uses no worker and survives a restart, until the VMEG Trigger of this n8n receives the completion; should none come, it looks by itself every ten minutes. Needs a recent n8n 2, a published workflow with the trigger, and the Webhook Secret in the credential. Where it is not possible, the node polls and says why. The value of the first item counts.',
};

/** "Simplify", on by default, with a word about what it leaves out. */
export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** Return All and Limit. */
export const pagingFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		displayOptions: { show: { returnAll: [false] } },
		default: 50,
		description: 'Max number of results to return',
	},
];
