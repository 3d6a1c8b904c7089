import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { sourceLocaleOptions, targetLocaleOptions } from '../../api/locales';
import { optionsOf, parameterError } from '../common/parameters';

/** The languages of a text operation, in the order of the panel. */
export const languageFields: INodeProperties[] = [
	{
		displayName: 'Source Language',
		name: 'sourceLanguage',
		type: 'options',
		options: sourceLocaleOptions,
		default: 'en-US',
		required: true,
		description: 'The language the text is in. Type to search the list by language, country or code.',
	},
	{
		displayName: 'Target Language',
		name: 'targetLanguage',
		type: 'options',
		options: targetLocaleOptions,
		default: '',
		required: true,
		description: 'The language to translate into. Type to search. To get several at once, add More Target Languages in the options, or give a list such as de-DE, fr-FR in an expression.',
	},
];

export const moreLanguagesOption: INodeProperties = {
	displayName: 'More Target Languages',
	name: 'moreTargetLanguages',
	type: 'multiOptions',
	options: targetLocaleOptions,
	default: [],
	description: 'Languages to translate into besides Target Language',
};

export const languageOutputOption: INodeProperties = {
	displayName: 'Output of Several Languages',
	name: 'languageOutput',
	type: 'options',
	options: [
		{
			name: 'One Item per Language',
			value: 'items',
			description: 'Each item comes out once for each language, with the language in targetLanguage',
		},
		{
			name: 'One Item with All Languages',
			value: 'map',
			description: 'Each item comes out once, with its translations by language',
		},
	],
	default: 'items',
	description: 'What comes out where there is more than one target language',
};

const codes = z.union([
	z.string().transform((text) => text.split(/[,;\n]/)),
	z.array(z.string()),
]);

/** Codes of one parameter: one, a list, or a list as text. */
function codesIn(context: IExecuteFunctions, itemIndex: number, name: string, value: unknown): string[] {
	const parsed = codes.safeParse(value ?? '');
	if (!parsed.success) {
		throw parameterError(context, itemIndex, name, 'must be a language code such as de-DE, or a list of them');
	}
	return parsed.data.map((code) => code.trim()).filter((code) => code !== '');
}

/** The target languages of an item, each once; one that is empty where none is given. */
export function targetsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): [string, ...string[]] {
	const given = context.getNodeParameter('targetLanguage', itemIndex, '');
	const [first = '', ...others] = new Set([
		...codesIn(context, itemIndex, 'Target Language', given),
		...codesIn(context, itemIndex, 'More Target Languages', options.moreTargetLanguages),
	]);
	return [first, ...others];
}

/** Whether the translations of an item come out as one item rather than one for each language. */
export const isMapped = (context: IExecuteFunctions, itemIndex: number): boolean =>
	optionsOf(context, itemIndex).languageOutput === 'map';
