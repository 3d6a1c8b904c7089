import { randomUUID } from 'node:crypto';
import type {
	IAllExecuteFunctions,
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import pLimit from 'p-limit';
import { z } from 'zod';

import type { Endpoint } from './endpoints';
import { httpAnswer, judge } from './envelope';
import type { Judged } from './envelope';
import type { Failure } from './failure';
import { defaultRetryPolicy, pause, retryDelayMs } from './retry';
import type { RetryPolicy } from './retry';

export const CREDENTIAL = 'vmegApi';
const API_ROOT = '/openapi/v1';
/** Longest time for one answer; a synchronous batch of 50 long segments may take minutes. */
export const DEFAULT_ANSWER_TIMEOUT_MS = 300_000;

/** The n8n contexts that requests leave from. */
export type VmegContext = IExecuteFunctions | ILoadOptionsFunctions | IHookFunctions | IWebhookFunctions;

export interface ClientOptions {
	/** Most requests under way at once. */
	maxConcurrency?: number;
	retry?: RetryPolicy;
	/** Once aborted, nothing new is sent; a request under way is let finish. */
	signal?: AbortSignal;
}

export interface SendOptions {
	/** `X-Idempotency-Key`, made once per logical submission, before its first attempt. */
	idempotencyKey?: string;
	/** The user's own `req_id`; one is made where it is missing. */
	requestId?: string;
	/** Longest time for one answer, in milliseconds. */
	timeoutMs?: number;
	/** Moment (milliseconds since 1970) after which no attempt starts and no answer is awaited. */
	deadlineMs?: number;
}

export type Answer<T> =
	/** `serverTimeMs`: the clock of the server, to the second, where it tells. */
	{ ok: true; data: T; serverTimeMs?: number } | { ok: false; failure: Failure };

/** The one place that requests to VMEG leave from. */
export interface VmegClient {
	/** Sends one call and repeats it where that is safe and useful; never throws for a failed call. */
	send<R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
		endpoint: Endpoint<R, A>,
		request: z.input<R>,
		options?: SendOptions,
	): Promise<Answer<z.output<A>>>;
	/** Aborted when the user cancels the execution or the run is given up. */
	signal: AbortSignal | undefined;
}

type Outcome =
	| { ok: true; data: unknown; attempts: number; serverTimeMs?: number }
	| { ok: false; failure: Failure };

type Attempt = Judged | { ok: false; kind: 'network'; code: string; retryAfterMs?: undefined };

// failures that come before a byte of the request can have reached the server
const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const errorShape = z.object({ code: z.string().optional(), cause: z.unknown() }).passthrough();

/** The Node.js error code of a failed request, however deeply n8n has wrapped it. */
export function networkCode(error: unknown, depth = 0): string {
	const parsed = errorShape.safeParse(error);
	if (!parsed.success || depth > 10) return 'UNKNOWN';
	return parsed.data.code ?? networkCode(parsed.data.cause, depth + 1);
}

/** A certificate or an address that is wrong: nothing was sent, and trying again will not help. */
const staysWrong = (code: string) =>
	/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|^ERR_INVALID_URL$/.test(code);

const isPassing = (attempt: Attempt): boolean => {
	if (attempt.ok) return false;
	if (attempt.kind === 'refused') return attempt.code === 429 || attempt.code >= 500;
	// what is no envelope never came from VMEG's application, or came cut short
	if (attempt.kind === 'unreadable') {
		return [200, 409, 429].includes(attempt.statusCode) || attempt.statusCode >= 500;
	}
	return !staysWrong(attempt.code);
};

/** Whether VMEG may have accepted this attempt although it brought no success. */
const mayBeAccepted = (attempt: Attempt): boolean => {
	if (attempt.ok) return false;
	if (attempt.kind === 'refused') return attempt.code >= 500;
	if (attempt.kind === 'unreadable') return ![409, 429].includes(attempt.statusCode);
	return !NEVER_ARRIVED.has(attempt.code) && !staysWrong(attempt.code);
};

interface Sent {
	requestId: string;
	idempotencyKey?: string;
	attempts: number;
}

function toFailure(
	attempt: Exclude<Attempt, { ok: true }>,
	sent: Sent,
	earlierMayBeAccepted: boolean,
): Failure {
	const isKeyed = sent.idempotencyKey !== undefined;
	const base = { ...sent, mayBeAccepted: isKeyed && (earlierMayBeAccepted || mayBeAccepted(attempt)) };
	if (attempt.kind === 'network') return { ...base, kind: 'network', code: attempt.code };

	const code = attempt.kind === 'refused' ? attempt.code : attempt.statusCode;
	const message = attempt.kind === 'refused' ? attempt.message : attempt.excerpt;
	if (code === 409 && isKeyed) {
		return { ...base, mayBeAccepted: true, kind: earlierMayBeAccepted ? 'answerLost' : 'keyUsed' };
	}
	if (code === 429) {
		const { retryAfterMs } = attempt;
		const waitSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
		return { ...base, kind: 'throttled', message, waitSeconds };
	}
	if (attempt.kind === 'refused') return { ...base, kind: 'refused', code, message };
	return { ...base, kind: 'unreadable', statusCode: code, excerpt: message };
}

function stopSignal(context: VmegContext, own: AbortSignal | undefined): AbortSignal | undefined {
	const cancelled =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	return cancelled && own ? AbortSignal.any([cancelled, own]) : (cancelled ?? own);
}

