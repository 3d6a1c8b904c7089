import { creditsForMedia } from '../credits';
import { ApiError } from '../errors';
import { mustFail } from '../markers';
import { MediaResult } from '../media-result';
import { mediaRequest, type MediaRequest } from '../rules/media';
import type { Vmeg } from '../vmeg';
import { post, type Route } from './route';

/** Media translation (API contract §3). */
export function mediaRoutes(vmeg: Vmeg): Route[] {
	return [
		post('/task/media-translation/create-async', mediaRequest, async (request) => {
			const { source, language, options, extraData } = request;
			const material = source.materialId === undefined ? undefined : vmeg.materials.get(source.materialId);
			if (request.taskType === 'vt' && material?.category === 'audio') {
				throw new ApiError(422, 'taskType vt needs a video, and this material is audio');
			}
			checkVoices(vmeg, request);
			const durationMs = material?.durationMs ?? vmeg.settings.assumedSeconds * 1000;
			const credits = vmeg.credits.charge(creditsForMedia(durationMs, options.lipsync?.enable ?? false));
			// The contract's "an `at` on a video material may run as vt": here it always does.
			const taskType = material?.category === 'video' ? 'vt' : request.taskType;
			const result = new MediaResult(vmeg.store, vmeg.settings, {
				taskType,
				material,
				durationMs,
				source: language.source === undefined || language.source === 'auto' ? 'en-US' : language.source,
				target: language.target,
				provider: options.voiceClone.provider ?? 'V2',
				mode: options.voiceClone.mode,
			});
			const fails = mustFail(extraData, material?.name ?? '', source.sourceUrl ?? '');
			if (material) vmeg.materials.use(material);
			const task = await vmeg.tasks.create({
				taskType,
				runsMs: vmeg.settings.mediaTaskMs,
				event: 'openapi-media-translation',
				...(extraData === undefined ? {} : { extraData }),
				...(fails ? { failure: 'Media translation failed: no speech could be recognised' } : {}),
				result: (ended) => result.json(ended),
				completionData: (ended) => ({
					taskId: ended.taskId,
					taskType,
					status: ended.status,
					result: ended.status === 'finished' ? result.json(ended) : null,
				}),
				files: (name) => result.file(name),
				released: () => {
					if (material) void vmeg.materials.release(material);
				},
			});
			const { taskId, createdAt } = task;
			// An early completion leaves the answer as it would have been.
			return { data: { taskId, taskType, status: 'running', createdAt }, taskId, credits };
		}),
	];
}

/** `voiceId` and `provider` belong together (API contract §3). */
function checkVoices(vmeg: Vmeg, { options }: MediaRequest): void {
	for (const { provider, voiceId } of options.voiceSpeakers?.selectedVoicesList ?? []) {
		const actual = vmeg.voices.provider(voiceId);
		if (provider !== undefined && provider !== actual) {
			throw new ApiError(422, `Voice ${voiceId} belongs to provider ${actual}, not ${provider}`);
		}
	}
}
