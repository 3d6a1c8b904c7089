import type { TaskDetail } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
import { DELIVERABLES, deliverableName, wantedFiles } from '../common/deliverables';
import type { Deliverable } from '../common/deliverables';
import {
	deliverablesField,
	downloader,
	downloadOptionFields,
	planDownload,
	subtitleFormatField,
} from '../common/downloading';
import { maxConcurrencyOption, optionsField, requestIdOption } from '../common/fields';
import { perItemWithFiles } from '../common/items';
import { optionsOf, parameterError } from '../common/parameters';
import type { Session } from '../common/session';
import { finishedTask, taskItem } from '../common/waiting';
import type { Operation } from '../types';
import { planTask, taskError, taskIdField } from './fields';

function planResult(session: Session, itemIndex: number) {
	const { context } = session;
	const download = planDownload(
		session,
		itemIndex,
		{
			...optionsOf(context, itemIndex),
			deliverables: context.getNodeParameter('deliverables', itemIndex, []) as string[],
			subtitleFormat: context.getNodeParameter('subtitleFormat', itemIndex, 'srt'),
		},
		'Deliverables',
	);
	if (download.deliverables.length === 0) {
		throw parameterError(context, itemIndex, 'Deliverables', 'is empty: choose what to fetch');
	}
	return { ...planTask(session, itemIndex), download };
}

const named = (deliverables: readonly Deliverable[]) =>
	deliverables.map(deliverableName).join(', ') || 'nothing';

/** The error for a task that has nothing of what was chosen. */
function nothingThere(
	session: Session,
	itemIndex: number,
	{ taskId, status, result }: TaskDetail,
	chosen: readonly Deliverable[],
) {
	const has = DELIVERABLES.filter((one) => wantedFiles(result, [one]).files.length > 0);
	return vmegError(session.context.getNode(), {
		message: `Item ${itemIndex}: The task has nothing of what was chosen (task ${taskId})`,
		description: `Chosen in Deliverables: ${named(chosen)}. The task has: ${named(has)}.`,
		itemIndex,
		facts: { taskId, status },
	});
}

/** Fetches the files of a finished task into binary fields (API contract §3, §4, §6). */
export const downloadResult: Operation = {
	fields: [
		taskIdField,
		deliverablesField,
		{
			...subtitleFormatField,
			displayOptions: { show: { deliverables: ['subtitles', 'sourceSubtitles'] } },
		},
		optionsField([...downloadOptionFields, maxConcurrencyOption, requestIdOption]),
	],
	async execute(session) {
		const download = downloader(session);
		return await perItemWithFiles(
			session,
			(itemIndex) => planResult(session, itemIndex),
			async (plan, itemIndex) => {
				const { taskId, call } = plan;
				const { requestId } = call;
				const answer = await session.client.send(endpoints.getTask, { taskId }, { requestId });
				if (!answer.ok) throw taskError(session, itemIndex, taskId, answer.failure);
				const task = finishedTask(session, itemIndex, answer.data);
				const { deliverables } = plan.download;
				if (wantedFiles(task.result, deliverables).files.length === 0) {
					throw nothingThere(session, itemIndex, task, deliverables);
				}
				const { binary, json } = await download(itemIndex, task, plan.download);
				return [{ json: { ...taskItem(task, true), ...json }, binary }];
			},
		);
	},
};
