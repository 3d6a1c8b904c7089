import type { INodeProperties } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { optionsField, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { parameterError, textValue } from '../common/parameters';
import { submitOnce } from '../common/submission';
import type { Operation } from '../types';
import { clonedVoiceField, planVoice, voiceError } from './fields';

const newNameField: INodeProperties = {
	displayName: 'New Name',
	name: 'voiceName',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Anna, narrator',
	description: 'What to call the voice from now on',
};

/** Gives a cloned voice another name (API contract §8). */
export const rename: Operation = {
	fields: [clonedVoiceField, newNameField, optionsField([requestIdOption])],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => {
				const voiceName = textValue(context, itemIndex, 'voiceName', 'New Name').trim();
				if (voiceName === '') throw parameterError(context, itemIndex, 'New Name', 'is empty');
				return { ...planVoice(session, itemIndex), voiceName };
			},
			async ({ voiceId, voiceName, call }, itemIndex) => {
				const name = { operation: 'voice.rename', itemIndex, call };
				const request = { voiceId, voiceName };
				const { answer } = await submitOnce(session, endpoints.renameVoice, request, name);
				if (!answer.ok) throw voiceError(session, itemIndex, voiceId, answer.failure);
				return { success: true, voiceId, voiceName };
			},
		);
	},
};
