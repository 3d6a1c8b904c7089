import { endpoints } from '../../api/endpoints';
import { optionsField, requestIdOption, simplifyField } from '../common/fields';
import { perItem } from '../common/items';
import { wantsSimple } from '../common/parameters';
import { taskItem } from '../common/waiting';
import type { Operation } from '../types';
import { planTask, taskError, taskIdField } from './fields';

/** Gets the state of a task and, once it is finished, its result (API contract §6). */
export const get: Operation = {
	fields: [taskIdField, simplifyField, optionsField([requestIdOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => ({
				...planTask(session, itemIndex),
				simplify: wantsSimple(session.context, itemIndex),
			}),
			async ({ taskId, call, simplify }, itemIndex) => {
				const { requestId } = call;
				const answer = await session.client.send(endpoints.getTask, { taskId }, { requestId });
				if (!answer.ok) throw taskError(session, itemIndex, taskId, answer.failure);
				return taskItem(answer.data, simplify);
			},
		);
	},
};
