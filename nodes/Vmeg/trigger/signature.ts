import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the timestamp of a callback may be from our clock, in milliseconds (API contract §9). */
export const TIMESTAMP_WINDOW_MS = 300_000;

/** The two signature headers of a callback, well formed and fresh but not yet proven. */
export interface SignedHeaders {
	timestamp: string;
	signature: string;
}

/** Headers by lower-case name, as Node.js gives them; a repeated one is an array. */
export type Headers = Record<string, string | string[] | undefined>;

export type HeaderCheck = { ok: true; signed: SignedHeaders } | { ok: false; reason: string };

const refusal = (reason: string): HeaderCheck => ({ ok: false, reason });

/**
 * Checks all that needs no secret: both headers are there once, of the right form, and the time is
 * within the window. It comes first because reading the credential costs far more than this.
 */
export function checkHeaders(headers: Headers, nowMs: number): HeaderCheck {
	const timestamp = headers['x-timestamp'];
	const signature = headers['x-signature'];
	if (typeof timestamp !== 'string' || typeof signature !== 'string') {
		return refusal('X-Timestamp or X-Signature is missing');
	}
	// 13 digits are milliseconds from 2001 to 2286; anything else cannot be in the window
	if (!/^\d{13}$/.test(timestamp)) return refusal('X-Timestamp is not Unix milliseconds');
	if (!/^[0-9a-f]{64}$/.test(signature)) return refusal('X-Signature is not lowercase hex SHA-256');
	if (Math.abs(nowMs - Number(timestamp)) > TIMESTAMP_WINDOW_MS) {
		return refusal('X-Timestamp is more than 300 s from the clock of this server');
	}
	return { ok: true, signed: { timestamp, signature } };
}

/**
 * Whether the signature is the HMAC-SHA256 of timestamp and raw body under the secret (API contract
 * §9), compared in constant time. An empty secret proves nothing and is refused.
 */
export function isAuthentic(
	secret: string,
	{ timestamp, signature }: SignedHeaders,
	rawBody: Buffer,
): boolean {
	if (secret === '') return false;
	const expected = createHmac('sha256', secret).update(timestamp).update(rawBody).digest();
	const given = Buffer.from(signature, 'hex');
	return given.length === expected.length && timingSafeEqual(given, expected);
}
