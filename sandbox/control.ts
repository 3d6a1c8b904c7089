import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './errors';
import { requestFaultKinds, webhookFaultKinds, type FaultRule } from './faults';
import { envelope, readBody, send } from './http';
import { boolean, checker, nonEmpty, object, oneOf, string, type Check } from './rules/check';
import { defaultSettings, type Settings } from './settings';
import type { Vmeg } from './vmeg';

const maxControlBody = 1024 * 1024;
const shownTasks = 50;
const count = { type: 'integer', minimum: 1 };
const ms = { type: 'number', minimum: 0 };
const webUrl = { type: 'string', pattern: '^(https?://[^/].*)?$' };

const faultRule: Check<FaultRule> = checker(
	object(
		{
			kind: oneOf(...requestFaultKinds, ...webhookFaultKinds),
			method: oneOf('GET', 'POST', 'PUT', 'HEAD'),
			path: string,
			pathPattern: { type: 'string', format: 'regex' },
			event: oneOf('openapi-tts', 'openapi-translate', 'openapi-clone-voice', 'openapi-media-translation'),
			nth: count,
			count,
			probability: { type: 'number', minimum: 0, maximum: 1 },
			seed: { type: 'integer' },
			code: { type: 'integer', minimum: 200, maximum: 599 },
			message: string,
			retryAfter: { type: ['number', 'string'] },
			rawBody: string,
			contentType: string,
			processed: boolean,
			ms,
			times: count,
			concurrent: boolean,
		},
		['kind'],
	),
);
const webhook: Check<{ url: string; secret?: string }> = checker(
	object({ url: webUrl, secret: nonEmpty }, ['url']),
);
const taskOnly: Check<{ taskId: string }> = checker(object({ taskId: nonEmpty }, ['taskId']));
const settings: Check<Partial<Settings> & { credits?: number }> = checker(
	object({
		...Object.fromEntries(Object.keys(defaultSettings).map((name) => [name, ms])),
		credits: ms,
	}),
);

/** Everything a person or another process may want to know. */
export function stateOf(vmeg: Vmeg) {
	const { journal, credits, webhooks } = vmeg;
	return {
		url: vmeg.url,
		apiKey: vmeg.apiKey,
		webhookUrl: webhooks.url ?? null,
		webhookSecret: webhooks.secret,
		balance: credits.balance,
		charged: credits.charged,
		settings: { ...vmeg.settings },
		faults: vmeg.faults.list(),
		materials: vmeg.materials.size,
		counts: Object.fromEntries(journal.counts),
		maxInFlight: journal.maxInFlight,
		tasks: vmeg.tasks.snapshot(shownTasks),
		recent: journal.recent,
	};
}

/** The sandbox's own API, so that other processes can drive it. It needs no key. */
export async function handleControl(
	vmeg: Vmeg,
	request: IncomingMessage,
	response: ServerResponse,
	url: URL,
): Promise<void> {
	try {
		const raw = await readBody(request, maxControlBody);
		const body: unknown = raw === undefined || raw === '' ? {} : JSON.parse(raw);
		answer(response, await control(vmeg, `${request.method} ${url.pathname.slice(10)}`, body, url));
	} catch (error) {
		if (error instanceof ApiError) send(response, envelope(error.code, error.message, null));
		else if (error instanceof SyntaxError) send(response, envelope(400, 'Request body is not JSON', null));
		else throw error;
	}
}

async function control(vmeg: Vmeg, what: string, body: unknown, url: URL): Promise<unknown> {
	switch (what) {
		case 'GET state':
			return stateOf(vmeg);
		case 'GET journal': {
			const since = Number(url.searchParams.get('since') ?? '0');
			const part = url.searchParams.get('path');
			return vmeg.journal.filter(
				(entry) =>
					entry.seq > since && (part === null || (entry.type === 'request' && entry.path.includes(part))),
			);
		}
		case 'PUT webhook': {
			const { url: target, secret } = webhook(body);
			vmeg.webhooks.url = target === '' ? undefined : target;
			if (secret !== undefined) vmeg.webhooks.secret = secret;
			return { webhookUrl: vmeg.webhooks.url ?? null, webhookSecret: vmeg.webhooks.secret };
		}
		case 'POST faults':
			vmeg.faults.add(faultRule(body));
			return vmeg.faults.list();
		case 'DELETE faults':
			vmeg.faults.clear();
			return [];
		case 'POST deliver':
			return await vmeg.webhooks.redeliver(vmeg.tasks.get(taskOnly(body).taskId));
		case 'POST reset':
			await vmeg.reset();
			return { reset: true };
		case 'PUT settings': {
			const { credits, ...changes } = settings(body);
			Object.assign(vmeg.settings, changes);
			if (credits !== undefined) vmeg.credits.set(credits);
			return { ...vmeg.settings, credits: vmeg.credits.balance };
		}
		default:
			throw new ApiError(404, `Not found: ${what}`);
	}
}

function answer(response: ServerResponse, value: unknown): void {
	send(response, {
		status: 200,
		headers: { 'Content-Type': 'application/json; charset=utf-8' },
		body: JSON.stringify(value),
	});
}
