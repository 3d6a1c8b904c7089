/**
 * Installs what is missing, and nothing else: does npm's work when node_modules is absent or was not
 * installed from the package-lock.json that is here now. Run at the start of the npm scripts that
 * need dependencies, so that they work on a fresh clone and after a pull that changed the lock file.
 *
 * Uses nothing but Node itself, because it runs when there may be nothing else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Inside node_modules, so that deleting or replacing that folder also forgets the installation.
const stamp = join(root, 'node_modules', '.vmeg-lock-sha');

const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
const state = installedState();

if (state !== 'current') {
	console.log(`[ensure] ${state}: installing`);
	const started = Date.now();
	install();
	writeFileSync(stamp, `${wanted}\n`);
	console.log(`[ensure] dependencies installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** 'current', or the reason why an installation is needed. */
function installedState() {
	const recorded = readOrUndefined(stamp);
	if (recorded?.trim() === wanted) return 'current';
	if (recorded !== undefined) return 'package-lock.json has changed since the last installation';
	if (readOrUndefined(join(root, 'node_modules', '.package-lock.json')) === undefined) {
		return 'node_modules is missing or incomplete';
	}
	return adopt();
}

/**
 * Someone ran npm themselves: compare npm's own record of what it installed with the lock file, and
 * stamp it if they agree, rather than install everything again.
 */
function adopt() {
	const locked = packagesOf(join(root, 'package-lock.json'));
	const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
	for (const [path, entry] of Object.entries(locked)) {
		// Optional packages for other platforms are locked but rightly not installed.
		if (path === '' || entry.optional === true) continue;
		if (installed[path]?.version !== entry.version) return `${path} ${entry.version} is not installed`;
	}
	writeFileSync(stamp, `${wanted}\n`);
	return 'current';
}

function packagesOf(file) {
	return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

function readOrUndefined(file) {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
}

function install() {
	// Not `npm ci`: it would delete and download everything for one changed entry, and it refuses a lock
	// file without an entry for every optional package of every platform. The versions are those of the
	// lock file either way, and `--no-save` leaves that file alone.
	// npm is a .cmd file on Windows, which only a shell can start.
	const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	if (result.error) {
		console.error(`[ensure] npm could not be started: ${result.error.message}`);
		process.exit(1);
	}
	if (result.status !== 0) {
		console.error('[ensure] npm failed, see above');
		process.exit(result.status ?? 1);
	}
}
