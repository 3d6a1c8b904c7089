import { ApiError } from './errors';
import type { Settings } from './settings';

const maxKeyLength = 64;

/** The idempotency rules of API contract §1: one accepted request per path and key. */
export class IdempotencyKeys {
	/** Insertion order is time order, so the oldest entries are always at the front. */
	private readonly seen = new Map<string, number>();

	constructor(private readonly settings: Settings) {}

	/** Checks the header and takes the key, or refuses. Give it back with the returned function. */
	take(path: string, header: string | undefined): () => void {
		const key = header?.trim() ?? '';
		if (key === '') throw new ApiError(400, 'X-Idempotency-Key header is required');
		if (key.length > maxKeyLength) {
			throw new ApiError(400, `X-Idempotency-Key must be at most ${maxKeyLength} characters`);
		}
		this.forgetOld();
		const entry = `${path} ${key}`;
		if (this.seen.has(entry)) {
			throw new ApiError(409, 'Idempotency key already used, please retry with a new key', {
				'Retry-After': '2',
			});
		}
		this.seen.set(entry, Date.now());
		return () => void this.seen.delete(entry);
	}

	clear(): void {
		this.seen.clear();
	}

	private forgetOld(): void {
		const limit = Date.now() - this.settings.idempotencyTtlMs;
		for (const [entry, time] of this.seen) {
			if (time > limit) return;
			this.seen.delete(entry);
		}
	}
}
