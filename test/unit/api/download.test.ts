import { Readable } from 'node:stream';
import type { IBinaryData, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { downloadToBinary } from '../../../nodes/Vmeg/api/download';
import type { DownloadOptions } from '../../../nodes/Vmeg/api/download';
import { fake, networkFault, node } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

const KIB = 1024;
const MIB = 1024 * KIB;
const FILE = Buffer.from(Array.from({ length: 3 * KIB }, (_, index) => index % 251));
const URL_OF_FILE = 'https://files.example/film.mp4?signature=1';

type Asked = Pick<IHttpRequestOptions, 'url' | 'headers' | 'abortSignal'> & { options: IHttpRequestOptions };

/** What the storage answers to one GET. */
interface Served {
	statusCode?: number;
	headers?: Record<string, string>;
	pieces?: Buffer[];
	/** How the body ends after its pieces; by default well. */
	end?: 'broken' | 'silent';
}
type Storage = (asked: { url: string; range: number | undefined; count: number }) => Served | Error;

function bodyOf({ pieces = [], end }: Served): Readable {
	if (end === 'silent') {
		const silent = new Readable({ read() {} });
		for (const piece of pieces) silent.push(piece);
		return silent;
	}
	async function* all() {
		yield* pieces;
		if (end === 'broken') throw networkFault('ECONNRESET');
	}
	return Readable.from(all(), { objectMode: false });
}

/** The whole file, or the rest of it that was asked for; a storage that can resume. */
const serve = (range: number | undefined, more: Partial<Served> & { file?: Buffer; upTo?: number } = {}): Served => {
	const { file = FILE, upTo = file.length, headers, ...rest } = more;
	const from = range ?? 0;
	return {
		statusCode: range === undefined ? 200 : 206,
		pieces: [file.subarray(from, upTo)],
		...rest,
		headers: {
			etag: '"one"',
			'content-length': String(file.length - from),
			'content-type': 'video/mp4',
			...(range === undefined ? {} : { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
			...headers,
		},
	};
};

interface Scene {
	baseUrl?: string;
	cancelled?: AbortSignal;
	url?: string;
	/** Bytes that n8n says it has stored. */
	stored?: number;
	storeFails?: Error;
	/** Whether n8n keeps files by themselves rather than in the item. */
	onDisk?: boolean;
}

function download(storage: Storage, options: Partial<DownloadOptions> = {}, scene: Scene = {}) {
	const asked: Asked[] = [];
	const streams: Readable[] = [];
	const named: Array<[string | undefined, string | undefined]> = [];
	const { baseUrl = 'https://api.vmeg.ai', cancelled, url = URL_OF_FILE, stored, storeFails, onDisk } = scene;
	const context = fake<IExecuteFunctions>({
		getNode: () => node,
		getExecutionCancelSignal: () => cancelled,
		getCredentials: jest.fn().mockResolvedValue({ baseUrl }),
		helpers: fake<IExecuteFunctions['helpers']>({
			httpRequest: async (request: IHttpRequestOptions) => {
				asked.push({ url: request.url, headers: request.headers, abortSignal: request.abortSignal, options: request });
				const range = /^bytes=(\d+)-$/.exec(String(Object(request.headers).Range))?.[1];
				const served = storage({
					url: request.url,
					range: range === undefined ? undefined : Number(range),
					count: asked.length,
				});
				if (served instanceof Error) throw served;
				const body = bodyOf(served);
				streams.push(body);
				request.abortSignal?.addEventListener?.('abort', () => body.destroy(new Error('aborted')));
				const { statusCode = 200, headers = {} } = served;
				return { statusCode, headers, body };
			},
			prepareBinaryData: async (stream, fileName, mimeType): Promise<IBinaryData> => {
				if (storeFails) throw storeFails;
				named.push([fileName, mimeType]);
				const pieces: Buffer[] = [];
				for await (const piece of stream as Readable) pieces.push(Buffer.from(piece));
				const data = Buffer.concat(pieces).toString('base64');
				return { data, mimeType: mimeType ?? 'x/y', fileName, ...(onDisk ? { id: 'filesystem:1' } : {}) };
			},
			getBinaryMetadata: async () => ({ fileSize: stored ?? 0 }),
		}),
	});
	const work = downloadToBinary(context, url, { fileName: 'film.de-DE', ...options });
	return { asked, streams, named, context, work: withoutWaiting(work) };
}

const bytesOf = ({ data }: IBinaryData) => Buffer.from(data, 'base64');

/** The error of a download that fails. */
async function failure(...scene: Parameters<typeof download>) {
	const { work, ...rest } = download(...scene);
	const error: unknown = await work.then(
		() => new Error('it did not fail'),
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof NodeApiError)) throw error;
	const prefix = 'Item 0: Downloading film.de-DE failed: ';
	const { message, description, context } = error;
	return { ...rest, error, why: message.replace(prefix, ''), message, advice: description ?? '', facts: context.vmeg };
}

const rangesOf = (asked: Asked[]): string[] => asked.map(({ headers }) => String(Object(headers).Range ?? 'all'));

describe('a request for a file', () => {
	test('takes no credential along, follows no redirect by itself, and wants the bytes as they are', async () => {
		const { work, asked } = download(({ range }) => serve(range), { stallMs: 7_000 });
		await work;
		expect(asked.map(({ options }) => options)).toEqual([
			{
				method: 'GET',
				url: URL_OF_FILE,
				headers: { Accept: '*/*', 'Accept-Encoding': 'identity' },
				encoding: 'stream',
				timeout: 7_000,
				abortSignal: expect.any(AbortSignal),
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
		]);
	});

	test.each([
		['https://api.vmeg.ai', 'http://files.example/film.mp4', false],
		[' HTTP://localhost:8080', 'http://files.example/film.mp4', true],
		['http://localhost:8080', 'file:///etc/passwd', false],
		['https://api.vmeg.ai', 'no address', false],
		['http://localhost:8080', '', false],
	])('from an account at %s, of %s, is sent: %s', async (baseUrl, url, isSent) => {
		const { work, asked } = download(({ range }) => serve(range), {}, { baseUrl, url });
		if (isSent) await work;
		else await expect(work).rejects.toThrow(/its address does not start with https:\/\/$/);
		expect(asked).toHaveLength(isSent ? 1 : 0);
	});

	test('over http is sent where the caller says so, whatever the account', async () => {
		const url = 'http://files.example/film.mp4';
		await expect(download(({ range }) => serve(range), { allowHttp: true }, { url }).work).resolves.toBeDefined();
		const refused = download(({ range }) => serve(range), { allowHttp: false }, { url, baseUrl: 'http://localhost' });
		await expect(refused.work).rejects.toThrow(/https/);
		expect(refused.context.getCredentials).not.toHaveBeenCalled();
	});
});

describe('a redirect', () => {
	const to = (location: string, statusCode = 302): Served => ({ statusCode, headers: { location } });

	test('is followed, relative ones too, and the answers on the way are closed', async () => {
		const { work, asked, streams } = download(({ url, range }) =>
			url.endsWith('/there.mp4') ? serve(range) : to(url === URL_OF_FILE ? 'https://b.example/x' : '/there.mp4', 307),
		);
		expect(bytesOf(await work)).toEqual(FILE);
		expect(asked.map(({ url }) => url)).toEqual([URL_OF_FILE, 'https://b.example/x', 'https://b.example/there.mp4']);
		expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
	});

	test.each(['http://169.254.169.254/latest', 'file:///etc/passwd', 'https://'])('to %s is refused', async (location) => {
		const { why, asked } = await failure(() => to(location));
		expect(why).toBe('its address does not start with https://');
		expect(asked).toHaveLength(1);
	});

	test('without an end is given up after five', async () => {
		const { why, asked } = await failure(({ count }) => to(`https://files.example/${count}`));
		expect(why).toBe('too many redirects, also when tried again');
		expect(asked).toHaveLength(18);
	});

	test('that five steps lead to is reached', async () => {
		const { work } = download(({ count, range }) => (count <= 5 ? to(`https://files.example/${count}.mp4`) : serve(range)));
		expect(bytesOf(await work)).toEqual(FILE);
	});

	test.each([300, 399])('may have any code of its kind: %i', async (statusCode) => {
		const { work } = download(({ count, range }) => (count === 1 ? to('/there.mp4', statusCode) : serve(range)));
		expect(bytesOf(await work)).toEqual(FILE);
	});

	test.each([200, 206])('is none with %i, whatever address comes along', async (statusCode) => {
		const { work, asked } = download(({ range }) => serve(range, { statusCode, headers: { location: 'https://b.example/' } }));
		expect(bytesOf(await work)).toEqual(FILE);
		expect(asked).toHaveLength(1);
	});

	test('is none with 400, whatever address comes along', async () => {
		const { why, asked } = await failure(() => to('https://b.example/', 400));
		expect(why).toMatch(/HTTP 400/);
		expect(asked).toHaveLength(1);
	});

	test('without an address is an answer that was refused', async () => {
		const { why } = await failure(() => ({ statusCode: 304 }));
		expect(why).toBe('the storage refused it (HTTP 304); the link may have expired');
	});
});

describe('the name and type of a file', () => {
	test.each<[string, string, string | undefined, string | undefined, string, string | undefined]>([
		['its address', 'https://f.example/a.wav?x', 'video/mp4', undefined, 'film.de-DE.wav', 'audio/wav'],
		['the Content-Type', 'https://f.example/a', 'audio/mpeg; charset=x', undefined, 'film.de-DE.mp3', 'audio/mpeg'],
		['the caller', 'https://f.example/a.mp4', 'video/mp4', 'text/plain', 'film.de-DE.mp4', 'text/plain'],
		['an unknown Content-Type', 'https://f.example/a', 'application/x-odd; v=1', undefined, 'film.de-DE', 'application/x-odd'],
	])('come from %s', async (_, url, contentType, mimeType, fileName, type) => {
		const headers = { ...(contentType && { 'content-type': contentType }) };
		const { work, named } = download(({ range }) => serve(range, { headers }), { mimeType }, { url });
		await work;
		expect(named).toEqual([[fileName, type]]);
	});

	test('keep the extension that the name has where nothing else tells one', async () => {
		const headers = { 'content-type': 'application/x-odd' };
		const { work, named } = download(({ range }) => serve(range, { headers }), { fileName: 'clip.mov' }, { url: 'https://f.example/a' });
		await work;
		expect(named).toEqual([['clip.mov', 'video/quicktime']]);
	});
});

describe('a connection that breaks', () => {
	test('is taken up at the byte that comes next, if the file is still the same', async () => {
		const { work, asked, streams } = download(({ range, count }) =>
			serve(range, count < 3 ? { upTo: count * KIB, end: 'broken' } : {}),
		);
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'bytes=1024-', 'bytes=2048-']);
		expect(asked.slice(1).map(({ headers }) => Object(headers)['If-Range'])).toEqual(['"one"', '"one"']);
		expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
	});

	test('is taken up also where it seemed to end well, but too early', async () => {
		const { work, asked } = download(({ range, count }) => serve(range, count === 1 ? { upTo: KIB } : {}));
		expect(bytesOf(await work)).toEqual(FILE);
		expect(asked).toHaveLength(2);
	});

	test('is taken up where the storage does not say how long the whole is', async () => {
		const { work, asked } = download(({ range, count }) =>
			count === 1
				? serve(range, { upTo: KIB, end: 'broken' })
				: serve(range, { headers: { 'content-range': `bytes ${range}-${FILE.length - 1}/*` } }),
		);
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'bytes=1024-']);
	});

	test('is taken up where it never said how long it is, but is told now', async () => {
		const { work, asked } = download(({ range, count }) => {
			if (count > 1) return serve(range);
			const { headers, ...rest } = serve(range, { upTo: KIB, end: 'broken' });
			return { ...rest, headers: { etag: headers?.etag ?? '' } };
		});
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'bytes=1024-']);
	});

	test.each<[string, Partial<Served>]>([
		['answers with the whole file', { statusCode: 200, headers: { 'content-range': '' } }],
		['answers with another part', { headers: { 'content-range': `bytes 7-${FILE.length - 1}/${FILE.length}` } }],
		['tells another length', { headers: { 'content-range': `bytes 1024-${FILE.length - 1}/99999` } }],
		['tells a range among other words', { headers: { 'content-range': `x bytes 1024-${FILE.length - 1}/${FILE.length}` } }],
		['tells a range and more', { headers: { 'content-range': `bytes 1024-${FILE.length - 1}/${FILE.length}0x` } }],
		['answers 200 with the right range', { statusCode: 200 }],
		['tells no range', { headers: { 'content-range': '' } }],
	])('makes the download start anew, once, where the storage %s', async (_, odd) => {
		const { work, asked } = download(({ range, count }) => {
			if (count === 1) return serve(range, { upTo: KIB, end: 'broken' });
			return range === undefined ? serve(range) : serve(range, odd);
		});
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'bytes=1024-', 'all']);
	});

	test.each(['W/"one"', undefined])('makes it start anew where the ETag (%s) does not promise the same bytes', async (etag) => {
		const served = (range: number | undefined, more = {}) => {
			const { headers, ...rest } = serve(range, more);
			const { etag: _, ...others } = headers ?? {};
			return { ...rest, headers: { ...others, ...(etag && { etag }) } };
		};
		const { work, asked } = download(({ range, count }) => served(range, count === 1 ? { upTo: KIB, end: 'broken' } : {}));
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'all']);
	});

	test('twice with another file is an error, and not a file made of two', async () => {
		const { why, advice } = await failure(({ range }) =>
			range === undefined ? serve(range, { upTo: KIB, end: 'broken' }) : serve(range, { statusCode: 200 }),
		);
		expect(why).toBe('it changed while it was being fetched');
		expect(advice).toContain('Run the node again');
	});

	test('again and again is an error that tells how far it came', async () => {
		const { why, advice, asked } = await failure(({ range }) => serve(range, { upTo: Math.max(KIB, range ?? 0), end: 'broken' }));
		expect(why).toBe('the connection was cut after 0.00 MB of 0.00 MB, also when tried again');
		expect(advice).toContain('Check the network');
		expect(asked).toHaveLength(3);
	});

	test('may break as often as it likes while it makes progress', async () => {
		const file = Buffer.alloc(6 * MIB, 7);
		const { work, asked } = download(({ range, count }) => serve(range, { file, upTo: count * MIB, end: count < 6 ? 'broken' : undefined }));
		expect(bytesOf(await work)).toHaveLength(file.length);
		expect(asked).toHaveLength(6);
	});

	test('with less than that does not begin to count anew', async () => {
		const file = Buffer.alloc(6 * MIB, 7);
		const { why } = await failure(({ range, count }) => serve(range, { file, upTo: count * (MIB - 1), end: 'broken' }));
		expect(why).toBe('the connection was cut after 3.15 MB of 6.29 MB, also when tried again');
	});

	test('before the answer is repeated too', async () => {
		const { work, asked } = download(({ range, count }) => (count < 3 ? networkFault('ECONNREFUSED') : serve(range)));
		expect(bytesOf(await work)).toEqual(FILE);
		expect(asked).toHaveLength(3);
		const { why } = await failure(() => networkFault('ECONNREFUSED'));
		expect(why).toBe('the server refused the connection, also when tried again');
	});
});

