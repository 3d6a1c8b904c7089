import { z } from 'zod';

import { alphabetical } from './alphabetical';

/** Code, English name, allowed as source (1) or not (0), allowed as target: API contract §1, "Locales". */
type LocaleRow = readonly [code: string, name: string, source: 0 | 1, target: 0 | 1];

const LOCALES: readonly LocaleRow[] = [
	['en-GB', 'English (United Kingdom)', 1, 1],
	['en-US', 'English (United States)', 1, 1],
	['es-ES', 'Spanish (Spain)', 1, 1],
	['fr-FR', 'French (France)', 1, 1],
	['de-DE', 'German (Germany)', 1, 1],
	['ja-JP', 'Japanese (Japan)', 1, 1],
	['ko-KR', 'Korean (Korea)', 1, 1],
	['pt-PT', 'Portuguese (Portugal)', 1, 1],
	['zh-CN', 'Chinese (Mandarin, Simplified)', 1, 1],
	['af-ZA', 'Afrikaans (South Africa)', 1, 1],
	['sq-AL', 'Albanian (Albania)', 1, 1],
	['am-ET', 'Amharic (Ethiopia)', 1, 1],
	['ar-DZ', 'Arabic (Algeria)', 1, 1],
	['ar-BH', 'Arabic (Bahrain)', 1, 1],
	['ar-EG', 'Arabic (Egypt)', 1, 1],
	['ar-IQ', 'Arabic (Iraq)', 1, 1],
	['ar-IL', 'Arabic (Israel)', 1, 0],
	['ar-JO', 'Arabic (Jordan)', 1, 1],
	['ar-KW', 'Arabic (Kuwait)', 1, 1],
	['ar-LB', 'Arabic (Lebanon)', 1, 1],
	['ar-LY', 'Arabic (Libya)', 1, 1],
	['ar-MA', 'Arabic (Morocco)', 1, 1],
	['ar-OM', 'Arabic (Oman)', 1, 1],
	['ar-PS', 'Arabic (Palestinian Authority)', 1, 0],
	['ar-QA', 'Arabic (Qatar)', 1, 1],
	['ar-SA', 'Arabic (Saudi Arabia)', 1, 1],
	['ar-SY', 'Arabic (Syria)', 1, 1],
	['ar-TN', 'Arabic (Tunisia)', 1, 1],
	['ar-AE', 'Arabic (United Arab Emirates)', 1, 1],
	['ar-XA', 'Arabic (Modern Standard)', 1, 1],
	['ar-YE', 'Arabic (Yemen)', 1, 1],
	['hy-AM', 'Armenian (Armenia)', 1, 1],
	['az-AZ', 'Azerbaijani (Latin, Azerbaijan)', 1, 1],
	['eu-ES', 'Basque (Spain)', 1, 1],
	['bn-IN', 'Bengali (India)', 1, 1],
	['bn-BD', 'Bangla (Bangladesh)', 1, 1],
	['bs-BA', 'Bosnian (Bosnia and Herzegovina)', 1, 1],
	['be-BY', 'Belarusian (Belarus)', 1, 1],
	['bho-IN', 'Bhojpuri (India)', 1, 1],
	['bg-BG', 'Bulgarian (Bulgaria)', 1, 1],
	['my-MM', 'Burmese (Myanmar)', 1, 1],
	['ca-ES', 'Catalan (Spain)', 1, 1],
	['yue-CN', 'Chinese (Cantonese, Simplified)', 1, 1],
	['zh-HK', 'Chinese (Cantonese, Traditional)', 1, 1],
	['zh-CN-shandong', 'Chinese (Jilu Mandarin, Simplified)', 1, 1],
	['zh-CN-sichuan', 'Chinese (Southwestern Mandarin, Simplified)', 1, 1],
	['zh-TW', 'Chinese (Taiwanese Mandarin, Traditional)', 1, 1],
	['wuu-CN', 'Chinese (Wu, Simplified)', 1, 1],
	['ug-CN', 'Uyghur (China)', 1, 1],
	['nan-CN', 'Chinese (Southern Min, Simplified)', 1, 1],
	['hr-HR', 'Croatian (Croatia)', 1, 1],
	['cs-CZ', 'Czech (Czechia)', 1, 1],
	['da-DK', 'Danish (Denmark)', 1, 1],
	['nl-BE', 'Dutch (Belgium)', 1, 1],
	['nl-NL', 'Dutch (Netherlands)', 1, 1],
	['en-AU', 'English (Australia)', 1, 1],
	['en-CA', 'English (Canada)', 1, 1],
	['en-GH', 'English (Ghana)', 1, 0],
	['en-HK', 'English (Hong Kong SAR)', 1, 1],
	['en-IN', 'English (India)', 1, 1],
	['en-IE', 'English (Ireland)', 1, 1],
	['en-KE', 'English (Kenya)', 1, 1],
	['en-NZ', 'English (New Zealand)', 1, 1],
	['en-NG', 'English (Nigeria)', 1, 1],
	['en-PH', 'English (Philippines)', 1, 1],
	['en-SG', 'English (Singapore)', 1, 1],
	['en-ZA', 'English (South Africa)', 1, 1],
	['en-TZ', 'English (Tanzania)', 1, 1],
	['et-EE', 'Estonian (Estonia)', 1, 1],
	['fil-PH', 'Filipino (Philippines)', 1, 1],
	['fi-FI', 'Finnish (Finland)', 1, 1],
	['fr-BE', 'French (Belgium)', 1, 1],
	['fr-CA', 'French (Canada)', 1, 1],
	['fr-CH', 'French (Switzerland)', 1, 1],
	['gl-ES', 'Galician (Spain)', 1, 1],
	['ka-GE', 'Georgian (Georgia)', 1, 1],
	['de-AT', 'German (Austria)', 1, 1],
	['de-CH', 'German (Switzerland)', 1, 1],
	['el-GR', 'Greek (Greece)', 1, 1],
	['gu-IN', 'Gujarati (India)', 1, 1],
	['he-IL', 'Hebrew (Israel)', 1, 1],
	['hi-IN', 'Hindi (India)', 1, 1],
	['ht-HT', 'Haitian Creole (Haiti)', 1, 1],
	['hu-HU', 'Hungarian (Hungary)', 1, 1],
	['is-IS', 'Icelandic (Iceland)', 1, 1],
	['id-ID', 'Indonesian (Indonesia)', 1, 1],
	['ga-IE', 'Irish (Ireland)', 1, 1],
	['it-IT', 'Italian (Italy)', 1, 1],
	['it-CH', 'Italian (Switzerland)', 1, 0],
	['jv-ID', 'Javanese (Latin, Indonesia)', 1, 1],
	['kn-IN', 'Kannada (India)', 1, 1],
	['kk-KZ', 'Kazakh (Kazakhstan)', 1, 1],
	['km-KH', 'Khmer (Cambodia)', 1, 1],
	['kmr-Arab', 'Northern Kurdish - Kurmanji (Arabic Script)', 1, 1],
	['kmr-Latn', 'Northern Kurdish - Kurmanji (Latin Script)', 1, 1],
	['sw-KE', 'Kiswahili (Kenya)', 1, 1],
	['sw-TZ', 'Kiswahili (Tanzania)', 1, 1],
	['lo-LA', 'Lao (Laos)', 1, 1],
	['lv-LV', 'Latvian (Latvia)', 1, 1],
	['lt-LT', 'Lithuanian (Lithuania)', 1, 1],
	['mk-MK', 'Macedonian (North Macedonia)', 1, 1],
	['ms-MY', 'Malay (Malaysia)', 1, 1],
	['ml-IN', 'Malayalam (India)', 1, 1],
	['mt-MT', 'Maltese (Malta)', 1, 1],
	['mr-IN', 'Marathi (India)', 1, 1],
	['mn-MN', 'Mongolian (Mongolia)', 1, 1],
	['ne-NP', 'Nepali (Nepal)', 1, 1],
	['nb-NO', 'Norwegian Bokmål (Norway)', 1, 1],
	['or-IN', 'Odia (India)', 1, 0],
	['ps-AF', 'Pashto (Afghanistan)', 1, 1],
	['fa-IR', 'Persian (Iran)', 1, 1],
	['pl-PL', 'Polish (Poland)', 1, 1],
	['pt-BR', 'Portuguese (Brazil)', 1, 1],
	['pa-IN', 'Punjabi (India)', 1, 1],
	['ro-RO', 'Romanian (Romania)', 1, 1],
	['ru-RU', 'Russian (Russia)', 1, 1],
	['sr-Latn-RS', 'Serbian (Serbia)', 1, 1],
	['si-LK', 'Sinhala (Sri Lanka)', 1, 1],
	['sk-SK', 'Slovak (Slovakia)', 1, 1],
	['sl-SI', 'Slovenian (Slovenia)', 1, 1],
	['so-SO', 'Somali (Somalia)', 1, 1],
	['es-AR', 'Spanish (Argentina)', 1, 1],
	['es-BO', 'Spanish (Bolivia)', 1, 1],
	['es-CL', 'Spanish (Chile)', 1, 1],
	['es-CO', 'Spanish (Colombia)', 1, 1],
	['es-CR', 'Spanish (Costa Rica)', 1, 1],
	['es-CU', 'Spanish (Cuba)', 1, 1],
	['es-DO', 'Spanish (Dominican Republic)', 1, 1],
	['es-EC', 'Spanish (Ecuador)', 1, 1],
	['es-SV', 'Spanish (El Salvador)', 1, 1],
	['es-GQ', 'Spanish (Equatorial Guinea)', 1, 1],
	['es-GT', 'Spanish (Guatemala)', 1, 1],
	['es-HN', 'Spanish (Honduras)', 1, 1],
	['es-MX', 'Spanish (Mexico)', 1, 1],
	['es-NI', 'Spanish (Nicaragua)', 1, 1],
	['es-PA', 'Spanish (Panama)', 1, 1],
	['es-PY', 'Spanish (Paraguay)', 1, 1],
	['es-PE', 'Spanish (Peru)', 1, 1],
	['es-PR', 'Spanish (Puerto Rico)', 1, 1],
	['es-US', 'Spanish (United States)', 1, 1],
	['es-UY', 'Spanish (Uruguay)', 1, 1],
	['es-VE', 'Spanish (Venezuela)', 1, 1],
	['sv-SE', 'Swedish (Sweden)', 1, 1],
	['ta-IN', 'Tamil (India)', 1, 1],
	['te-IN', 'Telugu (India)', 1, 1],
	['th-TH', 'Thai (Thailand)', 1, 1],
	['tr-TR', 'Turkish (Türkiye)', 1, 1],
	['uk-UA', 'Ukrainian (Ukraine)', 1, 1],
	['ur-IN', 'Urdu (India)', 1, 1],
	['ur-PK', 'Urdu (Pakistan)', 1, 0],
	['uz-UZ', 'Uzbek (Latin, Uzbekistan)', 1, 1],
	['vi-VN', 'Vietnamese (Vietnam)', 1, 1],
	['cy-GB', 'Welsh (United Kingdom)', 1, 1],
	['zu-ZA', 'Zulu (South Africa)', 1, 1],
	['kmr-Cyrl', 'Northern Kurdish - Kurmanji (Cyrillic Script)', 0, 1],
	['zh-CN-guangxi', 'Chinese (Guangxi Accent Mandarin, Simplified)', 0, 1],
	['zh-CN-henan', 'Chinese (Zhongyuan Mandarin Henan, Simplified)', 0, 1],
	['zh-CN-liaoning', 'Chinese (Northeastern Mandarin, Simplified)', 0, 1],
	['zh-CN-shaanxi', 'Chinese (Zhongyuan Mandarin Shaanxi, Simplified)', 0, 1],
];

