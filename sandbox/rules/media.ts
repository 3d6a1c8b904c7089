import { ApiError } from '../errors';
import { sourceLocales, targetLocales } from '../locales';
import type { JsonObject } from '../types';
import { anyObject, boolean, checker, httpsUrl, nonEmpty, object, oneOf, string, type Check } from './check';

export interface MediaRequest {
	taskType: 'vt' | 'at';
	source: { materialId?: string; sourceUrl?: string };
	language: { source?: string; target: string };
	options: {
		voiceClone: { style?: string; mode: string; provider?: string };
		transcribe?: { mode?: string; type: string };
		translate?: { mode: string; prompt?: string };
		separation?: { mode: string };
		dynamicVideoLength?: { enable: boolean };
		lipsync?: { enable?: boolean };
		text?: JsonObject;
		voiceSpeakers?: {
			selectedVoicesList?: Array<{ provider?: string; voiceId: string }>;
			speakerNum?: string;
			timbreMethod?: string;
		};
	};
	extraData?: JsonObject;
}

const cloneEngines = ['V1', 'V2', 'V3', 'V4', 'V5'];
const systemEngines = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7'];

const options = object(
	{
		voiceClone: object(
			{
				style: oneOf('emotional', 'consistent'),
				mode: oneOf('role', 'mix', 'sentence'),
				provider: oneOf(...cloneEngines),
			},
			['mode'],
		),
		transcribe: object({ mode: oneOf('fast', 'normal'), type: oneOf('default') }, ['type']),
		translate: object({ mode: oneOf('default', 'machine'), prompt: string }, ['mode']),
		separation: object({ mode: oneOf('auto') }, ['mode']),
		dynamicVideoLength: object({ enable: boolean }, ['enable']),
		lipsync: object({ enable: boolean }),
		text: anyObject,
		voiceSpeakers: object({
			selectedVoicesList: {
				type: 'array',
				items: object({ provider: oneOf(...systemEngines, ...cloneEngines), voiceId: nonEmpty }, ['voiceId']),
			},
			speakerNum: { type: 'string', pattern: '^(auto|[0-9]+)$' },
			timbreMethod: oneOf('clone', 'smart'),
		}),
	},
	['voiceClone'],
);

/** `POST /task/media-translation/create-async` (API contract §3). */
export const mediaRequest: Check<MediaRequest> = checker(
	object(
		{
			taskType: oneOf('vt', 'at'),
			source: {
				...object({ materialId: nonEmpty, sourceUrl: httpsUrl }),
				minProperties: 1,
				maxProperties: 1,
			},
			language: object({ source: oneOf('auto', ...sourceLocales), target: oneOf(...targetLocales) }, ['target']),
			options,
			extraData: anyObject,
		},
		['taskType', 'source', 'language', 'options'],
	),
	({ taskType, options: { lipsync, dynamicVideoLength } }) => {
		if (taskType !== 'at') return;
		if (lipsync?.enable) throw new ApiError(400, 'options.lipsync is for video only');
		if (dynamicVideoLength?.enable) throw new ApiError(400, 'options.dynamicVideoLength is for video only');
	},
);
