/**
 * Runs the gate that n8n runs before it verifies a community package, over the source and over what
 * would be published, inline lint directives ignored. Needs a build.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'vmeg-scan-'));
let failed = 0;

async function scan(name, directory, patterns) {
	const result = await analyzePackage(directory, patterns);
	console.log(`${name}: ${result.passed ? 'no findings' : result.message}`);
	if (result.passed) return;
	failed += 1;
	console.log(result.details ?? '');
}

try {
	const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
		encoding: 'utf8',
	});
	const tarball = path.join(folder, packed.trim().split('\n').pop());
	execFileSync('tar', ['-xzf', tarball, '-C', folder]);
	await scan('source', process.cwd(), SOURCE_FILE_PATTERNS);
	await scan('tarball', path.join(folder, 'package'));
	console.log(`tarball size: ${(statSync(tarball).size / 1000).toFixed(1)} kB`);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
