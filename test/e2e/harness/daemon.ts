/** A server process of the tests: started in the background, and certain to end with whoever started it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { isAlive, signal, until } from './process';

export interface DaemonOptions {
	command: string;
	args: readonly string[];
	cwd: string;
	env: NodeJS.ProcessEnv;
	/** Its output is appended to this file. */
	logFile: string;
	/** The user and group ids to run as; without them, those of the harness. */
	user?: { uid: number; gid: number } | undefined;
	/** What asks it to end in good order. */
	stopSignal?: NodeJS.Signals;
	/** A folder that goes when the harness is gone before it stopped the process. */
	ownFolder?: string | undefined;
}

/** A process that was started; it may have ended since. */
export interface Daemon {
	readonly pid: number;
	hasEnded(): boolean;
	/** Asks it to end, and ends what is left of it and its children after a while. Safe to call twice. */
	stop(): Promise<void>;
	/** Ends it and its children at once, as a crash or a power cut would. */
	kill(): Promise<void>;
}

// n8n gives its executions 30 s to finish; killed before that, it would lose what it is about to store.
const STOP_TIMEOUT_MS = 45_000;

/** Starts a process and returns without waiting for it to be ready. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
	const stopSignal = options.stopSignal ?? 'SIGTERM';
	const child = await spawnDetached(options);
	const { pid } = child;
	if (pid === undefined) throw new Error(`\`${options.command}\` has no process id`);
	const lifeline = spawnLifeline(pid, stopSignal, options.ownFolder);
	const dismiss = () => lifeline.stdin?.end('done\n');
	const killGroup = async () => {
		signal(-pid, 'SIGKILL');
		await groupGone(pid);
	};
	return {
		pid,
		hasEnded: () => hasEnded(child),
		stop: async () => {
			dismiss();
			if (!hasEnded(child)) signal(pid, stopSignal);
			await endedInTime(child);
			// Whatever is left: a server that does not stop, or a child that outlived it.
			await killGroup();
		},
		kill: async () => {
			dismiss();
			await killGroup();
		},
	};
}

async function spawnDetached(options: DaemonOptions): Promise<ChildProcess> {
	const log = await open(options.logFile, 'a');
	try {
		// A file and not a pipe, so that the server neither blocks nor dies with its reader.
		const child = spawn(options.command, options.args, {
			cwd: options.cwd,
			env: options.env,
			stdio: ['ignore', log.fd, log.fd],
			// A process group of its own: its children can then be ended together with it.
			detached: true,
			...options.user,
		});
		await new Promise<void>((resolve, reject) => {
			child.once('spawn', resolve);
			child.once('error', reject);
		});
		// A test that forgot to stop its server shall still be able to end; the lifeline sees to the rest.
		child.unref();
		return child;
	} finally {
		await log.close();
	}
}

/** Sees to it that the process does not outlive the harness, even if the harness is killed. */
function spawnLifeline(
	group: number,
	stopSignal: NodeJS.Signals,
	ownFolder: string | undefined,
): ChildProcess {
	const args = [
		join(__dirname, 'lifeline.cjs'),
		String(group),
		stopSignal,
		...(ownFolder === undefined ? [] : [ownFolder]),
	];
	const lifeline = spawn(process.execPath, args, {
		stdio: ['pipe', 'ignore', 'ignore'],
		// Out of the terminal's reach: Ctrl+C must not end it together with the harness.
		detached: true,
	});
	// It may be gone when the harness says goodbye to it.
	lifeline.stdin?.on('error', () => undefined);
	// Neither the process nor the pipe to it shall keep the harness alive.
	lifeline.unref();
	if (lifeline.stdin instanceof Socket) lifeline.stdin.unref();
	return lifeline;
}

function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

async function endedInTime(child: ChildProcess): Promise<void> {
	if (hasEnded(child)) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
		child.once('exit', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

async function groupGone(group: number): Promise<void> {
	await until(
		`process group ${group} to end`,
		async () => (isAlive(-group) ? undefined : true),
		{ timeoutMs: STOP_TIMEOUT_MS, everyMs: 20 },
	);
}
