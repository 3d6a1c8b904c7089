import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { md5Of } from '../../../nodes/Vmeg/api/source';
import { putBytes } from '../../../nodes/Vmeg/api/storage';
import type { PutOptions } from '../../../nodes/Vmeg/api/storage';
import { fake, networkFault } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const bytes = Buffer.from('part of a film');
const md5 = md5Of(bytes);
const OTHER_MD5 = 'f'.repeat(32);

type Reply = Error | { statusCode: number; headers?: IDataObject };
const stored = (etag: string = `"${md5}"`): Reply => ({ statusCode: 200, headers: { etag } });

/** PUTs the bytes to a storage that gives these replies, the last one for ever. */
function storage(replies: Reply[], { onRequest, ...options }: Partial<PutOptions> & { onRequest?: () => void } = {}) {
	const requests: IHttpRequestOptions[] = [];
	const renewals: boolean[] = [];
	const context = fake<IExecuteFunctions>({
		helpers: fake<IExecuteFunctions['helpers']>({
			httpRequest: async (request) => {
				requests.push(request);
				onRequest?.();
				const reply = replies[Math.min(requests.length, replies.length) - 1];
				if (reply === undefined || reply instanceof Error) throw reply ?? new Error('no reply');
				return reply;
			},
		}),
	});
	const url = async (renew: boolean) => {
		renewals.push(renew);
		return `https://s3.example/${renewals.length}`;
	};
	const put = withoutWaiting(putBytes(context, { url, bytes, md5, stallMs: 1_000, signal: undefined, ...options }));
	return { put, requests, renewals };
}

describe('bytes that go to the storage', () => {
	test('go in one request, without the API key and without following redirects', async () => {
		const { put, requests } = storage([stored()]);
		await expect(put).resolves.toEqual({ ok: true, eTag: md5 });
		expect(requests).toEqual([
			{
				method: 'PUT',
				url: 'https://s3.example/1',
				body: bytes,
				headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length },
				timeout: 1_000,
				abortSignal: undefined,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
				encoding: 'text',
			},
		]);
	});

	test.each([
		['in quotes', '"abc-12"', 'abc-12'],
		['weak', 'W/"abc"', 'abc'],
		['without quotes', 'abc', 'abc'],
	])('have the ETag of the answer, %s', async (_, etag, expected) => {
		await expect(storage([stored(etag)]).put).resolves.toEqual({ ok: true, eTag: expected });
	});

	test('have an empty ETag where the storage gives none', async () => {
		await expect(storage([{ statusCode: 204 }]).put).resolves.toEqual({ ok: true, eTag: '' });
	});

	test('are sent once more where the ETag is the MD5 of other bytes, and once only', async () => {
		const { put, requests } = storage([stored(OTHER_MD5)]);
		await expect(put).resolves.toEqual({ ok: true, eTag: OTHER_MD5 });
		expect(requests).toHaveLength(2);
	});

	test.each([
		['in capitals', md5.toUpperCase()],
		['with a number of parts', `${OTHER_MD5}-2`],
		['that is longer than an MD5', `${OTHER_MD5}0`],
		['that is no MD5', `x${OTHER_MD5}`],
	])('are not doubted for an ETag %s', async (_, etag) => {
		const { put, requests } = storage([stored(etag)]);
		await expect(put).resolves.toMatchObject({ ok: true });
		expect(requests).toHaveLength(1);
	});
});

describe('a storage that fails', () => {
	test.each([408, 429, 500, 503])('with HTTP %i is asked four times, then named', async (statusCode) => {
		const { put, requests, renewals } = storage([{ statusCode }]);
		await expect(put).resolves.toEqual({ ok: false, reason: 'failed', detail: `the storage answered HTTP ${statusCode}` });
		expect(requests).toHaveLength(4);
		expect(renewals).toEqual([false, false, false, false]);
	});

	test.each([301, 400, 404, 412, 499])('with HTTP %i is asked once', async (statusCode) => {
		const { put, requests } = storage([{ statusCode }]);
		await expect(put).resolves.toMatchObject({ ok: false, reason: 'failed', detail: `the storage answered HTTP ${statusCode}` });
		expect(requests).toHaveLength(1);
	});

	test.each([401, 403])('with HTTP %i is asked under a fresh URL', async (statusCode) => {
		const { put, requests, renewals } = storage([{ statusCode }, stored()]);
		await expect(put).resolves.toMatchObject({ ok: true });
		expect(requests.map(({ url }) => url)).toEqual(['https://s3.example/1', 'https://s3.example/2']);
		expect(renewals).toEqual([false, true]);
	});

	test('in the network is asked again, and named in plain words', async () => {
		await expect(storage([networkFault('ECONNRESET'), stored()]).put).resolves.toMatchObject({ ok: true });
		const { put, requests } = storage([networkFault('ECONNREFUSED')]);
		await expect(put).resolves.toEqual({ ok: false, reason: 'failed', detail: 'the server refused the connection' });
		expect(requests).toHaveLength(4);
	});

	test('is left a growing pause each time', async () => {
		const start = Date.now();
		await storage([{ statusCode: 500 }]).put;
		// half to whole of 500, 1,000 and 2,000 ms
		expect(Date.now() - start).toBeGreaterThanOrEqual(1_750);
		expect(Date.now() - start).toBeLessThanOrEqual(3_500);
	});
});

describe('a cancellation', () => {
	test('before the first byte sends nothing', async () => {
		const { put, requests } = storage([stored()], { signal: AbortSignal.abort() });
		await expect(put).resolves.toEqual({ ok: false, reason: 'cancelled' });
		expect(requests).toHaveLength(0);
	});

	test('during the pause ends it', async () => {
		const stop = new AbortController();
		const { put, requests } = storage([{ statusCode: 500 }], {
			signal: stop.signal,
			onRequest: () => setTimeout(() => stop.abort(), 10),
		});
		const start = Date.now();
		await expect(put).resolves.toEqual({ ok: false, reason: 'cancelled' });
		expect(Date.now() - start).toBe(10);
		expect(requests).toHaveLength(1);
	});

	test('during the last attempt is told as one', async () => {
		const stop = new AbortController();
		const { put } = storage([{ statusCode: 400 }], { signal: stop.signal, onRequest: () => stop.abort() });
		await expect(put).resolves.toMatchObject({ ok: false, reason: 'cancelled' });
	});
});
