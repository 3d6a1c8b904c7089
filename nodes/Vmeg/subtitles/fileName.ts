import { safeFileName } from '../api/fileName';

import type { SubtitleFileFormat } from './format';

const EXTENSION = /\.(?:srt|vtt|webvtt|ass|ssa|sub|txt)$/i;

function localeOf(name: string): Intl.Locale | undefined {
	try {
		return new Intl.Locale(name.replace(/_/g, '-')).maximize();
	} catch {
		return undefined;
	}
}

/** Whether a suffix such as `en`, `eng`, `EN_us` or `English` names a language. */
function isNameOf(suffix: string, locale: string): boolean {
	const language = localeOf(locale);
	if (language === undefined) return false;
	const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(language.language);
	if (suffix.toLowerCase() === name?.toLowerCase()) return true;
	const named = localeOf(suffix);
	// as far as the script: zh-TW is not what zh-CN is
	return named?.language === language.language && named.script === language.script;
}

function withoutLanguage(base: string, source: string): string {
	// a region may be set off by the same sign as the language
	for (const pattern of [/^(.+)[._]([a-z]{2,3}[-_][a-z]{2,4}(?:[-_][a-z\d]{2,8})?)$/i, /^(.+)[._]([a-z]{2,12})$/i]) {
		const [, name, suffix] = pattern.exec(base) ?? [];
		if (name !== undefined && suffix !== undefined && isNameOf(suffix, source)) return name;
	}
	return base;
}

/**
 * The name of a translated file: `film.srt` and `film.en.srt` become `film.de-DE.srt`, with both
 * languages `film.en-US+de-DE.srt`. A language at the end of the name goes only if it is the source.
 */
export function translatedFileName(
	name: string | undefined,
	{ source, target, format, bilingual }: { source: string; target: string; format: SubtitleFileFormat; bilingual: boolean },
): string {
	const base = safeFileName(name ?? 'subtitles').replace(EXTENSION, '');
	const languages = bilingual ? `${source}+${target}` : target;
	return `${withoutLanguage(base, source) || 'subtitles'}.${languages}.${format}`;
}
