/** One n8n server process and its user folder: how it is started, watched, stopped and killed. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { hash } from 'bcryptjs';
import { startDaemon, type Daemon } from './daemon';
import { isFirstLine, type Host } from './host';
import { unpackAsCommunityPackage } from './package';
import { freePorts, lastLines, run, silent, until, type Log } from './process';

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
	/** Which of n8n's processes this is; by default the one that does everything. */
	command?: 'start' | 'worker' | 'webhook' | undefined;
}

/** The account that n8n creates at its start and the harness signs in with. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Harness-Owner-1',
	firstName: 'Olive',
	lastName: 'Owner',
} as const;

const READY_TIMEOUT_MS = 120_000;
const LOG_LINES = 40;
/** What n8n logs when a start is complete. */
const STARTED = 'Editor is now accessible via';

/** A server that is not necessarily running: made by `N8nServer.create`, it survives restarts. */
export class N8nServer {
	readonly baseUrl: string;

	private daemon: Daemon | undefined;
	private startsLogged = 0;

	private constructor(
		readonly host: Host,
		readonly userFolder: string,
		readonly port: number,
		private readonly env: Record<string, string>,
		private readonly ownsFolder: boolean,
		private readonly log: Log,
		private readonly command: string,
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
		const { log = silent, command = 'start' } = options;
		return new N8nServer(host, userFolder, port, env, ownsFolder, log, command);
	}

	/** Where n8n's output of all its starts goes. */
	get logFile(): string {
		return join(this.userFolder, 'n8n.log');
	}

	/** The id of n8n's main process. */
	get pid(): number {
		if (this.daemon === undefined) throw new Error('n8n is not running');
		return this.daemon.pid;
	}

	/** Starts n8n and waits until it serves webhooks and its REST API. */
	async start(): Promise<void> {
		if (this.daemon) throw new Error('n8n is running already');
		const started = Date.now();
		this.startsLogged = await this.countInLog(STARTED);
		this.daemon = await startDaemon({
			command: this.host.node,
			args: [this.host.n8n, this.command],
			cwd: this.userFolder,
			env: this.env,
			logFile: this.logFile,
			ownFolder: this.ownsFolder ? this.userFolder : undefined,
		});
		await this.waitUntilReady(this.daemon);
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
		await this.forget()?.kill();
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

	private async waitUntilReady(daemon: Daemon): Promise<void> {
		try {
			await until(
				'n8n to become ready',
				async () => {
					if (daemon.hasEnded()) throw new Error('n8n ended while it was starting');
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
		// The readiness of n8n 1.x is that of its database; webhooks follow, and then this line in its log.
		const isTold = isFirstLine(this.host.version) && this.command === 'start';
		if (isTold && (await this.countInLog(STARTED)) === this.startsLogged) return false;
		try {
			const response = await fetch(`${this.baseUrl}/healthz/readiness`, { signal: AbortSignal.timeout(2_000) });
			await response.arrayBuffer();
			return response.ok;
		} catch {
			return false;
		}
	}

	private async countInLog(text: string): Promise<number> {
		const log = await readFile(this.logFile, 'utf8').catch(() => '');
		return log.split(text).length - 1;
	}

	private async stopProcess(): Promise<void> {
		await this.forget()?.stop();
	}

	private forget(): Daemon | undefined {
		const daemon = this.daemon;
		this.daemon = undefined;
		return daemon;
	}
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
		...(isFirstLine(host.version)
			? // 1.x offers only what is listed here, and that is not all
				{ N8N_AVAILABLE_BINARY_DATA_MODES: 'filesystem,database' }
			: // 1.x refuses to start when a module is named that it does not know
				{ N8N_DISABLED_MODULES: 'mcp-registry' }),
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
