import type { IExecuteFunctions } from 'n8n-workflow';

import { databaseLock, withLock } from '../../../nodes/Vmeg/trigger/lock';
import type { Lock } from '../../../nodes/Vmeg/trigger/lock';
import { fake } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const aWhile = async () => await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));

class DeduplicationError extends Error {}

/**
 * The record of a workflow as n8n keeps it: read, changed and written back with time between, the first
 * insert refused where there is one already.
 */
function database(initial?: string[]) {
	let row: string[] | undefined = initial;
	const helpers = fake<IExecuteFunctions['helpers']>({
		async checkProcessedAndRecord(items: string[]) {
			await aWhile();
			const read = row === undefined ? undefined : [...row];
			await aWhile();
			if (read === undefined) {
				if (row !== undefined) throw new Error('duplicate key value violates unique constraint');
				row = [...items];
				return { new: items, processed: [] };
			}
			const fresh = items.filter((item) => !read.includes(item));
			if (row !== undefined) row = [...read, ...fresh];
			return { new: fresh, processed: items.filter((item) => read.includes(item)) };
		},
		async clearAllProcessedItems() {
			await aWhile();
			row = undefined;
		},
		async removeProcessed(items: string[]) {
			await aWhile();
			row = row?.filter((item) => !items.includes(item));
		},
		async getProcessedDataCount() {
			await aWhile();
			return row?.length ?? 0;
		},
	});
	return { helpers, row: () => row };
}

let workflows = 0;
const newWorkflow = () => `w-${++workflows}`;
const lockOf = (helpers: IExecuteFunctions['helpers'], id = newWorkflow()): Lock =>
	databaseLock(fake<IExecuteFunctions>({ helpers, getWorkflow: () => ({ id, name: 'Test', active: true }) }));

/** Work that notices when it is not alone. */
function work() {
	let inside = 0;
	let most = 0;
	let done = 0;
	const run = async () => {
		most = Math.max(most, ++inside);
		await aWhile();
		inside--;
		done++;
	};
	return { run, most: () => most, done: () => done };
}

describe('the lock between processes', () => {
	test('lets one of many in at a time, and each in the end', async () => {
		const { helpers, row } = database();
		const { run, most, done } = work();
		const id = newWorkflow();
		await withoutWaiting(
			Promise.all(Array.from({ length: 20 }, async () => await withLock(lockOf(helpers, id), run))),
		);
		expect([most(), done()]).toEqual([1, 20]);
		expect(row()).toBeUndefined();
	});

	test('is let go when the work fails, which is told', async () => {
		const { helpers, row } = database();
		const failing = withLock(lockOf(helpers), async () => await Promise.reject(new Error('no')));
		await expect(withoutWaiting(failing)).rejects.toThrow('no');
		expect(row()).toBeUndefined();
	});

	test('is overruled after a while where its holder was killed', async () => {
		const { helpers } = database();
		const id = newWorkflow();
		await withoutWaiting(lockOf(helpers, id).take());
		const start = Date.now();
		await withoutWaiting(withLock(lockOf(helpers, id), async () => 'done'));
		expect(Date.now() - start).toBeGreaterThanOrEqual(5_000);
		expect(Date.now() - start).toBeLessThan(12_000);
	});

	test('does not hold up the work for ever where it cannot be had', async () => {
		const lock: Lock = { take: async () => 'busy', release: async () => {} };
		await expect(withoutWaiting(withLock(lock, async () => 'done'))).resolves.toBe('done');
	});

	test('leaves alone a record that another node of the workflow keeps', async () => {
		const { helpers, row } = database(['order-1', 'order-2']);
		const id = newWorkflow();
		await expect(withoutWaiting(withLock(lockOf(helpers, id), async () => 'done'))).resolves.toBe('done');
		expect(row()).toEqual(['order-1', 'order-2']);
		// and from then on does without
		await expect(lockOf(helpers, id).take()).resolves.toBe('unusable');
	});

	test('does without where the record is of another kind', async () => {
		const refuse = async () => await Promise.reject(new DeduplicationError('incompatible setting'));
		const helpers = fake<IExecuteFunctions['helpers']>({ checkProcessedAndRecord: refuse });
		await expect(withoutWaiting(withLock(lockOf(helpers), async () => 'done'))).resolves.toBe('done');
	});

	test('counts what was done although it cannot be let go', async () => {
		const release = async () => await Promise.reject(new Error('database is down'));
		const lock: Lock = { take: async () => 'taken', release };
		await expect(withoutWaiting(withLock(lock, async () => 'done'))).resolves.toBe('done');
	});

	test('is let go by the one that had it, and by no other', async () => {
		const release = jest.fn(async () => {});
		await withoutWaiting(withLock({ take: async () => 'unusable', release }, async () => 'done'));
		expect(release).not.toHaveBeenCalled();
		await withoutWaiting(withLock({ take: async () => 'taken', release }, async () => 'done'));
		expect(release).toHaveBeenCalledTimes(1);
	});

	test.each([
		[0, 5_000, 9],
		[0.999, 9_995, 4],
	])('overrules a silent holder after 5 to 10 s again and again, but for 45 s (random %p)', async (random, firstMs, times) => {
		jest.spyOn(Math, 'random').mockReturnValue(random);
		const start = Date.now();
		const overruledMs: number[] = [];
		const lock: Lock = {
			take: async () => 'busy',
			release: async () => void overruledMs.push(Date.now() - start),
		};
		await withoutWaiting(withLock(lock, async () => 'done'));
		jest.restoreAllMocks();
		expect(Date.now() - start).toBeGreaterThan(45_000);
		expect(Date.now() - start).toBeLessThan(45_100);
		overruledMs.forEach((ms, index) => {
			const since = ms - (overruledMs[index - 1] ?? 0);
			expect(since).toBeGreaterThan(firstMs);
			expect(since).toBeLessThan(firstMs + 50);
		});
		expect(overruledMs.length).toBeGreaterThanOrEqual(times - 1);
	});

	test('is asked for again after 5 to 25 ms', async () => {
		const askedMs: number[] = [];
		const lock: Lock = {
			take: async () => {
				askedMs.push(Date.now());
				return askedMs.length > 50 ? 'taken' : 'busy';
			},
			release: async () => {},
		};
		await withoutWaiting(withLock(lock, async () => 'done'));
		const pauses = askedMs.slice(1).map((ms, index) => ms - (askedMs[index] ?? 0));
		expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5);
		expect(Math.max(...pauses)).toBeLessThanOrEqual(26);
	});

	test('is of one workflow: another one, and one that was never saved, have their own', async () => {
		const { helpers } = database(['order-1', 'order-2']);
		await withoutWaiting(withLock(lockOf(helpers), async () => 'done'));
		const { helpers: other } = database();
		await expect(withoutWaiting(lockOf(other).take())).resolves.toBe('taken');
		const unsaved = fake<IExecuteFunctions>({ helpers: other, getWorkflow: () => ({ id: undefined, active: false }) });
		await expect(withoutWaiting(databaseLock(unsaved).take())).resolves.toBe('busy');
	});

	test('tells a record of another kind, which stays, from a race, which passes', async () => {
		const refuse = (error: unknown) =>
			lockOf(fake<IExecuteFunctions['helpers']>({ checkProcessedAndRecord: async () => await Promise.reject(error) }));
		await expect(refuse(new DeduplicationError('kind')).take()).resolves.toBe('unusable');
		await expect(refuse(new Error('duplicate key')).take()).resolves.toBe('busy');
		await expect(refuse('odd').take()).resolves.toBe('busy');
	});
});
