import type { Check } from '../rules/check';
import type { Json } from '../types';

/** What a handler answers when it accepts. */
export interface Accepted {
	data: Json;
	taskId?: string;
	/** Credits that were charged. */
	credits?: number;
}
type Handler<T> = (input: T) => Accepted | Promise<Accepted>;

/** One endpoint. `run` checks its input first: the query of a GET, the body of a POST. */
export interface Route {
	method: 'GET' | 'POST';
	path: string;
	/** Whether X-Idempotency-Key is required (API contract §1). */
	keyed: boolean;
	run: (input: unknown) => Accepted | Promise<Accepted>;
}

const prefix = '/openapi/v1';

export function get<T>(path: string, check: Check<T>, handle: Handler<T>): Route {
	return { method: 'GET', path: prefix + path, keyed: false, run: (input) => handle(check(input)) };
}

/** A POST that changes something. */
export function post<T>(path: string, check: Check<T>, handle: Handler<T>): Route {
	return { method: 'POST', path: prefix + path, keyed: true, run: (input) => handle(check(input)) };
}

/** A POST that only reads: the two voice lists, which need no idempotency key. */
export function postRead<T>(path: string, check: Check<T>, handle: Handler<T>): Route {
	return { ...post(path, check, handle), keyed: false };
}
