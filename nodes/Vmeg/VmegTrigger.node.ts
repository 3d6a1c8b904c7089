import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { CREDENTIAL } from './api/client';
import { checkConfiguration } from './trigger/activation';
import {
	claim,
	databaseRecorder,
	nodeKeyOf,
	recordError,
	wasEmittedHere,
} from './trigger/delivered';
import { deliveryKey, EVENTS, outcomeOf } from './trigger/event';
import { setupSteps, triggerPanel } from './trigger/panel';
import { receive } from './trigger/receive';
import { sharedSecret } from './trigger/secret';
import { startWaking } from './trigger/wake';

/** The trigger node: emits one item for each completion that VMEG delivers. */
export class VmegTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VMEG Trigger',
		name: 'vmegTrigger',
		icon: { light: 'file:vmeg.svg', dark: 'file:vmeg.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["outcome"] === "all" ? "finished jobs" : $parameter["outcome"] + " jobs" }}',
		// n8n lists this node and the other one as one entry, under this text
		description: 'Dub and translate videos, translate texts and subtitles, clone voices, and start workflows when VMEG has finished a job',
		eventTriggerDescription: 'Waiting for one event at the Test URL',
		activationMessage:
			'Finished VMEG jobs now start this workflow, as long as its Production URL is saved on the API Configuration page of VMEG',
		triggerPanel,
		defaults: { name: 'VMEG Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'vmegApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				// empty lets the answer of webhook() through; left out, n8n sends a literal of its own
				responseData: '',
				path: 'webhook',
			},
		],
		properties: [
			...setupSteps,
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: [
					{
						name: 'Media Translated',
						value: 'openapi-media-translation',
						description: 'A video or audio job is over',
					},
					{
						name: 'Speech Created',
						value: 'openapi-tts',
						description: 'A text-to-speech job is over',
					},
					{
						name: 'Text Translated',
						value: 'openapi-translate',
						description: 'A text job is over',
					},
					{
						name: 'Voice Cloned',
						value: 'openapi-clone-voice',
						description: 'A voice cloning job is over',
					},
				],
				default: [...EVENTS],
				description: 'Which jobs start the workflow when they are over',
			},
			{
				displayName: 'Outcome',
				name: 'outcome',
				type: 'options',
				options: [
					{ name: 'All', value: 'all', description: 'Jobs that succeeded and jobs that failed' },
					{ name: 'Failed', value: 'failed', description: 'Only jobs that failed' },
					{ name: 'Succeeded', value: 'succeeded', description: 'Only jobs that succeeded' },
				],
				default: 'all',
				description: 'Whether jobs that failed start the workflow too',
			},
		],
	};

	webhookMethods = {
		default: {
			// VMEG cannot tell which URL it calls, so each activation checks the configuration anew
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await checkConfiguration(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const nodeKey = nodeKeyOf(this.getWorkflow().id, this.getNode().id);
		const isProduction = this.getMode() !== 'manual';
		const verdict = await receive({
			headers: this.getHeaderData(),
			rawBody: this.getRequestObject().rawBody,
			nowMs: Date.now(),
			secret: async () =>
				await sharedSecret(`${nodeKey}/${this.getNode().credentials?.[CREDENTIAL]?.id}`, async () => {
					const { webhookSecret } = await this.getCredentials(CREDENTIAL);
					return typeof webhookSecret === 'string' ? webhookSecret.trim() : '';
				}),
			filter: () => ({
				events: this.getNodeParameter('events', []) as string[],
				outcome: outcomeOf(this.getNodeParameter('outcome', 'all')),
			}),
			wasEmitted: (key) => isProduction && wasEmittedHere(nodeKey, key),
		});

		if (verdict.waiting !== undefined) startWaking(this, verdict.waiting);
		const answer: IDataObject = { message: verdict.message };
		if (verdict.item !== undefined) {
			return { workflowData: [[{ json: verdict.item }]], webhookResponse: answer };
		}
		this.getResponseObject().status(verdict.statusCode).json(answer);
		return { noWebhookResponse: true };
	}

	/** Lets a completion pass once: n8n runs this with the output of `webhook()`. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		// a test run shows the event however often it is sent
		if (this.getMode() === 'manual') return [items];

		const nodeKey = nodeKeyOf(this.getWorkflow().id, this.getNode().id);
		const record = databaseRecorder(this);
		const emitted: INodeExecutionData[] = [];
		for (const item of items) {
			const key = deliveryKey(item.json);
			try {
				if (await claim(nodeKey, key, this.getExecutionId(), record)) emitted.push(item);
			} catch {
				throw recordError(this, key);
			}
		}
		return [emitted];
	}
}
