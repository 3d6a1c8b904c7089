import { checkHeaders, isAuthentic, TIMESTAMP_WINDOW_MS } from '../../../nodes/Vmeg/trigger/signature';
import { NOW_MS, SECRET, signatureOf } from '../support/callbacks';

const BODY = Buffer.from('{"event":"openapi-tts"}');
const TIMESTAMP = String(NOW_MS);
const SIGNATURE = signatureOf(BODY, TIMESTAMP);

const check = (headers: Record<string, string | string[] | undefined>, nowMs = NOW_MS) =>
	checkHeaders({ 'x-timestamp': TIMESTAMP, 'x-signature': SIGNATURE, ...headers }, nowMs);
const reasonOf = (...parts: Parameters<typeof check>) => {
	const checked = check(...parts);
	return checked.ok ? 'accepted' : checked.reason;
};

describe('the signature headers', () => {
	test('are taken as they are where they are well formed and fresh', () => {
		expect(check({})).toEqual({ ok: true, signed: { timestamp: TIMESTAMP, signature: SIGNATURE } });
	});

	test.each([-300_000, -299_999, 0, 299_999, 300_000])(
		'are fresh where the clock is %i ms from the timestamp',
		(offset) => {
			expect(TIMESTAMP_WINDOW_MS).toBe(300_000);
			expect(check({}, NOW_MS + offset).ok).toBe(true);
		},
	);

	test.each([-300_001, 300_001, 86_400_000, -86_400_000])(
		'are stale where the clock is %i ms from the timestamp',
		(offset) => {
			expect(reasonOf({}, NOW_MS + offset)).toContain('300 s');
		},
	);

	test.each([
		['x-timestamp', undefined],
		['x-signature', undefined],
		['x-timestamp', [TIMESTAMP]],
		['x-signature', [SIGNATURE, SIGNATURE]],
		['x-signature', []],
	])('must both be there, once: %s %j', (name, value) => {
		expect(reasonOf({ [name]: value })).toBe('X-Timestamp or X-Signature is missing');
	});

	test.each([
		['empty', ''],
		['in seconds', String(NOW_MS / 1000)],
		['too long', `${TIMESTAMP}0`],
		['a date', '2026-02-02T02:40:00Z'],
		['negative', `-${TIMESTAMP.slice(1)}`],
		['a fraction', '17700000000.5'],
		['a power', '1.77000000e12'],
		['with a space', `${TIMESTAMP} `],
		['on two lines', `${TIMESTAMP}\n`],
		['in other digits', '١٧٧٠٠٠٠٠٠٠٠٠٠'],
		['no number', 'NaN'],
	])('need a timestamp in milliseconds, not one that is %s', (_, value) => {
		expect(reasonOf({ 'x-timestamp': value })).toBe('X-Timestamp is not Unix milliseconds');
	});

	test.each([
		['empty', ''],
		['uppercase', SIGNATURE.toUpperCase()],
		['too short', SIGNATURE.slice(1)],
		['too long', `${SIGNATURE}0`],
		['prefixed', `sha256=${SIGNATURE}`],
		['Base64', Buffer.from(SIGNATURE, 'hex').toString('base64')],
		['on two lines', `${SIGNATURE}\n`],
		['twice', `${SIGNATURE}, ${SIGNATURE}`],
		['not hexadecimal', 'g'.repeat(64)],
	])('need a signature of 64 lowercase hexadecimal digits, not one that is %s', (_, value) => {
		expect(reasonOf({ 'x-signature': value })).toBe('X-Signature is not lowercase hex SHA-256');
	});
});

describe('a callback', () => {
	const authentic = (change: Partial<{ secret: string; timestamp: string; signature: string; body: Buffer }>) =>
		isAuthentic(
			change.secret ?? SECRET,
			{ timestamp: change.timestamp ?? TIMESTAMP, signature: change.signature ?? SIGNATURE },
			change.body ?? BODY,
		);

	test('is authentic where its signature is that of timestamp and body', () => {
		expect(authentic({})).toBe(true);
	});

	test('is signed as VMEG documents it: a signature worked out elsewhere', () => {
		// printf '1770000000000{"event":"openapi-tts"}' | openssl dgst -sha256 -hmac 'whsec-1f0c'
		expect(SIGNATURE).toBe('feb82d6a78829dc9b9a34d981e6370c88a85420cefe6de0bf8420f3c163173a4');
	});

	test('is signed over its bytes, whatever they are', () => {
		const body = Buffer.from([0x00, 0xff, 0xfe, 0x0a, 0x80]);
		expect(authentic({ body, signature: signatureOf(body, TIMESTAMP) })).toBe(true);
	});

	test('may have an empty body', () => {
		const body = Buffer.alloc(0);
		expect(authentic({ body, signature: signatureOf(body, TIMESTAMP) })).toBe(true);
	});

	test.each([
		['the body was changed', { body: Buffer.from('{"event":"openapi-ttS"}') }],
		['the body was formatted anew', { body: Buffer.from('{ "event": "openapi-tts" }') }],
		['the body was cut', { body: BODY.subarray(1) }],
		['the timestamp was changed', { timestamp: String(NOW_MS + 1) }],
		['it was signed with another secret', { signature: signatureOf(BODY, TIMESTAMP, 'other') }],
		['it was signed without the timestamp', { signature: signatureOf(BODY, '') }],
		['the signature is empty', { signature: '' }],
		['the signature is too short', { signature: SIGNATURE.slice(0, 62) }],
		['the signature is too long', { signature: `${SIGNATURE}00` }],
		['the signature is no hexadecimal', { signature: 'z'.repeat(64) }],
	])('is forged where %s', (_, change) => {
		expect(authentic(change)).toBe(false);
	});

	test('proves nothing under an empty secret', () => {
		expect(authentic({ secret: '', signature: signatureOf(BODY, TIMESTAMP, '') })).toBe(false);
	});
});
