import { ApiError } from '../errors';
import { sourceLocales, targetLocales } from '../locales';
import type { JsonObject } from '../types';
import { anyObject, boolean, checker, httpsUrl, nonEmpty, object, oneOf, string, type Check } from './check';

export interface SpeechLine {
	text: string;
	voiceId?: string;
	timbreRefAudio?: string;
	emoWeight?: number;
	emoRefAudio?: string;
	emoPrompt?: string;
	duration?: number;
}

export interface SpeechRequest {
	language?: { target: string };
	data: SpeechLine[];
	trim?: boolean;
	outputFormat?: 'wav' | 'mp3' | 'm4a';
	extraData?: JsonObject;
}

export interface CloneRequest {
	voiceName?: string;
	provider?: string;
	refAudio?: string;
	sampleLanguage?: string;
	sampleText?: string;
	extraData?: JsonObject;
}

const line = object(
	{
		text: nonEmpty,
		voiceId: { type: 'string', pattern: '^(sv|cv)_.+$' },
		timbreRefAudio: httpsUrl,
		emoWeight: { type: 'number', minimum: 0, maximum: 1 },
		emoRefAudio: httpsUrl,
		emoPrompt: string,
		duration: { type: 'number', exclusiveMinimum: 0 },
	},
	['text'],
);
const speech = {
	language: object({ target: oneOf(...targetLocales) }, ['target']),
	data: { type: 'array', minItems: 1, maxItems: 50, items: line },
	trim: boolean,
	outputFormat: oneOf('wav', 'mp3', 'm4a'),
};
const everyLocale = [...new Set([...sourceLocales, ...targetLocales])];
const clone = {
	voiceName: nonEmpty,
	provider: oneOf('V1', 'V2', 'V3', 'V4', 'V5'),
	refAudio: httpsUrl,
	sampleLanguage: oneOf(...everyLocale),
	sampleText: nonEmpty,
};

function alsoVoices({ data }: SpeechRequest): void {
	data.forEach(({ voiceId, timbreRefAudio }, index) => {
		if (voiceId !== undefined && timbreRefAudio !== undefined) {
			throw new ApiError(400, `data.${index}: voiceId and timbreRefAudio exclude each other`);
		}
	});
	const kinds = new Set(data.flatMap(({ voiceId }) => (voiceId === undefined ? [] : [voiceId.slice(0, 3)])));
	if (kinds.size > 1) throw new ApiError(400, 'System voices and cloned voices cannot be mixed in one request');
}

/** `POST /task/tts/create` (API contract §4). */
export const speechRequest: Check<SpeechRequest> = checker(object(speech, ['data']), alsoVoices);
/** `POST /task/tts/create-async`: the same plus `extraData` (API contract §4). */
export const speechAsyncRequest: Check<SpeechRequest> = checker(
	object({ ...speech, extraData: anyObject }, ['data']),
	alsoVoices,
);
/** `POST /task/clone-voice/create` (API contract §5). */
export const cloneRequest: Check<CloneRequest> = checker(object(clone));
/** `POST /task/clone-voice/create-async`: the same plus `extraData` (API contract §5). */
export const cloneAsyncRequest: Check<CloneRequest> = checker(object({ ...clone, extraData: anyObject }));
