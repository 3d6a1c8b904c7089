import fc from 'fast-check';

import { parseEvent } from '../../nodes/Vmeg/trigger/event';
import type { Headers } from '../../nodes/Vmeg/trigger/signature';
import { NOW_MS, SECRET, signatureOf, signed, verdictOn } from '../unit/support/callbacks';
import { completion, json } from './arbitraries';

const WINDOW_MS = 300_000;

/** A callback on its way to the trigger. */
interface Sent {
	body: Buffer;
	headers: Headers;
}

/** Whether a callback proves where it comes from, told in another way than the package does. */
function isGenuine({ body, headers }: Sent): boolean {
	const timestamp = headers['x-timestamp'];
	if (typeof timestamp !== 'string' || headers['x-signature'] !== signatureOf(body, timestamp)) return false;
	const ageMs = NOW_MS - Number(timestamp);
	return /^[0-9]+$/.test(timestamp) && ageMs <= WINDOW_MS && ageMs >= -WINDOW_MS;
}

const genuine: fc.Arbitrary<Sent> = fc
	.tuple(completion, fc.integer({ min: -WINDOW_MS, max: WINDOW_MS }))
	.map(([event, offset]) => {
		const body = Buffer.from(JSON.stringify(event));
		return { body, headers: signed(body, { timestamp: String(NOW_MS + offset) }) };
	});

const nat = fc.nat({ max: 1_000_000 });
const flipBit = (bytes: Buffer, at: number): Buffer => {
	const flipped = Buffer.from(bytes);
	const index = at % bytes.length;
	flipped[index] = (flipped[index] ?? 0) ^ (1 << at % 8);
	return flipped;
};
const withHeader = ({ body, headers }: Sent, name: string, value: Headers[string]): Sent => ({
	body,
	headers: { ...headers, [name]: value },
});
const textOf = (header: Headers[string]): string => (typeof header === 'string' ? header : '');

const oddHeader: fc.Arbitrary<Headers[string]> = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc.bigInt().map(String),
	fc.double().map(String),
	fc.constantFrom('', '0', '-1', '1e309', '9'.repeat(400), 'Infinity', 'null', String(NOW_MS), 'a'.repeat(64)),
	fc.array(fc.string(), { maxLength: 3 }),
	fc.constant(undefined),
);

/** What an attacker without the secret may make of a genuine callback that was overheard. */
const forgeries: Array<[string, fc.Arbitrary<Sent>]> = [
	[
		'a bit of the body flipped',
		fc.tuple(genuine, nat).map(([sent, at]) => ({ ...sent, body: flipBit(sent.body, at) })),
	],
	[
		'a bit of the signature flipped',
		fc.tuple(genuine, nat).map(([sent, at]) => {
			const signature = Buffer.from(textOf(sent.headers['x-signature']), 'hex');
			return withHeader(sent, 'x-signature', flipBit(signature, at).toString('hex'));
		}),
	],
	[
		'the timestamp shifted',
		fc.tuple(genuine, fc.integer({ min: -WINDOW_MS, max: WINDOW_MS })).map(([sent, shift]) => {
			const shifted = Number(sent.headers['x-timestamp']) + (shift === 0 ? 1 : shift);
			return withHeader(sent, 'x-timestamp', String(shifted));
		}),
	],
	[
		'the body cut short',
		fc.tuple(genuine, nat).map(([sent, at]) => ({ ...sent, body: sent.body.subarray(0, at % sent.body.length) })),
	],
	[
		'bytes added to the body',
		fc
			.tuple(genuine, fc.uint8Array({ minLength: 1 }))
			.map(([sent, more]) => ({ ...sent, body: Buffer.concat([sent.body, more]) })),
	],
	[
		'the signature of another secret',
		fc.tuple(genuine, fc.string()).map(([{ body }, secret]) => ({
			body,
			headers: signed(body, { secret: secret === SECRET ? '' : secret }),
		})),
	],
	[
		'the signature of another callback',
		fc.tuple(genuine, genuine, nat).map(([one, other, at]) => ({ headers: one.headers, body: flipBit(other.body, at) })),
	],
	[
		'a signature that leaves the timestamp out',
		genuine.map((sent) => withHeader(sent, 'x-signature', signatureOf(sent.body, ''))),
	],
	[
		'a right signature of long ago or of the future',
		fc
			.tuple(genuine, fc.integer({ min: WINDOW_MS + 1, max: 1_000_000_000 }), fc.boolean())
			.map(([{ body }, offset, isPast]) => ({
				body,
				headers: signed(body, { timestamp: String(isPast ? NOW_MS - offset : NOW_MS + offset) }),
			})),
	],
	[
		'part of the timestamp moved into the body',
		genuine.map(({ body, headers }) => {
			const timestamp = textOf(headers['x-timestamp']);
			return {
				body: Buffer.concat([Buffer.from(timestamp.slice(-1)), body]),
				headers: { ...headers, 'x-timestamp': timestamp.slice(0, -1) },
			};
		}),
	],
	[
		'headers that came twice',
		fc.tuple(genuine, fc.constantFrom('x-signature', 'x-timestamp')).map(([sent, name]) => {
			const value = textOf(sent.headers[name]);
			return withHeader(sent, name, [value, value]);
		}),
	],
	[
		'an odd header',
		fc
			.tuple(genuine, fc.constantFrom('x-signature', 'x-timestamp'), oddHeader)
			.map(([sent, name, value]) => withHeader(sent, name, value)),
	],
	[
		'odd headers and any bytes',
		fc.record({
			body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
			headers: fc.record({ 'x-timestamp': oddHeader, 'x-signature': oddHeader }),
		}),
	],
	[
		'odd headers and any JSON',
		fc.record({
			body: fc.oneof(json, completion).map((value) => Buffer.from(JSON.stringify(value))),
			headers: fc.dictionary(fc.constantFrom('x-timestamp', 'x-signature', 'x-other'), oddHeader),
		}),
	],
];

