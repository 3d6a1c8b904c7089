import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
import { optionsField } from '../common/fields';
import { perItem } from '../common/items';
import type { Operation } from '../types';
import { cloneFields, cloneOptionFields, planClone, sendClone } from './request';

/** Clones a voice and waits for it (API contract §5). */
export const clone: Operation = {
	fields: [...cloneFields, optionsField(cloneOptionFields)],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planClone(session, itemIndex),
			async (plan, itemIndex) => {
				const { voiceId, taskId, createdAt, idempotencyKey } = await sendClone(
					session,
					endpoints.cloneVoice,
					'voice.clone',
					plan,
					itemIndex,
				);
				if (voiceId) return { voiceId, taskId, createdAt: createdAt ?? null, idempotencyKey };
				throw vmegError(session.context.getNode(), {
					message: `Item ${itemIndex}: VMEG accepted the sample but returned no voice (task ${taskId})`,
					description: 'Look for the voice with VMEG > Voice > Get Many before you clone it again.',
					itemIndex,
					facts: { taskId, idempotencyKey },
				});
			},
		);
	},
};
