import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, sleep } from 'n8n-workflow';

import { partBy } from '../actions/common/partBy';
import { databaseLock, withLock } from './lock';

/**
 * Remembers which completions were emitted. n8n's own record (`checkProcessedAndRecord`) lives in its
 * database, so it outlasts restarts and is shared by all processes, but it is read, changed and written
 * back whole. Within this process claims for one node therefore go together, one group after another;
 * between processes a lock keeps them apart (lock.ts). What this process has emitted is remembered here
 * too, and recent keys are handed in again with each group, should the lock ever not be to be had.
 *
 * With each key goes an entry that names the execution that has it: in queue mode n8n runs an execution
 * again whose worker was lost, and what that execution had claimed must pass again, or it is lost.
 */

/** How many entries n8n's database keeps for a node: two for each of the last 5,000 completions. */
export const MAX_RECORDED_ENTRIES = 10_000;
/** How many keys this process remembers for a node. */
export const MAX_RECENT_KEYS = 1_000;
/** How many of them are handed in again with a new key. */
const HANDED_IN_AGAIN = 20;
/** How many claims go to the store at once. */
const MAX_TOGETHER = 200;
const RECORD_ATTEMPTS = 5;
const RECORD_PAUSE_MS = 50;

/** A claim that waits for its group. */
interface Claim {
	key: string;
	executionId: string;
	record: Recorder;
	resolve(isFirst: boolean): void;
	reject(error: unknown): void;
}

interface NodeMemory {
	/** Emitted keys, the oldest first, with the execution that has them; unknown where another process has. */
	recent: Map<string, string | undefined>;
	waiting: Claim[];
	isRecording: boolean;
}

const memories = new Map<string, NodeMemory>();

function memoryOf(nodeKey: string): NodeMemory {
	const known = memories.get(nodeKey);
	if (known !== undefined) return known;
	const made: NodeMemory = { recent: new Map(), waiting: [], isRecording: false };
	memories.set(nodeKey, made);
	return made;
}

function remember({ recent }: NodeMemory, key: string, executionId: string | undefined): void {
	recent.set(key, executionId ?? recent.get(key));
	if (recent.size <= MAX_RECENT_KEYS) return;
	const [oldest] = recent.keys();
	if (oldest !== undefined) recent.delete(oldest);
}

/** Whether this process has already emitted the completion; without it, nobody may know. */
export function wasEmittedHere(nodeKey: string, key: string): boolean {
	return memories.get(nodeKey)?.recent.has(key) ?? false;
}

/**
 * Records entries in a lasting store and tells which of them it did not have yet; takes back those of
 * them that `takeBack` names.
 */
export type Recorder = (
	entries: string[],
	takeBack: (fresh: ReadonlySet<string>) => string[],
) => Promise<ReadonlySet<string>>;

async function recordWithRetry(record: Recorder, ...what: Parameters<Recorder>): Promise<ReadonlySet<string>> {
	for (let attempt = 1; attempt < RECORD_ATTEMPTS; attempt++) {
		try {
			return await record(...what);
		} catch {
			// two first-ever deliveries meet on the primary key: the second finds the row next time
			await sleep(RECORD_PAUSE_MS * attempt);
		}
	}
	return await record(...what);
}

const ownEntry = ({ key, executionId }: Claim) => `${key} in ${executionId}`;

/** Decides claims that the store must know of, no two of them for one key; gives those that are granted. */
async function ask(memory: NodeMemory, claims: Claim[]): Promise<Set<Claim>> {
	const [first] = claims;
	if (first === undefined) return new Set();
	const isGranted = (one: Claim, fresh: ReadonlySet<string>) =>
		!fresh.has(ownEntry(one)) || (fresh.has(one.key) && !memory.recent.has(one.key));
	const again = [...memory.recent.keys()].slice(-HANDED_IN_AGAIN);
	const keys = claims.map(({ key }) => key);
	const entries = new Set([...again, ...keys, ...claims.map(ownEntry)]);
	const fresh = await recordWithRetry(first.record, [...entries], (isNew) =>
		claims.filter((one) => !isGranted(one, isNew)).map(ownEntry),
	);
	return new Set(claims.filter((one) => isGranted(one, fresh)));
}

async function recordGroup(memory: NodeMemory, claims: Claim[]): Promise<void> {
	// several for one key: what becomes of the first decides the others
	const byKey = partBy(claims, ({ key }) => key);
	const group = byKey.flatMap((part) => part.slice(0, 1));
	memory.waiting.unshift(...byKey.flatMap((part) => part.slice(1)));
	try {
		const isHeld = ({ key }: Claim) => memory.recent.get(key) !== undefined;
		const granted = await ask(memory, group.filter((one) => !isHeld(one)));
		for (const one of group) {
			const { key, executionId, resolve } = one;
			const passes = granted.has(one) || memory.recent.get(key) === executionId;
			remember(memory, key, passes ? executionId : undefined);
			resolve(passes);
		}
	} catch (error) {
		for (const { reject } of group) reject(error);
	}
}

async function recordWaiting(memory: NodeMemory): Promise<void> {
	if (memory.isRecording) return;
	memory.isRecording = true;
	while (memory.waiting.length > 0) {
		await recordGroup(memory, memory.waiting.splice(0, MAX_TOGETHER));
	}
	memory.isRecording = false;
}

/**
 * Claims a completion for an execution: true for one execution per key and node, also after a restart.
 * Throws only where the store refuses again and again; the event is then not lost silently.
 */
export async function claim(
	nodeKey: string,
	key: string,
	executionId: string,
	record: Recorder,
): Promise<boolean> {
	const memory = memoryOf(nodeKey);
	return await new Promise<boolean>((resolve, reject) => {
		memory.waiting.push({ key, executionId, record, resolve, reject });
		// not awaited: it goes on for the claims that come after this one
		void recordWaiting(memory);
	});
}

const ENTRIES = { mode: 'entries' } as const;

/** The lasting store of an execution: n8n's deduplication record of this node. */
export function databaseRecorder(context: IExecuteFunctions): Recorder {
	const { helpers } = context;
	const lock = databaseLock(context);
	return async (entries, takeBack) =>
		await withLock(lock, async () => {
			const found = await helpers.checkProcessedAndRecord(entries, 'node', {
				...ENTRIES,
				maxEntries: MAX_RECORDED_ENTRIES,
			});
			const fresh = new Set(found.new.map(String));
			const unwanted = takeBack(fresh);
			// one that stays matters only if n8n should run the execution of a duplicate again
			if (unwanted.length > 0) await helpers.removeProcessed(unwanted, 'node', ENTRIES).catch(() => undefined);
			return fresh;
		});
}

/** Names a node among all workflows of this process. */
export const nodeKeyOf = (workflowId: string | undefined, nodeId: string) =>
	`${workflowId ?? ''}/${nodeId}`;

/** The error of an execution whose completion could not be recorded. */
export function recordError(context: IExecuteFunctions, key: string): NodeApiError {
	return new NodeApiError(
		context.getNode(),
		{ message: 'n8n could not record the completion' },
		{
			message: 'The completion could not be recorded as delivered',
			description: `n8n's database refused to store its key ${key}. The event is in the input of this execution: retry the execution once the database is well.`,
		},
	);
}