describe('a forged callback', () => {
	// 14 kinds: 10,000 cases and a little more
	test.each(forgeries)('with %s is refused, whatever it is', async (_, forgery) => {
		await fc.assert(
			fc.asyncProperty(forgery, async (sent) => {
				fc.pre(!isGenuine(sent));
				const verdict = await verdictOn(sent.body, sent.headers);
				expect(verdict.statusCode).toBe(401);
				expect(verdict.item).toBeUndefined();
			}),
			{ numRuns: 720 },
		);
	});

	test('is refused whatever is left out of it, and without a secret nothing is accepted', async () => {
		await fc.assert(
			fc.asyncProperty(genuine, fc.boolean(), async ({ body, headers }, hasBody) => {
				const verdict = await verdictOn(body, hasBody ? signed(body, { secret: '' }) : headers, {
					...(hasBody ? {} : { rawBody: undefined }),
					secret: async () => '',
				});
				expect(verdict.statusCode).toBe(401);
				expect(verdict.item).toBeUndefined();
			}),
		);
	});
});

describe('a genuine callback', () => {
	test('of a completion is emitted with all that VMEG sent', async () => {
		await fc.assert(
			fc.asyncProperty(genuine, async (sent) => {
				const event = JSON.parse(sent.body.toString());
				const verdict = await verdictOn(sent.body, sent.headers);
				expect(verdict).toMatchObject({ statusCode: 200, message: 'Received' });
				expect(verdict.item).toMatchObject({
					event: event.event,
					succeeded: event.code === 200,
					code: event.code,
					message: event.message ?? '',
					version: event.version ?? null,
					pipelineKey: event.pipelineKey,
					taskId: event.data.taskId,
				});
				expect(verdict.item?.data).toEqual(event.data);
				expect(verdict.item?.extraData).toEqual(event.extraData);
			}),
			{ numRuns: 500 },
		);
	});

	test('of any bytes has an answer: 200 or 400, and an item only for a completion', async () => {
		const bytes = fc.oneof(
			fc.uint8Array().map((body) => Buffer.from(body)),
			fc.string({ unit: 'binary' }).map((body) => Buffer.from(body)),
			json.map((body) => Buffer.from(JSON.stringify(body))),
			fc
				.tuple(completion, fc.constantFrom('code', 'data', 'event', 'pipelineKey', 'message', 'version'), json)
				.map(([event, field, value]) => Buffer.from(JSON.stringify({ ...event, [field]: value }))),
		);
		await fc.assert(
			fc.asyncProperty(bytes, async (body) => {
				const verdict = await verdictOn(body);
				expect([200, 400]).toContain(verdict.statusCode);
				expect(verdict.message).not.toBe('');
				expect(verdict.item !== undefined).toBe(parseEvent(body).kind === 'completion');
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('reading an event', () => {
	test('never throws, whatever the bytes', () => {
		fc.assert(
			fc.property(fc.oneof(fc.uint8Array(), fc.string().map((text) => Buffer.from(text))), (bytes) => {
				expect(['completion', 'other', 'invalid']).toContain(parseEvent(Buffer.from(bytes)).kind);
			}),
			{ numRuns: 1_000 },
		);
	});

	test('never reaches the prototype of objects, wherever its keys stand', async () => {
		const before = Object.getOwnPropertyNames(Object.prototype);
		const danger = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf');
		const place = fc.constantFrom('', 'data', 'extraData', 'data.result', 'data.result.build');
		await fc.assert(
			fc.asyncProperty(completion, danger, place, json, async (event, key, at, value) => {
				const poison = `{${JSON.stringify(key)}:{"polluted":${JSON.stringify(value)}}}`;
				const nested = at
					.split('.')
					.filter((name) => name !== '')
					.reduceRight((inner, name) => `{"${name}":${inner}}`, poison);
				const body = `${JSON.stringify(event).slice(0, -1)},${nested.slice(1)}`;
				const verdict = await verdictOn(body);
				expect([200, 400]).toContain(verdict.statusCode);
				expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
				expect({}).not.toHaveProperty('polluted');
			}),
			{ numRuns: 500 },
		);
	});
});
