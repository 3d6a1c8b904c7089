import type { IDataObject } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { extraDataOption, optionsField } from '../common/fields';
import { perItem } from '../common/items';
import type { Operation } from '../types';
import { cloneFields, cloneOptionFields, planCloneSubmission, sendClone } from './request';

/** Starts cloning a voice; the completion comes to the VMEG Trigger (API contract §5). */
export const submitClone: Operation = {
	fields: [...cloneFields, optionsField([...cloneOptionFields, extraDataOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planCloneSubmission(session, itemIndex),
			async (plan, itemIndex) => {
				const { voiceId, taskId, createdAt, idempotencyKey } = await sendClone(
					session,
					endpoints.submitClone,
					'voice.submitClone',
					plan,
					itemIndex,
				);
				return {
					taskId,
					taskType: 'cloneVoice',
					voiceId: voiceId ?? null,
					createdAt: createdAt ?? null,
					idempotencyKey,
					extraData: (plan.request.extraData ?? null) as IDataObject | null,
				};
			},
		);
	},
};
