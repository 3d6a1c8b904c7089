/**
 * `npm run docs`: makes the pages of `docs/` that describe resources, trigger and languages, and the table of
 * operations in the README. `-- --check` writes nothing and fails where a page is stale.
 */
import './docs/environment';

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { makePages } from './docs/pages';

const ROOT = path.resolve(__dirname, '..');

function read(file: string): string {
	try {
		return readFileSync(path.join(ROOT, file), 'utf8');
	} catch {
		return '';
	}
}

async function main(): Promise<void> {
	const { values: flags } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
	const pages = Object.entries(await makePages(read('README.md')));
	const stale = pages.filter(([file, text]) => read(file) !== text);
	for (const [file, text] of stale) {
		console.log(`${flags.check ? 'stale' : 'written'}: ${file}`);
		if (flags.check) continue;
		mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
		writeFileSync(path.join(ROOT, file), text);
	}
	console.log(`${pages.length} pages, ${stale.length} ${flags.check ? 'stale' : 'changed'}`);
	if (flags.check && stale.length > 0) {
		console.log('Run `npm run docs` and commit what it changes.');
		process.exitCode = 1;
	}
}

main()
	.catch((error: unknown) => {
		console.error(error);
		process.exitCode = 1;
	})
	// n8n-core keeps timers of its own
	.finally(() => process.exit());
