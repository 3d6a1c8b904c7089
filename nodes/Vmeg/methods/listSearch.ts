import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { createClient } from '../api/client';
import type { Answer } from '../api/client';
import { endpoints } from '../api/endpoints';
import { explain } from '../api/failure';
import { anyLocale } from '../api/locales';

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

const GENDERS = ['female', 'male'];

/**
 * What the user typed into the voice picker as filters of VMEG (API contract §8): an ID, a language
 * code, a gender; everything else is searched for in the names.
 */
function voiceFilters(filter = '') {
	const words = filter.split(/\s+/).filter((word) => word !== '');
	const voiceId = words.find((word) => /^(sv|cv)_/.test(word));
	if (voiceId !== undefined) return { voiceId };

	const genderOf = (word: string) => GENDERS.find((gender) => gender === word.toLowerCase());
	const localeOf = (word: string) => {
		const locale = anyLocale.safeParse(word);
		return locale.success ? locale.data : undefined;
	};
	const name = words.filter((word) => !genderOf(word) && !localeOf(word)).join(' ');
	return {
		gender: words.map(genderOf).find(Boolean),
		locale: words.map(localeOf).find(Boolean),
		searchName: name || undefined,
	};
}

const label = (parts: Array<string | null | undefined>) => parts.filter(Boolean).join(' · ');

async function clonedVoicesPage(
	context: ILoadOptionsFunctions,
	filter: string | undefined,
	currentPage: number,
): Promise<INodeListSearchResult> {
	const client = await createClient(context);
	const { voiceId } = voiceFilters(filter);
	const query = voiceId === undefined ? { searchName: filter?.trim() || undefined } : { voiceId };
	const request = { ...query, currentPage, pageSize: PAGE_SIZE };
	const answer = await client.send(endpoints.listClonedVoices, request);
	const { records, total } = dataOf(context, answer);
	const results = (records ?? []).map(({ voiceId: value, name, exampleLanguage, provider }) => ({
		name: label([name ?? value, exampleLanguage, 'cloned', provider]),
		value,
	}));
	return { results, paginationToken: tokenAfter(currentPage, results.length, total) };
}

async function systemVoicesPage(
	context: ILoadOptionsFunctions,
	filter: string | undefined,
	currentPage: number,
): Promise<INodeListSearchResult> {
	const client = await createClient(context);
	const request = { ...voiceFilters(filter), currentPage, pageSize: PAGE_SIZE };
	const answer = await client.send(endpoints.listSystemVoices, request);
	const { records, total } = dataOf(context, answer);
	const results = (records ?? []).map((voice) => ({
		name: label([
			voice.displayName ?? voice.localName ?? voice.voiceId,
			voice.localeName ?? voice.locale,
			voice.gender,
			voice.provider,
		]),
		value: voice.voiceId,
	}));
	return { results, paginationToken: tokenAfter(currentPage, results.length, total) };
}

/** Cloned voices for a picker; the filter looks at their names and IDs (API contract §8). */
export async function searchClonedVoices(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await clonedVoicesPage(this, filter, Number(paginationToken ?? 1));
}

/**
 * All voices for a picker, one's own first. The filter takes a name, an ID, a language code and a
 * gender, as in "anna de-DE female" (API contract §8).
 */
export async function searchVoices(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const currentPage = Number(paginationToken ?? 1);
	const [cloned, system] = await Promise.all([
		clonedVoicesPage(this, filter, currentPage),
		systemVoicesPage(this, filter, currentPage),
	]);
	return {
		results: [...cloned.results, ...system.results],
		paginationToken: cloned.paginationToken ?? system.paginationToken,
	};
}
