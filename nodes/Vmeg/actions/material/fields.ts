import type { INodeProperties } from 'n8n-workflow';

/** The uploaded file that an operation is about. */
export const materialField: INodeProperties = {
	displayName: 'Material',
	name: 'materialId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'A file that was uploaded to VMEG',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchMaterials', searchable: true },
		},
		{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 6f1c2a…' },
	],
};
