import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { z } from 'zod';

import { taskTypeNames } from '../actions/task/getAll';
import { createClient } from '../api/client';
import type { Answer, VmegClient } from '../api/client';
import { endpoints } from '../api/endpoints';
import { explain } from '../api/failure';
import { anyLocale, localeName, localesNamed } from '../api/locales';

const PAGE_SIZE = 50;
/** What a picker shows before it is scrolled. */
const ENOUGH = 20;
/** Pages that are looked through at once for what was typed. */
const MAX_PAGES = 20;
/** Locales that are asked for at once, where what was typed may mean several. */
const MAX_LOCALES = 30;
const ANSWER_TIMEOUT_MS = 15_000;
// somebody looks at an empty list meanwhile
const retry = { maxAttempts: 2, firstDelayMs: 300, maxDelayMs: 1_000, maxRetryAfterMs: 1_000 };

const open = async (context: ILoadOptionsFunctions) => await createClient(context, { retry });

interface ListAnswer<T> {
	records?: T[] | null;
	total?: number | null;
}

interface Page<T> {
	records: T[];
	hasMore: boolean;
}

/** The page of a list, or the error that the picker shows in place of it. */
function pageOf<T>(
	context: ILoadOptionsFunctions,
	currentPage: number,
	answer: Answer<ListAnswer<T>>,
): Page<T> {
	if (!answer.ok) {
		const { message, description } = explain(answer.failure);
		throw new NodeApiError(context.getNode(), { message }, { message, description });
	}
	const records = answer.data.records ?? [];
	const hasMore = records.length > 0 && currentPage * PAGE_SIZE < (answer.data.total ?? 0);
	return { records, hasMore };
}

const wordsOf = (filter = '') => filter.split(/\s+/).filter((word) => word !== '');

const matches = (text: string, filter: string | undefined) => {
	const lower = text.toLowerCase();
	return wordsOf(filter).every((word) => lower.includes(word.toLowerCase()));
};

/** An entry of a picker, and what it is found by. */
interface Findable {
	item: INodeListSearchItems;
	foundBy: string;
}

/** Looks through a list that VMEG itself cannot search, until there are enough entries to show. */
async function searchThrough(
	fetchPage: (currentPage: number) => Promise<Page<Findable>>,
	filter: string | undefined,
	paginationToken: string | undefined,
): Promise<INodeListSearchResult> {
	const first = Number(paginationToken ?? 1);
	const results: INodeListSearchItems[] = [];
	for (let currentPage = first; ; currentPage++) {
		const { records, hasMore } = await fetchPage(currentPage);
		const found = records.filter(({ foundBy }) => matches(foundBy, filter));
		results.push(...found.map(({ item }) => item));
		if (!hasMore) return { results };
		if (results.length >= ENOUGH || currentPage - first + 1 >= MAX_PAGES) {
			return { results, paginationToken: String(currentPage + 1) };
		}
	}
}

const label = (parts: Array<string | null | undefined>) => parts.filter(Boolean).join(' · ');

/** A moment as people read it, in the time zone of the workflow; as VMEG wrote it where it is none. */
function readable(context: ILoadOptionsFunctions, moment: unknown): string | undefined {
	if (typeof moment !== 'string' && typeof moment !== 'number') return undefined;
	const date = new Date(moment);
	if (Number.isNaN(date.getTime())) return String(moment);
	// Swedes write 2026-05-31 14:05
	const format = new Intl.DateTimeFormat('sv-SE', {
		dateStyle: 'short',
		timeStyle: 'short',
		timeZone: context.getTimezone(),
	});
	return format.format(date);
}

const text = z.string().min(1).optional().catch(undefined);
// n8n's editor opens it: nothing but a page or a file
const webAddress = z.string().url().regex(/^https?:/i).optional().catch(undefined);

