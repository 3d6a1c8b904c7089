import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { segment, textLanguage, textOptions } from '../../api/contract';
import type { Segment, TextRequest } from '../../api/contract';
import { batchSizeOf, batchSizeOption } from '../common/batches';
import type { Planned } from '../common/batches';
import {
	callOptionsOf,
	checked,
	jsonObject,
	optionsOf,
	parameterError,
	parsedJson,
	textValue,
	withoutEmpty,
} from '../common/parameters';
import type { CallOptions, ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';
import { targetsOf } from './languages';

/** Everything that the segments of one request have in common. */
export interface TextSettings {
	language: TextRequest['language'];
	options?: TextRequest['options'];
	extraData?: IDataObject;
	call: CallOptions;
	batchSize: number;
}

/** What one item asks for in one target language. */
export interface TextPlan {
	settings: TextSettings;
	segment: Segment;
}

/** One text to translate, with its item and the place of its language among those of the item. */
export interface TextLine extends Planned<TextPlan> {
	position: number;
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
		description: 'A JSON object of source terms and the translations they must get, or a list of pairs such as [["sneaker", "Turnschuh"]]',
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

/** Where a cell of a sheet is a number, it is meant as text. */
const term = z
	.union([z.string(), z.number()])
	.nullish()
	.transform((value) => String(value ?? '').trim());

const glossaryTerms = z.object({
	terms: z.array(z.object({ source: term, translation: term })).default([]),
});

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** A glossary of pairs or of an object, and the terms that were added one by one. */
function glossaryOf(context: IExecuteFunctions, itemIndex: number, options: IDataObject): unknown {
	const given = parsedJson(context, itemIndex, 'Glossary', options.glossary);
	const listed = pairs.safeParse(given);
	const object = listed.success
		? Object.fromEntries(listed.data)
		: jsonObject(context, itemIndex, 'Glossary', given);

	const { terms } = glossaryTerms.parse(options.glossaryTerms ?? {});
	const added = terms.filter(({ source, translation }) => source !== '' || translation !== '');
	for (const { source, translation } of added) {
		if (source === '' || translation === '') {
			const problem = `has ${source === '' ? 'a translation without a source term' : `no translation for "${source}"`}`;
			throw parameterError(context, itemIndex, 'Glossary Terms', problem);
		}
	}
	const own = Object.fromEntries(added.map(({ source, translation }) => [source, translation]));
	const glossary = { ...object, ...own };
	return Object.keys(glossary).length === 0 ? undefined : glossary;
}

/** Reads and checks the parameters that text operations share: one setting for each target language. */
export function settingsOf(session: Session, itemIndex: number): TextSettings[] {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const { contextMode, contextWindow, scene, allowStutter } = options;

	const wireOptions = withoutEmpty({
		sourceContext: withoutEmpty({
			// a window alone can only be meant for the one mode that has one
			mode: contextMode ?? (contextWindow === undefined ? undefined : 'neighbor'),
			contextWindow: toNumber(contextWindow),
		}),
		sceneCustomized: withoutEmpty({ scene, allowStutter }),
		glossary: glossaryOf(context, itemIndex, options),
		prompt: options.prompt,
		skipMissingTranslationCheck: options.skipMissingTranslationCheck,
	});
	const shared = {
		options: wireOptions && checked(context, itemIndex, textOptions, wireOptions, optionNames),
		extraData: jsonObject(context, itemIndex, 'Extra Data', options.extraData),
		call: callOptionsOf(context, itemIndex, options),
		batchSize: batchSizeOf(context, itemIndex, options),
	};
	const source = context.getNodeParameter('sourceLanguage', itemIndex);
	return targetsOf(context, itemIndex, options).map((target) => {
		const language = { source, target };
		return {
			language: checked(context, itemIndex, textLanguage, language, languageNames),
			...shared,
		};
	});
}

/** Reads and checks the parameters of one item: a line for each target language. */
export function planText(session: Session, itemIndex: number): TextPlan[] {
	const { context } = session;
	const { speaker, gender, locale, start, end, context: lines } = optionsOf(context, itemIndex);
	const wireSegment = {
		text: textValue(context, itemIndex, 'text', 'Text'),
		gender: notEmpty(gender),
		speaker: typeof speaker === 'number' ? String(speaker) : notEmpty(speaker),
		locale: notEmpty(locale),
		context: contextLines(lines),
		start: toNumber(start),
		end: toNumber(end),
	};
	const one = checked(context, itemIndex, segment, wireSegment, segmentNames);
	return settingsOf(session, itemIndex).map((settings) => ({ settings, segment: one }));
}

/** Plans of items, taken apart into lines. */
export const linesOf = (
	prepared: Array<{ itemIndex: number; plan: TextPlan[] }>,
): TextLine[] =>
	prepared.flatMap(({ itemIndex, plan }) =>
		plan.map((one, position) => ({ itemIndex, position, plan: one })),
	);
