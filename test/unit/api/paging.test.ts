import { collectPages, MAX_PAGE_SIZE } from '../../../nodes/Vmeg/api/paging';
import type { Page } from '../../../nodes/Vmeg/api/paging';

const idOf = ({ id }: { id: string }) => id;
const records = (from: number, count: number) =>
	Array.from({ length: count }, (_, index) => ({ id: `t-${from + index}` }));

/** A list of `total` records; more than 50 looks at it count as an endless loop. */
function list(total: number, serve?: (page: number, size: number) => Page<{ id: string }>) {
	const asked: Array<[page: number, size: number]> = [];
	return {
		asked,
		async fetch(page: number, size: number) {
			asked.push([page, size]);
			if (asked.length > 50) throw new Error('asks for ever');
			if (serve !== undefined) return serve(page, size);
			const from = (page - 1) * size;
			return { records: records(from, Math.max(0, Math.min(size, total - from))), total };
		},
	};
}

test('everything is collected, in the order of the list', async () => {
	const { fetch, asked } = list(250);
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 250));
	expect(asked).toEqual([
		[1, MAX_PAGE_SIZE],
		[2, MAX_PAGE_SIZE],
		[3, MAX_PAGE_SIZE],
	]);
});

test('an empty list is empty after one look', async () => {
	const { fetch, asked } = list(0);
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual([]);
	expect(asked).toHaveLength(1);
});

test.each([
	[1, [[1, 1]]],
	[50, [[1, 50]]],
	[100, [[1, 100]]],
	[150, [[1, 100], [2, 100]]],
])('a limit of %i asks for no more than it needs', async (limit, expected) => {
	const { fetch, asked } = list(1_000);
	await expect(collectPages(fetch, idOf, limit)).resolves.toEqual(records(0, limit));
	expect(asked).toEqual(expected);
});

test('a limit beyond the end gives what there is', async () => {
	const { fetch } = list(7);
	await expect(collectPages(fetch, idOf, 50)).resolves.toEqual(records(0, 7));
});

test('a server with a smaller page size of its own is asked on', async () => {
	const { fetch } = list(45, (page) => ({
		records: records((page - 1) * 20, page < 3 ? 20 : 5),
		total: 45,
	}));
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 45));
});

test('a server that counts too few still gives all its full pages', async () => {
	const { fetch } = list(0, (page) => ({ records: records((page - 1) * 100, page < 3 ? 100 : 0), total: 1 }));
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 200));
});

test('a server that counts too many ends at its empty page', async () => {
	const { fetch, asked } = list(0, (page) => ({ records: page === 1 ? records(0, 3) : [], total: 999 }));
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 3));
	expect(asked).toHaveLength(2);
});

test('a server that counts nothing ends at its short page', async () => {
	const { fetch, asked } = list(0, () => ({ records: records(0, 3) }));
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 3));
	expect(asked).toHaveLength(1);
});

test('a server that serves the same page for ever is left after the second', async () => {
	const { fetch, asked } = list(0, () => ({ records: records(0, 100), total: 10_000 }));
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 100));
	expect(asked).toHaveLength(2);
});

test('a record that slid onto the next page meanwhile is given once', async () => {
	const { fetch } = list(0, (page) =>
		page === 1 ? { records: records(0, 100), total: 150 } : { records: records(99, 51), total: 150 },
	);
	await expect(collectPages(fetch, idOf, Infinity)).resolves.toEqual(records(0, 150));
});

test('a server that gives more than asked for is cut to the limit', async () => {
	const { fetch } = list(0, () => ({ records: records(0, 80), total: 80 }));
	await expect(collectPages(fetch, idOf, 10)).resolves.toEqual(records(0, 10));
});

test('a failed page fails the whole', async () => {
	const { fetch } = list(0, (page) => {
		if (page === 2) throw new Error('page 2 failed');
		return { records: records(0, 100), total: 200 };
	});
	await expect(collectPages(fetch, idOf, Infinity)).rejects.toThrow('page 2 failed');
});
