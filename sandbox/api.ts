import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './errors';
import { withExtraFields, type FaultRule, type RequestFaultKind } from './faults';
import { envelope, header, readBody, relevantHeaders, send, sleep, type Answer } from './http';
import { journalBody, type AuthorizationSeen, type RequestEntry } from './journal';
import type { Accepted, Route } from './routes/route';
import type { RouteTable } from './routes';
import type { Json } from './types';
import type { Vmeg } from './vmeg';

/** One call of the API: read, delayed, checked, processed, journaled, answered, with faults at each step. */
export async function handleApi(
	vmeg: Vmeg,
	routes: RouteTable,
	request: IncomingMessage,
	response: ServerResponse,
	url: URL,
): Promise<void> {
	const started = Date.now();
	const method = request.method ?? '';
	const entry = newEntry(vmeg, request, url);
	const faults = new Struck(vmeg.faults.forRequest(method, url.pathname));
	entry.faults = faults.kinds();
	vmeg.journal.begin(entry);
	try {
		const raw = await readBody(request, vmeg.settings.maxBodyBytes);
		const body = raw === undefined ? undefined : parseJson(raw);
		if (raw !== undefined) entry.body = journalBody(raw, body);
		else entry.body = { truncated: true };
		await sleep(vmeg.settings.latencyMs);
		for (const delay of faults.all('delay')) await sleep(delay.ms ?? 1000);

		if (faults.one('dropBefore')) return void response.destroy();
		const answer = forged(faults, false) ?? (await process(raw, body));
		if (answer.status === 200 && faults.one('dropAfter')) return void response.destroy();
		const final = (entry.accepted ? forged(faults, true) : undefined) ?? answer;
		entry.code = final.status;
		entry.ms = Date.now() - started;
		await sendWithFaults(response, final, faults);
	} catch (error) {
		if (!request.destroyed && !response.destroyed) throw error;
	} finally {
		entry.ms = Date.now() - started;
		vmeg.journal.end(entry);
		vmeg.log.request(entry);
	}

	async function process(raw: string | undefined, body: unknown): Promise<Answer> {
		let giveBackKey: (() => void) | undefined;
		try {
			if (entry.authorization !== 'present') throw new ApiError(401, 'Invalid or missing API Key');
			const route = findRoute(routes, method, url.pathname);
			if (raw === undefined) throw new ApiError(413, 'Request body too large');
			const query = checkedQuery(route, url);
			if (route.keyed) giveBackKey = vmeg.keys.take(route.path, header(request, 'x-idempotency-key'));
			const accepted = await route.run(route.method === 'GET' ? query : jsonBody(request, raw, body));
			return accept(entry, accepted, faults);
		} catch (error) {
			giveBackKey?.();
			const refusal = error instanceof ApiError ? error : new ApiError(500, messageOf(error));
			if (refusal.code === 500) vmeg.log.note(`error in the sandbox: ${refusal.message}`);
			entry.message = refusal.message;
			return envelope(refusal.code, refusal.message, null, refusal.headers);
		}
	}
}

/** The faults that struck one request. */
export class Struck {
	constructor(private readonly rules: readonly FaultRule[]) {}

	all(kind: RequestFaultKind): FaultRule[] {
		return this.rules.filter((rule) => rule.kind === kind);
	}

	one(kind: RequestFaultKind): FaultRule | undefined {
		return this.rules.find((rule) => rule.kind === kind);
	}

	kinds(): string[] {
		return this.rules.map((rule) => rule.kind);
	}
}

