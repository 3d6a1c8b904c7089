/**
 * n8n as larger installations run it: on PostgreSQL, as one process or in queue mode with a process for
 * the editor, some that execute and some that take webhooks, each with a user folder of its own as if on
 * a machine of its own.
 */
import { randomBytes } from 'node:crypto';
import { ensureHost, type Host } from '../harness/host';
import { N8nClient, OWNER, type ServerOptions } from '../harness/n8n';
import { freePorts } from '../harness/process';
import { N8nServer } from '../harness/server';
import { POSTGRES_DATABASE, POSTGRES_USER, startPostgres, startRedis, type Service } from '../harness/services';

/** What may be asked of every process; those of `startN8n()` that make sense for more than one. */
export type ClusterOptions = Pick<ServerOptions, 'env' | 'expressionEngine' | 'log' | 'packageTarball'> & {
	host?: Host;
};

export interface QueueOptions extends ClusterOptions {
	workers?: number;
	webhookProcessors?: number;
}

const KEY_BYTES = 24;

/** Starts one n8n on a PostgreSQL of its own. Always `stop()` it. */
export async function startOnPostgres(options: ClusterOptions = {}): Promise<N8nCluster> {
	return await startCluster(['main'], options);
}

/**
 * Starts n8n in queue mode: `main` for the editor and the API, `worker1`, `worker2`, … for all executions,
 * manual ones too, and `webhook1`, … for production webhooks. Always `stop()` it.
 */
export async function startQueueMode(options: QueueOptions = {}): Promise<N8nCluster> {
	const { workers = 2, webhookProcessors = 1, ...rest } = options;
	const names = ['main', ...numbered('worker', workers), ...numbered('webhook', webhookProcessors)];
	return await startCluster(names, rest);
}

/** All processes of one n8n, and a client signed in to its main process. */
export class N8nCluster extends N8nClient {
	private connected = false;

	constructor(
		/** By name, in the order in which they start; each can be killed and restarted. */
		readonly processes: ReadonlyMap<string, N8nServer>,
		private readonly services: readonly Service[],
	) {
		const { baseUrl, host } = serverNamed(processes, 'main');
		super(baseUrl, host.version, processes.get('webhook1')?.baseUrl);
	}

	/** One of the processes. */
	process(name: string): N8nServer {
		return serverNamed(this.processes, name);
	}

	/** The production URL of a workflow's webhook node, on a webhook processor other than the first. */
	async webhookUrlOn(name: string, workflowId: string, nodeName: string): Promise<string> {
		const { pathname } = new URL(await this.webhookUrl(workflowId, nodeName));
		return `${this.process(name).baseUrl}${pathname}`;
	}

	/** Starts all processes; needed only after `kill()`. */
	async start(): Promise<void> {
		// The main process prepares the database, which the others expect to be ready.
		const [main, ...others] = this.processes.values();
		await main?.start();
		await Promise.all(others.map(async (server) => await server.start()));
		if (this.connected) return;
		await this.setUpOwner(OWNER);
		await this.connect(OWNER);
		this.connected = true;
	}

	/** Stops everything and deletes all of it. Safe to call twice. */
	async stop(): Promise<void> {
		await Promise.all([...this.processes.values()].map(async (server) => await server.stop()));
		await Promise.all(this.services.map(async (service) => await service.stop()));
	}

	/** Stops all processes in good order, or picks up after `kill()`, and starts them again. */
	async restart(): Promise<void> {
		const [main, ...others] = this.processes.values();
		await main?.restart();
		await Promise.all(others.map(async (server) => await server.restart()));
	}

	/** Ends all processes at once. The database stays. */
	async kill(): Promise<void> {
		await Promise.all([...this.processes.values()].map(async (server) => await server.kill()));
	}

	/** The last lines of the log of every process. */
	async logTail(count?: number): Promise<string> {
		const logs = [...this.processes].map(async ([name, server]) => `${name}:\n${await server.logTail(count)}`);
		return (await Promise.all(logs)).join('\n\n');
	}
}

async function startCluster(names: string[], options: ClusterOptions): Promise<N8nCluster> {
	const isQueue = names.length > 1;
	const host = options.host ?? (await ensureHost());
	const services: Service[] = [];
	const processes = new Map<string, N8nServer>();
	try {
		const postgres = await startPostgres();
		services.push(postgres);
		const redis = isQueue ? await startRedis() : undefined;
		if (redis) services.push(redis);
		const ports = await freePorts(names.length);
		const shared = {
			...postgresEnvironment(postgres),
			...(redis && queueEnvironment(redis)),
			// What one process encrypts the others have to read.
			N8N_ENCRYPTION_KEY: randomBytes(KEY_BYTES).toString('hex'),
			WEBHOOK_URL: `http://127.0.0.1:${ports[names.indexOf(isQueue ? 'webhook1' : 'main')]}/`,
		};
		for (const [index, name] of names.entries()) {
			const port = ports[index] ?? 0;
			const env = { ...shared, QUEUE_HEALTH_CHECK_PORT: String(port), ...options.env };
			processes.set(name, await N8nServer.create(host, { ...options, command: commandOf(name), env, port }));
		}
		const cluster = new N8nCluster(processes, services);
		await cluster.start();
		return cluster;
	} catch (error) {
		await Promise.all([...processes.values()].map(async (server) => await server.stop()));
		await Promise.all(services.map(async (service) => await service.stop()));
		throw error;
	}
}

function postgresEnvironment({ host, port }: Service): Record<string, string> {
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: host,
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_USER: POSTGRES_USER,
		DB_POSTGRESDB_DATABASE: POSTGRES_DATABASE,
	};
}

function queueEnvironment({ host, port }: Service): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: host,
		QUEUE_BULL_REDIS_PORT: String(port),
		// Workers serve nothing else, and this tells when they are ready.
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		// Files of one process must be there for another.
		N8N_DEFAULT_BINARY_DATA_MODE: 'database',
	};
}

function commandOf(name: string): 'start' | 'worker' | 'webhook' {
	if (name.startsWith('worker')) return 'worker';
	return name.startsWith('webhook') ? 'webhook' : 'start';
}

const numbered = (name: string, count: number) =>
	Array.from({ length: count }, (_, index) => `${name}${index + 1}`);

function serverNamed(processes: ReadonlyMap<string, N8nServer>, name: string): N8nServer {
	const server = processes.get(name);
	if (server === undefined) throw new Error(`There is no process "${name}", only ${[...processes.keys()].join(', ')}`);
	return server;
}
