import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

/**
 * Translates as most nodes for text services do, n8n's DeepL node among them: one call for each item,
 * the next when the last has been answered. For the benchmarks only.
 */
export class OneByOne implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'One by One',
		name: 'oneByOne',
		group: ['output'],
		version: 1,
		description: 'Translates one item after another',
		defaults: { name: 'One by One' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'vmegApi', required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Text', name: 'text', type: 'string', default: '' },
			{ displayName: 'Target Language', name: 'targetLanguage', type: 'string', default: '' },
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const output: INodeExecutionData[] = [];
		const items = this.getInputData();
		for (let item = 0; item < items.length; item++) {
			const target = this.getNodeParameter('targetLanguage', item);
			const text = this.getNodeParameter('text', item);
			const json: IDataObject = await this.helpers.httpRequestWithAuthentication.call(this, 'vmegApi', {
				method: 'POST',
				url: String(this.getNodeParameter('url', item)),
				headers: { 'X-Idempotency-Key': `${this.getExecutionId()}-${item}` },
				body: { language: { source: 'en-US', target }, segments: [{ text }] },
				json: true,
			});
			output.push({ json, pairedItem: { item } });
		}
		return [output];
	}
}
