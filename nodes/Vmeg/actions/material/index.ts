import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../common/fields';
import { deleteMaterial } from './delete';
import { getAll } from './getAll';
import { upload } from './upload';

/** The operations of the resource Material, by the value of `operation`. */
export const material = { delete: deleteMaterial, getAll, upload } as const;

/** The fields of the resource Material: the operation, then each one's own. */
export const materialProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['material'] } },
		options: [
			{
				name: 'Upload',
				value: 'upload',
				description: 'Upload a video or audio file of any size, to translate it once or many times',
				action: 'Upload a video or audio file',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'List the files that were uploaded through the API',
				action: 'Get many uploaded files',
			},
			{
				name: 'Delete',
				value: 'delete',
				description: 'Delete an uploaded file at VMEG',
				action: 'Delete an uploaded file',
			},
		],
		default: 'upload',
	},
	...shownFor('material', ['delete'], deleteMaterial.fields),
	...shownFor('material', ['getAll'], getAll.fields),
	...shownFor('material', ['upload'], upload.fields),
];