/** Source language of a media translation that VMEG finds out by itself (API contract §1). */
export const AUTO_LOCALE = 'auto';

const byName = (a: { name: string }, b: { name: string }) => alphabetical(a.name, b.name);

const toOptions = (rows: readonly LocaleRow[]) =>
	rows.map(([code, name]) => ({ name: `${name} (${code})`, value: code })).sort(byName);

/** The English name of a locale; undefined for a code that VMEG does not list. */
export const localeName = (code: string): string | undefined =>
	LOCALES.find(([listed]) => listed === code)?.[1];

/** Dropdown entries of the languages that VMEG translates from, sorted by name. */
export const sourceLocaleOptions = toOptions(LOCALES.filter(([, , source]) => source === 1));

/** Dropdown entries of the languages that VMEG translates into, sorted by name. */
export const targetLocaleOptions = toOptions(LOCALES.filter(([, , , target]) => target === 1));

const SHORTEST_NAME = 3;

const wordsOf = (text: string): string[] =>
	text
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.split(/[^\p{L}]+/u)
		.filter((word) => word !== '');

/**
 * Codes of the locales whose English name has a word that begins with each word of `text`: "german",
 * "portuguese brazil" or "brazil". None where a word is too short to mean a language.
 */
export function localesNamed(text: string): string[] {
	const wanted = wordsOf(text);
	if (wanted.length === 0 || wanted.some(({ length }) => length < SHORTEST_NAME)) return [];
	return LOCALES.filter(([, name]) => {
		const words = wordsOf(name);
		return wanted.every((start) => words.some((word) => word.startsWith(start)));
	}).map(([code]) => code);
}

