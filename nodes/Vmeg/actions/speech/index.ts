import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../common/fields';
import { submit } from './submit';
import { synthesize } from './synthesize';

/** The operations of the resource Speech, by the value of `operation`. */
export const speech = { submit, synthesize } as const;

/** The fields of the resource Speech: the operation, then each one's own. */
export const speechProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['speech'] } },
		options: [
			{
				name: 'Synthesize',
				value: 'synthesize',
				description: 'Turn the text of each item into speech, and wait for the audio',
				action: 'Turn text into speech',
			},
			{
				name: 'Submit',
				value: 'submit',
				description: 'Start speech without waiting; the result comes to the VMEG Trigger',
				action: 'Turn text into speech without waiting',
			},
		],
		default: 'synthesize',
	},
	...shownFor('speech', ['submit'], submit.fields),
	...shownFor('speech', ['synthesize'], synthesize.fields),
];
