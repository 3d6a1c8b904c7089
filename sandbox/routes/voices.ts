import {
	clonedVoiceList,
	systemVoiceList,
	voiceIdOnly,
	voiceRename,
	type SystemVoiceList,
} from '../rules/voices';
import type { ClonedVoice, SystemVoice } from '../voices';
import type { Vmeg } from '../vmeg';
import { post, postRead, type Route } from './route';

/** Voice lists and the care of cloned voices (API contract §8). */
export function voiceRoutes(vmeg: Vmeg): Route[] {
	const { voices } = vmeg;
	return [
		postRead('/assets/voice/basic/list', systemVoiceList, (query) => {
			const found = [...voices.system.values()].filter((voice) => systemMatches(voice, query));
			const sorted = sortBy(found, systemKey(query.orderBy ?? 'score'), query.order ?? 'desc');
			const top = new Set(query.topIds);
			const ordered = [
				...sorted.filter((voice) => top.has(voice.voiceId)),
				...sorted.filter((voice) => !top.has(voice.voiceId)),
			];
			const records = pageOf(ordered, query).map((voice) => voices.systemRecord(voice));
			return { data: { records, total: found.length } };
		}),
		postRead('/assets/voice/clone/list', clonedVoiceList, (query) => {
			const ids = query.voiceIds === undefined ? undefined : new Set(query.voiceIds);
			const found = [...voices.cloned.values()].filter(
				(voice) =>
					(query.voiceId === undefined || voice.voiceId === query.voiceId) &&
					(ids === undefined || ids.has(voice.voiceId)) &&
					nameMatches(voice.name, query.searchName),
			);
			const sorted = sortBy(found, clonedKey(query.orderBy ?? 'create_time'), query.order ?? 'desc');
			const records = pageOf(sorted, query).map((voice) => voices.clonedRecord(voice));
			return { data: { records, total: found.length } };
		}),
		post('/assets/voice/clone/update', voiceRename, ({ voiceId, voiceName }) => {
			const voice = voices.getClone(voiceId);
			voice.name = voiceName;
			voice.updateTime = new Date().toISOString();
			return { data: null };
		}),
		post('/assets/voice/clone/delete', voiceIdOnly, ({ voiceId }) => {
			voices.getClone(voiceId);
			voices.cloned.delete(voiceId);
			return { data: null };
		}),
	];
}

function systemMatches(voice: SystemVoice, query: SystemVoiceList): boolean {
	const same = (wanted: string | undefined, actual: string): boolean => wanted === undefined || wanted === actual;
	return (
		same(query.voiceId, voice.voiceId) &&
		same(query.locale, voice.locale) &&
		same(query.age, voice.age) &&
		same(query.gender, voice.gender) &&
		same(query.category, voice.scenario) &&
		(query.quality !== 'high' || voice.isHd === 1) &&
		(query.emotionPrompt === undefined || voice.emotionPrompt === (query.emotionPrompt === 'include')) &&
		nameMatches(voice.name, query.searchName)
	);
}

function nameMatches(name: string, search = ''): boolean {
	return name.toLowerCase().includes(search.toLowerCase());
}

type Key<T> = (item: T) => string | number;

function systemKey(orderBy: string): Key<SystemVoice> {
	if (orderBy === 'voiceId') return (voice) => voice.voiceId;
	if (orderBy === 'is_preferred') return (voice) => voice.isPreferred;
	return orderBy === 'score' ? (voice) => voice.score : (voice) => voice.time;
}

function clonedKey(orderBy: string): Key<ClonedVoice> {
	if (orderBy === 'voiceId') return (voice) => voice.voiceId;
	if (orderBy === 'name') return (voice) => voice.name;
	return orderBy === 'create_time' ? (voice) => voice.createTime : (voice) => voice.updateTime;
}

function sortBy<T>(items: readonly T[], key: Key<T>, order: 'asc' | 'desc'): T[] {
	const sign = order === 'asc' ? 1 : -1;
	return items.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}

function pageOf<T>(items: readonly T[], query: { currentPage?: number; pageSize?: number }): T[] {
	const size = query.pageSize ?? 10;
	const start = ((query.currentPage ?? 1) - 1) * size;
	return items.slice(start, start + size);
}
