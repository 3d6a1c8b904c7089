/** One page of a list of VMEG: its records, and the total that VMEG claims. */
export interface Page<T> {
	records: T[];
	total?: number;
}

export const MAX_PAGE_SIZE = 100;

/**
 * Collects records page by page until there are `limit`, or none are left. Ends also on a server
 * that gives fewer than asked for, counts wrongly or serves the same page for ever: a page that
 * brings no new ID is the last.
 */
export async function collectPages<T>(
	fetchPage: (currentPage: number, pageSize: number) => Promise<Page<T>>,
	idOf: (record: T) => string,
	limit: number,
): Promise<T[]> {
	const pageSize = Math.min(limit, MAX_PAGE_SIZE);
	const byId = new Map<string, T>();
	for (let currentPage = 1; byId.size < limit; currentPage++) {
		const { records, total = 0 } = await fetchPage(currentPage, pageSize);
		const known = byId.size;
		for (const record of records) {
			if (!byId.has(idOf(record))) byId.set(idOf(record), record);
		}
		const nothingNew = byId.size === known;
		const lastPage = records.length < pageSize && byId.size >= total;
		if (nothingNew || lastPage) break;
	}
	return [...byId.values()].slice(0, limit);
}