describe('an answer that is silent', () => {
	test('is closed after the time that was set, and taken up', async () => {
		const started = Date.now();
		const { work, asked, streams } = download(
			({ range, count }) => serve(range, count === 1 ? { upTo: KIB, end: 'silent' } : {}),
			{ stallMs: 4_000 },
		);
		expect(bytesOf(await work)).toEqual(FILE);
		expect(rangesOf(asked)).toEqual(['all', 'bytes=1024-']);
		expect(streams[0]?.destroyed).toBe(true);
		expect(asked[0]?.abortSignal).toMatchObject({ aborted: true });
		const tookMs = Date.now() - started;
		expect(tookMs).toBeGreaterThanOrEqual(4_000);
		expect(tookMs).toBeLessThan(6_000);
	});

	test('always is an error that says so', async () => {
		const { why } = await failure(({ range }) => serve(range, { upTo: range ?? KIB, end: 'silent' }), { stallMs: 200 });
		expect(why).toBe('nothing came for too long after 0.00 MB of 0.00 MB, also when tried again');
	});
});

describe('the length of a file', () => {
	const withoutLength = (more: Partial<Served> = {}): Served => ({ pieces: [FILE], headers: { etag: '"one"' }, ...more });

	test('that nobody knows is what came', async () => {
		expect(bytesOf(await download(() => withoutLength()).work)).toEqual(FILE);
	});

	test('is what VMEG said where the storage says nothing', async () => {
		const { why } = await failure(() => withoutLength(), { expectedSize: FILE.length - 1 });
		expect(why).toBe('it changed while it was being fetched');
		await expect(download(() => withoutLength(), { expectedSize: FILE.length }).work).resolves.toBeDefined();
	});

	test('that is exceeded is that of another file', async () => {
		const { why, asked } = await failure(({ range }) => serve(range, { headers: { 'content-length': '100' } }));
		expect(why).toBe('it changed while it was being fetched');
		expect(rangesOf(asked)).toEqual(['all', 'all']);
	});

	test('is what the storage says, whatever VMEG said', async () => {
		await expect(download(({ range }) => serve(range), { expectedSize: 1 }).work).resolves.toBeDefined();
	});

	test('counts also where n8n keeps the file on its disk', async () => {
		const ok = download(({ range }) => serve(range), {}, { onDisk: true, stored: FILE.length });
		await expect(ok.work).resolves.toMatchObject({ id: 'filesystem:1' });
		const { why, advice } = await failure(({ range }) => serve(range), {}, { onDisk: true, stored: 5 });
		expect(why).toBe('n8n could not store it: it has 5 of 3072 bytes');
		expect(advice).toContain('N8N_DEFAULT_BINARY_DATA_MODE');
	});

	test('means nothing where n8n cannot store it', async () => {
		const { why, streams } = await failure(({ range }) => serve(range), {}, { storeFails: new Error('disk full') });
		expect(why).toBe('n8n could not store it: disk full');
		expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
	});
});

