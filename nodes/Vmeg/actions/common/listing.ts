import type { z } from 'zod';

import type { Endpoint } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { collectPages } from '../../api/paging';
import type { Session } from './session';

/** The answer of every list of the API. */
type PageAnswer<T> = z.ZodType<
	{ records?: T[] | null; total?: number | null },
	z.ZodTypeDef,
	unknown
>;

interface Listing<F, T> {
	filters: F;
	limit: number;
	requestId?: string;
	idOf: (record: T) => string;
}

/** Collects the records of a list for one item, page by page. */
export async function listAll<T, R extends z.ZodTypeAny, F extends object>(
	session: Session,
	itemIndex: number,
	endpoint: Endpoint<R, PageAnswer<T>>,
	{ filters, limit, requestId, idOf }: Listing<F, T>,
): Promise<T[]> {
	return await collectPages<T>(
		async (currentPage, pageSize) => {
			const request = { ...filters, currentPage, pageSize };
			const answer = await session.client.send(endpoint, request, { requestId });
			if (answer.ok) {
				const { records, total } = answer.data;
				return { records: records ?? [], total: total ?? undefined };
			}
			const subject = `Item ${itemIndex}`;
			throw toNodeError(session.context.getNode(), answer.failure, { subject, itemIndex });
		},
		idOf,
		limit,
	);
}
