import { ApiError } from '../errors';
import { sourceLocales, targetLocales } from '../locales';
import type { JsonObject } from '../types';
import { anyObject, boolean, checker, nonEmpty, object, oneOf, string, type Check } from './check';

export interface Segment {
	text: string;
	gender?: string;
	speaker?: string;
	locale?: string;
	context?: string[];
	start?: number;
	end?: number;
}

export interface TranslateRequest {
	language: { source: string; target: string };
	segments: Segment[];
	options?: {
		sourceContext?: { mode?: string; contextWindow?: number };
		sceneCustomized?: { scene?: string; allowStutter?: boolean };
		glossary?: Record<string, string>;
		prompt?: string;
		skipMissingTranslationCheck?: boolean;
	};
	extraData?: JsonObject;
}

const seconds = { type: 'number', minimum: 0 };
const segment = object(
	{
		text: nonEmpty,
		gender: oneOf('male', 'female'),
		speaker: string,
		locale: oneOf(...sourceLocales),
		context: { type: 'array', items: string },
		start: seconds,
		end: seconds,
	},
	['text'],
);
const options = object({
	sourceContext: object({
		mode: oneOf('independent', 'provided_only', 'neighbor'),
		contextWindow: { type: 'integer', minimum: 1, maximum: 20 },
	}),
	sceneCustomized: object({
		scene: oneOf('video', 'audio', 'subtitle', 'voiceover'),
		allowStutter: boolean,
	}),
	glossary: { type: 'object', additionalProperties: string },
	prompt: string,
	skipMissingTranslationCheck: boolean,
});
const sync = {
	language: object({ source: oneOf(...sourceLocales), target: oneOf(...targetLocales) }, ['source', 'target']),
	segments: { type: 'array', minItems: 1, maxItems: 50, items: segment },
	options,
};
const required = ['language', 'segments'];

function alsoTimesAndContext({ segments, options: given }: TranslateRequest): void {
	const context = given?.sourceContext;
	if (context?.contextWindow !== undefined && context.mode !== 'neighbor') {
		throw new ApiError(400, 'options.sourceContext.contextWindow is allowed with mode "neighbor" only');
	}
	segments.forEach(({ start, end }, index) => {
		if (end === undefined) return;
		if (start === undefined) throw new ApiError(400, `segments.${index}.end needs start`);
		if (end < start) throw new ApiError(400, `segments.${index}.end is before start`);
	});
}

/** `POST /task/translate/create` (API contract §2). */
export const translateRequest: Check<TranslateRequest> = checker(object(sync, required), alsoTimesAndContext);
/** `POST /task/translate/create-async`: the same plus `extraData` (API contract §2). */
export const translateAsyncRequest: Check<TranslateRequest> = checker(
	object({ ...sync, extraData: anyObject }, required),
	alsoTimesAndContext,
);
