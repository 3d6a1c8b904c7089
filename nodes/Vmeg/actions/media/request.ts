import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { z } from 'zod';

import { mediaRequest } from '../../api/contract';
import type { MediaRequest, mediaAnswer } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { binaryPropertyField, binaryPropertyOf } from '../common/binaryField';
import {
	extraDataOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
} from '../common/fields';
import {
	callOptionsOf,
	checked,
	jsonObject,
	locatorValue,
	optionsOf,
	parameterError,
	withoutEmpty,
} from '../common/parameters';
import type { CallOptions, ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';
import { submitOnce } from '../common/submission';
import { submissionTie } from '../common/submissionTie';
import { materialField } from '../material/fields';
import { uploadBinary } from '../material/uploading';

/** What one item asks for. */
export interface MediaPlan {
	/** Where a file is uploaded first, its material ID is a placeholder. */
	request: MediaRequest;
	call: CallOptions;
	/** The binary property to upload. */
	upload?: string;
}

const names: ParameterNames = {
	taskType: 'Task Type',
	'source.materialId': 'Material',
	'source.sourceUrl': 'URL',
	'language.source': 'Source Language',
	'language.target': 'Target Language',
	'options.voiceClone.style': 'Voice Style',
	'options.voiceClone.mode': 'Voice Mode',
	'options.voiceClone.provider': 'Voice Engine',
	'options.transcribe.mode': 'Transcription Mode',
	'options.translate.mode': 'Translation Mode',
	'options.translate.prompt': 'Prompt',
	'options.lipsync': 'Lip Sync',
	'options.text': 'Text Styling',
	'options.voiceSpeakers.selectedVoicesList': 'Selected Voices',
	'options.voiceSpeakers.speakerNum': 'Number of Speakers',
	'options.voiceSpeakers.timbreMethod': 'Timbre Method',
};

/** The fields of both media operations, after the languages. */
export const mediaFields: INodeProperties[] = [
	{
		displayName: 'Task Type',
		name: 'taskType',
		type: 'options',
		options: [
			{ name: 'Audio', value: 'at', description: 'Translate an audio file' },
			{ name: 'Video', value: 'vt', description: 'Translate and dub a video' },
		],
		default: 'vt',
		description: 'What to translate. VMEG may treat an audio job on a video as a video job.',
	},
	{
		displayName: 'Source',
		name: 'materialSource',
		type: 'options',
		options: [
			{ name: 'Binary File', value: 'binary', description: 'A file of the input item, uploaded first' },
			{ name: 'Material', value: 'materialId', description: 'A file that is already at VMEG' },
			{ name: 'URL', value: 'url', description: 'A file that VMEG fetches from the web' },
		],
		default: 'url',
		description: 'Where the video or audio comes from',
	},
	{ ...binaryPropertyField, displayOptions: { show: { materialSource: ['binary'] } } },
	{ ...materialField, displayOptions: { show: { materialSource: ['materialId'] } } },
	{
		displayName: 'URL',
		name: 'sourceUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://example.com/video.mp4',
		hint: 'The address of the file itself, not of a page that plays it. VMEG must be able to open it without a login',
		displayOptions: { show: { materialSource: ['url'] } },
		description: 'Address of the video or audio file, starting with https://',
	},
	{
		displayName: 'Voice Style',
		name: 'voiceCloneStyle',
		type: 'options',
		options: [
			{ name: 'Consistent', value: 'consistent', description: 'The same calm voice throughout' },
			{ name: 'Emotional', value: 'emotional', description: 'Follows the emotion of the original' },
		],
		default: 'emotional',
		description: 'How the cloned voices speak',
	},
	{
		displayName: 'Voice Mode',
		name: 'voiceCloneMode',
		type: 'options',
		options: [
			{ name: 'Mix', value: 'mix', description: 'By speaker and by sentence, as it fits' },
			{ name: 'Role', value: 'role', description: 'One cloned voice for each speaker' },
			{ name: 'Sentence', value: 'sentence', description: 'The voice is cloned anew for each sentence' },
		],
		default: 'role',
		description: 'What each cloned voice is taken from',
	},
];

/** The options of both media operations (API contract §3). */
export const mediaOptionFields: INodeProperties[] = [
	{
		displayName: 'Adapt Video Length',
		name: 'dynamicVideoLength',
		type: 'boolean',
		default: false,
		description: 'Whether the video may become longer or shorter to fit the new speech',
	},
	{
		displayName: 'Lip Sync',
		name: 'lipsync',
		type: 'boolean',
		default: false,
		description: 'Whether to move the lips to the new speech (video only). Costs extra credits.',
	},
	{
		displayName: 'Number of Speakers',
		name: 'speakerNum',
		type: 'string',
		default: 'auto',
		description: 'How many people speak: a number, or "auto" to let VMEG find out',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Keep product names in English',
		description: 'Instructions for the translation',
	},
	{
		displayName: 'Selected Voices',
		name: 'selectedVoices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add voice',
		default: {},
		description: 'Voices to choose from instead of cloning the original ones',
		options: [
			{
				displayName: 'Voice',
				name: 'voice',
				values: [
					{
						displayName: 'Engine',
						name: 'provider',
						type: 'string',
						default: '',
						placeholder: 'e.g. S1',
						description: 'The engine the voice belongs to: S1 to S7, or V1 to V5 for cloned voices',
					},
					{
						displayName: 'Voice ID',
						name: 'voiceId',
						type: 'string',
						default: '',
						placeholder: 'e.g. sv_123',
						description: 'A system voice (sv_…) or a cloned voice (cv_…)',
					},
				],
			},
		],
	},
	{
		displayName: 'Separate Background',
		name: 'separation',
		type: 'boolean',
		default: false,
		description: 'Whether to separate speech from music and effects, and to keep these in the result',
	},
	{
		displayName: 'Text Styling',
		name: 'text',
		type: 'json',
		default: '{}',
		description: 'A JSON object for titles and burnt-in subtitles, passed to VMEG as it is',
	},
	{
		displayName: 'Timbre Method',
		name: 'timbreMethod',
		type: 'options',
		options: [
			{ name: 'Clone', value: 'clone', description: 'Clone the original speakers' },
			{ name: 'Smart', value: 'smart', description: 'VMEG picks a voice that fits' },
		],
		default: 'clone',
		description: 'How the voice of a speaker is found',
	},
	{
		displayName: 'Transcription Mode',
		name: 'transcribeMode',
		type: 'options',
		options: [
			{ name: 'Fast', value: 'fast' },
			{ name: 'Normal', value: 'normal' },
		],
		default: 'normal',
		description: 'Whether recognising the speech should rather be quick or exact',
	},
	{
		displayName: 'Translation Mode',
		name: 'translateMode',
		type: 'options',
		options: [
			{ name: 'Default', value: 'default' },
			{ name: 'Machine', value: 'machine' },
		],
		default: 'default',
		description: 'How the script is translated',
	},
	{
		displayName: 'Voice Engine',
		name: 'voiceCloneProvider',
		type: 'options',
		options: [
			{ name: 'V1 Basic', value: 'V1' },
			{ name: 'V2 Film and TV, Emotional', value: 'V2' },
			{ name: 'V3 English', value: 'V3' },
			{ name: 'V4 Enhanced Emotional', value: 'V4' },
			{ name: 'V5 Multilingual', value: 'V5' },
		],
		default: 'V5',
		description: 'The engine that clones the voices. Left out, VMEG chooses.',
	},
	extraDataOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
];

function sourceOf(session: Session, itemIndex: number): MediaRequest['source'] {
	const { context } = session;
	const kind = context.getNodeParameter('materialSource', itemIndex);
	if (kind === 'materialId') {
		return { materialId: locatorValue(context, itemIndex, 'materialId', 'Material') };
	}
	if (kind === 'url') {
		return { sourceUrl: String(context.getNodeParameter('sourceUrl', itemIndex)).trim() };
	}
	// takes the place of the ID until the file is uploaded
	if (kind === 'binary') return { materialId: binaryPropertyOf(session, itemIndex) };
	const problem = `is "${String(kind)}"; use materialId, binary or url`;
	throw parameterError(context, itemIndex, 'Source', problem);
}

function selectedVoicesOf({ selectedVoices }: IDataObject): unknown {
	const { voice } = (selectedVoices ?? {}) as { voice?: IDataObject[] };
	const list = (voice ?? []).map((one) => withoutEmpty(one) ?? {});
	return list.length === 0 ? undefined : list;
}

/** A switch as VMEG takes it; undefined, and so left to VMEG, where it is not in the options. */
const enabled = (value: unknown) => (value === undefined ? undefined : { enable: value });

/** Reads and checks the parameters of one item. */
export function planMedia(session: Session, itemIndex: number): MediaPlan {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const { transcribeMode, translateMode, prompt, timbreMethod } = options;
	const speakerNum = options.speakerNum === undefined ? undefined : String(options.speakerNum);

	const request = {
		taskType: context.getNodeParameter('taskType', itemIndex),
		source: sourceOf(session, itemIndex),
		language: {
			source: context.getNodeParameter('sourceLanguage', itemIndex),
			target: context.getNodeParameter('targetLanguage', itemIndex),
		},
		options: withoutEmpty({
			voiceClone: withoutEmpty({
				style: context.getNodeParameter('voiceCloneStyle', itemIndex),
				mode: context.getNodeParameter('voiceCloneMode', itemIndex),
				provider: options.voiceCloneProvider,
			}),
			transcribe: transcribeMode && { mode: transcribeMode, type: 'default' },
			translate:
				translateMode || prompt
					? withoutEmpty({ mode: translateMode ?? 'default', prompt })
					: undefined,
			separation: options.separation === true ? { mode: 'auto' } : undefined,
			dynamicVideoLength: enabled(options.dynamicVideoLength),
			lipsync: enabled(options.lipsync),
			text: jsonObject(context, itemIndex, 'Text Styling', options.text),
			voiceSpeakers: withoutEmpty({
				selectedVoicesList: selectedVoicesOf(options),
				speakerNum,
				timbreMethod,
			}),
		}),
		extraData: jsonObject(context, itemIndex, 'Extra Data', options.extraData),
	};
	const isBinary = context.getNodeParameter('materialSource', itemIndex) === 'binary';
	return {
		request: checked(context, itemIndex, mediaRequest, request, names),
		call: callOptionsOf(context, itemIndex, options),
		...(isBinary ? { upload: binaryPropertyOf(session, itemIndex) } : {}),
	};
}

/** A job that VMEG accepted, with the key it was accepted under. */
export type SubmittedMedia = z.output<typeof mediaAnswer> & {
	idempotencyKey: string;
	extraData: IDataObject;
};

/** The request of a plan, its file uploaded where it has one. */
async function withSource(
	session: Session,
	{ upload, call }: MediaPlan,
	request: MediaRequest,
	itemIndex: number,
): Promise<MediaRequest> {
	if (upload === undefined) return request;
	const { requestId } = call;
	const uploaded = await uploadBinary(session, itemIndex, { propertyName: upload, requestId });
	return { ...request, source: { materialId: uploaded.material.materialId } };
}

/** Submits one job of `total`, `also` in what ties them together; throws the error of its item where VMEG does not accept it. */
export async function submitMedia(
	session: Session,
	operation: string,
	plan: MediaPlan,
	{ itemIndex, total, also }: { itemIndex: number; total: number; also?: IDataObject },
): Promise<SubmittedMedia> {
	const { call, request } = plan;
	const tie = submissionTie(session, operation, { total, request });
	const extraData = tie(request.extraData as IDataObject | undefined, [itemIndex], also);
	const name = { operation, itemIndex, call, identity: request };
	const { idempotencyKey, answer } = await submitOnce(
		session,
		endpoints.submitMedia,
		async () => await withSource(session, plan, { ...request, extraData }, itemIndex),
		name,
	);
	if (answer.ok) return { ...answer.data, idempotencyKey, extraData };
	const subject = `Item ${itemIndex}`;
	throw toNodeError(session.context.getNode(), answer.failure, { subject, itemIndex });
}
