import type { IDataObject } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { extraDataOption, optionsField } from '../common/fields';
import { perItem } from '../common/items';
import { submissionTie } from '../common/submissionTie';
import type { Operation } from '../types';
import { cloneFields, cloneOptionFields, planCloneSubmission, sendClone } from './request';

const OPERATION = 'voice.submitClone';

/** Starts cloning a voice; the completion comes to the VMEG Trigger (API contract §5). */
export const submitClone: Operation = {
	fields: [...cloneFields, optionsField([...cloneOptionFields, extraDataOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planCloneSubmission(session, itemIndex),
			async ({ request, call }, itemIndex, total) => {
				const tie = submissionTie(session, OPERATION, { total, request });
				const extraData = tie(request.extraData as IDataObject | undefined, [itemIndex]);
				const { voiceId, taskId, createdAt, idempotencyKey } = await sendClone(
					session,
					endpoints.submitClone,
					OPERATION,
					{ request: { ...request, extraData }, call },
					itemIndex,
				);
				return {
					taskId,
					taskType: 'cloneVoice',
					voiceId: voiceId ?? null,
					createdAt: createdAt ?? null,
					idempotencyKey,
					extraData,
				};
			},
		);
	},
};
