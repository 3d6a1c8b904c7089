/** One n8n server process and its user folder: how it is started, watched, stopped and killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { hash } from 'bcryptjs';
import type { Host } from './host';
import { unpackAsCommunityPackage } from './package';
import { freePorts, isAlive, lastLines, run, signal, silent, until, type Log } from './process';

export interface ServerOptions {
	/** A packed community package to install; without one, n8n has only its own nodes. */
	packageTarball?: string | undefined;
	/** A folder to use and keep; without one, a new folder is made and deleted with `stop()`. */
	userFolder?: string | undefined;
	/** More environment variables for n8n, stronger than the ones set here. */
	env?: Record<string, string> | undefined;
	port?: number | undefined;
	log?: Log | undefined;
	/** How n8n evaluates expressions; n8n's own default is `vm`, the isolated one. */
	expressionEngine?: 'vm' | 'legacy' | undefined;
}

/** The account that n8n creates at its start and the harness signs in with. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Harness-Owner-1',
	firstName: 'Olive',
	lastName: 'Owner',
} as const;

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_LINES = 40;

/** A server that is not necessarily running: made by `N8nServer.create`, it survives restarts. */
export class N8nServer {
	readonly baseUrl: string;

	private child: ChildProcess | undefined;
	private lifeline: ChildProcess | undefined;

	private constructor(
		readonly host: Host,
		readonly userFolder: string,
		readonly port: number,
		private readonly env: Record<string, string>,
		private readonly ownsFolder: boolean,
		private readonly log: Log,
	) {
		this.baseUrl = `http://127.0.0.1:${port}`;
	}

