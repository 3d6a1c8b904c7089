import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { materialProperties } from './actions/material';
import { mediaProperties } from './actions/media';
import { answerCall } from './actions/media/waking';
import { router } from './actions/router';
import { speechProperties } from './actions/speech';
import { taskProperties } from './actions/task';
import { textProperties } from './actions/text';
import { voiceProperties } from './actions/voice';
import { searchClonedVoices, searchMaterials, searchTasks, searchVoices } from './methods/listSearch';
import { WAKE_PATH } from './trigger/wake';

/** Where a waiting execution is woken; it exists only below the address of an execution. */
const webhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		// empty lets the answer of webhook() through; left out, n8n would send the first item
		responseData: '',
		path: WAKE_PATH,
		restartWebhook: true,
	},
];

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
		webhooks,
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Material', value: 'material', description: 'Upload and manage video and audio files' },
					{ name: 'Media', value: 'media', description: 'Translate and dub video and audio' },
					{ name: 'Speech', value: 'speech', description: 'Turn text into speech' },
					{ name: 'Task', value: 'task', description: 'Look at jobs, wait for them, fetch their files' },
					{ name: 'Text', value: 'text', description: 'Translate texts and subtitle files' },
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

	/** Called by the VMEG Trigger when a task of an execution that waits is over. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerCall(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}