describe('a storage that refuses', () => {
	test.each([
		[400, 'the storage refused it (HTTP 400); the link may have expired', 1],
		[403, 'the storage refused it (HTTP 403); the link may have expired', 1],
		[404, 'the storage no longer has it (HTTP 404)', 1],
		[408, 'the storage answered HTTP 408', 3],
		[429, 'the storage answered HTTP 429', 3],
		[500, 'the storage answered HTTP 500', 3],
		[503, 'the storage answered HTTP 503', 3],
	])('with %i is told so: %s', async (statusCode, expected, attempts) => {
		const { why, advice, asked, streams } = await failure(() => ({ statusCode }));
		expect(why).toBe(expected);
		expect(advice).toMatch(statusCode === 404 ? /Task > Get/ : /Run the node again/);
		expect(advice.startsWith('Try again in some minutes')).toBe(attempts > 1);
		expect(asked).toHaveLength(attempts);
		expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
	});

	test('is given the time it asks for, up to two minutes', async () => {
		const busy = (seconds: number): Storage => ({ range, count }) =>
			count === 1 ? { statusCode: 503, headers: { 'retry-after': String(seconds) } } : serve(range);
		const started = Date.now();
		await download(busy(120)).work;
		expect(Date.now() - started).toBeGreaterThanOrEqual(120_000);
		const { asked } = await failure(busy(121));
		expect(asked).toHaveLength(1);
	});

	describe.each([401, 403, 410])('an old link with %i', (statusCode) => {
		const fresh = 'https://files.example/fresh.mp4';
		const storage: Storage = ({ url, range }) => (url === fresh ? serve(range) : { statusCode });

		test('is asked for a fresh one', async () => {
			const renewUrl = jest.fn(async () => fresh);
			expect(bytesOf(await download(storage, { renewUrl }).work)).toEqual(FILE);
			expect(renewUrl).toHaveBeenCalledTimes(1);
		});

		test('is asked for it once', async () => {
			const renewUrl = jest.fn(async () => 'https://files.example/old-too.mp4');
			const { asked } = await failure(storage, { renewUrl });
			expect(renewUrl).toHaveBeenCalledTimes(1);
			expect(asked).toHaveLength(2);
		});

		test('is an error where there is none', async () => {
			const { asked } = await failure(storage, { renewUrl: async () => undefined });
			expect(asked).toHaveLength(1);
		});
	});

	test('with 404 is not asked for a fresh link', async () => {
		const renewUrl = jest.fn(async () => URL_OF_FILE);
		await failure(() => ({ statusCode: 404 }), { renewUrl });
		expect(renewUrl).not.toHaveBeenCalled();
	});
});

