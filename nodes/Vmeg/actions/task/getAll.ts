import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { alphabetical } from '../../api/alphabetical';
import { taskListRequest } from '../../api/contract';
import type { TASK_STATUSES, TASK_TYPES } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { optionsField, pagingFields, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { listAll } from '../common/listing';
import { callOptionsOf, checked, limitOf, optionsOf, withoutEmpty } from '../common/parameters';
import type { Operation } from '../types';

/** What the types of tasks are called in lists. */
export const taskTypeNames: Record<(typeof TASK_TYPES)[number], string> = {
	at: 'Audio Translation',
	cloneVoice: 'Voice Cloning',
	textTranslation: 'Text Translation',
	tts: 'Text to Speech',
	vt: 'Video Translation',
};

const statusNames: Record<(typeof TASK_STATUSES)[number], string> = {
	failed: 'Failed',
	finished: 'Finished',
	running: 'Running',
};

const toOptions = (entries: Record<string, string>) =>
	Object.entries(entries)
		.map(([value, name]) => ({ name, value }))
		.sort((a, b) => alphabetical(a.name, b.name));

const filtersField: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add filter',
	default: {},
	options: [
		{
			displayName: 'Status',
			name: 'status',
			type: 'options',
			options: toOptions(statusNames),
			default: 'running',
			description: 'Only tasks in this state',
		},
		{
			displayName: 'Task Type',
			name: 'taskType',
			type: 'options',
			options: toOptions(taskTypeNames),
			default: 'vt',
			description: 'Only tasks of this kind',
		},
	],
};

const filtersSchema = taskListRequest.pick({ taskType: true, status: true });

/** Lists the tasks that were made through the API, the newest first (API contract §6). */
export const getAll: Operation = {
	fields: [...pagingFields, filtersField, optionsField([requestIdOption])],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => {
				const given = withoutEmpty(context.getNodeParameter('filters', itemIndex, {}) as IDataObject);
				return {
					filters: checked(context, itemIndex, filtersSchema, given ?? {}, {
						taskType: 'Task Type',
						status: 'Status',
					}),
					limit: limitOf(context, itemIndex),
					call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
				};
			},
			async ({ filters, limit, call }, itemIndex) => {
				const records = await listAll(session, itemIndex, endpoints.listTasks, {
					filters,
					limit,
					requestId: call.requestId,
					idOf: ({ taskId }) => taskId,
				});
				return records as IDataObject[];
			},
		);
	},
};
