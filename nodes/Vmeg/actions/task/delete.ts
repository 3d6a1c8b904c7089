import { endpoints } from '../../api/endpoints';
import { optionsField, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { submitOnce } from '../common/submission';
import type { Operation } from '../types';
import { planTask, taskError, taskIdField } from './fields';

/** Deletes a task at VMEG (API contract §6). */
export const deleteTask: Operation = {
	fields: [taskIdField, optionsField([requestIdOption])],
	async execute(session) {
		return await perItem(
			session,
			(itemIndex) => planTask(session, itemIndex),
			async ({ taskId, call }, itemIndex) => {
				const name = { operation: 'task.delete', itemIndex, call };
				const { answer } = await submitOnce(session, endpoints.deleteTask, { taskId }, name);
				if (!answer.ok) throw taskError(session, itemIndex, taskId, answer.failure);
				return { deleted: true, taskId };
			},
		);
	},
};
