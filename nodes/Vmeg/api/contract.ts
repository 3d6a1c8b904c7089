import { z } from 'zod';

import { AUTO_LOCALE, mediaSourceLocale, sourceLocale, targetLocale } from './locales';

/**
 * The VMEG Open API as this package speaks it: every request and answer, section by section of the
 * API contract. Requests are strict (what we send is exactly what VMEG documents); answers let
 * unknown fields through, so that a new field on VMEG's side never breaks a workflow.
 */

const httpsUrl = z
	.string()
	.url('is not a URL')
	.refine((url) => url.startsWith('https://'), 'must start with https://');

const extraData = z.record(z.unknown());

const nonEmpty = z.string().trim().min(1, 'is empty');

const seconds = z.number().min(0, 'must be 0 or more');

// §2 Text translation

/** Most segments that one request takes (§2, §4). */
export const MAX_SEGMENTS = 50;

export const segment = z
	.object({
		text: z.string(),
		gender: z.enum(['male', 'female']).optional(),
		speaker: z.string().optional(),
		locale: sourceLocale.optional(),
		context: z.array(z.string()).optional(),
		start: seconds.optional(),
		end: seconds.optional(),
	})
	.strict()
	.refine(({ start, end }) => end === undefined || start !== undefined, {
		path: ['end'],
		message: 'needs a start',
	})
	.refine(({ start, end }) => start === undefined || end === undefined || end >= start, {
		path: ['end'],
		message: 'is before the start',
	});
export type Segment = z.infer<typeof segment>;

export const textOptions = z
	.object({
		sourceContext: z
			.object({
				mode: z.enum(['independent', 'provided_only', 'neighbor']),
				contextWindow: z.number().int().min(1).max(20).optional(),
			})
			.strict()
			.refine(({ mode, contextWindow }) => contextWindow === undefined || mode === 'neighbor', {
				path: ['contextWindow'],
				message: 'goes only with the context mode "neighbor"',
			})
			.optional(),
		sceneCustomized: z
			.object({
				scene: z.enum(['video', 'audio', 'subtitle', 'voiceover']).optional(),
				allowStutter: z.boolean().optional(),
			})
			.strict()
			.optional(),
		glossary: z.record(z.string()).optional(),
		prompt: z.string().optional(),
		skipMissingTranslationCheck: z.boolean().optional(),
	})
	.strict();

export const textLanguage = z.object({ source: sourceLocale, target: targetLocale }).strict();

export const textRequest = z
	.object({
		language: textLanguage,
		segments: z.array(segment).min(1).max(MAX_SEGMENTS),
		options: textOptions.optional(),
	})
	.strict();
export type TextRequest = z.infer<typeof textRequest>;

export const textSubmitRequest = textRequest.extend({ extraData: extraData.optional() }).strict();
export type TextSubmitRequest = z.infer<typeof textSubmitRequest>;

const translatedItem = z
	.object({ text: z.string().nullish(), errorMessage: z.string().nullish() })
	.passthrough();
export type TranslatedItem = z.infer<typeof translatedItem>;

const createdAt = z.union([z.string(), z.number()]).nullish();

export const textAnswer = z
	.object({ taskId: nonEmpty, items: z.array(translatedItem), createdAt })
	.passthrough();

export const acceptedAnswer = z.object({ taskId: nonEmpty, createdAt }).passthrough();
export type AcceptedAnswer = z.infer<typeof acceptedAnswer>;

// §3 Media translation

export const mediaRequest = z
	.object({
		taskType: z.enum(['vt', 'at']),
		source: z.union([
			z.object({ materialId: nonEmpty }).strict(),
			z.object({ sourceUrl: httpsUrl }).strict(),
		]),
		language: z
			.object({ source: mediaSourceLocale.default(AUTO_LOCALE), target: targetLocale })
			.strict(),
		options: z
			.object({
				voiceClone: z
					.object({
						style: z.enum(['emotional', 'consistent']),
						mode: z.enum(['role', 'mix', 'sentence']),
						provider: z.enum(['V1', 'V2', 'V3', 'V4', 'V5']).optional(),
					})
					.strict(),
				transcribe: z
					.object({ mode: z.enum(['fast', 'normal']), type: z.literal('default') })
					.strict()
					.optional(),
				translate: z
					.object({ mode: z.enum(['default', 'machine']), prompt: z.string().optional() })
					.strict()
					.optional(),
				separation: z
					.object({ mode: z.literal('auto') })
					.strict()
					.optional(),
				dynamicVideoLength: z.object({ enable: z.boolean() }).strict().optional(),
				lipsync: z.object({ enable: z.boolean() }).strict().optional(),
				text: z.record(z.unknown()).optional(),
				voiceSpeakers: z
					.object({
						selectedVoicesList: z
							.array(
								z
									.object({
										provider: z
											.string()
											.regex(/^(S[1-7]|V[1-5])$/, 'is not one of S1 to S7 or V1 to V5')
											.optional(),
										voiceId: nonEmpty,
									})
									.strict(),
							)
							.optional(),
						speakerNum: z
							.string()
							.regex(/^(auto|\d+)$/, 'must be "auto" or a number')
							.optional(),
						timbreMethod: z.enum(['clone', 'smart']).optional(),
					})
					.strict()
					.optional(),
			})
			.strict(),
		extraData: extraData.optional(),
	})
	.strict();
export type MediaRequest = z.infer<typeof mediaRequest>;

// §6 Tasks

/** The task types that `tasks/list` filters by (§6). */
export const TASK_TYPES = ['vt', 'at', 'tts', 'cloneVoice', 'textTranslation'] as const;
export const TASK_STATUSES = ['running', 'finished', 'failed'] as const;

export const mediaAnswer = acceptedAnswer.extend({
	taskType: z.string().nullish(),
	status: z.string().nullish(),
});

const page = { currentPage: z.number().int().min(1), pageSize: z.number().int().min(1) };

export const taskListRequest = z
	.object({
		taskType: z.enum(TASK_TYPES).optional(),
		status: z.enum(TASK_STATUSES).optional(),
		...page,
	})
	.strict();

const taskRecord = z
	.object({
		taskId: nonEmpty,
		taskType: z.string().nullish(),
		status: z.string().nullish(),
		createdAt,
		updatedAt: createdAt,
	})
	.passthrough();

export type TaskRecord = z.infer<typeof taskRecord>;

const pageOf = <T extends z.ZodTypeAny>(record: T) =>
	z
		.object({ records: z.array(record).nullish(), total: z.coerce.number().nullish() })
		.passthrough();

export const taskListAnswer = pageOf(taskRecord);

export const taskIdRequest = z.object({ taskId: nonEmpty }).strict();

export const taskDetail = z
	.object({
		taskId: nonEmpty,
		taskType: z.string().nullish(),
		status: z.string(),
		result: z.unknown(),
	})
	.passthrough();
export type TaskDetail = z.infer<typeof taskDetail>;

export const nothing = z.unknown();

// §7 Materials

export const materialListRequest = z.object(page).strict();

export const material = z
	.object({ materialId: nonEmpty, name: z.string().nullish(), category: z.string().nullish() })
	.passthrough();

export type Material = z.infer<typeof material>;

export const materialListAnswer = pageOf(material);