describe('a cancelled download', () => {
	test('asks for nothing', async () => {
		const { why, asked } = await failure(({ range }) => serve(range), {}, { cancelled: AbortSignal.abort() });
		expect(why).toBe('the execution was cancelled');
		expect(asked).toHaveLength(0);
	});

	test('ends within an answer, and closes it', async () => {
		const cancelled = new AbortController();
		setTimeout(() => cancelled.abort(), 1_000);
		const started = Date.now();
		const { why, asked, streams } = await failure(
			({ range }) => serve(range, { upTo: KIB, end: 'silent' }),
			{ stallMs: 60_000 },
			{ cancelled: cancelled.signal },
		);
		expect(why).toBe('the execution was cancelled');
		expect(asked).toHaveLength(1);
		expect(streams[0]?.destroyed).toBe(true);
		expect(Date.now() - started).toBeLessThan(10_000);
	});

	test('ends while it rests', async () => {
		const cancelled = new AbortController();
		setTimeout(() => cancelled.abort(), 1_000);
		const busy: Storage = () => ({ statusCode: 503, headers: { 'retry-after': '60' } });
		const { why, asked } = await failure(busy, { signal: cancelled.signal });
		expect(why).toBe('the execution was cancelled');
		expect(asked).toHaveLength(1);
	});
});

describe('the error of a download', () => {
	test('names the item and the file, with the facts and the advice of the caller', async () => {
		const { message, advice, error, facts } = await failure(() => ({ statusCode: 403 }), {
			itemIndex: 7,
			fileName: '../../etc/film.mp4',
			advice: 'Ask Anna.',
			facts: { taskId: 't-1' },
		});
		expect(message).toMatch(/^Item 7: Downloading [^/]*film\.mp4 failed: the storage refused it/);
		expect(message).not.toContain('..');
		expect(advice).toBe('Ask Anna.');
		expect(error.context.itemIndex).toBe(7);
		expect(facts).toEqual({ taskId: 't-1' });
	});

	test('is that of the first item where none is named', async () => {
		const { error, facts } = await failure(() => ({ statusCode: 403 }));
		expect(error.message).toMatch(/^Item 0: /);
		expect(facts).toEqual({});
	});
});
