import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Locale {
	code: string;
	name: string;
	source: boolean;
	target: boolean;
}

/** Every locale VMEG publishes, from `locales.tsv` beside this file. */
export const locales: readonly Locale[] = readFileSync(join(__dirname, 'locales.tsv'), 'utf8')
	.split(/\r?\n/)
	.slice(1)
	.filter((line) => line !== '')
	.map((line) => {
		const [code = '', name = '', source, target] = line.split('\t');
		return { code, name, source: source === '1', target: target === '1' };
	});

export const sourceLocales: readonly string[] = locales.filter((l) => l.source).map((l) => l.code);
export const targetLocales: readonly string[] = locales.filter((l) => l.target).map((l) => l.code);
export const localeNames: ReadonlyMap<string, string> = new Map(
	locales.map((l) => [l.code, l.name]),
);