/** An entry of a picker, with a link to hear or see it where there is one. */
const itemOf = (value: string, name: string, url?: string): INodeListSearchItems => ({
	name,
	value,
	...(url === undefined ? {} : { url }),
});

/** Tasks for a picker: what they are, their state, their time and their ID, all of which can be searched. */
export async function searchTasks(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const client = await open(this);
	const names: Record<string, string | undefined> = taskTypeNames;
	const fetchPage = async (currentPage: number) => {
		const request = { currentPage, pageSize: PAGE_SIZE };
		const answer = await client.send(endpoints.listTasks, request, { timeoutMs: ANSWER_TIMEOUT_MS });
		const { records, hasMore } = pageOf(this, currentPage, answer);
		const entries = records.map(({ taskId, taskType, status, createdAt }) => {
			const type = taskType ? (names[taskType] ?? taskType) : undefined;
			const name = label([type, status, readable(this, createdAt), taskId]);
			return { item: itemOf(taskId, name), foundBy: `${name} ${taskType}` };
		});
		return { records: entries, hasMore };
	};
	return await searchThrough(fetchPage, filter, paginationToken);
}

const shownOfMaterial = z.object({ createTime: z.unknown(), addressUrl: webAddress });

/** Uploaded files for a picker: name, kind and time. */
export async function searchMaterials(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const client = await open(this);
	const fetchPage = async (currentPage: number) => {
		const request = { currentPage, pageSize: PAGE_SIZE };
		const options = { timeoutMs: ANSWER_TIMEOUT_MS };
		const answer = await client.send(endpoints.listMaterials, request, options);
		const { records, hasMore } = pageOf(this, currentPage, answer);
		const entries = records.map((record) => {
			const { createTime, addressUrl } = shownOfMaterial.parse(record);
			const { materialId, category } = record;
			const name = label([record.name ?? materialId, category, readable(this, createTime)]);
			return { item: itemOf(materialId, name, addressUrl), foundBy: `${name} ${materialId}` };
		});
		return { records: entries, hasMore };
	};
	return await searchThrough(fetchPage, filter, paginationToken);
}

const GENDERS = ['female', 'male'];

/** A search in the list of system voices. */
interface VoiceQuery {
	voiceId?: string;
	gender?: string;
	locale?: string;
	searchName?: string;
}

function codeOf(word: string): string | undefined {
	const locale = anyLocale.safeParse(word);
	return locale.success ? locale.data : undefined;
}

/**
 * What the words that were typed into the voice picker ask for: an ID, a gender, a language by its code
 * or in words, and a name. A word that may mean a language may be a name as well, so both are looked for.
 */
function voiceQueries(filter = ''): VoiceQuery[] {
	const words = wordsOf(filter);
	const voiceId = words.find((word) => /^(sv|cv)_/.test(word));
	if (voiceId !== undefined) return [{ voiceId }];

	const genderOf = (word: string) => GENDERS.find((gender) => gender === word.toLowerCase());
	const gender = words.map(genderOf).find(Boolean);
	const code = words.map(codeOf).find(Boolean);
	const others = words.filter((word) => !genderOf(word) && !codeOf(word));
	const nameOf = (list: string[]) => list.join(' ') || undefined;
	if (code !== undefined) return [{ gender, locale: code, searchName: nameOf(others) }];

	const isLanguage = (word: string) => localesNamed(word).length > 0;
	const locales = localesNamed(others.filter(isLanguage).join(' ')).slice(0, MAX_LOCALES);
	const rest = nameOf(others.filter((word) => !isLanguage(word)));
	return [
		{ gender, searchName: nameOf(others) },
		...locales.map((locale) => ({ gender, locale, searchName: rest })),
	];
}

const shownOfVoice = z.object({ style: text, audio: webAddress });

