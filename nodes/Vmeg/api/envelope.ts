import { z } from 'zod';

/** An HTTP answer as n8n's helper hands it over; the body is text, so that any answer can be judged. */
export const httpAnswer = z.object({
	statusCode: z.number(),
	headers: z.record(z.unknown()).default({}),
	body: z.unknown().transform((body) => (typeof body === 'string' ? body : JSON.stringify(body ?? ''))),
});
export type HttpAnswer = z.infer<typeof httpAnswer>;

/** What came back for one attempt: the data of a successful call, or why it is none. */
export type Judged =
	| { ok: true; data: unknown; serverTimeMs?: number }
	| { ok: false; kind: 'refused'; code: number; message: string; retryAfterMs?: number }
	| { ok: false; kind: 'unreadable'; statusCode: number; excerpt: string; retryAfterMs?: number };

/** A number, also where it is written as text. */
export const numeric = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

const envelope = z
	.object({ code: numeric, message: z.string().nullish(), data: z.unknown() })
	.passthrough();

const EXCERPT_LENGTH = 120;

// a server that sends back what it got must not bring the API key into an error
const withoutKey = (text: string) => text.replace(/Bearer\s+[^\s"'<,]+/gi, 'Bearer …');

const excerptOf = (body: string) =>
	withoutKey(body)
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, EXCERPT_LENGTH);

function parseJson(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

/**
 * The pause that a `Retry-After` header asks for, in milliseconds: whole seconds or an HTTP date.
 * Undefined where the header is missing or means nothing.
 */
export function retryAfterMs(header: unknown, nowMs: number): number | undefined {
	const text = String(header ?? '').trim();
	if (text === '') return undefined;
	if (/^\d+$/.test(text)) return Number(text) * 1000;
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** The moment (milliseconds since 1970) that a `Date` header names, to the second. */
function dateMs(header: unknown): number | undefined {
	const ms = Date.parse(String(header ?? ''));
	return Number.isNaN(ms) ? undefined : ms;
}

/** Judges an answer by the `code` of its envelope, never by the HTTP status (API contract §1). */
export function judge(answer: HttpAnswer, nowMs: number): Judged {
	const wait = { retryAfterMs: retryAfterMs(answer.headers['retry-after'], nowMs) };
	const parsed = envelope.safeParse(parseJson(answer.body));
	if (!parsed.success) {
		const { statusCode, body } = answer;
		return { ok: false, kind: 'unreadable', statusCode, excerpt: excerptOf(body), ...wait };
	}
	const { code, message, data } = parsed.data;
	if (code === 200) return { ok: true, data, serverTimeMs: dateMs(answer.headers.date) };
	return { ok: false, kind: 'refused', code, message: withoutKey(message ?? ''), ...wait };
}
