import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { z } from 'zod';

import { AUDIO_FORMATS, speechLine, speechRequest } from '../../api/contract';
import type { SpeechLine, SpeechRequest } from '../../api/contract';
import { batchSizeOf, batchSizeOption } from '../common/batches';
import type { Batch, Planned } from '../common/batches';
import { creditsNotice } from '../common/creditsNotice';
import {
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
} from '../common/fields';
import {
	callOptionsOf,
	checked,
	optionalLocatorValue,
	optionsOf,
	parameterError,
	textValue,
	withoutEmpty,
} from '../common/parameters';
import type { CallOptions, ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';
import { targetLocaleOptions } from '../../api/locales';
import { voiceField } from '../voice/fields';

const shared = speechRequest.omit({ data: true });

/** Everything that the lines of one request have in common. */
export interface SpeechSettings {
	request: z.output<typeof shared>;
	/** Only for the asynchronous call. */
	extraData?: IDataObject;
	call: CallOptions;
	batchSize: number;
}

/** What one item asks for. */
export interface SpeechPlan {
	settings: SpeechSettings;
	line: SpeechLine;
}

const requestNames: ParameterNames = {
	language: 'Language',
	outputFormat: 'Output Format',
	trim: 'Trim',
};

const lineNames: ParameterNames = {
	text: 'Text',
	voiceId: 'Voice',
	timbreRefAudio: 'Voice Sample URL',
	duration: 'Duration',
	emoPrompt: 'Emotion Prompt',
	emoRefAudio: 'Emotion Sample URL',
	emoWeight: 'Emotion Weight',
};

/** The fields of both speech operations, in the order of the panel. */
export const speechFields: INodeProperties[] = [
	creditsNotice('for what is spoken'),
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 3 },
		required: true,
		default: '',
		placeholder: 'e.g. {{ $json.translation }}',
		description: 'The text to speak. Items with equal settings share requests of up to 50 texts.',
	},
	voiceField('searchVoices', {
		hint: 'Search by name, language or gender, such as "german female". Leave it empty to let VMEG choose',
		description: 'Who speaks: a system voice (sv_…) or a cloned one (cv_…). Left empty, VMEG chooses, or takes the Voice Sample URL of the options.',
	}),
	{
		displayName: 'Language',
		name: 'targetLanguage',
		type: 'options',
		options: [{ name: 'Let VMEG Decide', value: '' }, ...targetLocaleOptions],
		default: '',
		description: 'The language the text is in, and is spoken in. Nothing is translated here: to speak another language, put Text > Translate before this node.',
	},
];

/** The options of both speech operations (API contract §4). */
export const speechOptionFields: INodeProperties[] = [
	batchSizeOption,
	{
		displayName: 'Duration',
		name: 'duration',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 3 },
		default: 0,
		description: 'How long the speech should last, in seconds. 0 leaves it to VMEG.',
	},
	{
		displayName: 'Emotion Prompt',
		name: 'emoPrompt',
		type: 'string',
		default: '',
		placeholder: 'e.g. Cheerful, out of breath',
		description: 'In which mood to speak, in words',
	},
	{
		displayName: 'Emotion Sample URL',
		name: 'emoRefAudio',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/cheerful.wav',
		description: 'Address (https) of a recording whose mood to take over',
	},
	{
		displayName: 'Emotion Weight',
		name: 'emoWeight',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description: 'How strongly the mood is followed, from 0 to 1',
	},
	{
		displayName: 'Output Format',
		name: 'outputFormat',
		type: 'options',
		options: AUDIO_FORMATS.map((value) => ({ name: value.toUpperCase(), value })),
		default: 'm4a',
		description: 'The format of the audio',
	},
	{
		displayName: 'Trim',
		name: 'trim',
		type: 'boolean',
		default: false,
		description: 'Whether VMEG trims the audio it makes',
	},
	{
		displayName: 'Voice Sample URL',
		name: 'timbreRefAudio',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/anna.wav',
		description: 'Address (https) of a recording to speak like, instead of Voice. Use only voices that you have the right to use.',
	},
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
];

/** A number that an expression gives as text, as a number. */
const numeric = (value: unknown) =>
	typeof value === 'string' && value.trim() !== '' ? Number(value) : value;

const trimmed = (value: unknown) => (typeof value === 'string' ? value.trim() : value);

/** Reads and checks the parameters of one item. */
export function planSpeech(session: Session, itemIndex: number): SpeechPlan {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const { duration, emoPrompt, emoRefAudio, emoWeight, outputFormat, timbreRefAudio, trim } = options;

	const text = textValue(context, itemIndex, 'text', 'Text');
	if (text.trim() === '') {
		throw parameterError(context, itemIndex, 'Text', 'is empty: there is nothing to speak');
	}
	const target = trimmed(context.getNodeParameter('targetLanguage', itemIndex, ''));
	const seconds = numeric(duration);
	const line = withoutEmpty({
		text,
		voiceId: optionalLocatorValue(context, itemIndex, 'voiceId'),
		timbreRefAudio: trimmed(timbreRefAudio),
		duration: seconds === 0 ? undefined : seconds,
		emoPrompt,
		emoRefAudio: trimmed(emoRefAudio),
		emoWeight: numeric(emoWeight),
	});
	const request = withoutEmpty({
		language: target ? { target } : undefined,
		outputFormat,
		trim,
	});
	return {
		line: checked(context, itemIndex, speechLine, line, lineNames),
		settings: {
			request: checked(context, itemIndex, shared, request ?? {}, requestNames),
			call: callOptionsOf(context, itemIndex, options),
			batchSize: batchSizeOf(context, itemIndex, options),
		},
	};
}

/** The request of a batch (API contract §4). */
export const requestOf = ({ settings, lines }: Batch<Planned<SpeechPlan>>): SpeechRequest => ({
	...settings.request,
	data: lines.map(({ plan }) => plan.line),
});
