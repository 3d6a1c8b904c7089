import type { IExecuteFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

/** A holder that was killed never lets go: after this long, and at random up to twice as long, it is overruled. */
const OVERRULED_AFTER_MS = 5_000;
const GIVEN_UP_AFTER_MS = 45_000;
const PAUSE_MS = 5;
const JITTER_MS = 20;

/** Something that one process at a time can have. */
export interface Lock {
	/** Takes it: `taken`, `busy` where another has it, `unusable` where it cannot be had at all. */
	take(): Promise<'taken' | 'busy' | 'unusable'>;
	release(): Promise<void>;
}

async function acquire(lock: Lock): Promise<boolean> {
	const givenUpAtMs = Date.now() + GIVEN_UP_AFTER_MS;
	let overruledAtMs = Date.now() + OVERRULED_AFTER_MS * (1 + Math.random());
	for (;;) {
		const taking = await lock.take();
		if (taking !== 'busy') return taking === 'taken';
		const now = Date.now();
		if (now > givenUpAtMs) return false;
		if (now > overruledAtMs) {
			await lock.release();
			overruledAtMs = now + OVERRULED_AFTER_MS * (1 + Math.random());
		}
		await sleep(PAUSE_MS + JITTER_MS * Math.random());
	}
}

/** Does work while no other process does; without that certainty where the lock cannot be had. */
export async function withLock<T>(lock: Lock, work: () => Promise<T>): Promise<T> {
	const isHeld = await acquire(lock);
	try {
		return await work();
	} finally {
		// a lock that stays is overruled; what was done under it counts
		if (isHeld) await lock.release().catch(() => undefined);
	}
}

const ENTRY = 'vmeg-trigger-lock';
const SCOPE = 'workflow';
const OPTIONS = { mode: 'entries' } as const;

/** Workflows whose record belongs to a node that removes duplicates over the whole workflow. */
const sharedRecords = new Set<string>();

const isOfAnotherKind = (error: unknown) =>
	error instanceof Error && error.constructor.name === 'DeduplicationError';

/**
 * A lock made of n8n's deduplication record of the whole workflow: the record is either not there, and
 * then one process alone can insert it, or holds this one entry. Releasing deletes it. Where a *Remove
 * Duplicates* node of the workflow uses that record, which is seldom, it is left alone.
 */
export function databaseLock(context: IExecuteFunctions): Lock {
	const { helpers } = context;
	const workflow = String(context.getWorkflow().id ?? '');
	return {
		async take() {
			if (sharedRecords.has(workflow)) return 'unusable';
			try {
				const found = await helpers.checkProcessedAndRecord([ENTRY], SCOPE, OPTIONS);
				return found.new.length > 0 ? 'taken' : 'busy';
			} catch (error) {
				// another one was faster, or the record is of a kind that holds no entries
				if (!isOfAnotherKind(error)) return 'busy';
				sharedRecords.add(workflow);
				return 'unusable';
			}
		},
		async release() {
			const entries = await helpers.getProcessedDataCount(SCOPE, OPTIONS);
			if (entries <= 1) return await helpers.clearAllProcessedItems(SCOPE, OPTIONS);
			sharedRecords.add(workflow);
			await helpers.removeProcessed([ENTRY], SCOPE, OPTIONS);
		},
	};
}
