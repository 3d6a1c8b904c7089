import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { segment, textLanguage, textOptions } from '../../api/contract';
import type { Segment, TextRequest } from '../../api/contract';
import { batchSizeOf } from '../common/batches';
import type { Planned } from '../common/batches';
import {
	callOptionsOf,
	checked,
	isFixed,
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
		hint: 'Drag a field of the input here: the text of every item is translated',
		description: 'The text to translate. Items with equal settings share requests of up to 50 texts.',
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

/**
 * Reads and checks the parameters that text operations share: one setting for each target language.
 * `defaults` are for options that the user left out.
 */
export function settingsOf(
	session: Session,
	itemIndex: number,
	defaults: IDataObject = {},
): TextSettings[] {
	const { context } = session;
	const options: IDataObject = { ...defaults, ...optionsOf(context, itemIndex) };
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

const SETTINGS = ['sourceLanguage', 'targetLanguage', 'options'];

/**
 * Makes the reader of the items of a run: it reads and checks the parameters of one item, and gives a
 * line for each target language. Settings that are the same for every item are read once.
 */
export function textPlanner(session: Session): (itemIndex: number) => TextPlan[] {
	const { context } = session;
	const areFixed = SETTINGS.every((name) => isFixed(context, name));
	let shared: TextSettings[] | undefined;

	return (itemIndex) => {
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
		const settings = shared ?? settingsOf(session, itemIndex);
		if (areFixed) shared = settings;
		return settings.map((each) => ({ settings: each, segment: one }));
	};
}

/** Plans of items, taken apart into lines. */
export const linesOf = (
	prepared: Array<{ itemIndex: number; plan: TextPlan[] }>,
): TextLine[] =>
	prepared.flatMap(({ itemIndex, plan }) =>
		plan.map((one, position) => ({ itemIndex, position, plan: one })),
	);
