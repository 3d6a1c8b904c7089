import { createHmac } from 'node:crypto';

import { receive } from '../../../nodes/Vmeg/trigger/receive';
import type { Callback } from '../../../nodes/Vmeg/trigger/receive';
import type { Headers } from '../../../nodes/Vmeg/trigger/signature';

export const SECRET = 'whsec-1f0c';
export const NOW_MS = 1_770_000_000_000;

/** API contract §9, written down a second time: HMAC-SHA256 of timestamp and raw body, in hex. */
export const signatureOf = (body: Buffer | string, timestamp: string, secret = SECRET): string =>
	createHmac('sha256', secret)
		.update(Buffer.concat([Buffer.from(timestamp), Buffer.from(body)]))
		.digest('hex');

export const signed = (
	body: Buffer | string,
	{ timestamp = String(NOW_MS), secret = SECRET } = {},
): Headers => ({ 'x-timestamp': timestamp, 'x-signature': signatureOf(body, timestamp, secret) });

/** A callback to a trigger that wants every event and has emitted none. */
export const callback = (
	body: Buffer | string,
	headers: Headers = signed(body),
	more: Partial<Callback> = {},
): Callback => ({
	headers,
	rawBody: Buffer.from(body),
	nowMs: NOW_MS,
	secret: async () => SECRET,
	filter: () => ({
		events: ['openapi-clone-voice', 'openapi-media-translation', 'openapi-translate', 'openapi-tts'],
		outcome: 'all',
	}),
	wasEmitted: () => false,
	...more,
});

/** What the trigger makes of a callback. */
export const verdictOn = async (...parts: Parameters<typeof callback>) =>
	await receive(callback(...parts));

/** A completion as VMEG delivers it (API contract §9). */
export const textCompletion = {
	code: 200,
	version: 'v1',
	event: 'openapi-translate',
	pipelineKey: '0123456789abcdef0123456789abcdef',
	message: '',
	extraData: { rowId: 7 },
	data: { taskId: 'task-1', items: [{ text: 'Hallo' }], createdAt: '2026-01-01T00:00:00Z' },
};
