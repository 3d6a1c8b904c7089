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
});
