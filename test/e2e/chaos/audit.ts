/** Compares what VMEG saw with what n8n shows, submission by submission and completion by completion. */
import type { DeliveryEntry, RequestEntry, TaskSnapshot } from '../../../sandbox';
import type { Execution } from '../harness/n8n';
import { SUBMITTER, TRIGGER } from './traffic';

/** Everything that was seen of one run. */
export interface Evidence {
	/** Requests that submit, in order. */
	submissions: RequestEntry[];
	tasks: TaskSnapshot[];
	charged: number;
	deliveries: DeliveryEntry[];
	/** Executions of the submitting workflows, with data. */
	submitting: Execution[];
	/** Executions of the receiving workflow, with data. */
	receiving: Execution[];
}

/** Where a user finds an accepted task. */
type Place = 'item' | 'error text' | 'error details' | 'crashed' | 'nowhere';

export interface Audit {
	rows: Array<[string, number]>;
	/** What must be empty, by name: one line for each case. */
	violations: Record<string, string[]>;
	/** Completions that were delivered but not emitted, with the crashed execution that had them. */
	lostInCrashes: string[];
	/**
	 * Completions that n8n itself answered with 200 while it was starting: it does so to whatever comes before
	 * its webhooks are loaded, and no node is asked.
	 */
	lostWhileStarting: string[];
}

const LINE = /x(\d+)x(\d+)x/g;

/** The lines of input that a request carries, each once. */
const linesOf = ({ body }: RequestEntry): string[] => [
	...new Set([...JSON.stringify(withoutExtraData(body)).matchAll(LINE)].map(([line]) => line)),
];

function withoutExtraData(body: unknown): unknown {
	if (typeof body !== 'object' || body === null) return {};
	const { extraData: _own, ...rest } = body as { extraData?: unknown };
	return rest;
}

const executionOf = (lines: string[]): string => lines[0]?.split('x')[1] ?? '';

const keyOf = ({ path, idempotencyKey }: RequestEntry) => `${path} ${idempotencyKey}`;

/** What n8n itself answers to whatever comes before it has loaded its webhooks, with 200. */
export const STARTING = /^200 n8n is starting up/;

/** How n8n says in queue mode that the worker of an execution went away. */
const STALLED = /failed to be processed too many times/;

/** Whether n8n shows an execution as one that it was killed in. */
const isCrashed = ({ status, data }: Execution): boolean =>
	status === 'crashed' || STALLED.test(data?.resultData.error?.message ?? '');

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
	return groups;
}

/** What a user reads of an execution: its items, the texts of its errors, and what else is in these. */
function shownBy(execution: Execution): { items: string; errors: string; details: string } {
	const { runData, error } = execution.data?.resultData ?? { runData: {} };
	const runs = runData[SUBMITTER] ?? [];
	const thrown = [error, ...runs.map((run) => run.error)].flatMap((one) => (one ? [one] : []));
	return {
		items: JSON.stringify(runs.map(({ data }) => data?.main)),
		errors: thrown.flatMap(({ message, description }) => [message, description]).join('\n'),
		details: JSON.stringify(thrown),
	};
}

function placesOf({ submissions, submitting }: Evidence): Array<{ request: RequestEntry; execution: string; place: Place }> {
	const executions = new Map(submitting.map((one) => [one.id, { isCrashed: isCrashed(one), ...shownBy(one) }]));
	return submissions
		.filter(({ accepted }) => accepted)
		.map((request) => {
			const execution = executionOf(linesOf(request));
			const shown = executions.get(execution);
			const names = [request.taskId ?? '?', request.idempotencyKey ?? '?'];
			const isIn = (shownText: string) => names.some((name) => shownText.includes(name));
			const placeOf = (): Place => {
				if (shown === undefined) return 'nowhere';
				if (isIn(shown.items)) return 'item';
				if (isIn(shown.errors)) return 'error text';
				if (isIn(shown.details)) return 'error details';
				return shown.isCrashed ? 'crashed' : 'nowhere';
			};
			return { request, execution, place: placeOf() };
		});
}

/** Items that give a submission the task of another one: the key, and the task that it was given. */
function mixedUp({ submissions, submitting }: Evidence): string[] {
	const taskOf = new Map(submissions.filter(({ accepted }) => accepted).map((one) => [one.idempotencyKey, one.taskId]));
	return submitting.flatMap((execution) =>
		(execution.data?.resultData.runData[SUBMITTER] ?? [])
			.flatMap(({ data }) => (data?.main ?? []).flatMap((items) => items ?? []))
			.filter(({ json }) => json.taskId !== undefined && taskOf.has(String(json.idempotencyKey)))
			.filter(({ json }) => taskOf.get(String(json.idempotencyKey)) !== json.taskId)
			.map(({ json }) => `execution ${execution.id}: key ${String(json.idempotencyKey)} has task ${String(json.taskId)}`),
	);
}

