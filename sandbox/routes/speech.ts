import { creditsForTexts } from '../credits';
import { ApiError } from '../errors';
import { failMarker, mustFail, refuseMarker } from '../markers';
import {
	cloneAsyncRequest,
	cloneRequest,
	speechAsyncRequest,
	speechRequest,
	type CloneRequest,
	type SpeechRequest,
} from '../rules/speech';
import { emptyMp4, mp3, wav } from '../samples';
import type { Task, TaskFile } from '../tasks';
import type { JsonObject } from '../types';
import type { Vmeg } from '../vmeg';
import { post, type Accepted, type Route } from './route';

const maxServedSeconds = 30;

/** Text to speech and voice clones (API contract §4, §5). */
export function speechRoutes(vmeg: Vmeg): Route[] {
	return [
		post('/task/tts/create', speechRequest, async (request) => {
			const { task, credits, results } = await startSpeech(vmeg, request);
			const { taskId, createdAt } = task;
			return { data: { taskId, results: results(task), createdAt }, taskId, credits };
		}),
		post('/task/tts/create-async', speechAsyncRequest, async (request) => {
			const { task, credits } = await startSpeech(vmeg, request, vmeg.settings.textTaskMs);
			const { taskId, createdAt } = task;
			return { data: { taskId, createdAt }, taskId, credits };
		}),
		post('/task/clone-voice/create', cloneRequest, (request) => startClone(vmeg, request)),
		post('/task/clone-voice/create-async', cloneAsyncRequest, (request) =>
			startClone(vmeg, request, vmeg.settings.textTaskMs),
		),
	];
}

async function startSpeech(vmeg: Vmeg, request: SpeechRequest, runsMs?: number) {
	const { data, outputFormat: format = 'm4a', extraData } = request;
	if (data.some(({ text }) => text.includes(refuseMarker))) {
		throw new ApiError(422, `A text contains ${refuseMarker}`);
	}
	const engines = new Set(
		data.flatMap(({ voiceId }) => {
			const provider = voiceId === undefined ? undefined : vmeg.voices.provider(voiceId);
			return provider?.startsWith('S') ? [provider] : [];
		}),
	);
	if (engines.size > 1) throw new ApiError(400, `System voices must share one engine: ${[...engines].join(', ')}`);
	const credits = vmeg.credits.charge(creditsForTexts(data.map(({ text }) => text)));
	const lengths = data.map(({ text, duration }) => duration ?? Math.max(0.5, text.length * 0.06));
	const results = (task: Task): JsonObject[] =>
		data.map(({ text }, index): JsonObject => {
			if (text.includes(failMarker)) {
				return { uri: '', duration: 0, errorMessage: 'Speech could not be made for this text' };
			}
			const uri = vmeg.store.presign(
				'GET',
				['results', task.taskId, `${index}.${format}`],
				vmeg.settings.resultUrlTtlSeconds,
				{},
				Date.parse(task.updatedAt),
			);
			return { uri, duration: Number((lengths[index] ?? 0).toFixed(3)) };
		});
	const task = await vmeg.tasks.create({
		taskType: 'tts',
		...(runsMs === undefined ? {} : { runsMs, event: 'openapi-tts' }),
		...(extraData === undefined ? {} : { extraData }),
		...(mustFail(extraData) ? { failure: `Text to speech failed: extraData contains ${failMarker}` } : {}),
		result: (ended) => ({ results: results(ended) }),
		completionData: (ended) => ({
			taskId: ended.taskId,
			...(ended.status === 'failed' ? {} : { results: results(ended) }),
			createdAt: ended.createdAt,
		}),
		files: (name) => {
			const length = lengths[Number(name.split('.')[0])];
			if (length === undefined || !name.endsWith(`.${format}`)) return undefined;
			return speechFile(format, Math.min(length, maxServedSeconds));
		},
	});
	return { task, credits, results };
}

function speechFile(format: 'wav' | 'mp3' | 'm4a', seconds: number): TaskFile {
	if (format === 'wav') return { type: 'audio/wav', bytes: () => wav(seconds) };
	if (format === 'mp3') return { type: 'audio/mpeg', bytes: () => mp3(seconds) };
	return { type: 'audio/mp4', bytes: () => emptyMp4('M4A ') };
}

async function startClone(vmeg: Vmeg, request: CloneRequest, runsMs?: number): Promise<Accepted> {
	const { voiceName, provider, refAudio, sampleLanguage, sampleText, extraData } = request;
	let failure: string | undefined;
	if (refAudio === undefined) failure = 'Voice clone failed: there is no refAudio';
	else if (mustFail(extraData, refAudio, voiceName ?? '')) failure = 'Voice clone failed: the reference is unusable';
	if (failure !== undefined && runsMs === undefined) throw new ApiError(422, failure);

	const voiceId = vmeg.voices.newCloneId();
	const task = await vmeg.tasks.create({
		taskType: 'cloneVoice',
		...(runsMs === undefined ? {} : { runsMs, event: 'openapi-clone-voice' }),
		...(extraData === undefined ? {} : { extraData }),
		...(failure === undefined ? {} : { failure }),
		result: () => ({ voiceId }),
		completionData: ({ taskId, createdAt }) => ({ taskId, voiceId, createdAt }),
		ended: ({ taskId, createdAt, updatedAt, status }) => {
			if (status !== 'finished') return;
			vmeg.voices.cloned.set(voiceId, {
				voiceId,
				name: voiceName ?? voiceId,
				provider: provider ?? 'V1',
				exampleLanguage: sampleLanguage ?? 'en-US',
				content: sampleText ?? '',
				taskId,
				createTime: createdAt,
				updateTime: updatedAt,
			});
		},
	});
	const { taskId, createdAt } = task;
	return { data: { taskId, voiceId, createdAt }, taskId };
}
