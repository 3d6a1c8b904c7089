import { checker, nonEmpty, object, oneOf, pageQuery, type Check } from './check';

export interface TaskListQuery {
	taskType?: string;
	status?: string;
	currentPage?: string;
	pageSize?: string;
}

/** Query of `GET /tasks/list` (API contract §6). */
export const taskListQuery: Check<TaskListQuery> = checker(
	object({
		taskType: oneOf('vt', 'at', 'tts', 'cloneVoice', 'textTranslation'),
		status: oneOf('running', 'finished', 'failed'),
		...pageQuery,
	}),
);
/** Query of `GET /tasks/detail` and body of `POST /tasks/delete` (API contract §6). */
export const taskIdOnly: Check<{ taskId: string }> = checker(object({ taskId: nonEmpty }, ['taskId']));
