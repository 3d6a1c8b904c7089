/** The VMEG that is called: a sandbox in a process of its own, so that measuring does not slow it down. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';

const account = z.object({ url: z.string(), apiKey: z.string(), webhookSecret: z.string() });

const state = z.object({ charged: z.number(), counts: z.record(z.number()), maxInFlight: z.number() });

export interface Server extends z.infer<typeof account> {
	/** Forgets everything and answers from now on after so many milliseconds. */
	prepare(latencyMs: number): Promise<void>;
	/** Text translations since `prepare`: answered calls, credits, and the most calls at once. */
	translations(): Promise<{ calls: number; credits: number; atOnce: number }>;
	close(): void;
}

const TRANSLATIONS = 'POST /openapi/v1/task/translate/create 200';

async function ask(url: string, method: string, body?: unknown): Promise<unknown> {
	const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
	if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
	return await response.json();
}

/** Starts the server; it ends with this process at the latest. */
export async function startServer(): Promise<Server> {
	const child = fork(path.join(__dirname, 'sandbox-child.ts'), { execArgv: ['--import', 'tsx'] });
	const [message]: unknown[] = await Promise.race([
		once(child, 'message'),
		once(child, 'exit').then(() => Promise.reject(new Error('The sandbox did not start'))),
	]);
	const started = account.parse(message);
	const control = `${started.url}/_sandbox`;
	return {
		...started,
		async prepare(latencyMs) {
			await ask(`${control}/reset`, 'POST');
			await ask(`${control}/settings`, 'PUT', { latencyMs });
		},
		async translations() {
			const { counts, charged, maxInFlight } = state.parse(await ask(`${control}/state`, 'GET'));
			return { calls: counts[TRANSLATIONS] ?? 0, credits: charged, atOnce: maxInFlight };
		},
		close: () => child.disconnect(),
	};
}