/** The answer of a `status` or `failingEnvelope` fault, before or after processing. */
export function forged(faults: Struck, processed: boolean): Answer | undefined {
	const status = faults.all('status').find((rule) => (rule.processed ?? false) === processed);
	if (status) {
		const { code = 500, message = 'Fault of the sandbox', retryAfter, rawBody } = status;
		const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
		if (rawBody === undefined) return envelope(code, message, null, headers);
		return {
			status: code,
			headers: { 'Content-Type': status.contentType ?? 'text/html', ...headers },
			body: rawBody,
		};
	}
	const failing = faults.all('failingEnvelope').find((rule) => (rule.processed ?? false) === processed);
	if (failing) return envelope(failing.code ?? 500, failing.message ?? 'Fault of the sandbox', null, {}, 200);
	return undefined;
}

function accept(entry: RequestEntry, { data, taskId, credits = 0 }: Accepted, faults: Struck): Answer {
	entry.accepted = true;
	entry.credits = credits;
	if (taskId !== undefined) entry.taskId = taskId;
	if (!faults.one('extraFields')) return envelope(200, 'success', data);
	const strange: Json = withExtraFields({ code: 200, message: 'success', data });
	return { ...envelope(200, '', null), body: JSON.stringify(strange) };
}

async function sendWithFaults(response: ServerResponse, answer: Answer, faults: Struck): Promise<void> {
	if (faults.one('truncate')) {
		return send(response, { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) });
	}
	const slow = faults.one('slowBody');
	if (!slow) return send(response, answer);
	const bytes = Buffer.from(answer.body);
	const steps = Math.min(10, bytes.length);
	response.writeHead(answer.status, { ...answer.headers, 'Content-Length': String(bytes.length) });
	for (let step = 0; step < steps && !response.destroyed; step += 1) {
		response.write(bytes.subarray(at(step), at(step + 1)));
		await sleep((slow.ms ?? 1000) / steps);
	}
	response.end();

	function at(step: number): number {
		return Math.floor((bytes.length * step) / steps);
	}
}

function newEntry(vmeg: Vmeg, request: IncomingMessage, url: URL): RequestEntry {
	const key = header(request, 'x-idempotency-key');
	return {
		type: 'request',
		seq: vmeg.journal.nextSeq(),
		time: new Date().toISOString(),
		method: request.method ?? '',
		path: url.pathname,
		query: Object.fromEntries(url.searchParams),
		headers: relevantHeaders(request),
		authorization: authorizationOf(request.headers.authorization, vmeg.apiKey),
		...(key === undefined ? {} : { idempotencyKey: key }),
		code: 0,
		accepted: false,
		credits: 0,
		faults: [],
		ms: 0,
	};
}

function authorizationOf(given: string | undefined, apiKey: string): AuthorizationSeen {
	if (given === undefined) return 'absent';
	const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
	return timingSafeEqual(hash(given), hash(`Bearer ${apiKey}`)) ? 'present' : 'wrong';
}

function findRoute(routes: RouteTable, method: string, path: string): Route {
	const atPath = routes.get(path);
	if (!atPath) throw new ApiError(404, `Not found: ${path}`);
	const route = atPath.get(method);
	if (!route) throw new ApiError(405, `${method} is not allowed here`, { Allow: [...atPath.keys()].join(', ') });
	return route;
}

/** The query without `req_id`, which any call may carry (API contract §1). */
function checkedQuery(route: Route, url: URL): Record<string, string> {
	const query: Record<string, string> = {};
	for (const [name, value] of url.searchParams) {
		if (name === 'req_id') continue;
		if (route.method === 'POST') throw new ApiError(400, `Unknown query parameter: ${name}`);
		if (name in query) throw new ApiError(400, `Query parameter given twice: ${name}`);
		query[name] = value;
	}
	return query;
}

function jsonBody(request: IncomingMessage, raw: string, body: unknown): unknown {
	if (!/^application\/json\b/i.test(header(request, 'content-type') ?? '')) {
		throw new ApiError(400, 'Content-Type must be application/json');
	}
	if (body === undefined) throw new ApiError(400, raw === '' ? 'Request body is missing' : 'Request body is not JSON');
	return body;
}

function parseJson(raw: string): unknown {
	try {
		return JSON.parse(raw);
	} catch {
		return undefined;
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
