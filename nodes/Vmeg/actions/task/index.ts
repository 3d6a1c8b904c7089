import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../common/fields';
import { deleteTask } from './delete';
import { downloadResult } from './downloadResult';
import { get } from './get';
import { getAll } from './getAll';
import { wait } from './wait';

/** The operations of the resource Task, by the value of `operation`. */
export const task = { delete: deleteTask, downloadResult, get, getAll, wait } as const;

/** The fields of the resource Task: the operation, then each one's own. */
export const taskProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['task'] } },
		options: [
			{
				name: 'Delete',
				value: 'delete',
				description: 'Delete a task and its results',
				action: 'Delete a task',
			},
			{
				name: 'Download Result',
				value: 'downloadResult',
				description: 'Fetch the files of a finished task: video, audio, subtitles',
				action: 'Download the files of a finished task',
			},
			{
				name: 'Get',
				value: 'get',
				description: 'Get the state of a task and, once it is finished, its result',
				action: 'Get the state and result of a task',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'List tasks that were made through the API',
				action: 'Get many tasks',
			},
			{
				name: 'Wait',
				value: 'wait',
				description: 'Wait until a task is over, and get its result',
				action: 'Wait until a task is finished',
			},
		],
		default: 'get',
	},
	...shownFor('task', ['delete'], deleteTask.fields),
	...shownFor('task', ['downloadResult'], downloadResult.fields),
	...shownFor('task', ['get'], get.fields),
	...shownFor('task', ['getAll'], getAll.fields),
	...shownFor('task', ['wait'], wait.fields),
];
