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

	it.each([null, 0, -1, -12 * MiB])('follows no recommendation that is none: %p', (wish) => {
		expect(planParts(100 * MiB, wish)).toEqual({ partSize: 8 * MiB, partCount: 13, inFlight: 3 });
	});

	it('cuts an empty file into one part', () => {
		expect(planParts(0, 10 * MiB)).toMatchObject({ partCount: 1 });
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
					expect(parts.every(({ length }) => length > 0)).toBe(true);
				},
			),
		);
	});

	it('makes no part of nothing, and no last part where the pieces fill the parts', async () => {
		const sizesOf = async (sizes: number[]) => {
			const pool = bufferPool(1, 4);
			const found: number[] = [];
			for await (const { buffer, bytes } of partsOf(stream(sizes.map((size) => new Uint8Array(size))), pool.lend)) {
				found.push(bytes.length);
				pool.giveBack(buffer);
			}
			return found;
		};
		await expect(sizesOf([])).resolves.toEqual([]);
		await expect(sizesOf([0, 0])).resolves.toEqual([]);
		await expect(sizesOf([8])).resolves.toEqual([4, 4]);
		await expect(sizesOf([3, 2, 4])).resolves.toEqual([4, 4, 1]);
	});
});

describe('bufferPool', () => {
	it('lends what it has, and then what comes back, to those who wait, in their order', async () => {
		const { lend, giveBack } = bufferPool(1, 4);
		const first = await lend();
		const got: string[] = [];
		const waiting = ['one', 'two'].map(async (name) => {
			const buffer = await lend();
			got.push(name);
			return buffer;
		});
		await new Promise((resolve) => setImmediate(resolve));
		expect(got).toEqual([]);
		giveBack(first);
		await expect(waiting[0]).resolves.toBe(first);
		expect(got).toEqual(['one']);
		giveBack(first);
		await expect(waiting[1]).resolves.toBe(first);
	});

	it('lends no buffer to two', async () => {
		const { lend, giveBack } = bufferPool(1, 4);
		const first = await lend();
		const second = lend();
		giveBack(first);
		await second;
		let isLent = false;
		void lend().then(() => (isLent = true));
		await new Promise((resolve) => setImmediate(resolve));
		expect(isLent).toBe(false);
	});
});
