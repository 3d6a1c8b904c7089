/**
 * The real n8n that the end-to-end journeys run on: installed once per machine, from a lock file in
 * `test/e2e`, into the user's cache directory. Nothing of it lands in this repository.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { errorCode, isAlive, run, secondsSince, silent, sleep, type Log } from './process';

/** An installed n8n and the Node it runs on. */
export interface Host {
	dir: string;
	/** The Node 24 executable that n8n is started with. */
	node: string;
	/** n8n's command line entry, a script for `node`. */
	n8n: string;
	version: string;
}

/** Which n8n: the one that this package is made for, or the last of the 1.x line. */
export type Release = 'current' | 'legacy';

const HOST_SOURCES: Record<Release, string> = {
	current: join(__dirname, '..', 'host'),
	legacy: join(__dirname, '..', 'host-legacy'),
};
const HOST_FILES = ['package.json', 'package-lock.json'] as const;
// No installation takes this long: a lock this old belongs to a process id that was used again.
const STALE_LOCK_MS = 30 * 60_000;

const hostPackageSchema = z.object({
	dependencies: z.object({ n8n: z.string(), node: z.string() }),
});

/** Whether a version of n8n is of the 1.x line, of which some things are to be asked otherwise. */
export const isFirstLine = (version: string): boolean => version.startsWith('1.');

/** The installed host, installing it first if this machine has none for the lock file. */
export async function ensureHost({
	log = silent,
	release = 'current',
}: { log?: Log; release?: Release } = {}): Promise<Host> {
	const source = HOST_SOURCES[release];
	const pinned = hostPackageSchema.parse(
		JSON.parse(await readFile(join(source, 'package.json'), 'utf8')),
	).dependencies;
	const dir = await hostDirectory(source, pinned.node);
	// The directory appears by an atomic rename of a finished installation: present means complete.
	if (!existsSync(dir)) {
		await withLock(`${dir}.lock`, log, async () => {
			if (!existsSync(dir)) await installInto(source, dir, pinned, log);
		});
	}
	return describeHost(dir, pinned.n8n);
}

function describeHost(dir: string, version: string): Host {
	return {
		dir,
		node: join(dir, 'node_modules', '.bin', 'node'),
		n8n: join(dir, 'node_modules', 'n8n', 'bin', 'n8n'),
		version,
	};
}

async function hostDirectory(source: string, nodeVersion: string): Promise<string> {
	const key = createHash('sha256')
		.update(await readFile(join(source, 'package-lock.json')))
		.update(`\nnode ${major(nodeVersion)} ${process.platform} ${process.arch}\n`)
		.digest('hex')
		.slice(0, 16);
	return join(cacheDirectory(), 'n8n-nodes-vmeg', `host-${key}`);
}