/** A page of cloned voices; where a language is asked for, which VMEG cannot search, of those that match. */
async function clonedVoicesPage(
	context: ILoadOptionsFunctions,
	client: VmegClient,
	filter: string | undefined,
	paginationToken: string | undefined,
): Promise<INodeListSearchResult> {
	const queries = voiceQueries(filter);
	const voiceId = queries[0]?.voiceId;
	const isByLanguage = queries.some(({ locale }) => locale !== undefined);
	const searchName = isByLanguage ? undefined : filter?.trim() || undefined;
	const query = voiceId === undefined ? { searchName } : { voiceId };
	const fetchPage = async (currentPage: number) => {
		const request = { ...query, currentPage, pageSize: PAGE_SIZE };
		const options = { timeoutMs: ANSWER_TIMEOUT_MS };
		const answer = await client.send(endpoints.listClonedVoices, request, options);
		const { records, hasMore } = pageOf(context, currentPage, answer);
		const entries = records.map((voice) => {
			const { voiceId: value, exampleLanguage: code } = voice;
			const language = code ? (localeName(code) ?? code) : undefined;
			const name = label([voice.name ?? value, language, 'cloned']);
			const { audio } = shownOfVoice.parse(voice);
			return { item: itemOf(value, name, audio), foundBy: `${name} ${code}` };
		});
		return { records: entries, hasMore };
	};
	return await searchThrough(fetchPage, isByLanguage ? filter : undefined, paginationToken);
}

/** A page of system voices: those of the name that was typed, then those of the languages it may mean. */
async function systemVoicesPage(
	context: ILoadOptionsFunctions,
	client: VmegClient,
	filter: string | undefined,
	paginationToken: string | undefined,
): Promise<INodeListSearchResult> {
	const currentPage = Number(paginationToken ?? 1);
	const pages = await Promise.all(
		voiceQueries(filter).map(async (query) => {
			const request = { ...query, currentPage, pageSize: PAGE_SIZE };
			const options = { timeoutMs: ANSWER_TIMEOUT_MS };
			const answer = await client.send(endpoints.listSystemVoices, request, options);
			return pageOf(context, currentPage, answer);
		}),
	);
	const items = pages.flatMap(({ records }) =>
		records.map((voice) => {
			const shownName = voice.displayName ?? voice.localName ?? voice.voiceId;
			const language = voice.localeName ?? voice.locale;
			const isInName = language && shownName.includes(language);
			const { style, audio } = shownOfVoice.parse(voice);
			const parts = [shownName, isInName ? undefined : language, voice.gender, style];
			return itemOf(voice.voiceId, label(parts), audio);
		}),
	);
	const hasMore = pages.some((page) => page.hasMore);
	return {
		// a voice may be found by its name and by its language
		results: [...new Map(items.map((item) => [item.value, item])).values()],
		...(hasMore ? { paginationToken: String(currentPage + 1) } : {}),
	};
}

/** Cloned voices for a picker; the filter takes a name, an ID, a language or its code (API contract §8). */
export async function searchClonedVoices(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await clonedVoicesPage(this, await open(this), filter, paginationToken);
}

const NOTHING: INodeListSearchResult = { results: [] };

/**
 * All voices for a picker, one's own first. The filter takes a name, an ID, a language or its code, and
 * a gender, as in "anna german female" (API contract §8).
 */
export async function searchVoices(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken = '1/1',
): Promise<INodeListSearchResult> {
	const client = await open(this);
	// where each of the two lists goes on; empty where it has ended
	const [ofCloned, ofSystem] = paginationToken.split('/');
	const [cloned, system] = await Promise.all([
		ofCloned ? clonedVoicesPage(this, client, filter, ofCloned) : NOTHING,
		ofSystem ? systemVoicesPage(this, client, filter, ofSystem) : NOTHING,
	]);
	const next = [cloned.paginationToken ?? '', system.paginationToken ?? ''];
	return {
		results: [...cloned.results, ...system.results],
		...(next.every((token) => token === '') ? {} : { paginationToken: next.join('/') }),
	};
}
