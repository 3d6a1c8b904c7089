import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { materialProperties } from './actions/material';
import { mediaProperties } from './actions/media';
import { router } from './actions/router';
import { speechProperties } from './actions/speech';
import { taskProperties } from './actions/task';
import { textProperties } from './actions/text';
import { voiceProperties } from './actions/voice';
import { searchClonedVoices, searchMaterials, searchTasks, searchVoices } from './methods/listSearch';

/** The action node: submits work to VMEG and fetches its results. */
export class Vmeg implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VMEG',
		name: 'vmeg',
		icon: { light: 'file:vmeg.svg', dark: 'file:vmeg.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Translate and dub video and audio, translate and speak text, and clone voices with VMEG',
		defaults: { name: 'VMEG' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'vmegApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Material', value: 'material', description: 'Files to translate' },
					{ name: 'Media', value: 'media', description: 'Translate and dub video and audio' },
					{ name: 'Speech', value: 'speech', description: 'Speak texts' },
					{ name: 'Task', value: 'task', description: 'Look at jobs and wait for them' },
					{ name: 'Text', value: 'text', description: 'Translate texts' },
					{ name: 'Voice', value: 'voice', description: 'Find voices and clone your own' },
				],
				default: 'text',
			},
			...materialProperties,
			...mediaProperties,
			...speechProperties,
			...taskProperties,
			...textProperties,
			...voiceProperties,
		],
	};

	methods = { listSearch: { searchClonedVoices, searchMaterials, searchTasks, searchVoices } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}
