import type { IExecuteFunctions } from 'n8n-workflow';

import {
	claim,
	databaseRecorder,
	MAX_RECENT_KEYS,
	MAX_RECORDED_ENTRIES,
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

type Recording = jest.Mock<Promise<ReadonlySet<string>>, Parameters<Recorder>>;

/** A store that outlasts the process. Like n8n's it is read and written back whole, after a while. */
function store() {
	let kept: string[] = [];
	const record: Recording = jest.fn(async (entries, takeBack) => {
		const before = kept;
		await new Promise((resolve) => setTimeout(resolve, 5));
		const fresh = new Set(entries.filter((entry) => !before.includes(entry)));
		const unwanted = takeBack(fresh);
		kept = [...before, ...fresh].filter((entry) => !unwanted.includes(entry));
		return fresh;
	});
	const keys = () => kept.filter((entry) => !entry.includes(' in '));
	return { record, keys, entries: () => kept, replaceBy: (entries: string[]) => (kept = entries) };
}

/** A store that throws the first `times` times. */
function failing(times: number): Recording {
	const { record: well } = store();
	let left = times;
	return jest.fn(async (...what) => {
		if (left-- > 0) throw new Error('database is down');
		return await well(...what);
	});
}

let executions = 0;
/** Each delivery starts an execution of its own. */
const newExecution = () => `execution-${++executions}`;

const claimNow = async (node: string, key: string, record: Recorder, executionId = newExecution()) =>
	await withoutWaiting(claim(node, key, executionId, record));

const claimAll = async (node: string, keys: string[], record: Recorder) =>
	await withoutWaiting(Promise.all(keys.map(async (key) => await claim(node, key, newExecution(), record))));

/** The module as another process has it. */
async function otherProcess() {
	jest.resetModules();
	return await import('../../../nodes/Vmeg/trigger/delivered');
}

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

	test('passes once, for the first, where several of it wait together for the store', async () => {
		const { record, entries } = store();
		const passed = await claimAll(newNode(), ['before', 'a', 'a', 'b', 'a'], record);
		expect(passed).toEqual([true, true, false, true, false]);
		expect(entries().filter((entry) => entry.startsWith('a in '))).toHaveLength(1);
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
		const first = claim(node, 'first', newExecution(), record).then(() => (isOver = true));
		const endless = (async () => {
			for (let index = 0; !isOver && index < 1_000; index++) await claim(node, `key-${index}`, newExecution(), record);
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
		const restarted = await otherProcess();
		expect(restarted.wasEmittedHere(node, 'a')).toBe(false);
		await expect(withoutWaiting(restarted.claim(node, 'a', newExecution(), record))).resolves.toBe(false);
		await expect(withoutWaiting(restarted.claim(node, 'b', newExecution(), record))).resolves.toBe(true);
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

describe('an execution that n8n runs again, since its worker was lost', () => {
	test('has its completion again, in another process', async () => {
		const node = newNode();
		const { record } = store();
		await claimNow(node, 'a', record, 'execution-a');
		const other = await otherProcess();
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-a', record))).resolves.toBe(true);
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-b', record))).resolves.toBe(false);
	});

	test('has it again in the same process', async () => {
		const node = newNode();
		const { record } = store();
		await claimNow(node, 'a', record, 'execution-a');
		await expect(claimNow(node, 'a', record, 'execution-a')).resolves.toBe(true);
	});

	test('has it again also where this process has seen a duplicate meanwhile', async () => {
		const node = newNode();
		const { record } = store();
		await claimNow(node, 'a', record, 'execution-a');
		const other = await otherProcess();
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-b', record))).resolves.toBe(false);
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-a', record))).resolves.toBe(true);
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-b', record))).resolves.toBe(false);
	});

	test('has nothing again where it was a duplicate: its entry was taken back', async () => {
		const node = newNode();
		const { record, entries } = store();
		await claimNow(node, 'a', record, 'execution-a');
		const other = await otherProcess();
		await expect(withoutWaiting(other.claim(node, 'a', 'execution-b', record))).resolves.toBe(false);
		expect(entries()).toEqual(['a', 'a in execution-a']);
		const third = await otherProcess();
		await expect(withoutWaiting(third.claim(node, 'a', 'execution-b', record))).resolves.toBe(false);
	});

	test('has its completion where the store did record it, and failed afterwards', async () => {
		const node = newNode();
		const { record: well } = store();
		let hasFailed = false;
		const record: Recorder = async (...what) => {
			const fresh = await well(...what);
			if (hasFailed) return fresh;
			hasFailed = true;
			throw new Error('the connection was lost');
		};
		await expect(claimNow(node, 'a', record)).resolves.toBe(true);
		await expect(claimNow(node, 'a', record)).resolves.toBe(false);
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
			Promise.allSettled(['a', 'a', 'b'].map(async (key) => await claim(node, key, newExecution(), record))),
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
		const [entries] = record.mock.lastCall ?? [[]];
		expect(entries.filter((entry) => !entry.includes(' in '))).toEqual(wanted.slice(-21));
		expect(entries).toHaveLength(22);
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
		const record: Recorder = async (entries) => new Set(entries);
		const wanted = Array.from({ length: MAX_RECENT_KEYS + 1 }, (_, index) => `key-${index}`);
		await claimAll(node, wanted, record);
		expect(wasEmittedHere(node, 'key-0')).toBe(false);
		expect(wasEmittedHere(node, 'key-1')).toBe(true);
		expect(wasEmittedHere(node, `key-${MAX_RECENT_KEYS}`)).toBe(true);
	});
});

describe("n8n's own record", () => {
	function recorded(fresh: Array<string | number>, removeProcessed = jest.fn(async () => undefined)) {
		const checkProcessedAndRecord = jest.fn(async (keys: string[], scope: string) =>
			scope === 'workflow' ? { new: keys, processed: [] } : { new: fresh, processed: ['a'] },
		);
		const clearAllProcessedItems = jest.fn();
		const helpers = fake<IExecuteFunctions['helpers']>({
			checkProcessedAndRecord,
			clearAllProcessedItems,
			removeProcessed,
			getProcessedDataCount: async () => 1,
		});
		const getWorkflow = () => ({ id: 'w-1', name: 'Test', active: true });
		const record = databaseRecorder(fake<IExecuteFunctions>({ helpers, getWorkflow }));
		return { record, checkProcessedAndRecord, clearAllProcessedItems, removeProcessed };
	}

	test('is kept for this node, with a limit, and under the lock', async () => {
		const { record, checkProcessedAndRecord, clearAllProcessedItems, removeProcessed } = recorded(['b', 3]);
		await expect(record(['a', 'b', '3'], () => [])).resolves.toEqual(new Set(['b', '3']));
		expect(checkProcessedAndRecord.mock.calls.map(([, scope]) => scope)).toEqual(['workflow', 'node']);
		expect(checkProcessedAndRecord).toHaveBeenLastCalledWith(['a', 'b', '3'], 'node', {
			mode: 'entries',
			maxEntries: MAX_RECORDED_ENTRIES,
		});
		expect(clearAllProcessedItems).toHaveBeenCalledTimes(1);
		expect(removeProcessed).not.toHaveBeenCalled();
	});

	test('loses what is taken back, before the lock is let go', async () => {
		const { record, clearAllProcessedItems, removeProcessed } = recorded(['b']);
		const takeBack = jest.fn(() => ['b']);
		await record(['a', 'b'], takeBack);
		expect(takeBack).toHaveBeenCalledWith(new Set(['b']));
		expect(removeProcessed).toHaveBeenCalledWith(['b'], 'node', { mode: 'entries' });
		const order = [removeProcessed, clearAllProcessedItems].map(({ mock }) => mock.invocationCallOrder[0] ?? 0);
		expect(order).toEqual([...order].sort((a, b) => a - b));
	});

	test('that cannot take something back has recorded all the same', async () => {
		const { record } = recorded(['b'], jest.fn().mockRejectedValue(new Error('down')));
		await expect(record(['b'], () => ['b'])).resolves.toEqual(new Set(['b']));
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
