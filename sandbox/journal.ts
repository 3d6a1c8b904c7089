export type AuthorizationSeen = 'present' | 'wrong' | 'absent';

/** One request that reached the sandbox. */
export interface RequestEntry {
	type: 'request';
	seq: number;
	time: string;
	method: string;
	path: string;
	query: Record<string, string>;
	headers: Record<string, string>;
	authorization: AuthorizationSeen;
	idempotencyKey?: string;
	body?: unknown;
	/** HTTP status sent; 0 while it is being processed, and when the connection was dropped. */
	code: number;
	/** Message of the answer, when it was a refusal. */
	message?: string;
	/** Whether it was processed and accepted, whatever was answered. */
	accepted: boolean;
	credits: number;
	taskId?: string;
	/** Kinds of the faults that were applied. */
	faults: string[];
	ms: number;
}

/** One attempt to deliver a completion. */
export interface DeliveryEntry {
	type: 'delivery';
	seq: number;
	time: string;
	url: string;
	event: string;
	taskId: string;
	pipelineKey: string;
	/** 1 for the first attempt; copies made by a fault or by `deliver` keep 1. */
	attempt: number;
	/** Status of the receiver; 0 when it did not answer. */
	status: number;
	error?: string;
	/** How the receiver's answer begins. */
	answer?: string;
	headers: Record<string, string>;
	body: unknown;
	ms: number;
}

export type JournalEntry = RequestEntry | DeliveryEntry;
export type JournalMode = 'full' | 'counts';

const maxEntries = 50_000;
const maxBodyCharacters = 20_000;
const recentEntries = 50;

/**
 * What happened, in order: an array of entries with a few helpers. In mode `counts` no entry is kept (the array
 * stays empty, but for the latest fifty in `recent`), so that long benchmarks run in bounded memory.
 */
export class Journal extends Array<JournalEntry> {
	static override get [Symbol.species](): ArrayConstructor {
		return Array;
	}

	mode: JournalMode = 'full';
	/** The latest entries, in both modes. */
	recent: JournalEntry[] = [];
	/** `"POST /openapi/v1/task/translate/create 200"` → how often. */
	counts = new Map<string, number>();
	inFlight = 0;
	/** The most requests that were ever in flight together. */
	maxInFlight = 0;
	private seq = 0;

	/** Requests whose path contains `pathPart` (all of them without it). */
	requests(pathPart = ''): RequestEntry[] {
		const found: RequestEntry[] = [];
		for (const entry of this) {
			if (entry.type === 'request' && entry.path.includes(pathPart)) found.push(entry);
		}
		return found;
	}

	/** Webhook delivery attempts, of one task if its id is given. */
	deliveries(taskId?: string): DeliveryEntry[] {
		const found: DeliveryEntry[] = [];
		for (const entry of this) {
			if (entry.type === 'delivery' && (taskId === undefined || entry.taskId === taskId)) {
				found.push(entry);
			}
		}
		return found;
	}

	nextSeq(): number {
		this.seq += 1;
		return this.seq;
	}

	begin(entry: RequestEntry): void {
		this.inFlight += 1;
		this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
		this.keep(entry);
	}

	end(entry: RequestEntry): void {
		this.inFlight -= 1;
		this.count(`${entry.method} ${countablePath(entry.path)} ${entry.code}`);
	}

	delivered(entry: DeliveryEntry): void {
		this.count(`webhook ${entry.event} ${entry.status}`);
		this.keep(entry);
	}

	clear(): void {
		this.length = 0;
		this.recent = [];
		this.counts = new Map();
		this.maxInFlight = this.inFlight;
	}

	private keep(entry: JournalEntry): void {
		this.recent.push(entry);
		if (this.recent.length > recentEntries) this.recent.shift();
		if (this.mode === 'counts') return;
		this.push(entry);
		if (this.length > maxEntries) this.copyWithin(0, maxEntries / 10).length -= maxEntries / 10;
	}

	private count(key: string): void {
		this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
	}
}

/** Paths of stored objects carry ids: counted per kind of object, not one by one. */
function countablePath(path: string): string {
	return path.startsWith('/storage/') ? `${path.split('/').slice(0, 3).join('/')}/*` : path;
}

/** A body as the journal keeps it: parsed, or cut when it is huge. */
export function journalBody(raw: string, parsed: unknown): unknown {
	if (raw === '') return undefined;
	if (raw.length <= maxBodyCharacters) return parsed ?? raw;
	return { truncated: true, characters: raw.length, start: raw.slice(0, 1000) };
}
