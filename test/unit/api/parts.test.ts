import fc from 'fast-check';

import { bufferPool, partsOf, planParts } from '../../../nodes/Vmeg/api/parts';

const MiB = 1024 * 1024;

describe('planParts', () => {
	it('follows the recommended size, from 5 MiB up to what fits into memory', () => {
		expect(planParts(100 * MiB, 10 * MiB)).toEqual({ partSize: 10 * MiB, partCount: 10, inFlight: 2 });
		expect(planParts(100 * MiB, 1)).toMatchObject({ partSize: 5 * MiB });
		expect(planParts(2048 * MiB, 512 * MiB)).toMatchObject({ partSize: 24 * MiB, inFlight: 1 });
		expect(planParts(100 * MiB, undefined)).toMatchObject({ partSize: 8 * MiB, inFlight: 3 });
	});

	it('never needs more than 10,000 parts, and its parts always cover the file', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 5e12 }), fc.option(fc.integer({ max: 1e9 })), (size, wish) => {
				const { partSize, partCount, inFlight } = planParts(size, wish);
				expect(partCount).toBeLessThanOrEqual(10_000);
				expect(partSize).toBeGreaterThanOrEqual(5 * MiB);
				expect(partSize * partCount).toBeGreaterThanOrEqual(size);
				expect(partSize * (partCount - 1)).toBeLessThan(size);
				expect(inFlight).toBeGreaterThanOrEqual(1);
			}),
		);
	});
});

describe('partsOf', () => {
	async function* stream(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
		yield* pieces;
	}

	it('puts pieces of any size into parts of one size, byte for byte, with the buffers it has', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }),
				fc.integer({ min: 1, max: 17 }),
				async (pieces, partSize) => {
					const pool = bufferPool(2, partSize);
					const parts: Buffer[] = [];
					for await (const { buffer, bytes } of partsOf(stream(pieces), pool.lend)) {
						parts.push(Buffer.from(bytes));
						pool.giveBack(buffer);
					}
					expect(Buffer.concat(parts).equals(Buffer.concat(pieces))).toBe(true);
					expect(parts.slice(0, -1).every(({ length }) => length === partSize)).toBe(true);
				},
			),
		);
	});
});
