import { failMarker } from './markers';

export type TranslatedItem = { text: string } | { errorMessage: string };

/** Makes the replacer of a glossary: longest terms first, one pass, so that nothing is replaced twice. */
export function glossaryReplacer(glossary: Record<string, string> = {}): (text: string) => string {
	const terms = Object.keys(glossary)
		.filter((term) => term !== '')
		.sort((a, b) => b.length - a.length);
	if (terms.length === 0) return (text) => text;
	const pattern = new RegExp(
		terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
		'g',
	);
	return (text) => text.replace(pattern, (term) => glossary[term] ?? term);
}

/** "Hello" to de-DE is "[de-DE] Hello": plainly not a translation, and easy to check. */
export function pseudoTranslate(
	text: string,
	target: string,
	replace: (text: string) => string,
): TranslatedItem {
	if (text.includes(failMarker)) return { errorMessage: 'Translation failed for this segment' };
	return { text: `[${target}] ${replace(text)}` };
}
