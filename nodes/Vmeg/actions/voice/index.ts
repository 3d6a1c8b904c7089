import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../common/fields';
import { clone } from './clone';
import { deleteVoice } from './delete';
import { getAll } from './getAll';
import { rename } from './rename';
import { submitClone } from './submitClone';

/** The operations of the resource Voice, by the value of `operation`. */
export const voice = { clone, delete: deleteVoice, getAll, rename, submitClone } as const;

/** The fields of the resource Voice: the operation, then each one's own. */
export const voiceProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['voice'] } },
		options: [
			{
				name: 'Clone',
				value: 'clone',
				description: 'Clone a voice from a recording, and wait for it',
				action: 'Clone a voice',
			},
			{
				name: 'Delete',
				value: 'delete',
				description: 'Delete a cloned voice',
				action: 'Delete a cloned voice',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'List the voices of VMEG, or the ones you cloned',
				action: 'Get many voices',
			},
			{
				name: 'Rename',
				value: 'rename',
				description: 'Give a cloned voice another name',
				action: 'Rename a cloned voice',
			},
			{
				name: 'Submit Clone',
				value: 'submitClone',
				description: 'Start cloning without waiting; the voice comes to the VMEG Trigger',
				action: 'Clone a voice without waiting',
			},
		],
		default: 'getAll',
	},
	...shownFor('voice', ['clone'], clone.fields),
	...shownFor('voice', ['delete'], deleteVoice.fields),
	...shownFor('voice', ['getAll'], getAll.fields),
	...shownFor('voice', ['rename'], rename.fields),
	...shownFor('voice', ['submitClone'], submitClone.fields),
];
