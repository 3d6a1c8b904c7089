/** A real n8n with the package in it, for tests and for the demo: `const n8n = await startN8n({ … })`. */
import { N8nClient } from './client';
import { ensureHost, type Host } from './host';
import { N8nServer, OWNER, type ServerOptions } from './server';

export * from './client';
export { packPackage, PACKAGE_NAME, VMEG_CREDENTIAL, VMEG_NODE, VMEG_TRIGGER_NODE } from './package';
export { ensureHost, type Host } from './host';
export { OWNER, type ServerOptions } from './server';

/** An n8n server and a signed-in client for it. */
export class N8n extends N8nClient {
	private connected = false;

	constructor(readonly server: N8nServer) {
		super(server.baseUrl, server.host.version);
	}

	/** Starts the server; needed only after `createN8n()` or `kill()`. */
	async start(): Promise<void> {
		await this.server.start();
		// Account, session and key outlive the process: all live in the user folder.
		if (this.connected) return;
		await this.setUpOwner(OWNER);
		await this.connect(OWNER);
		this.connected = true;
	}

	/** Stops n8n and deletes its user folder, unless that was given. Safe to call twice. */
	async stop(): Promise<void> {
		await this.server.stop();
	}

	/** Stops n8n in good order, or picks up after `kill()`, and starts it on the same folder and port. */
	async restart(): Promise<void> {
		await this.server.restart();
	}

	/** Ends n8n and its task runner at once, as a crash would. */
	async kill(): Promise<void> {
		await this.server.kill();
	}

	/** Resident memory of the main process in bytes: now, and the highest since its start. */
	async memory(): Promise<{ rss: number; peak: number }> {
		return await this.server.memory();
	}

	/** Runs an n8n command on the user folder, such as `cli('import:workflow', '--input=…')`. */
	async cli(...args: string[]): Promise<string> {
		return await this.server.cli(...args);
	}

	/** The last lines of n8n's log. */
	async logTail(count?: number): Promise<string> {
		return await this.server.logTail(count);
	}
}

/** Options of `startN8n`; `host` saves looking it up again. */
export interface N8nOptions extends ServerOptions {
	host?: Host;
}

/** Prepares an n8n without starting it: for imports through `cli()`, then `start()`. */
export async function createN8n(options: N8nOptions = {}): Promise<N8n> {
	const host = options.host ?? (await ensureHost(options.log ? { log: options.log } : {}));
	return new N8n(await N8nServer.create(host, options));
}

/** Starts an n8n and signs in. Always `stop()` it, in `afterAll` or `finally`. */
export async function startN8n(options: N8nOptions = {}): Promise<N8n> {
	const n8n = await createN8n(options);
	try {
		await n8n.start();
		return n8n;
	} catch (error) {
		await n8n.stop();
		throw error;
	}
}
