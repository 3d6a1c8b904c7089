import type { INodeProperties } from 'n8n-workflow';

/** The uploaded file that an operation is about. */
export const materialField: INodeProperties = {
	displayName: 'Material',
	name: 'materialId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'A video or audio file that was uploaded to VMEG, by Material > Upload or another run of this node',
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
