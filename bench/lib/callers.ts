/** Many callers of a webhook at once, over kept connections. */
import { Agent, request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';

export interface Call {
	headers: OutgoingHttpHeaders;
	body: string;
}

/** What one call got, and how long that took. */
export interface Answered {
	status: number;
	ms: number;
}

async function post(url: string, agent: Agent, { headers, body }: Call): Promise<Answered> {
	const started = performance.now();
	return await new Promise((resolve, reject) => {
		const outgoing = request(url, {
			method: 'POST',
			agent,
			headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
		});
		outgoing.once('error', reject);
		outgoing.once('response', (response) => {
			response.once('error', reject);
			response.once('end', () =>
				resolve({ status: response.statusCode ?? 0, ms: performance.now() - started }),
			);
			response.resume();
		});
		outgoing.end(body);
	});
}

/**
 * Calls again and again, so many at once, each time with what `next` makes at that moment, until it
 * makes nothing more.
 */
export async function callAll(
	url: string,
	connections: number,
	next: () => Call | undefined,
): Promise<Answered[]> {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const answers: Answered[] = [];
	const work = async () => {
		for (let call = next(); call !== undefined; call = next()) answers.push(await post(url, agent, call));
	};
	try {
		await Promise.all(Array.from({ length: connections }, work));
	} finally {
		agent.destroy();
	}
	return answers;
}
