import type { ActiveFault, FaultRule } from './faults';
import type { DeliveryEntry, Journal, JournalMode } from './journal';
import { Log } from './log';
import type { Material } from './materials';
import { listen } from './server';
import { defaultSettings, type Settings } from './settings';
import { signatureHeaders } from './signature';
import type { TaskSnapshot } from './tasks';
import type { JsonObject } from './types';
import { Vmeg } from './vmeg';

export type { ActiveFault, FaultKind, FaultRule } from './faults';
export type { DeliveryEntry, Journal, JournalEntry, JournalMode, RequestEntry } from './journal';
export type { Settings } from './settings';
export type { TaskSnapshot } from './tasks';

/** How to start a sandbox; every field is optional. The rest of `Settings` may be given too. */
export interface SandboxOptions extends Partial<Settings> {
	/** 0 takes any free port. */
	port?: number;
	host?: string;
	apiKey?: string;
	webhookSecret?: string;
	webhookUrl?: string;
	/** Balance of the account. */
	credits?: number;
	/** Receives one line per request, delivery and step of a task. */
	log?: (line: string) => void;
	/** Whether log lines carry terminal colours. */
	colours?: boolean;
	/** `counts` keeps no entries, for long runs. */
	journal?: JournalMode;
	/** Makes ids the same in every run; random without it. */
	seed?: number;
}

/** A running sandbox. */
export interface Sandbox {
	/** Origin, e.g. `http://127.0.0.1:4010`: the credential's base URL. */
	readonly url: string;
	readonly apiKey: string;
	readonly webhookSecret: string;
	readonly journal: Journal;
	/** May be changed while it runs. */
	readonly settings: Settings;
	/** Credits left. */
	readonly balance: number;
	/** Credits charged since the start or the last reset. */
	readonly charged: number;
	/** All tasks, newest first. */
	tasks(): TaskSnapshot[];
	/** `undefined` stops deliveries. */
	setWebhookUrl(url: string | undefined): void;
	setCredits(balance: number): void;
	addFault(rule: FaultRule): ActiveFault;
	clearFaults(): void;
	/** Registers a material without an upload; a file given by path is used in place. */
	addMaterial(
		material: { name: string; durationSeconds?: number } & ({ bytes: Uint8Array } | { path: string }),
	): Promise<JsonObject & { materialId: string }>;
	/** Delivers the completion of an ended task again: same pipelineKey, fresh signature, one attempt. */
	deliver(taskId: string): Promise<DeliveryEntry>;
	/** Headers and body of a callback, signed as VMEG signs (API contract §9). `timestamp` is in milliseconds. */
	signedRequest<B extends string | Buffer>(
		body: B,
		options?: { timestamp?: number | string; secret?: string },
	): { headers: Record<'Content-Type' | 'X-Timestamp' | 'X-Signature', string>; body: B };
	/** Forgets everything but settings, webhook URL and system voices. */
	reset(): Promise<void>;
	close(): Promise<void>;
}

/** Starts a local VMEG: the whole API, webhooks and object storage. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const settings = settingsFrom(options);
	const vmeg = new Vmeg(
		options.apiKey ?? 'sandbox-key',
		settings,
		new Log(options.log, options.colours ?? false),
		{ url: options.webhookUrl, secret: options.webhookSecret ?? 'sandbox-secret' },
		options.credits ?? 1_000_000,
		options.seed,
	);
	vmeg.journal.mode = options.journal ?? 'full';
	const server = await listen(vmeg, options.host ?? '127.0.0.1', options.port ?? 0);
	vmeg.url = server.url;
	let closing: Promise<void> | undefined;

	async function close(): Promise<void> {
		vmeg.tasks.clear();
		vmeg.webhooks.close();
		await server.close();
		await vmeg.store.close();
	}

	return {
		url: server.url,
		apiKey: vmeg.apiKey,
		get webhookSecret() {
			return vmeg.webhooks.secret;
		},
		journal: vmeg.journal,
		settings,
		get balance() {
			return vmeg.credits.balance;
		},
		get charged() {
			return vmeg.credits.charged;
		},
		tasks: () => vmeg.tasks.snapshot(),
		setWebhookUrl: (url) => {
			vmeg.webhooks.url = url;
		},
		setCredits: (balance) => vmeg.credits.set(balance),
		addFault: (rule) => vmeg.faults.add(rule),
		clearFaults: () => vmeg.faults.clear(),
		addMaterial: async ({ name, durationSeconds, ...source }) => {
			const material: Material = await vmeg.materials.add(name, source, durationSeconds);
			return { ...vmeg.materials.record(material), materialId: material.materialId };
		},
		deliver: async (taskId) => await vmeg.webhooks.redeliver(vmeg.tasks.get(taskId)),
		signedRequest: (body, { timestamp = Date.now(), secret = vmeg.webhooks.secret } = {}) => ({
			headers: signatureHeaders(body, secret, String(timestamp)),
			body,
		}),
		reset: async () => await vmeg.reset(),
		close: async () => await (closing ??= close()),
	};
}

function settingsFrom(options: SandboxOptions): Settings {
	const settings = { ...defaultSettings };
	for (const name of settingNames) {
		const value = options[name];
		if (value !== undefined) settings[name] = value;
	}
	return settings;
}

const settingNames = [
	'textTaskMs', 'mediaTaskMs', 'latencyMs', 'urlTtlSeconds', 'resultUrlTtlSeconds', 'recommendedPartSize',
	'idempotencyTtlMs', 'maxBodyBytes', 'webhookTimeoutMs', 'webhookRetryMs', 'webhookMaxAttempts', 'assumedSeconds',
] as const satisfies ReadonlyArray<keyof Settings>;