/** Tasks that an execution shows although another one had them made. */
function strangers({ submissions, submitting }: Evidence): string[] {
	const ownerOf = new Map(
		submissions.filter(({ accepted }) => accepted).map((one) => [one.taskId ?? '', executionOf(linesOf(one))]),
	);
	return submitting.flatMap((execution) => {
		const { items, details } = shownBy(execution);
		const named = new Set(`${items} ${details}`.match(/\b[0-9a-f]{24}\b/g));
		return [...named]
			.filter((taskId) => ownerOf.has(taskId) && ownerOf.get(taskId) !== execution.id)
			.map((taskId) => `execution ${execution.id} shows task ${taskId} of execution ${ownerOf.get(taskId)}`);
	});
}

const describeRequest = ({ seq, path, taskId, idempotencyKey, code, faults }: RequestEntry) =>
	`#${seq} ${path.replace('/openapi/v1', '')} HTTP ${code} faults [${faults.join(', ')}] task ${taskId} key ${idempotencyKey}`;

function emissionsOf(receiving: Execution[]): Map<string, string[]> {
	const emitted = new Map<string, string[]>();
	for (const execution of receiving) {
		// what n8n writes in the place of the output of an execution that crashed was put out by nobody
		if (isCrashed(execution)) continue;
		for (const { data } of execution.data?.resultData.runData[TRIGGER] ?? []) {
			for (const { json } of data?.main?.[0] ?? []) {
				const key = String(json.pipelineKey);
				emitted.set(key, [...(emitted.get(key) ?? []), execution.id]);
			}
		}
	}
	return emitted;
}

const NEAR_MS = 5_000;

/**
 * Which crashed execution had each lost completion: by its input or, where n8n has thrown that away (it does
 * where a worker was lost), by its time, no execution for two completions.
 */
function matchCrashes(lost: DeliveryEntry[], crashed: Execution[]): Array<{ delivery: DeliveryEntry; crash?: string }> {
	const inputs = crashed.map((one) => ({ one, text: JSON.stringify(one.data ?? {}) }));
	const empty = new Set(inputs.filter(({ text }) => !text.includes('pipelineKey')).map(({ one }) => one));
	return lost.map((delivery) => {
		const own = inputs.find(({ text }) => text.includes(delivery.pipelineKey));
		if (own !== undefined) return { delivery, crash: own.one.id };
		const isNear = ({ startedAt }: Execution) =>
			Math.abs(Date.parse(startedAt ?? '') - Date.parse(delivery.time)) < NEAR_MS;
		const near = [...empty].find(isNear);
		if (near === undefined) return { delivery };
		empty.delete(near);
		return { delivery, crash: `${near.id}, by its time` };
	});
}

