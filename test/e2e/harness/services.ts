/**
 * A PostgreSQL and a Redis of a test run's own, from the operating system's packages: each in a folder
 * and on a port of its own, without fsync, and gone with the run, however that ends.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startDaemon } from './daemon';
import { freePorts, lastLines, run, silent, until, type Log } from './process';

/** A server that runs; it is stopped and its data deleted by `stop()`. */
export interface Service {
	host: string;
	port: number;
	stop(): Promise<void>;
}

/** How n8n signs in to the PostgreSQL of `startPostgres()`. */
export const POSTGRES_USER = 'n8n';
/** The database that is there from the start. */
export const POSTGRES_DATABASE = 'postgres';

const DEBIAN_PACKAGES = ['postgresql', 'redis-server'] as const;
const DEBIAN_POSTGRES = '/usr/lib/postgresql';
// PostgreSQL refuses to run as root, so root hands it to one of these.
const UNPRIVILEGED = ['postgres', 'nobody'] as const;
const READY_TIMEOUT_MS = 30_000;
const LOG_LINES = 30;
const LOOPBACK = '127.0.0.1';

const PROGRAMS = ['initdb', 'postgres', 'pg_isready', 'redis-server', 'redis-cli'] as const;

type Program = (typeof PROGRAMS)[number];

/**
 * Installs PostgreSQL and Redis where they are missing and this user may. Returns why they cannot be had
 * on this machine, or `undefined` when they are there; throws when they could be had but something failed.
 */
export async function ensureServices({ log = silent }: { log?: Log } = {}): Promise<string | undefined> {
	const { missing } = await findPrograms();
	if (missing.length === 0) return undefined;
	const lack = `this machine has no ${missing.join(', ')}`;
	if (process.getuid?.() !== 0) return `${lack}, and only root could install it`;
	if (findProgram('apt-get') === undefined) return `${lack}, and no apt-get to install it with`;
	await installDebianPackages(log);
	const { missing: stillMissing } = await findPrograms();
	if (stillMissing.length === 0) return undefined;
	throw new Error(`${DEBIAN_PACKAGES.join(' and ')} were installed, but not ${stillMissing.join(', ')}`);
}

/** Starts a PostgreSQL with an empty database. */
export async function startPostgres(): Promise<Service> {
	const initdb = await pathOf('initdb');
	const postgres = await pathOf('postgres');
	const isReady = await pathOf('pg_isready');
	const user = await unprivilegedUser();
	return await inOwnFolder('vmeg-postgres-', user, async (folder) => {
		const data = join(folder, 'data');
		const asUser = { cwd: folder, ...(user && { user }) };
		// Only this machine can reach it, and there is nothing in it: a password would protect nothing.
		const layout = ['--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
		await run(initdb, ['-D', data, '-U', POSTGRES_USER, ...layout], asUser);
		const [port = 0] = await freePorts(1);
		const settings = [
			...[`listen_addresses=${LOOPBACK}`, `unix_socket_directories=${folder}`],
			...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'],
		];
		const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
		const ask = async () =>
			await run(isReady, ['-q', '-h', LOOPBACK, '-p', String(port)], { cwd: folder });
		// "Fast" shutdown: SIGTERM would wait until every client is gone.
		const start = { command: postgres, args, stopSignal: 'SIGINT' } as const;
		return { ...start, port, ask };
	});
}

/** Starts a Redis that keeps nothing on disk. */
export async function startRedis(): Promise<Service> {
	const redis = await pathOf('redis-server');
	const redisCli = await pathOf('redis-cli');
	const user = await unprivilegedUser();
	return await inOwnFolder('vmeg-redis-', user, async (folder) => {
		const [port = 0] = await freePorts(1);
		const args = ['--bind', LOOPBACK, '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder];
		const ask = async () =>
			await run(redisCli, ['-h', LOOPBACK, '-p', String(port), '-e', 'ping'], { cwd: folder });
		return { command: redis, args, stopSignal: 'SIGTERM', port, ask };
	});
}

interface Start {
	command: string;
	args: string[];
	stopSignal: NodeJS.Signals;
	port: number;
	/** Fails until the server takes commands. */
	ask: () => Promise<unknown>;
}

async function inOwnFolder(
	prefix: string,
	user: User | undefined,
	prepare: (folder: string) => Promise<Start>,
): Promise<Service> {
	const folder = await mkdtemp(join(tmpdir(), prefix));
	const remove = async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	try {
		await chmod(folder, 0o700);
		if (user) await chown(folder, user.uid, user.gid);
		const start = await prepare(folder);
		const logFile = join(folder, 'server.log');
		const daemon = await startDaemon({
			...start,
			cwd: folder,
			env: { PATH: process.env.PATH, LC_ALL: 'C' },
			logFile,
			user,
			ownFolder: folder,
		});
		try {
			await until(
				`${start.command} to become ready`,
				async () => {
					if (daemon.hasEnded()) throw new Error(`${start.command} ended while it was starting`);
					return await start.ask().then(
						() => true,
						() => undefined,
					);
				},
				{ timeoutMs: READY_TIMEOUT_MS },
			);
		} catch (error) {
			await daemon.kill();
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(`${reason}. The end of its log:\n${lastLines(await readFile(logFile, 'utf8'), LOG_LINES)}`);
		}
		const stop = async () => {
			await daemon.stop();
			await remove();
		};
		return { host: LOOPBACK, port: start.port, stop };
	} catch (error) {
		await remove();
		throw error;
	}
}

interface User {
	uid: number;
	gid: number;
}

/** Whom a server is to run as when the harness is root; otherwise as whoever runs the harness. */
async function unprivilegedUser(): Promise<User | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
	const account = UNPRIVILEGED.map((name) => accounts.find(([known]) => known === name)).find(Boolean);
	if (account === undefined) throw new Error(`No user of ${UNPRIVILEGED.join(', ')} to run PostgreSQL as`);
	return { uid: Number(account[2]), gid: Number(account[3]) };
}

async function installDebianPackages(log: Log): Promise<void> {
	log(`Installing ${DEBIAN_PACKAGES.join(' and ')} for the end-to-end tests: once per machine`);
	const env = {
		...process.env,
		DEBIAN_FRONTEND: 'noninteractive',
		// Debian starts a server that it installs, except in this run level.
		RUNLEVEL: '1',
	};
	await run('apt-get', ['update'], { cwd: tmpdir(), env });
	await run('apt-get', ['install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES], { cwd: tmpdir(), env });
}

async function pathOf(program: Program): Promise<string> {
	const path = (await findPrograms()).found.get(program);
	if (path === undefined) throw new Error(`This machine has no ${program}: call ensureServices() first`);
	return path;
}

async function findPrograms() {
	const debian = await debianPostgresFolders();
	const found = new Map<Program, string>();
	for (const program of PROGRAMS) {
		const path = findProgram(program, debian);
		if (path !== undefined) found.set(program, path);
	}
	return { found, missing: PROGRAMS.filter((program) => !found.has(program)) };
}

/** Debian keeps PostgreSQL's server programs outside the PATH, by version; the newest first. */
async function debianPostgresFolders(): Promise<string[]> {
	if (!existsSync(DEBIAN_POSTGRES)) return [];
	const versions = await readdir(DEBIAN_POSTGRES);
	return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
}

function findProgram(name: string, preferred: string[] = []): string | undefined {
	const folders = [...preferred, ...(process.env.PATH ?? '').split(delimiter)];
	return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
