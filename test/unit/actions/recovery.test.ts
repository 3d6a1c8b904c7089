import { createdAtMs, tasksSince } from '../../../nodes/Vmeg/actions/common/recovery';

const SINCE = Date.parse('2026-03-01T12:00:00Z');
const at = (seconds: number) => new Date(SINCE + seconds * 1000).toISOString();
const tasks = (...seconds: number[]) =>
	seconds.map((second) => ({ taskId: `task at ${second}`, createdAt: at(second) }));
const found = (records: ReturnType<typeof tasks>, total = records.length) =>
	tasksSince(records, total, SINCE)?.map(({ taskId }) => taskId);

describe('the tasks since a moment', () => {
	test('are those made then or later', () => {
		expect(found(tasks(5, 0, -1, -60))).toEqual(['task at 5', 'task at 0']);
	});

	test('are none where nothing was made', () => {
		expect(found(tasks(-1))).toEqual([]);
		expect(found([])).toEqual([]);
	});

	test('are known where the newest page reaches back far enough', () => {
		expect(found(tasks(5, -1), 1000)).toEqual(['task at 5']);
	});

	test.each<[string, number[]]>([
		['the page ends before that moment', [5, 4]],
		['the order is another one, so that newer tasks may be on other pages', [-1, 5]],
		['there is no page', []],
	])('are not known where %s', (_, seconds) => {
		expect(found(tasks(...seconds), 1000)).toBeUndefined();
	});

	test('are not known where a time cannot be read', () => {
		expect(tasksSince([{ taskId: 't', createdAt: 'yesterday' }], 1, SINCE)).toBeUndefined();
		expect(tasksSince([{ taskId: 't', createdAt: null }], 1, SINCE)).toBeUndefined();
	});
});

describe('the time of a task', () => {
	test.each<[string | number | null | undefined, number | undefined]>([
		['2026-03-01T12:00:00Z', SINCE],
		['2026-03-01T13:00:00.000+01:00', SINCE],
		['2026-03-01T13:00:00+0100', SINCE],
		[SINCE, SINCE],
		[SINCE / 1000, SINCE],
		[String(SINCE), SINCE],
		// without its zone it may be hours away
		['2026-03-01T12:00:00', undefined],
		['2026-03-01 12:00:00', undefined],
		['', undefined],
		['Z', undefined],
		[null, undefined],
		[undefined, undefined],
	])('%p is %p', (createdAt, expected) => {
		expect(createdAtMs(createdAt)).toBe(expected);
	});
});
