import { z } from 'zod';

import { numeric } from './envelope';
import { anyLocale, AUTO_LOCALE, mediaSourceLocale, sourceLocale, targetLocale } from './locales';

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
		.object({ records: z.array(record).nullish(), total: numeric.nullish().catch(undefined) })
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

// §4 Text to speech

/** Sound formats that VMEG makes; the first is its default. */
export const AUDIO_FORMATS = ['m4a', 'mp3', 'wav'] as const;

export const speechLine = z
	.object({
		text: nonEmpty,
		voiceId: nonEmpty.optional(),
		timbreRefAudio: httpsUrl.optional(),
		emoWeight: z.number().min(0).max(1).optional(),
		emoRefAudio: httpsUrl.optional(),
		emoPrompt: z.string().optional(),
		duration: z.number().positive('must be more than 0').optional(),
	})
	.strict()
	.refine(({ voiceId, timbreRefAudio }) => voiceId === undefined || timbreRefAudio === undefined, {
		path: ['timbreRefAudio'],
		message: 'goes only without a voice',
	});
export type SpeechLine = z.infer<typeof speechLine>;

export const speechRequest = z
	.object({
		language: z.object({ target: targetLocale }).strict().optional(),
		data: z.array(speechLine).min(1).max(MAX_SEGMENTS),
		trim: z.boolean().optional(),
		outputFormat: z.enum(AUDIO_FORMATS).optional(),
	})
	.strict();
export type SpeechRequest = z.infer<typeof speechRequest>;

export const speechSubmitRequest = speechRequest
	.extend({ extraData: extraData.optional() })
	.strict();
export type SpeechSubmitRequest = z.infer<typeof speechSubmitRequest>;

const spokenLine = z
	.object({
		uri: z.string().nullish(),
		duration: z.number().nullish(),
		errorMessage: z.string().nullish(),
	})
	.passthrough();
export type SpokenLine = z.infer<typeof spokenLine>;

export const speechAnswer = z
	.object({ taskId: nonEmpty, results: z.array(spokenLine), createdAt })
	.passthrough();

// §5 Voice clone

/** The cloning engines, as VMEG describes them. */
export const CLONE_ENGINES = ['V1', 'V2', 'V3', 'V4', 'V5'] as const;

export const cloneRequest = z
	.object({
		voiceName: nonEmpty.optional(),
		provider: z.enum(CLONE_ENGINES).optional(),
		// the reference marks it optional, but a clone of nothing cannot succeed
		refAudio: httpsUrl,
		sampleLanguage: anyLocale.optional(),
		sampleText: nonEmpty.optional(),
	})
	.strict();

export const cloneSubmitRequest = cloneRequest
	.extend({ extraData: extraData.optional() })
	.strict();

export const cloneAnswer = acceptedAnswer.extend({ voiceId: z.string().nullish() });

// §7 Materials

export const materialListRequest = z.object(page).strict();

export const material = z
	.object({ materialId: nonEmpty, name: z.string().nullish(), category: z.string().nullish() })
	.passthrough();
export type Material = z.infer<typeof material>;

export const materialListAnswer = pageOf(material);

export const materialIdRequest = z.object({ materialId: nonEmpty }).strict();

const fileHash = z.string().regex(/^[0-9a-f]{32}$/, 'is not an MD5 in hexadecimal');
const file = { fileHash, fileName: nonEmpty };

export const uploadUrlRequest = z.object(file).strict();

/** Either the file is already there, or where to put it. */
export const uploadUrlAnswer = z.union([
	z.object({ material }).transform(({ material: known }) => ({ kind: 'known' as const, known })),
	z
		.object({ uploadUrl: z.string().url(), s3Uri: nonEmpty, materialId: nonEmpty })
		.transform((target) => ({ kind: 'target' as const, target })),
]);
export type UploadTarget = { uploadUrl: string; s3Uri: string; materialId: string };

export const completeUploadRequest = z
	.object({ s3Uri: nonEmpty, materialId: nonEmpty, ...file })
	.strict();

export const startMultipartRequest = z.object(file).strict();

export const startMultipartAnswer = z
	.object({
		materialId: nonEmpty,
		s3Uri: z.string().nullish(),
		uploadId: nonEmpty,
		expiresInSeconds: z.number().nullish(),
		recommendedPartSize: z.number().nullish(),
	})
	.passthrough();

const upload = { materialId: nonEmpty, uploadId: nonEmpty, ...file };

/** Most parts of one upload (§7). */
export const MAX_PARTS = 10_000;
/** Smallest size of a part that is not the last, in bytes (§7). */
export const MIN_PART_SIZE = 5 * 1024 * 1024;

const partNumber = z.number().int().min(1).max(MAX_PARTS);

export const presignPartsRequest = z
	.object({ ...upload, partNumbers: z.array(partNumber).min(1) })
	.strict();

export const presignPartsAnswer = z
	.object({
		urls: z.array(z.object({ partNumber, url: z.string().url() }).passthrough()),
		expiresInSeconds: z.number().nullish(),
	})
	.passthrough();

export const completeMultipartRequest = z
	.object({ ...upload, parts: z.array(z.object({ partNumber, eTag: nonEmpty }).strict()).min(1) })
	.strict();

export const abortMultipartRequest = z.object(upload).strict();

// §8 Voices

const order = z.enum(['asc', 'desc']).optional();

export const systemVoicesRequest = z
	.object({
		voiceId: z.string().optional(),
		searchName: z.string().optional(),
		locale: z.string().optional(),
		age: z.enum(['young', 'adult', 'senior']).optional(),
		gender: z.string().optional(),
		quality: z.enum(['any', 'high']).optional(),
		category: z.string().optional(),
		emotionPrompt: z.enum(['exclude', 'include']).optional(),
		topIds: z.array(z.string()).optional(),
		...page,
		orderBy: z.enum(['voiceId', 'score', 'create_time', 'update_time', 'is_preferred']).optional(),
		order,
	})
	.strict();

export const systemVoice = z
	.object({
		voiceId: nonEmpty,
		displayName: z.string().nullish(),
		localName: z.string().nullish(),
		localeName: z.string().nullish(),
		locale: z.string().nullish(),
		provider: z.string().nullish(),
		gender: z.string().nullish(),
	})
	.passthrough();

export const systemVoicesAnswer = pageOf(systemVoice);

export const clonedVoicesRequest = z
	.object({
		voiceId: z.string().optional(),
		voiceIds: z.array(z.string()).optional(),
		searchName: z.string().optional(),
		...page,
		orderBy: z.enum(['voiceId', 'name', 'create_time', 'update_time']).optional(),
		order,
	})
	.strict();

export const clonedVoice = z
	.object({
		voiceId: nonEmpty,
		name: z.string().nullish(),
		provider: z.string().nullish(),
		exampleLanguage: z.string().nullish(),
	})
	.passthrough();

export const clonedVoicesAnswer = pageOf(clonedVoice);

export const renameVoiceRequest = z.object({ voiceId: nonEmpty, voiceName: nonEmpty }).strict();

export const voiceIdRequest = z.object({ voiceId: nonEmpty }).strict();