/** Judges a run. */
export function audit(evidence: Evidence, forgedPrefix: string): Audit {
	const { submissions, tasks, charged, deliveries, submitting, receiving } = evidence;
	const accepted = submissions.filter((one) => one.accepted);
	const offered = groupBy(submissions, keyOf);
	const places = placesOf(evidence);
	const countOf = (place: Place) => places.filter((one) => one.place === place).length;
	const statuses = new Map(submitting.map(({ id, status }) => [id, status]));

	const errorsOf = new Map(submitting.map((one) => [one.id, shownBy(one).errors]));

	const acceptedByKey = groupBy(accepted, keyOf);
	const byLine = groupBy(
		accepted.flatMap((request) => linesOf(request).map((line) => ({ line, request }))),
		({ line }) => line,
	);

	const delivered = new Map(
		deliveries.filter(({ status }) => status >= 200 && status < 300).map((one) => [one.pipelineKey, one]),
	);
	const emitted = emissionsOf(receiving);
	const crashed = receiving.filter(isCrashed);
	const failed = receiving.filter((one) => one.status !== 'success' && !isCrashed(one));
	const missing = [...delivered.values()].filter(({ pipelineKey }) => !emitted.has(pipelineKey));
	const lost = matchCrashes(missing, crashed);
	const uncrashed = lost.filter(({ crash }) => crash === undefined).map(({ delivery }) => delivery);
	const isWhileStarting = ({ status, answer = '' }: DeliveryEntry) => STARTING.test(`${status} ${answer}`);
	const whileStarting = uncrashed.filter(isWhileStarting);
	const unexplained = uncrashed.filter((one) => !isWhileStarting(one));
	const events = tasks.filter(({ taskId }) =>
		accepted.some((request) => request.taskId === taskId && !request.path.endsWith('/create')),
	);
	const duplicates = [...emitted].filter(([, executions]) => executions.length > 1);
	const isForged = (key: string) => key.startsWith(forgedPrefix);
	const credits = accepted.reduce((sum, one) => sum + one.credits, 0);

	return {
		rows: [
			['executions', submitting.length],
			...[...groupBy(submitting, ({ status }) => status)].map(([status, all]): [string, number] => [`  ${status}`, all.length]),
			['submissions offered (keys)', offered.size],
			['requests that submit', submissions.length],
			['accepted', accepted.length],
			['tasks', tasks.length],
			['credits of accepted', credits],
			['credits charged', charged],
			['reported as an item', countOf('item')],
			['reported in the text of an error', countOf('error text')],
			['reported in the details of an error only', countOf('error details')],
			['in executions shown as crashed', countOf('crashed')],
			['reported nowhere', countOf('nowhere')],
			['asynchronous tasks', events.length],
			['completed', events.filter(({ status }) => status !== 'running').length],
			['deliveries', deliveries.length],
			['completions delivered', delivered.size],
			['executions of the receiver', receiving.length],
			['  crashed', crashed.length],
			['  failed otherwise', failed.length],
			['completions emitted', emitted.size],
			['emitted more than once', duplicates.length],
			['lost in executions shown as crashed', lost.filter(({ crash }) => crash !== undefined).length],
			['taken by n8n while starting, lost', whileStarting.length],
			['lost otherwise', unexplained.length],
			['forged ones emitted', [...emitted.keys()].filter(isForged).length],
		],
		violations: {
			'charged otherwise than accepted': charged === credits ? [] : [`${charged} charged, ${credits} accepted`],
			'tasks that no request made': tasks
				.filter(({ taskId }) => !accepted.some((one) => one.taskId === taskId))
				.map(({ taskId }) => taskId),
			'two tasks for one key': [...acceptedByKey.values()].filter((all) => all.length > 1).map((all) => all.map(describeRequest).join(' | ')),
			'two tasks for one line': [...byLine].filter(([, all]) => all.length > 1).map(([line, all]) => `${line}: ${all.map(({ request }) => describeRequest(request)).join(' | ')}`),
			'accepted, reported nowhere': places
				.filter(({ place }) => place === 'nowhere')
				.map(({ request, execution }) => `execution ${execution} (${statuses.get(execution)}): ${describeRequest(request)}; it says: ${errorsOf.get(execution)?.slice(0, 400)}`),
			'an item with the task of another submission': mixedUp(evidence),
			'an execution with a task of another': strangers(evidence),
			'never delivered': events
				.filter(({ pipelineKey }) => !delivered.has(pipelineKey))
				.map(({ taskId, status }) => `task ${taskId} (${status})`),
			'emitted more than once': duplicates.map(([key, executions]) => `${key}: executions ${executions.join(', ')}`),
			'lost, and no execution is shown as crashed with it': unexplained.map(({ pipelineKey, taskId, time, status, answer, url }) => {
				const having = executionsWith(receiving, pipelineKey).map(({ id, status }) => `${id} (${status})`);
				return `${pipelineKey}, task ${taskId}, delivered ${time} to ${url}, answered ${status} ${answer}, in executions: ${having.join(', ') || 'none'}`;
			}),
			'forged ones emitted': [...emitted.keys()].filter(isForged),
			'emitted, but never delivered': [...emitted.keys()].filter((key) => !isForged(key) && !deliveries.some(({ pipelineKey }) => pipelineKey === key)),
		},
		lostWhileStarting: whileStarting.map(({ pipelineKey, taskId, time }) => `${pipelineKey}: task ${taskId}, delivered ${time}`),
		lostInCrashes: lost.flatMap(({ delivery, crash }) => (crash === undefined ? [] : [`${delivery.pipelineKey}: task ${delivery.taskId}, execution ${crash}`])),
	};
}

/** Which executions had a completion as their input. */
const executionsWith = (receiving: Execution[], pipelineKey: string): Execution[] =>
	receiving.filter((one) => JSON.stringify(one).includes(pipelineKey));
