/** Small tools for child processes, ports and waiting, used by the rest of the harness. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** Receives one human-readable line of progress. */
export type Log = (line: string) => void;

/** Drops progress lines: the default where the caller gave no `log`. */
export const silent: Log = () => undefined;

export interface RunOptions {
	cwd: string;
	env?: NodeJS.ProcessEnv;
	/** The user and group ids to run as; without them, those of the harness. */
	user?: { uid: number; gid: number };
	/** Called every `tickMs` with the seconds the command has been running. */
	onTick?: (seconds: number) => void;
	tickMs?: number;
}

const KEPT_OUTPUT = 20_000;
const ERROR_LINES = 60;

/** Runs a command to its end and returns what it printed; a failure carries the last lines of that. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
	const started = Date.now();
	const ticker =
		options.onTick &&
		setInterval(() => options.onTick?.(secondsSince(started)), options.tickMs ?? 15_000);
	let output = '';
	const keep = (chunk: Buffer) => {
		output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
	};
	try {
		const status = await new Promise<string>((resolve, reject) => {
			const child = spawn(command, args, {
				cwd: options.cwd,
				env: options.env ?? process.env,
				stdio: ['ignore', 'pipe', 'pipe'],
				...options.user,
			});
			child.stdout.on('data', keep);
			child.stderr.on('data', keep);
			child.once('error', reject);
			child.once('close', (code, signal) => resolve(signal ?? String(code)));
		});
		if (status !== '0') throw new Error(`it ended with ${status}`);
		return output;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`\`${command} ${args.join(' ')}\` failed: ${reason}\n${lastLines(output, ERROR_LINES)}`);
	} finally {
		clearInterval(ticker);
	}
}

/** The last `count` lines of a text. */
export function lastLines(text: string, count: number): string {
	return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Whole seconds since `started`, a value of `Date.now()`. */
export function secondsSince(started: number): number {
	return Math.round((Date.now() - started) / 1000);
}

/** Waits `ms` milliseconds. */
export async function sleep(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks `check` again and again until it returns something other than `undefined`. */
export async function until<T>(
	what: string,
	check: () => Promise<T | undefined>,
	{ timeoutMs, everyMs = 100 }: { timeoutMs: number; everyMs?: number },
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const answer = await check();
		if (answer !== undefined) return answer;
		if (Date.now() >= deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}`);
		await sleep(everyMs);
	}
}

/** TCP ports of the loopback interface that are free now, each a different one. */
export async function freePorts(count: number): Promise<number[]> {
	// All are held open together: a port closed at once could be handed out a second time.
	const servers = await Promise.all(Array.from({ length: count }, listen));
	return await Promise.all(servers.map(closeAndTellPort));
}

async function listen() {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	return server;
}

async function closeAndTellPort(server: Awaited<ReturnType<typeof listen>>): Promise<number> {
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
	return address.port;
}

/** Whether a process, or with a negative id any process of that group, exists. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM means that it exists and belongs to somebody else.
		return errorCode(error) === 'EPERM';
	}
}

/** Sends a signal to a process or, with a negative id, to a group; one that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch (error) {
		if (errorCode(error) !== 'ESRCH') throw error;
	}
}

/** The `code` of a system error such as ENOENT, if it has one. */
export function errorCode(error: unknown): string | undefined {
	if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
	return typeof error.code === 'string' ? error.code : undefined;
}
