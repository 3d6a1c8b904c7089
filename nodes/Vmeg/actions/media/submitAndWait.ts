import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { safeFileName } from '../../api/fileName';
import { DEFAULT_WAIT_SECONDS } from '../../api/wait';
import {
	deliverablesField,
	downloader,
	downloadOptionFields,
	planDownload,
	subtitleFormatField,
} from '../common/downloading';
import type { DownloadPlan } from '../common/downloading';
import { optionsField, simplifyField, waitOptions, waitUsingWebhookOption } from '../common/fields';
import { asNodeError, conclude, perItemWithFiles, prepareItems, settleAll, settleOne } from '../common/items';
import type { Made, NodeError, Settled } from '../common/items';
import { callOptionsOf, optionsOf, wantsSimple } from '../common/parameters';
import type { CallOptions } from '../common/parameters';
import type { Session } from '../common/session';
import { TICKET_FIELD } from '../common/submissionTie';
import type { Ticket } from '../common/submissionTie';
import { lookAt, taskItem, waitFor } from '../common/waiting';
import type { Operation } from '../types';
import {
	findParking,
	forgetWaiting,
	keptWaiting,
	park,
	refusalsOf,
	tellWhyPolling,
	toKeep,
} from './parking';
import type { Job, Waiting } from './parking';
import { mediaFields, mediaOptionFields, planMedia, submitMedia } from './request';
import type { MediaPlan } from './request';

const downloadOption = {
	...deliverablesField,
	displayName: 'Download',
	name: 'download',
	default: [],
	description: `${deliverablesField.description} Empty, nothing is fetched: the item then has the links only.`,
};

