import { seededRandom } from './random';
import type { CompletionEvent, Json } from './types';

/** Faults of API calls and of object storage. */
export const requestFaultKinds = [
	'status', 'failingEnvelope', 'dropBefore', 'dropAfter', 'truncate', 'delay', 'slowBody', 'extraFields',
	'wrongETag', 'expired', 'stall', 'cut',
] as const;
/** Faults of webhook deliveries. */
export const webhookFaultKinds = [
	'webhookDuplicate', 'webhookDelay', 'webhookLose', 'webhookEarly', 'webhookExtraFields', 'webhookSkew',
] as const;

export type RequestFaultKind = (typeof requestFaultKinds)[number];
export type WebhookFaultKind = (typeof webhookFaultKinds)[number];
export type FaultKind = RequestFaultKind | WebhookFaultKind;

/** What goes wrong, and when. See `sandbox/README.md` for each kind. */
export interface FaultRule {
	kind: FaultKind;
	/** Only this HTTP method. */
	method?: string;
	/** Start of the path, with or without `/openapi/v1`; or an expression tested against the whole path. */
	path?: string | RegExp;
	/** The expression as text, for JSON. */
	pathPattern?: string;
	/** Webhook faults: only this event. */
	event?: CompletionEvent;
	/** Only the nth match, from 1. */
	nth?: number;
	/** Only this many times. */
	count?: number;
	/** Only with this probability, from a generator seeded with `seed`. */
	probability?: number;
	seed?: number;
	/** `status`, `failingEnvelope`: default 500. */
	code?: number;
	message?: string;
	/** `status`: seconds, or an HTTP date as text. */
	retryAfter?: number | string;
	/** `status`: sent instead of an envelope, e.g. an HTML page. */
	rawBody?: string;
	/** Content type of `rawBody`, default `text/html`. */
	contentType?: string;
	/** `status`, `failingEnvelope`: the request is processed and accepted first. */
	processed?: boolean;
	/** `delay`, `slowBody`, `webhookDelay`: milliseconds. `webhookSkew`: how far the clock is ahead; negative, behind. */
	ms?: number;
	/** `webhookDuplicate`: how many extra copies, default 1. */
	times?: number;
	/** `webhookDuplicate`: all copies at the same moment instead of one after the other. */
	concurrent?: boolean;
}

/** A rule that has been added. */
export interface ActiveFault {
	readonly rule: FaultRule;
	/** How often it was applied. */
	hits: number;
	remove(): void;
}

interface Armed extends ActiveFault {
	seen: number;
	random: () => number;
	pattern?: RegExp;
}

const webhookKinds: ReadonlySet<string> = new Set(webhookFaultKinds);
const storageKinds: ReadonlySet<string> = new Set(['wrongETag', 'expired', 'stall', 'cut']);
const apiKinds: ReadonlySet<string> = new Set(['failingEnvelope', 'truncate', 'slowBody', 'extraFields']);
const apiPrefix = '/openapi/v1';

/** The list of faults in force. */
export class Faults {
	private armed: Armed[] = [];

	add(rule: FaultRule): ActiveFault {
		const armed: Armed = {
			rule,
			hits: 0,
			seen: 0,
			random: seededRandom(rule.seed ?? 1),
			remove: () => {
				this.armed = this.armed.filter((other) => other !== armed);
			},
		};
		if (rule.path instanceof RegExp) armed.pattern = rule.path;
		else if (rule.pathPattern !== undefined) armed.pattern = new RegExp(rule.pathPattern);
		this.armed.push(armed);
		return armed;
	}

	clear(): void {
		this.armed = [];
	}

	list(): Array<{ rule: FaultRule; hits: number }> {
		return this.armed.map(({ rule, hits, pattern }) => {
			const { path, ...rest } = rule;
			if (pattern) return { rule: { ...rest, pathPattern: pattern.source }, hits };
			return { rule: path === undefined ? rest : { ...rest, path }, hits };
		});
	}

	/** Faults that strike this request. */
	forRequest(method: string, path: string): FaultRule[] {
		return this.strike(
			(fault) =>
				kindFits(fault.rule.kind, path) &&
				(fault.rule.method === undefined || fault.rule.method.toUpperCase() === method) &&
				pathMatches(fault, path),
		);
	}

	/** Faults that strike this delivery. `early` is asked for apart: it is decided when the task is created. */
	forWebhook(event: CompletionEvent, early: boolean): FaultRule[] {
		return this.strike(
			({ rule }) =>
				webhookKinds.has(rule.kind) &&
				(rule.kind === 'webhookEarly') === early &&
				(rule.event === undefined || rule.event === event),
		);
	}

	private strike(matches: (fault: Armed) => boolean): FaultRule[] {
		const struck: FaultRule[] = [];
		for (const fault of this.armed) {
			if (!matches(fault)) continue;
			const { nth, count, probability } = fault.rule;
			fault.seen += 1;
			if (nth !== undefined && fault.seen !== nth) continue;
			if (count !== undefined && fault.hits >= count) continue;
			if (probability !== undefined && fault.random() >= probability) continue;
			fault.hits += 1;
			struck.push(fault.rule);
		}
		return struck;
	}
}

/** A fault of storage is not used up by a call of the API, nor the other way round. */
function kindFits(kind: FaultKind, path: string): boolean {
	if (storageKinds.has(kind)) return path.startsWith('/storage/');
	if (apiKinds.has(kind)) return path.startsWith('/openapi/');
	return !webhookKinds.has(kind);
}

function pathMatches(fault: Armed, path: string): boolean {
	if (fault.pattern) {
		fault.pattern.lastIndex = 0;
		return fault.pattern.test(path);
	}
	const prefix = fault.rule.path;
	if (typeof prefix !== 'string') return true;
	return path.startsWith(prefix) || path.startsWith(apiPrefix + prefix);
}

/** Adds an unknown field to every object of an answer: readers must ignore what they do not know. */
export function withExtraFields(value: Json): Json {
	if (Array.isArray(value)) return value.map(withExtraFields);
	if (value === null || typeof value !== 'object') return value;
	const copy: Json = { sandboxExtra: { note: 'a field nobody knows', list: [1, null] } };
	for (const [key, inner] of Object.entries(value)) {
		copy[key] = key === 'extraData' ? inner : withExtraFields(inner);
	}
	return copy;
}
