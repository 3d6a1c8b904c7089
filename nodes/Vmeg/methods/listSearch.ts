import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { createClient } from '../api/client';
import type { Answer } from '../api/client';
import { endpoints } from '../api/endpoints';
import { explain } from '../api/failure';

const PAGE_SIZE = 50;

function dataOf<T>(context: ILoadOptionsFunctions, answer: Answer<T>): T {
	if (answer.ok) return answer.data;
	const { message, description } = explain(answer.failure);
	throw new NodeApiError(context.getNode(), { message }, { message, description });
}

const matches = (name: string, filter: string | undefined) =>
	filter === undefined || name.toLowerCase().includes(filter.toLowerCase());

/** The token of the page after this one; none after the last, or after one that came empty. */
const tokenAfter = (currentPage: number, count: number, total: number | null | undefined) =>
	count > 0 && currentPage * PAGE_SIZE < (total ?? 0) ? String(currentPage + 1) : undefined;

/** Tasks for a picker: their type, state and time; the filter looks at these and the ID. */
export async function searchTasks(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const client = await createClient(this);
	const currentPage = Number(paginationToken ?? 1);
	const request = { currentPage, pageSize: PAGE_SIZE };
	const { records, total } = dataOf(this, await client.send(endpoints.listTasks, request));
	const results = (records ?? [])
		.map(({ taskId, taskType, status, createdAt }) => ({
			name: [taskType, status, createdAt, taskId].filter(Boolean).join(' · '),
			value: taskId,
		}))
		.filter(({ name }) => matches(name, filter));
	return { results, paginationToken: tokenAfter(currentPage, records?.length ?? 0, total) };
}

/** Uploaded files for a picker, by name. */
export async function searchMaterials(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const client = await createClient(this);
	const currentPage = Number(paginationToken ?? 1);
	const request = { currentPage, pageSize: PAGE_SIZE };
	const { records, total } = dataOf(this, await client.send(endpoints.listMaterials, request));
	const results = (records ?? [])
		.map(({ materialId, name, category }) => ({
			name: [name ?? materialId, category].filter(Boolean).join(' · '),
			value: materialId,
		}))
		.filter(({ name }) => matches(name, filter));
	return { results, paginationToken: tokenAfter(currentPage, records?.length ?? 0, total) };
}
