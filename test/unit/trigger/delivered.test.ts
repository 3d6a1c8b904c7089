import type { IExecuteFunctions } from 'n8n-workflow';

import {
	claim,
	databaseRecorder,
	MAX_RECENT_KEYS,
	MAX_RECORDED_KEYS,
	nodeKeyOf,
	recordError,
	wasEmittedHere,
} from '../../../nodes/Vmeg/trigger/delivered';
import type { Recorder } from '../../../nodes/Vmeg/trigger/delivered';
import { fake, fakeContext } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

let nodes = 0;
/** A node that this process has not heard of. */
const newNode = () => `workflow/node-${++nodes}`;

/** A store that outlasts the process. Like n8n's it is read and written back whole, after a while. */
function store() {
	let kept: string[] = [];
	const record = jest.fn<Promise<string[]>, [string[]]>(async (keys) => {
		const before = kept;
		await new Promise((resolve) => setTimeout(resolve, 5));
		const fresh = keys.filter((key) => !before.includes(key));
		kept = [...before, ...fresh];
		return fresh;
	});
	return { record, keys: () => kept, replaceBy: (keys: string[]) => (kept = keys) };
}

/** A store that throws the first `times` times. */
function failing(times: number) {
	const { record: well } = store();
	let left = times;
	return jest.fn<Promise<string[]>, [string[]]>(async (keys) => {
		if (left-- > 0) throw new Error('database is down');
		return await well(keys);
	});
}

const claimNow = async (node: string, key: string, record: Recorder) =>
	await withoutWaiting(claim(node, key, record));

const claimAll = async (node: string, keys: string[], record: Recorder) =>
	await withoutWaiting(Promise.all(keys.map(async (key) => await claim(node, key, record))));

describe('a completion', () => {
	test('passes once', async () => {
		const node = newNode();
		const { record } = store();
		await expect(claimNow(node, 'a', record)).resolves.toBe(true);
		await expect(claimNow(node, 'a', record)).resolves.toBe(false);
		await expect(claimNow(node, 'a', record)).resolves.toBe(false);
	});

	test('passes once also where 50 deliveries of it come together', async () => {
		const { record } = store();
		const passed = await claimAll(newNode(), Array<string>(50).fill('a'), record);
		expect(passed.filter(Boolean)).toHaveLength(1);
		expect(passed[0]).toBe(true);
	});

	test('passes beside others: 50 that come together all pass', async () => {
		const { record, keys } = store();
		const wanted = Array.from({ length: 50 }, (_, index) => `key-${index}`);
		await expect(claimAll(newNode(), wanted, record)).resolves.toEqual(wanted.map(() => true));
		expect(keys().sort()).toEqual([...wanted].sort());
	});

	test('goes to the store together with others that come meanwhile', async () => {
		const { record } = store();
		const wanted = Array.from({ length: 50 }, (_, index) => `key-${index}`);
		await claimAll(newNode(), wanted, record);
		expect(record).toHaveBeenCalledTimes(2);
	});

	test('is not held up by those that come after it', async () => {
		const node = newNode();
		const { record } = store();
		let isOver = false;
		const first = claim(node, 'first', record).then(() => (isOver = true));
		const endless = (async () => {
			for (let index = 0; !isOver && index < 1_000; index++) await claim(node, `key-${index}`, record);
			return isOver;
		})();
		await withoutWaiting(first);
		expect(await withoutWaiting(endless)).toBe(true);
	});

	test('passes once in each node', async () => {
		const { record: first } = store();
		const { record: second } = store();
		await expect(claimNow(newNode(), 'a', first)).resolves.toBe(true);
		await expect(claimNow(newNode(), 'a', second)).resolves.toBe(true);
	});

	test('does not pass again after a restart', async () => {
		const node = newNode();
		const { record } = store();
		await claimNow(node, 'a', record);
		jest.resetModules();
		const restarted = await import('../../../nodes/Vmeg/trigger/delivered');
		expect(restarted.wasEmittedHere(node, 'a')).toBe(false);
		await expect(withoutWaiting(restarted.claim(node, 'a', record))).resolves.toBe(false);
		await expect(withoutWaiting(restarted.claim(node, 'b', record))).resolves.toBe(true);
	});

	test('is known at once where this process has emitted it, without the store', async () => {
		const node = newNode();
		const { record } = store();
		expect(wasEmittedHere(node, 'a')).toBe(false);
		await claimNow(node, 'a', record);
		expect(wasEmittedHere(node, 'a')).toBe(true);
		expect(wasEmittedHere(node, 'b')).toBe(false);
		expect(wasEmittedHere(newNode(), 'a')).toBe(false);

		await claimNow(node, 'a', record);
		expect(record).toHaveBeenCalledTimes(1);
	});
});

