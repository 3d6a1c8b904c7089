import { creditsForTexts } from '../credits';
import { ApiError } from '../errors';
import { failMarker, mustFail, refuseMarker } from '../markers';
import { translateAsyncRequest, translateRequest, type TranslateRequest } from '../rules/text';
import type { JsonObject } from '../types';
import { glossaryReplacer, pseudoTranslate } from '../translate';
import type { Vmeg } from '../vmeg';
import { post, type Route } from './route';

/** Text translation (API contract §2). */
export function textRoutes(vmeg: Vmeg): Route[] {
	async function start(request: TranslateRequest, runsMs?: number) {
		const texts = request.segments.map((segment) => segment.text);
		if (texts.some((text) => text.includes(refuseMarker))) {
			throw new ApiError(422, `A segment contains ${refuseMarker}`);
		}
		const credits = vmeg.credits.charge(creditsForTexts(texts));
		const replace = glossaryReplacer(request.options?.glossary);
		const items = texts.map((text) => pseudoTranslate(text, request.language.target, replace));
		const { extraData } = request;
		const task = await vmeg.tasks.create({
			taskType: 'textTranslation',
			...(runsMs === undefined ? {} : { runsMs, event: 'openapi-translate' }),
			...(extraData === undefined ? {} : { extraData }),
			...(mustFail(extraData) ? { failure: `Translation failed: extraData contains ${failMarker}` } : {}),
			result: () => ({ items }),
			completionData: ({ taskId, createdAt, status }): JsonObject =>
				status === 'failed' ? { taskId, createdAt } : { taskId, items, createdAt },
		});
		return { task, items, credits };
	}
	return [
		post('/task/translate/create', translateRequest, async (request) => {
			const { task, items, credits } = await start(request);
			const { taskId, createdAt } = task;
			return { data: { taskId, items, createdAt }, taskId, credits };
		}),
		post('/task/translate/create-async', translateAsyncRequest, async (request) => {
			const { task, credits } = await start(request, vmeg.settings.textTaskMs);
			const { taskId, createdAt } = task;
			return { data: { taskId, createdAt }, taskId, credits };
		}),
	];
}
