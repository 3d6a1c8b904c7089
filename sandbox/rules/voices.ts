import { sourceLocales, targetLocales } from '../locales';
import { checker, nonEmpty, object, oneOf, pageBody, string, type Check } from './check';

interface ListRequest {
	voiceId?: string;
	searchName?: string;
	currentPage?: number;
	pageSize?: number;
	orderBy?: string;
	order?: 'asc' | 'desc';
}
export interface SystemVoiceList extends ListRequest {
	locale?: string;
	age?: string;
	gender?: string;
	quality?: 'any' | 'high';
	category?: string;
	emotionPrompt?: 'exclude' | 'include';
	topIds?: string[];
}
export interface ClonedVoiceList extends ListRequest {
	voiceIds?: string[];
}

const ids = { type: 'array', items: nonEmpty };
const list = { voiceId: string, searchName: string, order: oneOf('asc', 'desc'), ...pageBody };

/** `voice/basic/list` (API contract §8). */
export const systemVoiceList: Check<SystemVoiceList> = checker(
	object({
		...list,
		locale: oneOf(...new Set([...sourceLocales, ...targetLocales])),
		age: oneOf('young', 'adult', 'senior'),
		gender: oneOf('male', 'female'),
		quality: oneOf('any', 'high'),
		category: string,
		emotionPrompt: oneOf('exclude', 'include'),
		topIds: ids,
		orderBy: oneOf('voiceId', 'score', 'create_time', 'update_time', 'is_preferred'),
	}),
);
/** `voice/clone/list` (API contract §8). */
export const clonedVoiceList: Check<ClonedVoiceList> = checker(
	object({ ...list, voiceIds: ids, orderBy: oneOf('voiceId', 'name', 'create_time', 'update_time') }),
);
/** `voice/clone/update` (API contract §8). */
export const voiceRename: Check<{ voiceId: string; voiceName: string }> = checker(
	object({ voiceId: nonEmpty, voiceName: nonEmpty }, ['voiceId', 'voiceName']),
);
/** `voice/clone/delete` (API contract §8). */
export const voiceIdOnly: Check<{ voiceId: string }> = checker(object({ voiceId: nonEmpty }, ['voiceId']));
