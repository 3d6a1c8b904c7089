import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
	mediaSourceLocale,
	sourceLocale,
	sourceLocaleOptions,
	targetLocale,
	targetLocaleOptions,
} from '../../../nodes/Vmeg/api/locales';

/** VMEG's published list, copied independently of the one in the package. */
const published = readFileSync(path.join(__dirname, '../../../sandbox/locales.tsv'), 'utf8')
	.split(/\r?\n/)
	.slice(1)
	.filter((line) => line !== '')
	.map((line) => {
		const [code = '', name = '', source, target] = line.split('\t');
		return { code, name, source: source === '1', target: target === '1' };
	});

const labels = (options: Array<{ name: string; value: string }>) =>
	new Map(options.map(({ name, value }) => [value, name]));
const sources = labels(sourceLocaleOptions);
const targets = labels(targetLocaleOptions);

const messageOf = (schema: typeof sourceLocale, input: string) =>
	schema.safeParse(input).error?.issues[0]?.message;

describe('the list of languages', () => {
	test("is as long as VMEG's: 159 locales, 154 to translate from and 153 to translate into", () => {
		expect(published).toHaveLength(159);
		expect(sourceLocaleOptions).toHaveLength(154);
		expect(targetLocaleOptions).toHaveLength(153);
	});

	test.each(published)('has $code as VMEG publishes it', ({ code, name, source, target }) => {
		const label = `${name} (${code})`;
		expect(sources.get(code)).toBe(source ? label : undefined);
		expect(targets.get(code)).toBe(target ? label : undefined);
	});

	test('has no locale that VMEG does not publish, and none twice', () => {
		const codes = new Set(published.map(({ code }) => code));
		expect(codes.size).toBe(published.length);
		expect([...sources.keys(), ...targets.keys()].filter((code) => !codes.has(code))).toEqual([]);
		expect([sources.size, targets.size]).toEqual([154, 153]);
	});

	test.each([
		['source', sourceLocaleOptions],
		['target', targetLocaleOptions],
	])('is sorted by name: %s', (_, options) => {
		const names = options.map(({ name }) => name);
		expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
	});
});

describe('a language that is typed in or comes from an expression', () => {
	test.each(['en-US', 'en-us', 'EN-US', 'en_US', 'en_us', ' en-US ', '\ten_us\n'])(
		'"%s" is understood as en-US',
		(input) => {
			expect(sourceLocale.parse(input)).toBe('en-US');
			expect(targetLocale.parse(input)).toBe('en-US');
			expect(mediaSourceLocale.parse(input)).toBe('en-US');
		},
	);

	test('keeps its script and its dialect', () => {
		expect(targetLocale.parse('SR_LATN_rs')).toBe('sr-Latn-RS');
		expect(targetLocale.parse('zh_cn_HENAN')).toBe('zh-CN-henan');
	});

	test('is refused with the near ones where it is only a language', () => {
		expect(messageOf(targetLocale, 'pt')).toBe(
			'is "pt", which VMEG does not take as a target language. Did you mean pt-BR, pt-PT?',
		);
	});

	test('is refused with the near ones where the country is wrong', () => {
		expect(messageOf(sourceLocale, 'fr_XX')).toContain('Did you mean fr-BE, fr-CA, fr-FR, fr-CH?');
	});

	test('is refused with the codes of the language where it is the name of one', () => {
		expect(messageOf(targetLocale, 'German')).toContain('Did you mean de-AT, de-DE, de-CH?');
		expect(messageOf(targetLocale, 'Portuguese (Brazil)')).toContain('Did you mean pt-BR?');
		expect(messageOf(targetLocale, 'norwegian bokmal')).toContain('Did you mean nb-NO?');
		expect(messageOf(targetLocale, 'italian')).toContain('Did you mean it-IT?');
		expect(messageOf(sourceLocale, 'italian')).toContain('Did you mean it-IT, it-CH?');
	});

	test('is refused without a guess where nothing is near', () => {
		expect(messageOf(sourceLocale, 'xx-YY')).toBe(
			'is "xx-YY", which VMEG does not take as a source language',
		);
	});

	test.each(['', '   '])('is refused where it is empty: "%s"', (input) => {
		expect(messageOf(targetLocale, input)).toBe('is empty: choose a language');
	});

	test('may be a source only, or a target only, as VMEG has it', () => {
		expect(sourceLocale.safeParse('ar-IL').success).toBe(true);
		expect(targetLocale.safeParse('ar-IL').success).toBe(false);
		expect(sourceLocale.safeParse('kmr-Cyrl').success).toBe(false);
		expect(targetLocale.safeParse('kmr-Cyrl').success).toBe(true);
	});

	test.each([['auto'], ['AUTO'], [' Auto ']])('"%s" is for the source of media only', (input) => {
		expect(mediaSourceLocale.parse(input)).toBe('auto');
		expect(sourceLocale.safeParse(input).success).toBe(false);
		expect(targetLocale.safeParse(input).success).toBe(false);
	});

	test.each([[null], [undefined], [1], [{}], [['en-US']]])('is refused where it is %p', (input) => {
		expect(sourceLocale.safeParse(input).success).toBe(false);
		expect(targetLocale.safeParse(input).success).toBe(false);
		expect(mediaSourceLocale.safeParse(input).success).toBe(false);
	});
});
