import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

/** Puts out items with distinct texts, as a table with products does. For the benchmarks only. */
export class Rows implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Rows',
		name: 'rows',
		group: ['input'],
		version: 1,
		description: 'Puts out items with distinct texts',
		defaults: { name: 'Rows' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [{ displayName: 'Count', name: 'count', type: 'number', default: 1 }],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const length = Number(this.getNodeParameter('count', 0));
		const json = (id: number) => ({ id, text: `Product text number ${id}` });
		return [Array.from({ length }, (_, id) => ({ json: json(id), pairedItem: { item: 0 } }))];
	}
}
