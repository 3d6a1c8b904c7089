import { createHmac } from 'node:crypto';

/** Headers of a completion: HMAC-SHA256 over timestamp and raw body (API contract §9). */
export function signatureHeaders(
	body: string | Buffer,
	secret: string,
	timestamp: string = String(Date.now()),
): Record<'Content-Type' | 'X-Timestamp' | 'X-Signature', string> {
	const signature = createHmac('sha256', secret).update(timestamp).update(body).digest('hex');
	return {
		'Content-Type': 'application/json',
		'X-Timestamp': timestamp,
		'X-Signature': signature,
	};
}
