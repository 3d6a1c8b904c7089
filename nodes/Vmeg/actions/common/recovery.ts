import type { z } from 'zod';

import { DEFAULT_ANSWER_TIMEOUT_MS } from '../../api/client';
import type { TASK_TYPES, TaskDetail, TaskRecord } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import type { Endpoint } from '../../api/endpoints';
import { MAX_PAGE_SIZE } from '../../api/paging';
import { isRecord } from '../../api/record';
import { pause } from '../../api/retry';
import { waitForTask } from '../../api/wait';
import type { Session } from './session';

/** How far two clocks that are told to the second may seem apart, in milliseconds. */
const CLOCK_MS = 2_000;
const LOOKS = 4;
const PAUSE_MS = 1_500;
const MAX_POLL_MS = 5_000;

type AnyEndpoint = Endpoint<z.ZodTypeAny, z.ZodTypeAny>;

/** How a submission is found again. */
interface Recovery {
	endpoint: AnyEndpoint;
	/** What the task of it is listed as (API contract §6). */
	taskTypes: Array<(typeof TASK_TYPES)[number]>;
	/** Whether the answer holds the result, so that it is there only when the task is over. */
	isSynchronous: boolean;
}

const RECOVERIES: Recovery[] = [
	{ endpoint: endpoints.translateText, taskTypes: ['textTranslation'], isSynchronous: true },
	{ endpoint: endpoints.submitText, taskTypes: ['textTranslation'], isSynchronous: false },
	// an audio job on a video may run as a video job (§3)
	{ endpoint: endpoints.submitMedia, taskTypes: ['vt', 'at'], isSynchronous: false },
	{ endpoint: endpoints.synthesizeSpeech, taskTypes: ['tts'], isSynchronous: true },
	{ endpoint: endpoints.submitSpeech, taskTypes: ['tts'], isSynchronous: false },
	{ endpoint: endpoints.cloneVoice, taskTypes: ['cloneVoice'], isSynchronous: true },
	{ endpoint: endpoints.submitClone, taskTypes: ['cloneVoice'], isSynchronous: false },
];

/**
 * `createdAt` in milliseconds since 1970. The contract leaves its form open; a time without its zone
 * is not taken, since it could be that of another task some hours apart.
 */
export function createdAtMs(createdAt: TaskRecord['createdAt']): number | undefined {
	const text = String(createdAt ?? '').trim();
	if (text === '') return undefined;
	const number = Number(text);
	if (Number.isFinite(number)) {
		if (number <= 0) return undefined;
		return number < 1e11 ? number * 1000 : number;
	}
	if (!/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)) return undefined;
	const ms = Date.parse(text);
	return Number.isNaN(ms) ? undefined : ms;
}

/**
 * The tasks among records that were made since a moment. Undefined where the records may not be all
 * that there are: they are the newest ones only if they come newest first and reach back far enough.
 */
export function tasksSince(
	records: readonly TaskRecord[],
	total: number,
	sinceMs: number,
): TaskRecord[] | undefined {
	const times = records.map(({ createdAt }) => createdAtMs(createdAt));
	if (times.some((ms) => ms === undefined)) return undefined;
	const made = times.map((ms) => ms ?? 0);
	const isNewestFirst = made.every((ms, index) => index === 0 || ms <= (made[index - 1] ?? 0));
	const reachesBack = records.length >= total || (isNewestFirst && (made.at(-1) ?? Infinity) < sinceMs);
	if (!reachesBack) return undefined;
	return records.filter((_, index) => (made[index] ?? 0) >= sinceMs);
}

/** Looks once for tasks of a kind that were made since the first attempt and are not known. */
async function look(
	session: Session,
	{ taskTypes }: Recovery,
	sentFromMs: number,
): Promise<TaskRecord[] | undefined> {
	const [only, ...others] = taskTypes;
	const filter = others.length === 0 ? { taskType: only } : {};
	const request = { ...filter, currentPage: 1, pageSize: MAX_PAGE_SIZE };
	const answer = await session.client.send(endpoints.listTasks, request);
	if (!answer.ok) return undefined;
	const { data, serverTimeMs = Date.now() } = answer;
	const records = data.records ?? [];
	// by the clock of the server, as the times of the records are
	const sinceMs = serverTimeMs - (Date.now() - sentFromMs) - CLOCK_MS;
	const recent = tasksSince(records, data.total ?? records.length, sinceMs);
	// tasks whose answers this run has are not the one that is looked for
	const known = new Set(session.accepted.taskIds());
	return recent?.filter(
		({ taskId, taskType }) => taskTypes.some((one) => one === taskType) && !known.has(taskId),
	);
}

/** The one task that can be the accepted one: two looks in a row must find it alone. */
async function findTask(
	session: Session,
	recovery: Recovery,
	sentFromMs: number,
): Promise<TaskRecord | undefined> {
	let before: string | undefined;
	for (let looks = 1; looks <= LOOKS; looks++) {
		const found = await look(session, recovery, sentFromMs);
		if (found === undefined) return undefined;
		// others may be requests of this run whose answers are still to come
		const task = found.length === 1 ? found[0] : undefined;
		if (task !== undefined && task.taskId === before) return task;
		before = task?.taskId;
		if (await pause(PAUSE_MS, session.client.signal)) return undefined;
	}
	return undefined;
}

/** The fields of an answer that are in the task itself. */
async function resultOf(
	session: Session,
	taskId: string,
	timeoutMs: number,
): Promise<Record<string, unknown> | undefined> {
	const waited = await waitForTask(session.client, taskId, {
		deadlineMs: Date.now() + timeoutMs,
		maxPollMs: MAX_POLL_MS,
	});
	if (waited.end !== 'finished') return undefined;
	const { result }: TaskDetail = waited.task;
	return isRecord(result) ? result : undefined;
}

/** What was found of a submission whose answer is lost. */
export interface Recovered {
	taskId: string;
	/** The answer, in the shape of its endpoint, where it could be had. */
	answer?: unknown;
}

/**
 * Finds the task of a submission that VMEG accepted but whose answer never came, through the task
 * list (API contract §6): the only task of its kind that was made since the first attempt. Where
 * there are several, nothing is found, since a guess could mix up two jobs.
 *
 * @param sentFromMs when the first attempt began, in milliseconds since 1970
 * @param timeoutMs longest wait for the result of a synchronous call, in milliseconds
 */
export async function recover(
	session: Session,
	endpoint: AnyEndpoint,
	sentFromMs: number,
	timeoutMs = DEFAULT_ANSWER_TIMEOUT_MS,
): Promise<Recovered | undefined> {
	const recovery = RECOVERIES.find((one) => one.endpoint === endpoint);
	if (recovery === undefined) return undefined;
	const task = await findTask(session, recovery, sentFromMs);
	if (task === undefined) return undefined;

	const { taskId, taskType, status, createdAt } = task;
	const accepted = { taskId, taskType, status, createdAt };
	if (!recovery.isSynchronous) return { taskId, answer: accepted };
	const result = await resultOf(session, taskId, timeoutMs);
	return { taskId, answer: result && { ...result, ...accepted } };
}
