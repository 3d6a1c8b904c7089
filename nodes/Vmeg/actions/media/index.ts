import type { INodeProperties } from 'n8n-workflow';

import { AUTO_LOCALE, sourceLocaleOptions, targetLocaleOptions } from '../../api/locales';
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
		description: 'The language that is spoken',
	},
	{
		displayName: 'Target Language',
		name: 'targetLanguage',
		type: 'options',
		options: targetLocaleOptions,
		default: '',
		required: true,
		description: 'The language to translate into',
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
				name: 'Submit',
				value: 'submit',
				description: 'Start a dubbing job whose result comes to the VMEG Trigger',
				action: 'Dub a video or audio file without waiting',
			},
			{
				name: 'Submit and Wait',
				value: 'submitAndWait',
				description: 'Translate and dub a video or audio, and wait for the result',
				action: 'Dub a video or audio file',
			},
		],
		default: 'submit',
	},
	...shownFor('media', Object.keys(media), languageFields),
	...shownFor('media', ['submit'], submit.fields),
	...shownFor('media', ['submitAndWait'], submitAndWait.fields),
];
