import type { IContextObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

import { isRecord } from '../../api/record';

/**
 * What became of the submissions of a run, by idempotency key. When a run fails under Retry On Fail,
 * n8n runs the whole node again: what VMEG has already accepted is then taken from here, since
 * sending its key again would only bring a 409 without the result. An AI agent that makes the same
 * call again within an execution is given the same answer: models repeat themselves.
 */
export interface AcceptedAnswers {
	get(key: string): unknown;
	/** The tasks of all answers. */
	taskIds(): string[];
	set(key: string, answer: unknown): void;
	/** When a submission was first sent whose answer is missing, in milliseconds since 1970. */
	lostSince(key: string): number | undefined;
	setLost(key: string, sentFromMs: number): void;
	/** Keys whose answers are missing, those of earlier tries among them. */
	allLost(): string[];
	/** Leaves all of it to the next try of this node, or call of this tool, or forgets it. */
	close(hasFailed: boolean): void;
}

const withTaskId = z.object({ taskId: z.string() });

const STORE = 'vmegAccepted';
const LOST_STORE = 'vmegLost';
const TURN_STORE = 'vmegTurn';

function kept(store: IContextObject, name: string): Map<string, unknown> {
	const entries: unknown = store[name];
	return new Map(Object.entries(isRecord(entries) ? entries : {}));
}

/** The answers of a run, as n8n keeps them in its context data of the node. */
export function acceptedAnswers(context: IExecuteFunctions): AcceptedAnswers {
	const store = context.getContext('node');
	const answers = kept(store, STORE);
	const lost = kept(store, LOST_STORE);
	return {
		get: (key) => answers.get(key),
		taskIds: () =>
			[...answers.values()].flatMap((answer) => {
				const parsed = withTaskId.safeParse(answer);
				return parsed.success ? [parsed.data.taskId] : [];
			}),
		set(key, answer) {
			answers.set(key, answer);
			lost.delete(key);
		},
		lostSince(key) {
			const sentFromMs = lost.get(key);
			return typeof sentFromMs === 'number' ? sentFromMs : undefined;
		},
		setLost: (key, sentFromMs) => lost.set(key, sentFromMs),
		allLost: () => [...lost.keys()],
		close(hasFailed) {
			if (hasFailed && context.getNode().retryOnFail === true) {
				store[STORE] = Object.fromEntries(answers);
				store[LOST_STORE] = Object.fromEntries(lost);
			} else {
				delete store[STORE];
				delete store[LOST_STORE];
			}
		},
	};
}

/**
 * The same for a tool, whose calls are runs of their own: a job is kept for as long as the execution
 * lasts, and a call whose answer was lost is known again. A change such as a renaming begins a new
 * turn instead, since the model may want to undo it and do it again. Not so under a key of the
 * user's, which is the same for calls that ask for different things.
 *
 * @param names the keys that name what is asked for
 */
export function answersOfTool(
	context: IExecuteFunctions,
	names: ReadonlySet<string>,
): AcceptedAnswers & { turn: number } {
	const store = context.getContext('node');
	const answers = acceptedAnswers(context);
	const made = new Map<string, unknown>();
	const lost = new Map<string, number>();
	const turn = Number(store[TURN_STORE] ?? 0);
	return {
		...answers,
		turn,
		set(key, answer) {
			answers.set(key, answer);
			made.set(key, answer);
			lost.delete(key);
		},
		setLost(key, sentFromMs) {
			answers.setLost(key, sentFromMs);
			lost.set(key, sentFromMs);
		},
		close(hasFailed) {
			// calls may run side by side: each adds to what the others have left by now
			const jobs = [...made].filter(([key, answer]) => names.has(key) && answer !== null);
			const stillLost = [...kept(store, LOST_STORE)].filter(([key]) => !made.has(key));
			store[STORE] = Object.fromEntries([...kept(store, STORE), ...jobs]);
			store[LOST_STORE] = Object.fromEntries([
				...stillLost,
				...[...lost].filter(([key]) => names.has(key)),
			]);
			const isChange = !hasFailed && [...made.values()].includes(null);
			if (isChange) store[TURN_STORE] = turn + 1;
		},
	};
}
