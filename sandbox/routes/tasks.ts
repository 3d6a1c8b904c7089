import { taskIdOnly, taskListQuery } from '../rules/tasks';
import { taskDetail } from '../tasks';
import type { Vmeg } from '../vmeg';
import { get, post, type Route } from './route';

/** Tasks (API contract §6). */
export function taskRoutes(vmeg: Vmeg): Route[] {
	return [
		get('/tasks/list', taskListQuery, ({ currentPage = '1', pageSize = '20', ...filter }) => {
			const { records, total } = vmeg.tasks.list(filter, Number(currentPage), Number(pageSize));
			return {
				data: {
					records: records.map(({ taskId, taskType, status, createdAt, updatedAt }) => ({
						taskId,
						taskType,
						status,
						createdAt,
						updatedAt,
					})),
					total,
				},
			};
		}),
		get('/tasks/detail', taskIdOnly, ({ taskId }) => ({
			data: taskDetail(vmeg.tasks.get(taskId)),
			taskId,
		})),
		post('/tasks/delete', taskIdOnly, ({ taskId }) => {
			vmeg.tasks.delete(taskId);
			return { data: null, taskId };
		}),
	];
}