const withoutTrailingSlash = (url: string) => url.trim().replace(/\/+$/, '');

/** The HTTP request of a call, made anew for each attempt since n8n's helper changes what it gets. */
function toHttpRequest(
	baseUrl: string,
	endpoint: Endpoint,
	request: IDataObject,
	{ requestId, idempotencyKey, timeoutMs }: { requestId: string; idempotencyKey?: string; timeoutMs: number },
): IHttpRequestOptions {
	const isGet = endpoint.method === 'GET';
	return {
		method: endpoint.method,
		url: `${baseUrl}${API_ROOT}${endpoint.path}`,
		qs: { ...(isGet ? request : {}), req_id: requestId },
		headers: {
			Accept: 'application/json',
			...(isGet ? {} : { 'Content-Type': 'application/json' }),
			...(idempotencyKey === undefined ? {} : { 'X-Idempotency-Key': idempotencyKey }),
		},
		...(isGet ? {} : { body: JSON.stringify(request) }),
		encoding: 'text',
		timeout: timeoutMs,
		// the answer is judged here, whatever its status, and the API key follows no redirect
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
		disableFollowRedirect: true,
	};
}

const requestRecord = z.record(z.unknown());

/** Makes the client of one node run; reads the credential once. */
export async function createClient(
	context: VmegContext,
	{ maxConcurrency = 4, retry = defaultRetryPolicy, signal: own }: ClientOptions = {},
): Promise<VmegClient> {
	const { baseUrl } = z
		.object({ baseUrl: z.string().transform(withoutTrailingSlash) })
		.parse(await context.getCredentials(CREDENTIAL));
	const signal = stopSignal(context, own);
	const limit = pLimit(maxConcurrency);

	async function attemptOnce(options: IHttpRequestOptions): Promise<Attempt> {
		try {
			const answer: unknown = await context.helpers.httpRequestWithAuthentication.call(
				context as IAllExecuteFunctions,
				CREDENTIAL,
				options,
			);
			return judge(httpAnswer.parse(answer), Date.now());
		} catch (error) {
			return { ok: false, kind: 'network', code: networkCode(error) };
		}
	}

	async function repeat(
		endpoint: Endpoint,
		request: IDataObject,
		options: SendOptions & { requestId: string },
	): Promise<Outcome> {
		const { requestId, idempotencyKey, deadlineMs = Infinity } = options;
		const { timeoutMs = DEFAULT_ANSWER_TIMEOUT_MS } = options;
		let earlierMayBeAccepted = false;

		for (let attempts = 1; ; attempts++) {
			const sent = { requestId, idempotencyKey, attempts };
			const cancelled = (mayBe: boolean): Outcome => ({
				ok: false,
				failure: { ...sent, kind: 'cancelled', mayBeAccepted: idempotencyKey !== undefined && mayBe },
			});
			if (signal?.aborted) return cancelled(earlierMayBeAccepted);

			const timeLeftMs = Math.max(1, deadlineMs - Date.now());
			const attempt = await attemptOnce(
				toHttpRequest(baseUrl, endpoint, request, {
					requestId,
					idempotencyKey,
					timeoutMs: Math.min(timeoutMs, timeLeftMs),
				}),
			);
			if (attempt.ok) return { ...attempt, attempts };
			if (signal?.aborted) return cancelled(earlierMayBeAccepted || mayBeAccepted(attempt));

			const failure = toFailure(attempt, sent, earlierMayBeAccepted);
			if (failure.kind === 'answerLost' && endpoint.doneWhenRepeated) {
				return { ok: true, data: null, attempts };
			}
			const delayMs = retryDelayMs(retry, attempts, attempt.retryAfterMs, Math.random());
			const repeatable =
				isPassing(attempt) &&
				attempts < retry.maxAttempts &&
				delayMs <= retry.maxRetryAfterMs &&
				Date.now() + delayMs < deadlineMs;
			if (!repeatable) return { ok: false, failure };

			earlierMayBeAccepted ||= mayBeAccepted(attempt);
			if (await pause(delayMs, signal)) return cancelled(earlierMayBeAccepted);
		}
	}

	return {
		signal,
		async send(endpoint, request, options = {}) {
			const checked = requestRecord.parse(endpoint.request.parse(request)) as IDataObject;
			const { requestId = `n8n-${randomUUID()}`, idempotencyKey } = options;
			if (endpoint.keyed && idempotencyKey === undefined) {
				throw new Error(`${endpoint.path} needs an idempotency key`);
			}
			const answer = await limit(
				async () => await repeat(endpoint, checked, { ...options, requestId }),
			);
			if (!answer.ok) return answer;
			const parsed = endpoint.answer.safeParse(answer.data);
			if (parsed.success) {
				return { ok: true, data: parsed.data, serverTimeMs: answer.serverTimeMs };
			}
			const issue = parsed.error.issues[0];
			const detail = `${issue?.path.join('.') ?? 'data'}: ${issue?.message ?? 'unknown'}`;
			const { attempts } = answer;
			const mayBe = idempotencyKey !== undefined;
			return {
				ok: false,
				failure: { kind: 'unexpected', detail, requestId, idempotencyKey, attempts, mayBeAccepted: mayBe },
			};
		},
	};
}
