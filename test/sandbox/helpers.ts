import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { Sandbox } from '../../sandbox';

export interface Answered {
	status: number;
	headers: Headers;
	code: number;
	message: string;
	// The sandbox's answers are looked at with matchers, which take any shape.
	data: Record<string, unknown>;
}

/** Calls the API as a correct client would; `init` overrides. */
export async function call(
	sandbox: Sandbox,
	method: 'GET' | 'POST',
	path: string,
	body?: unknown,
	headers: Record<string, string | undefined> = {},
): Promise<Answered> {
	const all: Record<string, string | undefined> = {
		Authorization: `Bearer ${sandbox.apiKey}`,
		...(method === 'POST' ? { 'Content-Type': 'application/json', 'X-Idempotency-Key': randomUUID() } : {}),
		...headers,
	};
	const response = await fetch(`${sandbox.url}/openapi/v1${path}`, {
		method,
		headers: Object.entries(all).flatMap(([name, value]): Array<[string, string]> =>
			value === undefined ? [] : [[name, value]],
		),
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	const json = asRecord(await response.json());
	return {
		status: response.status,
		headers: response.headers,
		code: Number(json['code']),
		message: String(json['message']),
		data: asRecord(json['data'] ?? {}),
	};
}

export function asRecord(value: unknown): Record<string, unknown> {
	if (!isRecord(value)) throw new Error(`Not an object: ${JSON.stringify(value)}`);
	return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

export const text = (...texts: string[]) => ({
	language: { source: 'en-US', target: 'de-DE' },
	segments: texts.map((line) => ({ text: line })),
});

export const media = (materialId: string) => ({
	taskType: 'vt',
	source: { materialId },
	language: { source: 'auto', target: 'fr-FR' },
	options: { voiceClone: { style: 'emotional', mode: 'role' } },
});

export interface Received {
	headers: IncomingHttpHeaders;
	body: string;
	at: number;
}

const closers: Array<() => Promise<void>> = [];

/** Closes every receiver of a test: for `afterEach`, so that a failed test leaves nothing open. */
export async function closeReceivers(): Promise<void> {
	for (const close of closers.splice(0)) await close();
}

/** A webhook receiver; `answer` decides the status of each delivery, `undefined` never answers. */
export async function receiver(answer: (count: number) => number | undefined = () => 200) {
	const received: Received[] = [];
	const server = createServer((request, response) => {
		const chunks: string[] = [];
		request.setEncoding('utf8');
		request.on('data', (chunk: string) => chunks.push(chunk));
		request.on('end', () => {
			received.push({ headers: request.headers, body: chunks.join(''), at: Date.now() });
			const status = answer(received.length);
			if (status !== undefined) response.writeHead(status).end();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('No port');
	closers.push(async () => {
		const closed = once(server, 'close');
		server.close();
		server.closeAllConnections();
		await closed;
	});
	return { url: `http://127.0.0.1:${address.port}/hook`, received };
}

/** Waits until `done` holds. */
export async function until(done: () => boolean | Promise<boolean>, ms = 3000): Promise<void> {
	const deadline = Date.now() + ms;
	while (!(await done())) {
		if (Date.now() > deadline) throw new Error('Waited in vain');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
