import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeApiError, sleep } from 'n8n-workflow';

import { databaseLock, withLock } from './lock';

/**
 * Remembers which completions were emitted. n8n's own record (`checkProcessedAndRecord`) lives in its
 * database, so it outlasts restarts and is shared by all processes, but it is read, changed and written
 * back whole. Within this process claims for one node therefore go together, one group after another;
 * between processes a lock keeps them apart (lock.ts). What this process has emitted is remembered here
 * too, and recent keys are handed in again with each group, should the lock ever not be to be had.
 */

/** How many keys n8n's database keeps for a node. */
export const MAX_RECORDED_KEYS = 5_000;
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
	record: Recorder;
	resolve(isFirst: boolean): void;
	reject(error: unknown): void;
}

interface NodeMemory {
	/** Emitted keys, the oldest first. */
	recent: Set<string>;
	waiting: Claim[];
	isRecording: boolean;
}

const memories = new Map<string, NodeMemory>();

function memoryOf(nodeKey: string): NodeMemory {
	const known = memories.get(nodeKey);
	if (known !== undefined) return known;
	const made: NodeMemory = { recent: new Set(), waiting: [], isRecording: false };
	memories.set(nodeKey, made);
	return made;
}

function remember({ recent }: NodeMemory, key: string): void {
	recent.add(key);
	if (recent.size <= MAX_RECENT_KEYS) return;
	const [oldest] = recent;
	if (oldest !== undefined) recent.delete(oldest);
}

/** Whether this process has already emitted the completion; without it, nobody may know. */
export function wasEmittedHere(nodeKey: string, key: string): boolean {
	return memories.get(nodeKey)?.recent.has(key) ?? false;
}

/** Records keys in a lasting store and tells which of them it did not have yet. */
export type Recorder = (keys: string[]) => Promise<string[]>;

async function recordWithRetry(record: Recorder, keys: string[]): Promise<string[]> {
	for (let attempt = 1; attempt < RECORD_ATTEMPTS; attempt++) {
		try {
			return await record(keys);
		} catch {
			// two first-ever deliveries meet on the primary key: the second finds the row next time
			await sleep(RECORD_PAUSE_MS * attempt);
		}
	}
	return await record(keys);
}

async function recordGroup(memory: NodeMemory, claims: Claim[]): Promise<void> {
	const [first] = claims;
	if (first === undefined) return;
	const keys = new Set(claims.map(({ key }) => key).filter((key) => !memory.recent.has(key)));
	try {
		const again = [...memory.recent].slice(-HANDED_IN_AGAIN);
		const recorded = keys.size === 0 ? [] : await recordWithRetry(first.record, [...again, ...keys]);
		const fresh = new Set(recorded);
		for (const { key, resolve } of claims) {
			remember(memory, key);
			// of several claims of one key in a group the first has it
			resolve(keys.has(key) && fresh.delete(key));
		}
	} catch (error) {
		for (const { reject } of claims) reject(error);
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
 * Claims a completion for emission: true exactly once per key and node, also after a restart.
 * Throws only where the store refuses again and again; the event is then not lost silently.
 */
export async function claim(nodeKey: string, key: string, record: Recorder): Promise<boolean> {
	const memory = memoryOf(nodeKey);
	return await new Promise<boolean>((resolve, reject) => {
		memory.waiting.push({ key, record, resolve, reject });
		// not awaited: it goes on for the claims that come after this one
		void recordWaiting(memory);
	});
}

/** The lasting store of an execution: n8n's deduplication record of this node. */
export function databaseRecorder(context: IExecuteFunctions): Recorder {
	const lock = databaseLock(context);
	return async (keys) =>
		await withLock(lock, async () => {
			const found = await context.helpers.checkProcessedAndRecord(keys, 'node', {
				mode: 'entries',
				maxEntries: MAX_RECORDED_KEYS,
			});
			return found.new.map(String);
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
