import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

/** A field that is left out where VMEG gives none, or gives something else than documented. */
const lenient = <T extends z.ZodTypeAny>(schema: T) => schema.optional().catch(undefined);

const file = z.object({
	url: lenient(z.string()),
	duration: lenient(z.number()),
	size: lenient(z.number()),
});

const scriptLine = z.object({
	start: z.number(),
	end: z.number(),
	text: z.string(),
	sourceText: lenient(z.string()),
	speaker: lenient(z.string()),
});

/** The parts of results that most workflows need, over all task types (API contract §2 to §5). */
const knownResult = z.object({
	build: lenient(
		z.object({
			video: lenient(file),
			audio: lenient(file),
			images: lenient(z.array(file)),
		}),
	),
	translatedScripts: lenient(z.object({ result: lenient(z.array(scriptLine)) })),
	items: lenient(z.array(z.object({ text: z.string().nullish(), errorMessage: z.string().nullish() }))),
	results: lenient(
		z.array(z.object({ uri: z.string().nullish(), duration: z.number().nullish(), errorMessage: z.string().nullish() })),
	),
	voiceId: lenient(z.string()),
});

const withoutUndefined = (fields: IDataObject): IDataObject =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/**
 * The deliverables of a finished task as flat fields: `videoUrl`, `audioUrl`, `thumbnailUrl`,
 * `duration` (seconds), `subtitles` for media; `translations`, `errors` for text; `audioUrls` for
 * speech; `voiceId` for a cloned voice. Fields that the result does not have are left out.
 */
export function simplifyResult(result: unknown): IDataObject {
	const parsed = knownResult.safeParse(result ?? {});
	if (!parsed.success) return {};
	const { build, translatedScripts, items, results, voiceId } = parsed.data;
	const failures = [...(items ?? []), ...(results ?? [])].flatMap(({ errorMessage }, index) =>
		errorMessage ? [{ index, message: errorMessage }] : [],
	);
	return withoutUndefined({
		videoUrl: build?.video?.url,
		audioUrl: build?.audio?.url ?? results?.[0]?.uri ?? undefined,
		thumbnailUrl: build?.images?.[0]?.url,
		duration: build?.video?.duration ?? build?.audio?.duration ?? results?.[0]?.duration ?? undefined,
		subtitles: translatedScripts?.result,
		translations: items?.map(({ text }) => text ?? null),
		audioUrls: results?.map(({ uri }) => uri ?? null),
		voiceId,
		errors: failures.length > 0 ? failures : undefined,
	});
}
