import { ApiError } from './errors';
import { targetLocales, localeNames } from './locales';
import type { Ids } from './random';
import type { ObjectStore } from './storage';
import type { JsonObject } from './types';

const day = 24 * 3600;
const names = [
	'Anna', 'Ben', 'Clara', 'David', 'Elena', 'Felix', 'Greta', 'Hugo', 'Ida', 'Jonas',
	'Karin', 'Leo', 'Maya', 'Noah', 'Olga', 'Paul', 'Rosa', 'Samuel', 'Tara', 'Victor',
];
const styles = ['narration', 'conversational', 'newscast', 'cheerful', 'calm'];
const scenarios = ['documentary', 'advertisement', 'audiobook', 'e-learning', 'short drama'];
const personalities = ['warm', 'confident', 'gentle', 'lively', 'serious'];
const seededCount = 60;

/** A voice of the system list (API contract §8), with what its filters need. */
export interface SystemVoice {
	voiceId: string;
	name: string;
	locale: string;
	provider: string;
	gender: string;
	age: string;
	style: string;
	scenario: string;
	personality: string;
	emotionPrompt: boolean;
	isHd: 0 | 1;
	isPreferred: 0 | 1;
	score: number;
	time: string;
}

/** A cloned voice (API contract §5, §8). It is listed from the moment its task has finished. */
export interface ClonedVoice {
	voiceId: string;
	name: string;
	provider: string;
	exampleLanguage: string;
	content: string;
	taskId: string;
	createTime: string;
	updateTime: string;
}

/** The account's voices. */
export class Voices {
	readonly system: ReadonlyMap<string, SystemVoice> = new Map(
		seedVoices().map((voice) => [voice.voiceId, voice]),
	);
	readonly cloned = new Map<string, ClonedVoice>();

	constructor(
		private readonly ids: Ids,
		private readonly store: ObjectStore,
	) {}

	newCloneId(): string {
		return `cv_${this.ids.next(16)}`;
	}

	/** The engine of a voice that can be used, or a refusal. */
	provider(voiceId: string): string {
		const system = this.system.get(voiceId);
		if (system) return system.provider;
		const cloned = this.cloned.get(voiceId);
		if (!cloned) throw new ApiError(422, `Unknown voice, or not ready: ${voiceId}`);
		return cloned.provider;
	}

	getClone(voiceId: string): ClonedVoice {
		const voice = this.cloned.get(voiceId);
		if (!voice) throw new ApiError(404, `Voice not found: ${voiceId}`);
		return voice;
	}

	systemRecord(voice: SystemVoice): JsonObject {
		const languageName = localeNames.get(voice.locale) ?? voice.locale;
		return {
			voiceId: voice.voiceId,
			localName: voice.name,
			displayName: `${voice.name} (${languageName})`,
			locale: voice.locale,
			localeName: languageName,
			provider: voice.provider,
			gender: voice.gender,
			style: voice.style,
			rolePlay: '',
			description: `A ${voice.personality} ${voice.age} ${voice.gender} voice for ${voice.scenario}`,
			personalities: voice.personality,
			personalityList: [voice.personality],
			scenarios: voice.scenario,
			scenarioList: [voice.scenario],
			isHd: voice.isHd,
			isPreferred: voice.isPreferred,
			score: voice.score,
			cover: this.fileUrl(`${voice.voiceId}.png`),
			audio: this.fileUrl(`${voice.voiceId}.wav`),
			createTime: voice.time,
			updateTime: voice.time,
		};
	}

	clonedRecord(voice: ClonedVoice): JsonObject {
		const { voiceId, name, provider, exampleLanguage, content, taskId, createTime, updateTime } = voice;
		const audio = this.fileUrl(`${voiceId}.wav`);
		return { voiceId, name, provider, exampleLanguage, content, audio, taskId, createTime, updateTime };
	}

	clear(): void {
		this.cloned.clear();
	}

	private fileUrl(name: string): string {
		return this.store.presign('GET', ['voices', name], day);
	}
}

/** Sixty voices that are the same in every run, spread over locales, engines, genders and ages. */
function seedVoices(): SystemVoice[] {
	const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
	return Array.from({ length: seededCount }, (_, i) => ({
		voiceId: `sv_${String(i + 1).padStart(4, '0')}`,
		name: pick(names, i),
		// The nine most used locales come first in the list and get several voices each.
		locale: i < 36 ? pick(targetLocales.slice(0, 9), i) : pick(targetLocales, i - 27),
		provider: `S${(i % 7) + 1}`,
		gender: i % 2 === 0 ? 'female' : 'male',
		age: pick(['young', 'adult', 'senior'], Math.floor(i / 2)),
		style: pick(styles, i),
		scenario: pick(scenarios, i + 1),
		personality: pick(personalities, i + 2),
		emotionPrompt: i % 7 === 6,
		isHd: i % 3 === 0 ? 1 : 0,
		isPreferred: i % 10 === 0 ? 1 : 0,
		score: 100 - i,
		time: new Date(Date.UTC(2025, 0, 1 + i)).toISOString(),
	}));
}
