import { optionsField, requestIdOption, simplifyField, waitOptions } from '../common/fields';
import { perItem } from '../common/items';
import { wantsSimple } from '../common/parameters';
import { taskItem, waitFor } from '../common/waiting';
import type { Operation } from '../types';
import { planTask, taskIdField } from './fields';

/** Waits until a task is over and gives its result (API contract §6). */
export const wait: Operation = {
	fields: [taskIdField, simplifyField, optionsField([...waitOptions, requestIdOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => ({
				...planTask(session, itemIndex),
				simplify: wantsSimple(session.context, itemIndex),
			}),
			async ({ taskId, call, simplify }, itemIndex) =>
				taskItem(await waitFor(session, itemIndex, taskId, call), simplify),
		);
	},
};