/** The listed code for an input in any case and with "_" or "-", with near ones where there is none. */
function findLocale(input: string, codes: readonly string[]): { code?: string; near: string[] } {
	const wanted = input.trim().replace(/_/g, '-').toLowerCase();
	const code = codes.find((candidate) => candidate.toLowerCase() === wanted);
	if (code !== undefined) return { code, near: [] };
	const language = wanted.split('-')[0] ?? '';
	const near = codes.filter((candidate) => candidate.toLowerCase().split('-')[0] === language);
	if (near.length > 0) return { near };
	const named = new Set(localesNamed(input));
	return { near: codes.filter((candidate) => named.has(candidate)) };
}

function localeSchema(codes: readonly string[], role: string) {
	return z.string().transform((input, context) => {
		const { code, near } = findLocale(input, codes);
		if (code !== undefined) return code;
		const hint = near.length > 0 ? `. Did you mean ${near.join(', ')}?` : '';
		const message =
			input.trim() === ''
				? 'is empty: choose a language'
				: `is "${input}", which VMEG does not take as ${role}${hint}`;
		context.addIssue({ code: z.ZodIssueCode.custom, message });
		return z.NEVER;
	});
}

const sourceCodes = sourceLocaleOptions.map(({ value }) => value);
const targetCodes = targetLocaleOptions.map(({ value }) => value);

/** A locale that text may be translated from; spelling variants such as "en_us" become "en-US". */
export const sourceLocale = localeSchema(sourceCodes, 'a source language');

/** A locale that text and media may be translated into. */
export const targetLocale = localeSchema(targetCodes, 'a target language');

/** A locale that media may be translated from, or `auto`. */
export const mediaSourceLocale = localeSchema([AUTO_LOCALE, ...sourceCodes], 'a source language');

/** Any locale that VMEG knows, as source or as target. */
export const anyLocale = localeSchema(
	LOCALES.map(([code]) => code),
	'a language',
);
