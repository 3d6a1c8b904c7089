import { z } from 'zod';

import { AUTO_LOCALE } from '../api/locales';
import type { SubtitleLine } from './format';

const optionalText = z.string().optional().catch(undefined);
const seconds = z
	.union([z.number(), z.string().trim().min(1).transform(Number)])
	.pipe(z.number().finite());

/** A line of `asrScripts.asrResults` or of `translatedScripts.result` (API contract §3). */
const line = z.object({
	start: seconds,
	end: seconds,
	text: optionalText,
	textWithBreak: optionalText,
	name: optionalText,
	speaker: optionalText,
	speakerDisplayName: optionalText,
	locale: optionalText,
});

const lines = z.array(z.unknown()).optional().catch(undefined);

const scripts = z.object({
	asrScripts: z
		.object({
			asrResults: lines,
			language: z.object({ source: optionalText, target: optionalText }).optional().catch(undefined),
		})
		.optional()
		.catch(undefined),
	translatedScripts: z.object({ result: lines }).optional().catch(undefined),
});

/** A script of a media translation, with the locale it is in. */
export interface Script {
	lines: SubtitleLine[];
	locale: string | undefined;
}

const letters = (text: string) => text.replace(/<br\s*\/?>|\s/gi, '');

function toScript(found: unknown[] | undefined, language: string | undefined): Script {
	const parsed = (found ?? []).flatMap((one) => {
		const checked = line.safeParse(one);
		return checked.success ? [checked.data] : [];
	});
	return {
		locale: language ?? parsed.find(({ locale }) => locale)?.locale,
		lines: parsed.map(({ start, end, text = '', textWithBreak = '', name, speaker, speakerDisplayName }) => ({
			start,
			end,
			// only where it says the same: it is there for its line breaks
			text: letters(textWithBreak) === letters(text) || text === '' ? textWithBreak : text,
			speaker: speakerDisplayName || name || speaker,
		})),
	};
}

/** The source script and the translated script of a result; without lines where it has none. */
export function scriptsOf(result: unknown): { source: Script; translated: Script } {
	const parsed = scripts.safeParse(result);
	const { asrScripts, translatedScripts } = parsed.success ? parsed.data : {};
	const { source, target } = asrScripts?.language ?? {};
	return {
		source: toScript(asrScripts?.asrResults, source === AUTO_LOCALE ? undefined : source),
		translated: toScript(translatedScripts?.result, target),
	};
}
