import type { INodeProperties } from 'n8n-workflow';

import { batchSizeOption } from '../common/batches';
import {
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
} from '../common/fields';
import { moreLanguagesOption } from './languages';

/** The options of every text operation (API contract §1, §2). */
export const sharedOptionFields: INodeProperties[] = [
	{
		displayName: 'Allow Stutter',
		name: 'allowStutter',
		type: 'boolean',
		default: true,
		description: 'Whether the translation keeps hesitations of a speaker, such as "er" and repeated words',
	},
	batchSizeOption,
	{
		displayName: 'Context Window',
		name: 'contextWindow',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 20 },
		default: 5,
		description: 'How many texts before and after each one VMEG looks at, where the Context Mode is Neighbor',
	},
	{
		displayName: 'Glossary',
		name: 'glossary',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. {"sneaker": "Turnschuh"}',
		description: 'Source terms and the translations they must get, as a JSON object, or as a list of pairs such as [["sneaker", "Turnschuh"]]. To fill them in one by one, use Glossary Terms.',
	},
	{
		displayName: 'Glossary Terms',
		name: 'glossaryTerms',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Term',
		default: {},
		options: [
			{
				displayName: 'Term',
				name: 'terms',
				values: [
					{
						displayName: 'Source Term',
						name: 'source',
						type: 'string',
						default: '',
						placeholder: 'e.g. sneaker',
						description: 'The term as it stands in the text',
					},
					{
						displayName: 'Translation',
						name: 'translation',
						type: 'string',
						default: '',
						placeholder: 'e.g. Turnschuh',
						description: 'What it must be translated as',
					},
				],
			},
		],
		description: 'Source terms and the translations they must get, one by one. They go before those of Glossary.',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Informal, for teenagers',
		description: 'Instructions for tone and style, in plain words',
	},
	{
		displayName: 'Skip Missing Translation Check',
		name: 'skipMissingTranslationCheck',
		type: 'boolean',
		default: false,
		description: 'Whether VMEG leaves out its check that every text came back translated',
	},
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	moreLanguagesOption,
	requestIdOption,
];

/** The options that are about one text (API contract §2). */
export const segmentOptionFields: INodeProperties[] = [
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
		displayName: 'End',
		name: 'end',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 3 },
		default: 0,
		description: 'Second at which the line ends in its video or audio. Needs Start.',
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
		description: 'Language code of the text of this item, where it differs from Source Language',
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
