import type { INodeProperties } from 'n8n-workflow';

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
				name: 'Submit',
				value: 'submit',
				description: 'Start a translation whose result comes to the VMEG Trigger',
				action: 'Submit text for translation',
			},
			{
				name: 'Translate',
				value: 'translate',
				description: 'Translate texts and wait for the result',
				action: 'Translate text',
			},
			{
				name: 'Translate Subtitles',
				value: 'translateSubtitles',
				description: 'Translate a subtitle file (SRT, WebVTT, ASS) and keep its timing and styling',
				action: 'Translate subtitles',
			},
		],
		default: 'translate',
	},
	...shownFor('text', Object.keys(text), languageFields),
	...shownFor('text', ['submit'], submit.fields),
	...shownFor('text', ['translate'], translate.fields),
	...shownFor('text', ['translateSubtitles'], translateSubtitles.fields),
];
