import { endpoints } from '../../api/endpoints';
import { optionsField, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { submitOnce } from '../common/submission';
import type { Operation } from '../types';
import { clonedVoiceField, planVoice, voiceError } from './fields';

/** Deletes a cloned voice (API contract §8). */
export const deleteVoice: Operation = {
	fields: [clonedVoiceField, optionsField([requestIdOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planVoice(session, itemIndex),
			async ({ voiceId, call }, itemIndex) => {
				const name = { operation: 'voice.delete', itemIndex, call };
				const { answer } = await submitOnce(session, endpoints.deleteVoice, { voiceId }, name);
				if (!answer.ok) throw voiceError(session, itemIndex, voiceId, answer.failure);
				return { deleted: true, voiceId };
			},
		);
	},
};
