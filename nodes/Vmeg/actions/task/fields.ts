import type { INodeProperties } from 'n8n-workflow';

import { toNodeError } from '../../api/failure';
import type { Failure } from '../../api/failure';
import { callOptionsOf, locatorValue, optionsOf } from '../common/parameters';
import type { CallOptions } from '../common/parameters';
import type { Session } from '../common/session';

/** The task that an operation is about. */
export const taskIdField: INodeProperties = {
	displayName: 'Task',
	name: 'taskId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'id', value: '' },
	hint: 'Drag taskId of the node that started the task here, or choose the task from the list',
	description: 'A job at VMEG: each submission is a task, and has an ID',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchTasks', searchable: true },
		},
		{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. {{ $json.taskId }}' },
	],
};

/** What one item asks for. */
export interface TaskPlan {
	taskId: string;
	call: CallOptions;
}

/** Reads the task and the call options of an item. */
export function planTask(session: Session, itemIndex: number): TaskPlan {
	const { context } = session;
	return {
		taskId: locatorValue(context, itemIndex, 'taskId', 'Task'),
		call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
	};
}

/** The error of an item whose call about a task brought no answer. */
export function taskError(session: Session, itemIndex: number, taskId: string, failure: Failure) {
	return toNodeError(session.context.getNode(), failure, {
		subject: `Item ${itemIndex}, task ${taskId}`,
		itemIndex,
		facts: { taskId },
	});
}
