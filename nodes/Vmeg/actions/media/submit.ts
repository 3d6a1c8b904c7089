import type { IDataObject } from 'n8n-workflow';

import { optionsField } from '../common/fields';
import { perItem } from '../common/items';
import type { Operation } from '../types';
import { mediaFields, mediaOptionFields, planMedia, submitMedia } from './request';
import type { MediaPlan, SubmittedMedia } from './request';

function acceptedItem(
	{ request }: MediaPlan,
	{ taskId, taskType, status, createdAt, idempotencyKey, extraData }: SubmittedMedia,
): IDataObject {
	return {
		taskId,
		taskType: taskType ?? request.taskType,
		...(status ? { status } : {}),
		createdAt: createdAt ?? null,
		idempotencyKey,
		extraData,
	};
}

/** Starts the translation of a video or audio; the result comes to the VMEG Trigger (API contract §3). */
export const submit: Operation = {
	fields: [...mediaFields, optionsField(mediaOptionFields)],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planMedia(session, itemIndex),
			async (plan, itemIndex, total) =>
				acceptedItem(plan, await submitMedia(session, 'media.submit', plan, { itemIndex, total })),
		);
	},
};
