import { MAX_PARTS, MIN_PART_SIZE } from './contract';

/** Memory that parts under way may take together, in bytes. */
const PARTS_MEMORY = 24 * 1024 * 1024;
const DEFAULT_PART_SIZE = 8 * 1024 * 1024;
/** Larger recommendations are not followed: one part must fit into the memory for parts. */
const MAX_PART_SIZE = 24 * 1024 * 1024;
const MAX_IN_FLIGHT = 4;

/** How a file is cut: all parts but the last have `partSize` bytes. */
export interface PartPlan {
	partSize: number;
	partCount: number;
	/** How many parts may be under way at once. */
	inFlight: number;
}

/**
 * Cuts a file: the part size that VMEG recommends, at least 5 MiB (API contract §7), bounded so that
 * the parts under way fit into memory, and large enough that 10,000 parts suffice.
 */
export function planParts(size: number, recommended: number | null | undefined): PartPlan {
	const wanted = recommended && recommended > 0 ? recommended : DEFAULT_PART_SIZE;
	const bounded = Math.min(Math.max(wanted, MIN_PART_SIZE), MAX_PART_SIZE);
	const partSize = Math.max(Math.ceil(bounded), Math.ceil(size / MAX_PARTS));
	return {
		partSize,
		partCount: Math.max(1, Math.ceil(size / partSize)),
		inFlight: Math.min(MAX_IN_FLIGHT, Math.max(1, Math.floor(PARTS_MEMORY / partSize))),
	};
}

/**
 * Cuts a stream of pieces of any size into parts. Each part is written into a buffer that the caller
 * lends and gets back, so that a file of any size needs no more memory than the lent buffers.
 */
export async function* partsOf(
	pieces: AsyncIterable<Uint8Array>,
	lend: () => Promise<Buffer>,
): AsyncGenerator<{ buffer: Buffer; bytes: Buffer }> {
	let buffer: Buffer | undefined;
	let filled = 0;
	for await (const piece of pieces) {
		for (let taken = 0; taken < piece.length; ) {
			buffer ??= await lend();
			const space = Math.min(buffer.length - filled, piece.length - taken);
			buffer.set(piece.subarray(taken, taken + space), filled);
			filled += space;
			taken += space;
			if (filled === buffer.length) {
				yield { buffer, bytes: buffer };
				buffer = undefined;
				filled = 0;
			}
		}
	}
	if (buffer !== undefined && filled > 0) yield { buffer, bytes: buffer.subarray(0, filled) };
}

/** Buffers that are lent again and again; borrowing waits until one is free. */
export function bufferPool(count: number, size: number) {
	const free: Buffer[] = Array.from({ length: count }, () => Buffer.allocUnsafe(size));
	const waiting: Array<(buffer: Buffer) => void> = [];
	return {
		lend: async (): Promise<Buffer> => {
			const buffer = free.pop();
			if (buffer !== undefined) return buffer;
			return await new Promise((resolve) => waiting.push(resolve));
		},
		giveBack(buffer: Buffer): void {
			const next = waiting.shift();
			if (next === undefined) free.push(buffer);
			else next(buffer);
		},
	};
}
