import { createHash, randomBytes } from 'node:crypto';

/** A small seeded generator (mulberry32): numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

/** Ids that never repeat within a run, and repeat between runs only when a seed is given. */
export class Ids {
	private readonly seed: string;
	private count = 0;

	constructor(seed?: number) {
		this.seed = seed === undefined ? randomBytes(16).toString('hex') : String(seed);
	}

	next(length = 24): string {
		this.count += 1;
		return createHash('sha256').update(`${this.seed}:${this.count}`).digest('hex').slice(0, length);
	}
}
