import { optionsField, simplifyField, waitOptions } from '../common/fields';
import { perItem } from '../common/items';
import { taskItem, waitFor } from '../common/waiting';
import type { Operation } from '../types';
import { mediaFields, mediaOptionFields, planMedia, submitMedia } from './request';

/** Translates a video or audio and waits for its deliverables (API contract §3, §6). */
export const submitAndWait: Operation = {
	fields: [...mediaFields, simplifyField, optionsField([...mediaOptionFields, ...waitOptions])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => ({
				...planMedia(session, itemIndex),
				simplify: session.context.getNodeParameter('simplify', itemIndex, true) === true,
			}),
			async (plan, itemIndex) => {
				const { taskId } = await submitMedia(session, 'media.submitAndWait', plan, itemIndex);
				const task = await waitFor(session, itemIndex, taskId, plan.call);
				return taskItem(task, plan.simplify);
			},
		);
	},
};
