import { createHmac } from 'node:crypto';

/**
 * The rules for a completion webhook, written a second time from API contract §9 and without a line
 * of the package: who may come in, and what is a completion.
 */

const WINDOW_MS = 300_000;
const EVENTS = ['openapi-tts', 'openapi-translate', 'openapi-clone-voice', 'openapi-media-translation'];
/** What the package refuses to hand to n8n. */
const MAX_DEPTH = 200;

export interface Arrived {
	headers: Record<string, string | string[] | undefined>;
	body: Buffer;
	nowMs: number;
	secret: string;
}

/** Whether a callback proves that it comes from VMEG, and now. */
export function mayEnter({ headers, body, nowMs, secret }: Arrived): boolean {
	const [timestamp, signature] = [headers['x-timestamp'], headers['x-signature']];
	if (secret === '' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
	if (timestamp === '' || [...timestamp].some((digit) => digit < '0' || digit > '9')) return false;
	if (!(nowMs - Number(timestamp) <= WINDOW_MS && Number(timestamp) - nowMs <= WINDOW_MS)) return false;
	return createHmac('sha256', secret).update(timestamp + body.toString('latin1'), 'latin1').digest('hex') === signature;
}

const depthOf = (value: unknown): number =>
	typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a signed body is: a completion, something that is none (a test of the connection), or spoilt. */
export type Meaning = { is: 'completion'; body: Record<string, unknown> } | { is: 'other' | 'spoilt' };

export function meaningOf(bytes: Buffer): Meaning {
	let body: unknown;
	try {
		body = JSON.parse(bytes.toString());
	} catch {
		return { is: 'spoilt' };
	}
	if (!isObject(body) || depthOf(body) > MAX_DEPTH) return { is: 'spoilt' };
	const { event, code, data, pipelineKey } = body;
	if (typeof event !== 'string' || !EVENTS.includes(event)) return { is: 'other' };
	const hasCode = typeof code === 'number' || (typeof code === 'string' && /^[0-9]+$/.test(code));
	const hasData = data === undefined || data === null || isObject(data);
	const taskId = isObject(data) ? data.taskId : undefined;
	const isNamed = (value: unknown) => typeof value === 'string' && value.trim() !== '';
	const hasKey = isNamed(pipelineKey) || isNamed(taskId) || typeof taskId === 'number';
	return hasCode && hasData && hasKey ? { is: 'completion', body } : { is: 'spoilt' };
}
