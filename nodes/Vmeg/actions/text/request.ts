import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { segment, textLanguage, textOptions } from '../../api/contract';
import type { Segment, TextRequest } from '../../api/contract';
import { batchSizeOf, batchSizeOption } from '../common/batches';
import {
	callOptionsOf,
	checked,
	jsonObject,
	optionsOf,
	textValue,
	withoutEmpty,
} from '../common/parameters';
import type { CallOptions, ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';

/** Everything that the segments of one request have in common. */
export interface TextSettings {
	language: TextRequest['language'];
	options?: TextRequest['options'];
	extraData?: IDataObject;
	call: CallOptions;
	batchSize: number;
}

/** What one item asks for. */
export interface TextPlan {
	settings: TextSettings;
	segment: Segment;
}

const languageNames: ParameterNames = { source: 'Source Language', target: 'Target Language' };

const optionNames: ParameterNames = {
	'sourceContext.mode': 'Context Mode',
	'sourceContext.contextWindow': 'Context Window',
	'sceneCustomized.scene': 'Scene',
	'sceneCustomized.allowStutter': 'Allow Stutter',
	glossary: 'Glossary',
	prompt: 'Prompt',
	skipMissingTranslationCheck: 'Skip Missing Translation Check',
};

const segmentNames: ParameterNames = {
	text: 'Text',
	gender: 'Speaker Gender',
	speaker: 'Speaker',
	locale: 'Segment Language',
	context: 'Context',
	start: 'Start',
	end: 'End',
};

/** The fields of both text operations, in the order of the panel. */
export const textFields: INodeProperties[] = [
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 3 },
		required: true,
		default: '',
		placeholder: 'e.g. {{ $json.title }}',
		description: 'The text to translate. Items with equal settings share requests of up to 50 texts.',
	},
];

/** The options of both text operations (API contract §2). */
export const textOptionFields: INodeProperties[] = [
	{
		displayName: 'Allow Stutter',
		name: 'allowStutter',
		type: 'boolean',
		default: true,
		description: 'Whether hesitations of a speaker are kept in the translation',
	},
	batchSizeOption,
	{
		displayName: 'Context',
		name: 'context',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. Heading of a product page',
		description: 'Neighbouring lines that explain the text, one a line (or an array from an expression). They are not translated.',
	},
	{
		displayName: 'Context Mode',
		name: 'contextMode',
		type: 'options',
		options: [
			{
				name: 'Independent',
				value: 'independent',
				description: 'Each text is translated on its own',
			},
			{
				name: 'Neighbor',
				value: 'neighbor',
				description: 'Texts next to each other in the batch explain each other, as in a dialogue',
			},
			{
				name: 'Provided Only',
				value: 'provided_only',
				description: 'Only what stands in Context explains a text',
			},
		],
		default: 'independent',
		description: 'What VMEG looks at to understand a text',
	},
	{
		displayName: 'Context Window',
		name: 'contextWindow',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 20 },
		default: 5,
		description: 'How many neighbours are looked at, with the Context Mode Neighbor',
	},
	{
		displayName: 'End',
		name: 'end',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 3 },
		default: 0,
		description: 'Second at which the line ends in its video or audio. Needs Start.',
	},
	{
		displayName: 'Glossary',
		name: 'glossary',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. {"sneaker": "Turnschuh"}',
		description: 'A JSON object of source terms and the translations they must get',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Informal, for teenagers',
		description: 'Instructions for tone and style',
	},
	{
		displayName: 'Scene',
		name: 'scene',
		type: 'options',
		options: [
			{ name: 'Audio', value: 'audio' },
			{ name: 'Subtitle', value: 'subtitle' },
			{ name: 'Video', value: 'video' },
			{ name: 'Voice-Over', value: 'voiceover' },
		],
		default: 'video',
		description: 'What the translation is for',
	},
	{
		displayName: 'Segment Language',
		name: 'locale',
		type: 'string',
		default: '',
		placeholder: 'e.g. en-GB',
		description: 'Language code of this text, where it differs from the source language',
	},
	{
		displayName: 'Skip Missing Translation Check',
		name: 'skipMissingTranslationCheck',
		type: 'boolean',
		default: false,
		description: 'Whether VMEG leaves out its check that every text came back translated',
	},
	{
		displayName: 'Speaker',
		name: 'speaker',
		type: 'string',
		default: '',
		placeholder: 'e.g. Speaker A',
		description: 'Who says the text',
	},
	{
		displayName: 'Speaker Gender',
		name: 'gender',
		type: 'options',
		options: [
			{ name: 'Female', value: 'female' },
			{ name: 'Male', value: 'male' },
		],
		default: 'female',
		description: 'Gender of the speaker, for languages in which it changes the words',
	},
	{
		displayName: 'Start',
		name: 'start',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 3 },
		default: 0,
		description: 'Second at which the line starts in its video or audio',
	},
];

const notEmpty = (value: unknown) => (value === '' || value === null ? undefined : value);

/** A number, also where an expression gives it as text; what is neither is left to the check. */
const toNumber = (value: unknown): unknown => {
	const given = notEmpty(value);
	return typeof given === 'string' && Number.isFinite(Number(given)) ? Number(given) : given;
};

function contextLines(value: unknown): unknown {
	if (typeof value !== 'string') return notEmpty(value);
	const lines = value.split(/\r?\n/).filter((line) => line.trim() !== '');
	return lines.length === 0 ? undefined : lines;
}

/** Reads and checks the parameters of one item. */
export function planText(session: Session, itemIndex: number): TextPlan {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const { contextMode, contextWindow, scene, allowStutter } = options;
	const { speaker, gender, locale, start, end } = options;

	const language = {
		source: context.getNodeParameter('sourceLanguage', itemIndex),
		target: context.getNodeParameter('targetLanguage', itemIndex),
	};
	const wireOptions = withoutEmpty({
		sourceContext: withoutEmpty({
			// a window alone can only be meant for the one mode that has one
			mode: contextMode ?? (contextWindow === undefined ? undefined : 'neighbor'),
			contextWindow: toNumber(contextWindow),
		}),
		sceneCustomized: withoutEmpty({ scene, allowStutter }),
		glossary: jsonObject(context, itemIndex, 'Glossary', options.glossary),
		prompt: options.prompt,
		skipMissingTranslationCheck: options.skipMissingTranslationCheck,
	});
	const wireSegment = {
		text: textValue(context, itemIndex, 'text', 'Text'),
		gender: notEmpty(gender),
		speaker: typeof speaker === 'number' ? String(speaker) : notEmpty(speaker),
		locale: notEmpty(locale),
		context: contextLines(options.context),
		start: toNumber(start),
		end: toNumber(end),
	};

	return {
		segment: checked(context, itemIndex, segment, wireSegment, segmentNames),
		settings: {
			language: checked(context, itemIndex, textLanguage, language, languageNames),
			options:
				wireOptions && checked(context, itemIndex, textOptions, wireOptions, optionNames),
			extraData: jsonObject(context, itemIndex, 'Extra Data', options.extraData),
			call: callOptionsOf(context, itemIndex, options),
			batchSize: batchSizeOf(context, itemIndex, options),
		},
	};
}