/** What the source is called, where that is known. */
function sourceName({ items }: Session, itemIndex: number, plan: MediaPlan): string | undefined {
	if (plan.upload !== undefined) return items[itemIndex]?.binary?.[plan.upload]?.fileName;
	const { source } = plan.request;
	if (!('sourceUrl' in source)) return undefined;
	const last = new URL(source.sourceUrl).pathname.split('/').pop() ?? '';
	return last === '' ? undefined : safeFileName(decoded(last));
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

interface Delivery {
	simplify: boolean;
	download: DownloadPlan;
	call: CallOptions;
}

/** How an item is waited for, and what is made of its task. */
function planDelivery(session: Session, itemIndex: number): Delivery {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const given = { ...options, deliverables: options.download };
	return {
		simplify: wantsSimple(context, itemIndex),
		download: planDownload(session, itemIndex, given, 'Download'),
		call: callOptionsOf(context, itemIndex, options),
	};
}

type Plan = MediaPlan & Delivery;

const planAll = (session: Session, itemIndex: number): Plan => ({
	...planMedia(session, itemIndex),
	...planDelivery(session, itemIndex),
});

async function submitJob(
	session: Session,
	plan: Plan,
	place: { itemIndex: number; total: number; also?: IDataObject },
): Promise<Job> {
	const { itemIndex } = place;
	const { taskId, idempotencyKey } = await submitMedia(session, 'media.submitAndWait', plan, place);
	const name = sourceName(session, itemIndex, plan);
	return { itemIndex, taskId, idempotencyKey, ...(name === undefined ? {} : { name }) };
}

/** Makes what a job is waited out with: its task, and the files that are asked for. */
function deliverer(session: Session) {
	const fetchFiles = downloader(session);
	return async ({ itemIndex, taskId, name }: Job, plan: Delivery, sinceMs?: number): Promise<Made[]> => {
		const task = await waitFor(session, itemIndex, taskId, plan.call, sinceMs);
		const item = taskItem(task, plan.simplify);
		if (plan.download.deliverables.length === 0) return [{ json: item }];
		const { binary, json } = await fetchFiles(itemIndex, task, plan.download, name);
		return [{ json: { ...item, ...json }, binary }];
	};
}

/** Holds the worker until each task is over. */
async function poll(session: Session): Promise<INodeExecutionData[]> {
	const deliver = deliverer(session);
	return await perItemWithFiles(
		session,
		(itemIndex) => planAll(session, itemIndex),
		async (plan, itemIndex, total) =>
			await deliver(await submitJob(session, plan, { itemIndex, total }), plan),
	);
}

type Failed = { ok: false; itemIndex: number; error: NodeError };

/** Submits a job for each item; a failure is settled, and not thrown. */
async function submitAll(
	session: Session,
	prepared: Array<{ itemIndex: number; plan: Plan }>,
	ticket: Ticket,
): Promise<Array<{ ok: true; job: Job; plan: Plan } | Failed>> {
	const also = { [TICKET_FIELD]: ticket };
	return await settleAll<(typeof prepared)[number], { ok: true; job: Job; plan: Plan } | Failed>(
		session,
		prepared,
		async ({ itemIndex, plan }) => {
			try {
				const job = await submitJob(session, plan, { itemIndex, total: prepared.length, also });
				return [{ ok: true, job, plan }];
			} catch (thrown) {
				return [{ ok: false, itemIndex, error: asNodeError(session, thrown, itemIndex) }];
			}
		},
	);
}

/** Makes the output of jobs; those that are not over are polled. */
async function deliverAll(
	session: Session,
	jobs: Array<{ job: Job; plan: Delivery }>,
	sinceMs: number,
): Promise<Settled[]> {
	const deliver = deliverer(session);
	return await settleAll(session, jobs, async ({ job, plan }) => [
		await settleOne(session, job.itemIndex, async () => await deliver(job, plan, sinceMs)),
	]);
}

/** With less time left than this, in milliseconds, the worker is held until the deadline. */
const LAST_MS = 1_000;

/** Whether any task is still running, as far as VMEG can be asked; the looks end at the first one. */
async function isAnyRunning({ client }: Session, jobs: Job[]): Promise<boolean> {
	for (const { taskId } of jobs) {
		if ((await lookAt(client, taskId)) !== 'over') return true;
	}
	return false;
}

/** Submits all items, and puts the execution to wait unless all is over by then. */
async function submitAndPark(session: Session, ticket: Ticket): Promise<INodeExecutionData[]> {
	const { prepared, failed } = await prepareItems(session, (itemIndex) => planAll(session, itemIndex));
	const submitted = await submitAll(session, prepared, ticket);
	const accepted = submitted.flatMap((one) => (one.ok ? [one] : []));
	const refused = [...failed, ...submitted].flatMap((one) => (one.ok ? [] : [one]));
	const mayGoOn = refused.length === 0 || session.context.continueOnFail();
	if (!mayGoOn) return conclude(session, refused);

	const sinceMs = Date.now();
	const jobs = accepted.map(({ job }) => job);
	// a completion may have come before, while n8n could not have been woken
	const isOver = !(await isAnyRunning(session, jobs));
	if (isOver || session.client.signal?.aborted) {
		return conclude(session, [...refused, ...(await deliverAll(session, accepted, sinceMs))]);
	}
	const seconds = accepted.map(({ plan }) => plan.call.timeout ?? DEFAULT_WAIT_SECONDS);
	const deadlineMs = Math.min(sinceMs + Math.max(...seconds) * 1000, Number.MAX_SAFE_INTEGER);
	await park(session, toKeep(session, { ticket, sinceMs, deadlineMs, jobs, refused }));
	return [];
}

/** Goes on with a run that was put to wait: nothing is submitted. */
async function goOn(session: Session, kept: Waiting): Promise<INodeExecutionData[]> {
	const isCancelled = session.client.signal?.aborted === true;
	const isTimeLeft = kept.deadlineMs - Date.now() > LAST_MS;
	if (isTimeLeft && !isCancelled && (await isAnyRunning(session, kept.jobs))) {
		await park(session, kept);
		return [];
	}
	const jobs = new Map(kept.jobs.map((job) => [job.itemIndex, job]));
	for (const { idempotencyKey, taskId } of kept.jobs) session.accepted.set(idempotencyKey, { taskId });
	const refused = refusalsOf(session, kept).map((one): Settled => ({ ok: false, ...one }));
	const { prepared, failed } = await prepareItems(session, (itemIndex) =>
		jobs.has(itemIndex) ? planDelivery(session, itemIndex) : undefined,
	);
	const over = prepared.flatMap(({ itemIndex, plan }) => {
		const job = jobs.get(itemIndex);
		return job === undefined || plan === undefined ? [] : [{ job, plan }];
	});
	const settled = [...refused, ...failed, ...(await deliverAll(session, over, kept.sinceMs))];
	const output = conclude(session, settled);
	// with an error item first, Retry On Fail runs the node once more
	if (settled.every(({ ok }) => ok)) forgetWaiting(session);
	return output;
}

/** Translates a video or audio and waits for its deliverables (API contract §3, §6). */
export const submitAndWait: Operation = {
	fields: [
		...mediaFields,
		simplifyField,
		optionsField([
			...mediaOptionFields,
			...waitOptions,
			waitUsingWebhookOption,
			downloadOption,
			subtitleFormatField,
			...downloadOptionFields,
		]),
	],
	async execute(session) {
		const kept = keptWaiting(session);
		if (kept !== undefined) return await goOn(session, kept);
		if (optionsOf(session.context, 0).waitUsingWebhook !== true) return await poll(session);
		const parking = await findParking(session);
		if (parking.ok) return await submitAndPark(session, parking.ticket);
		tellWhyPolling(session, parking.reason);
		return await poll(session);
	},
};