	/** Lays out the user folder and chooses the ports; starts nothing. */
	static async create(host: Host, options: ServerOptions = {}): Promise<N8nServer> {
		const userFolder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'vmeg-n8n-')));
		await mkdir(userFolder, { recursive: true });
		if (options.packageTarball) await unpackAsCommunityPackage(options.packageTarball, userFolder);
		const [freePort = 0, brokerPort = 0] = await freePorts(2);
		const port = options.port ?? freePort;
		const env = {
			...(await environment(host, userFolder, port, brokerPort)),
			...(options.expressionEngine && { N8N_EXPRESSION_ENGINE: options.expressionEngine }),
			...options.env,
		};
		const ownsFolder = options.userFolder === undefined;
		return new N8nServer(host, userFolder, port, env, ownsFolder, options.log ?? silent);
	}

	/** Where n8n's output of all its starts goes. */
	get logFile(): string {
		return join(this.userFolder, 'n8n.log');
	}

	/** The id of n8n's main process. */
	get pid(): number {
		if (this.child?.pid === undefined) throw new Error('n8n is not running');
		return this.child.pid;
	}

	/** Starts n8n and waits until it serves webhooks and its REST API. */
	async start(): Promise<void> {
		if (this.child) throw new Error('n8n is running already');
		const started = Date.now();
		this.child = await this.spawnServer();
		this.lifeline = spawnLifeline(this.pid, this.ownsFolder ? this.userFolder : undefined);
		await this.waitUntilReady();
		this.log(`n8n ${this.host.version} is ready at ${this.baseUrl} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
	}

	/** Stops n8n the way an administrator would, and deletes the user folder if it was made here. */
	async stop(): Promise<void> {
		await this.stopProcess();
		if (this.ownsFolder) await rm(this.userFolder, { recursive: true, force: true, maxRetries: 5 });
	}

	/** Stops n8n if it runs and starts it again with the same user folder and port. */
	async restart(): Promise<void> {
		await this.stopProcess();
		await this.start();
	}

	/** Ends n8n as a crash or a power cut would: it gets no chance to finish anything. */
	async kill(): Promise<void> {
		const child = this.forget();
		if (child?.pid === undefined) return;
		signal(-child.pid, 'SIGKILL');
		await groupGone(child.pid, STOP_TIMEOUT_MS);
	}

	/** Resident memory of n8n's main process in bytes: now, and the most since it was started. */
	async memory(): Promise<{ rss: number; peak: number }> {
		const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
		const read = (field: string) => {
			const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
			if (kilobytes === undefined) throw new Error(`No ${field} for process ${this.pid}`);
			return Number(kilobytes) * 1024;
		};
		return { rss: read('VmRSS'), peak: read('VmHWM') };
	}

	/**
	 * Runs an n8n command such as `import:workflow` on the user folder and returns its output. Import and
	 * publish before `start()`: a running server does not notice all of it.
	 */
	async cli(...args: string[]): Promise<string> {
		// A port of its own for the task broker, or it collides with the running server's.
		const [brokerPort = 0] = await freePorts(1);
		const env = { ...this.env, N8N_RUNNERS_BROKER_PORT: String(brokerPort) };
		return await run(this.host.node, [this.host.n8n, ...args], { cwd: this.userFolder, env });
	}

	/** The last lines that n8n logged. */
	async logTail(count: number = LOG_LINES): Promise<string> {
		return lastLines(await readFile(this.logFile, 'utf8'), count);
	}

	private async spawnServer(): Promise<ChildProcess> {
		const log = await open(this.logFile, 'a');
		try {
			// A file and not a pipe, so that n8n neither blocks nor dies with its reader.
			const child = spawn(this.host.node, [this.host.n8n, 'start'], {
				cwd: this.userFolder,
				env: this.env,
				stdio: ['ignore', log.fd, log.fd],
				// A process group of its own: its task runner can then be ended together with it.
				detached: true,
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

	private async waitUntilReady(): Promise<void> {
		const child = this.child;
		try {
			await until(
				'n8n to become ready',
				async () => {
					if (child && hasEnded(child)) throw new Error('n8n ended while it was starting');
					return (await this.isReady()) || undefined;
				},
				{ timeoutMs: READY_TIMEOUT_MS },
			);
		} catch (error) {
			await this.kill();
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(`${reason}. The end of its log, ${this.logFile}:\n${await this.logTail()}`);
		}
	}

	// Not /healthz, which answers before the REST API and the webhooks do.
	private async isReady(): Promise<boolean> {
		try {
			const response = await fetch(`${this.baseUrl}/healthz/readiness`, { signal: AbortSignal.timeout(2_000) });
			await response.arrayBuffer();
			return response.ok;
		} catch {
			return false;
		}
	}

	private async stopProcess(): Promise<void> {
		const child = this.forget();
		if (child?.pid === undefined) return;
		signal(child.pid, 'SIGTERM');
		await endedWithin(child, STOP_TIMEOUT_MS);
		// Whatever is left: a server that does not stop, or a task runner that outlived it.
		signal(-child.pid, 'SIGKILL');
		await groupGone(child.pid, STOP_TIMEOUT_MS);
	}

	private forget(): ChildProcess | undefined {
		const child = this.child;
		this.lifeline?.stdin?.end('done\n');
		this.child = undefined;
		this.lifeline = undefined;
		return child;
	}
}

/** Sees to it that n8n does not outlive the harness, even if the harness is killed. */
function spawnLifeline(group: number, ownFolder: string | undefined): ChildProcess {
	const args = [join(__dirname, 'lifeline.cjs'), String(group), ...(ownFolder ? [ownFolder] : [])];
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

async function endedWithin(child: ChildProcess, timeoutMs: number): Promise<void> {
	if (hasEnded(child)) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, timeoutMs);
		child.once('exit', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

async function groupGone(group: number, timeoutMs: number): Promise<void> {
	await until(
		`process group ${group} to end`,
		async () => (isAlive(-group) ? undefined : true),
		{ timeoutMs, everyMs: 20 },
	);
}

/** Everything n8n gets to see of the environment: what is not listed here cannot influence a test. */
async function environment(
	host: Host,
	userFolder: string,
	port: number,
	brokerPort: number,
): Promise<Record<string, string>> {
	const temporary = join(userFolder, 'tmp');
	await mkdir(temporary, { recursive: true });
	return {
		PATH: `${dirname(host.node)}${delimiter}${process.env.PATH ?? ''}`,
		HOME: userFolder,
		// n8n leaves folders of its own in there, which go with the user folder.
		TMPDIR: temporary,
		GENERIC_TIMEZONE: 'UTC',
		TZ: 'UTC',
		N8N_USER_FOLDER: userFolder,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		WEBHOOK_URL: `http://127.0.0.1:${port}/`,
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		// n8n writes the key it first saw into the user folder and insists on it ever after.
		N8N_ENCRYPTION_KEY: await encryptionKey(userFolder),
		N8N_SECURE_COOKIE: 'false',
		N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
		N8N_INSTANCE_OWNER_EMAIL: OWNER.email,
		N8N_INSTANCE_OWNER_FIRST_NAME: OWNER.firstName,
		N8N_INSTANCE_OWNER_LAST_NAME: OWNER.lastName,
		N8N_INSTANCE_OWNER_PASSWORD_HASH: await hash(OWNER.password, 10),
		...NO_OUTBOUND_CALLS,
	};
}

const NO_OUTBOUND_CALLS = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_DISABLED_MODULES: 'mcp-registry',
} as const;

const NEW_KEY_BYTES = 24;

async function encryptionKey(userFolder: string): Promise<string> {
	try {
		const config: unknown = JSON.parse(await readFile(join(userFolder, '.n8n', 'config'), 'utf8'));
		if (typeof config === 'object' && config !== null && 'encryptionKey' in config) {
			return String(config.encryptionKey);
		}
	} catch {
		// A new user folder has no config yet.
	}
	return randomBytes(NEW_KEY_BYTES).toString('hex');
}
