import type { INodeProperties } from 'n8n-workflow';

import { creditsNotice } from '../common/creditsNotice';
import { shownFor } from '../common/fields';
import { languageFields } from './languages';
import { submit } from './submit';
import { translate } from './translate';
import { translateSubtitles } from './translateSubtitles';

/** The operations of the resource Text, by the value of `operation`. */
export const text = { submit, translate, translateSubtitles } as const;

/** The fields of the resource Text: the operation, what all operations share, then each one's own. */
export const textProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['text'] } },
		options: [
			{
				name: 'Translate',
				value: 'translate',
				description: 'Translate the text of each item, and wait for the result',
				action: 'Translate text',
			},
			{
				name: 'Translate Subtitles',
				value: 'translateSubtitles',
				description: 'Translate a subtitle file (SRT, WebVTT, ASS) and keep its timing and styling',
				action: 'Translate subtitles',
			},
			{
				name: 'Submit',
				value: 'submit',
				description: 'Start a translation without waiting; the result comes to the VMEG Trigger',
				action: 'Translate text without waiting',
			},
		],
		default: 'translate',
	},
	...shownFor('text', Object.keys(text), [
		creditsNotice('by the length of the texts'),
		...languageFields,
	]),
	...shownFor('text', ['submit'], submit.fields),
	...shownFor('text', ['translate'], translate.fields),
	...shownFor('text', ['translateSubtitles'], translateSubtitles.fields),
];