describe('a store that fails', () => {
	test.each([1, 4])('for %i times loses nothing', async (times) => {
		const node = newNode();
		const record = failing(times);
		await expect(claimNow(node, 'a', record)).resolves.toBe(true);
		await expect(claimNow(node, 'a', record)).resolves.toBe(false);
	});

	test('again and again is an error, not a lost completion', async () => {
		const node = newNode();
		const record = failing(Infinity);
		await expect(claimNow(node, 'a', record)).rejects.toThrow('database is down');
		expect(record).toHaveBeenCalledTimes(5);
		expect(wasEmittedHere(node, 'a')).toBe(false);
	});

	test('is given longer and longer pauses to recover', async () => {
		const start = Date.now();
		await claimNow(newNode(), 'a', failing(4));
		// 50, 100, 150 and 200 ms, and 5 ms of the store itself
		expect(Date.now() - start).toBe(505);
	});

	test('lets the completion pass once it is well again', async () => {
		const node = newNode();
		await expect(claimNow(node, 'a', failing(Infinity))).rejects.toThrow();
		await expect(claimNow(node, 'a', store().record)).resolves.toBe(true);
	});

	test('for one delivery holds up no other', async () => {
		const node = newNode();
		const record = failing(5);
		const settled = await withoutWaiting(
			Promise.allSettled(['a', 'a', 'b'].map(async (key) => await claim(node, key, record))),
		);
		expect(settled).toEqual([
			expect.objectContaining({ status: 'rejected' }),
			{ status: 'fulfilled', value: true },
			{ status: 'fulfilled', value: true },
		]);
	});
});

describe('what this process remembers', () => {
	test('is handed in again with each new key, in case another process wrote over it', async () => {
		const node = newNode();
		const { record, keys, replaceBy } = store();
		await claimNow(node, 'a', record);
		replaceBy(['from another process']);
		await claimNow(node, 'b', record);
		expect(keys()).toEqual(['from another process', 'a', 'b']);
	});

	test('is handed in again in part only: the latest twenty', async () => {
		const node = newNode();
		const { record } = store();
		const wanted = Array.from({ length: 31 }, (_, index) => `key-${index}`);
		for (const key of wanted) await claimNow(node, key, record);
		expect(record).toHaveBeenLastCalledWith(wanted.slice(-21));
	});

	test('does not let a key that is handed in again pass as the new one', async () => {
		const node = newNode();
		const { record, replaceBy } = store();
		await claimNow(node, 'a', record);
		replaceBy(['b']);
		// "a" is new to the store now, but it is "b" that is claimed
		await expect(claimNow(node, 'b', record)).resolves.toBe(false);
	});

	test('is limited: the oldest keys go first', async () => {
		const node = newNode();
		const record: Recorder = async (keys) => keys;
		const wanted = Array.from({ length: MAX_RECENT_KEYS + 1 }, (_, index) => `key-${index}`);
		await claimAll(node, wanted, record);
		expect(wasEmittedHere(node, 'key-0')).toBe(false);
		expect(wasEmittedHere(node, 'key-1')).toBe(true);
		expect(wasEmittedHere(node, `key-${MAX_RECENT_KEYS}`)).toBe(true);
	});
});

describe("n8n's own record", () => {
	test('is kept for this node, with a limit, and under the lock', async () => {
		const checkProcessedAndRecord = jest
			.fn()
			.mockImplementation(async (keys: string[], scope: string) =>
				scope === 'workflow' ? { new: keys } : { new: ['b', 3], processed: ['a'] },
			);
		const clearAllProcessedItems = jest.fn();
		const getProcessedDataCount = async () => 1;
		const helpers = fake<IExecuteFunctions['helpers']>({
			checkProcessedAndRecord,
			clearAllProcessedItems,
			getProcessedDataCount,
		});
		const getWorkflow = () => ({ id: 'w-1', name: 'Test', active: true });
		const record = databaseRecorder(fake<IExecuteFunctions>({ helpers, getWorkflow }));
		await expect(record(['a', 'b', '3'])).resolves.toEqual(['b', '3']);
		expect(checkProcessedAndRecord.mock.calls.map(([, scope]) => scope)).toEqual(['workflow', 'node']);
		expect(checkProcessedAndRecord).toHaveBeenLastCalledWith(['a', 'b', '3'], 'node', {
			mode: 'entries',
			maxEntries: MAX_RECORDED_KEYS,
		});
		expect(clearAllProcessedItems).toHaveBeenCalledTimes(1);
	});

	test('that fails is told with the key, and that nothing is lost', () => {
		const error = recordError(fakeContext(), 'key-7');
		expect(error.message).toContain('could not be recorded');
		expect(error.description).toContain('key-7');
		expect(error.description).toContain('retry the execution');
	});
});

test('a node is told apart from the same node in another workflow', () => {
	expect(nodeKeyOf('w-1', 'n')).not.toBe(nodeKeyOf('w-2', 'n'));
	expect(nodeKeyOf('w-1', 'n')).toBe('w-1/n');
	// a workflow that was never saved has no ID
	expect(nodeKeyOf(undefined, 'n')).toBe('/n');
});
