import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from './types';

/** An answer that is ready to be sent. */
export interface Answer {
	status: number;
	headers: Record<string, string>;
	body: string;
}

/** Every JSON answer is `{ code, message, data }` (API contract §1). */
export function envelope(
	code: number,
	message: string,
	data: Json,
	headers: Record<string, string> = {},
	status = code,
): Answer {
	return {
		status,
		headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
		body: JSON.stringify({ code, message, data }),
	};
}

export function send(response: ServerResponse, answer: Answer): void {
	response
		.writeHead(answer.status, { ...answer.headers, 'Content-Length': String(Buffer.byteLength(answer.body)) })
		.end(answer.body);
}

/** The body as text, or `undefined` when it is larger than `limit`; the rest is read and thrown away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request) {
		const bytes = chunk instanceof Buffer ? chunk : Buffer.from(String(chunk));
		size += bytes.length;
		if (size <= limit) chunks.push(bytes);
		else chunks.length = 0;
	}
	return size > limit ? undefined : Buffer.concat(chunks).toString('utf8');
}

export async function sleep(ms: number): Promise<void> {
	if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A header that appears once. */
export function header(request: IncomingMessage, name: string): string | undefined {
	const value = request.headers[name];
	return Array.isArray(value) ? value.join(', ') : value;
}

const journaledHeaders = [
	'accept', 'content-type', 'content-length', 'content-md5', 'transfer-encoding', 'user-agent', 'range',
	'x-idempotency-key',
];

/** The headers worth keeping in the journal; never Authorization. */
export function relevantHeaders(request: IncomingMessage): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const name of journaledHeaders) {
		const value = header(request, name);
		if (value !== undefined) kept[name] = value;
	}
	return kept;
}