function cacheDirectory(): string {
	if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
	return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

async function installInto(
	source: string,
	dir: string,
	pinned: { n8n: string; node: string },
	log: Log,
): Promise<void> {
	const started = Date.now();
	log(`Installing n8n ${pinned.n8n} for the end-to-end tests: once per machine, about 3 minutes, 2.5 GB`);
	log(`  into ${dir}`);
	await removeAbandoned(dir);
	const partial = `${dir}.partial-${process.pid}`;
	await mkdir(partial, { recursive: true });
	try {
		for (const file of HOST_FILES) await copyFile(join(source, file), join(partial, file));
		await installPackages(partial, log);
		await verify(describeHost(partial, pinned.n8n), pinned.node);
		await renameUnlessThere(partial, dir);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
	log(`n8n ${pinned.n8n} is installed (${secondsSince(started)} s)`);
}

async function installPackages(dir: string, log: Log): Promise<void> {
	const npm = async (what: string, args: string[]) => {
		log(`  ${what}`);
		await run('npm', args, {
			cwd: dir,
			env: npmEnvironment(),
			onTick: (seconds) => log(`  ${what}: ${seconds} s`),
		});
	};
	// `install` and not `ci`: npm writes no entry for an optional package that a registry lacks, here
	// some for other platforms, and `ci` then refuses its own lock file. What the lock file names is
	// installed in exactly the locked version and verified by its checksum either way.
	// Without scripts: most of the two thousand packages need none, and the few that compile native
	// code would do it for the Node that runs this harness, which n8n does not run on.
	const quietly = ['--no-save', '--no-audit', '--no-fund'];
	await npm('downloading and unpacking', ['install', '--legacy-peer-deps', '--ignore-scripts', ...quietly]);
	// Said explicitly, because a project's `ignore-scripts=true` reaches npm scripts' children.
	await npm('preparing the database driver', ['rebuild', 'sqlite3', '--ignore-scripts=false']);
	await npm('fetching Node for n8n', ['rebuild', 'node', '--ignore-scripts=false']);
}

/** npm's environment, told where this machine has Node's headers: then compiling needs no download. */
function npmEnvironment(): NodeJS.ProcessEnv {
	const prefixes = [dirname(dirname(process.execPath)), '/usr'];
	const withHeaders = prefixes.find((prefix) => existsSync(join(prefix, 'include', 'node', 'node.h')));
	return withHeaders ? { ...process.env, npm_config_nodedir: withHeaders } : process.env;
}

/** Fails unless the parts that most often go wrong, Node, the database driver and n8n, really start. */
async function verify(host: Host, nodeVersion: string): Promise<void> {
	const env = { ...process.env, PATH: `${dirname(host.node)}${delimiter}${process.env.PATH ?? ''}` };
	const ask = async (...args: string[]) => (await run(host.node, args, { cwd: host.dir, env })).trim();
	const node = await ask('-v');
	if (major(node) !== major(nodeVersion)) throw new Error(`The n8n host has Node ${node}, not ${nodeVersion}`);
	// sqlite3 uses Node-API, so a driver compiled under another Node works, but only loading it proves that.
	await ask('-e', "new (require('sqlite3').Database)(':memory:')");
	const version = await ask(host.n8n, '--version');
	if (version.split('\n').at(-1) !== host.version) {
		throw new Error(`The n8n host says it is version ${version}, not ${host.version}`);
	}
}

function major(version: string): string {
	return version.replace(/^v/, '').split('.')[0] ?? '';
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
	try {
		await rename(from, to);
	} catch (error) {
		// Another process finished the same installation first: that one is as good.
		if (!existsSync(to)) throw error;
	}
}

/** Removes what installations that were interrupted left beside `dir`. */
async function removeAbandoned(dir: string): Promise<void> {
	const parent = dirname(dir);
	for (const name of await readdir(parent)) {
		const pid = /^host-[0-9a-f]+\.partial-(\d+)$/.exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) {
			await rm(join(parent, name), { recursive: true, force: true });
		}
	}
}

/**
 * Runs `work` while no other process of this machine does. The lock only saves the second process the
 * download: should both ever hold it, each installs into a directory of its own and one rename wins.
 */
async function withLock(file: string, log: Log, work: () => Promise<void>): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	let told = false;
	while (!(await tryLock(file))) {
		if (await isStale(file)) {
			await rm(file, { force: true });
			continue;
		}
		if (!told) log('Another process is installing the n8n host: waiting for it');
		told = true;
		await sleep(1_000);
	}
	try {
		await work();
	} finally {
		await rm(file, { force: true });
	}
}

async function tryLock(file: string): Promise<boolean> {
	try {
		await writeFile(file, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if (errorCode(error) === 'EEXIST') return false;
		throw error;
	}
}

async function isStale(file: string): Promise<boolean> {
	try {
		const [pid, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
		// An empty file is one whose owner is just about to write its id.
		const ownerGone = pid !== '' && !isAlive(Number(pid));
		return ownerGone || Date.now() - mtimeMs > STALE_LOCK_MS;
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return false;
		throw error;
	}
}
