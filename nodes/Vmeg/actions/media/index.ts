import type { INodeProperties } from 'n8n-workflow';

import { AUTO_LOCALE, sourceLocaleOptions, targetLocaleOptions } from '../../api/locales';
import { creditsNotice } from '../common/creditsNotice';
import { shownFor } from '../common/fields';
import { submit } from './submit';
import { submitAndWait } from './submitAndWait';

/** The operations of the resource Media, by the value of `operation`. */
export const media = { submit, submitAndWait } as const;

const languageFields: INodeProperties[] = [
	{
		displayName: 'Source Language',
		name: 'sourceLanguage',
		type: 'options',
		options: [{ name: 'Detect Automatically', value: AUTO_LOCALE }, ...sourceLocaleOptions],
		default: AUTO_LOCALE,
		required: true,
		description: 'The language that is spoken. Type to search the list by language, country or code.',
	},
	{
		displayName: 'Target Language',
		name: 'targetLanguage',
		type: 'options',
		options: targetLocaleOptions,
		default: '',
		required: true,
		description: 'The language to translate into. Type to search.',
	},
];

/** The fields of the resource Media: the operation, what both share, then each one's own. */
export const mediaProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['media'] } },
		options: [
			{
				name: 'Submit and Wait',
				value: 'submitAndWait',
				description: 'Translate and dub a video or audio file, and wait for the result',
				action: 'Dub a video or audio file',
			},
			{
				name: 'Submit',
				value: 'submit',
				description: 'Start a dubbing job without waiting; the result comes to the VMEG Trigger',
				action: 'Dub a video or audio file without waiting',
			},
		],
		default: 'submit',
	},
	...shownFor('media', Object.keys(media), [
		creditsNotice('for each minute of the source, and more with lip sync'),
		...languageFields,
	]),
	...shownFor('media', ['submit'], submit.fields),
	...shownFor('media', ['submitAndWait'], submitAndWait.fields),
];
