import type { IExecuteFunctions, IHttpRequestOptions, Logger } from 'n8n-workflow';

import { createClient } from '../../../nodes/Vmeg/api/client';
import { md5Of } from '../../../nodes/Vmeg/api/source';
import { uploadMaterial } from '../../../nodes/Vmeg/api/upload';
import { answer, fake, networkFault, node } from '../support/fakes';
import type { Reply } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const MIB = 1024 * 1024;
const material = { materialId: 'm-1', name: 'film.mp4' };
const target = { uploadUrl: 'https://s3.example/whole', s3Uri: 's3://b/film', materialId: 'm-1' };
const ROOT = '/assets/material/upload';

type Request = Record<string, unknown>;

interface Uploading {
	size?: number;
	/** Bytes that the file has when it is read again. */
	laterSize?: number;
	/** What VMEG answers to a call, by its path below `/assets/material/upload`; how often it was called before. */
	vmeg?: Record<string, (request: Request, before: number) => Reply>;
	/** What the storage answers to a PUT. */
	storage?: (url: string, before: number) => Reply;
	cancelled?: AbortController;
}

/** Everything that a sound VMEG answers; parts have the URLs `https://s3.example/<part>-<look>`. */
const soundVmeg: NonNullable<Uploading['vmeg']> = {
	'/gen-upload-url': () => answer(200, target),
	'/complete': () => answer(200, material),
	'/multipart/initiate': () => answer(200, { materialId: 'm-1', s3Uri: 's3://b/film', uploadId: 'u-1', recommendedPartSize: 5 * MIB }),
	'/multipart/presign-parts': ({ partNumbers }, before) =>
		answer(200, {
			urls: (partNumbers as number[]).map((partNumber) => ({ partNumber, url: `https://s3.example/${partNumber}-${before}` })),
			expiresInSeconds: 900,
		}),
	'/multipart/complete': () => answer(200, material),
	'/multipart/abort': () => answer(200),
};

function upload({ size = 10, laterSize = size, vmeg = {}, storage, cancelled }: Uploading = {}) {
	const calls: Array<{ path: string; request: Request; key: string; requestId: string }> = [];
	const puts: Array<{ url: string; bytes: Buffer }> = [];
	const replyOf = (reply: Reply) => {
		if (reply instanceof Error) throw reply;
		return { statusCode: 200, headers: {}, ...reply };
	};
	const context = fake<IExecuteFunctions>({
		getNode: () => node,
		logger: fake<Logger>({}),
		getCredentials: jest.fn().mockResolvedValue({ baseUrl: 'https://api.vmeg.ai' }),
		...(cancelled && { getExecutionCancelSignal: () => cancelled.signal }),
		helpers: fake<IExecuteFunctions['helpers']>({
			httpRequestWithAuthentication: async (_: string, { url, body, headers, qs }: IHttpRequestOptions) => {
				const path = url.slice(url.indexOf(ROOT) + ROOT.length);
				const request: Request = JSON.parse(String(body));
				const before = calls.filter((call) => call.path === path).length;
				calls.push({ path, request, key: String(headers?.['X-Idempotency-Key']), requestId: String(qs?.req_id) });
				const reply = { ...soundVmeg, ...vmeg }[path];
				if (reply === undefined) throw new Error(`no such call: ${path}`);
				return replyOf(reply(request, before));
			},
			httpRequest: async ({ url, body }: IHttpRequestOptions) => {
				const before = puts.filter((put) => put.url === url).length;
				const bytes = Buffer.from(body as Buffer);
				puts.push({ url, bytes });
				return replyOf(storage?.(url, before) ?? { statusCode: 200, headers: { etag: `"${md5Of(bytes)}"` }, body: '' });
			},
		}),
	});
	const content = Buffer.alloc(Math.max(size, laterSize), 'vmeg');
	let reads = 0;
	const open = async () => {
		const end = reads++ === 0 ? size : laterSize;
		return (async function* () {
			for (let at = 0; at < end; at += MIB) yield content.subarray(at, Math.min(at + MIB, end));
		})();
	};
	const progress: string[] = [];
	const run = async () => {
		const client = await createClient(context);
		const options = { requestId: 'mine', stallMs: 1_000, onProgress: (line: string) => void progress.push(line) };
		return await uploadMaterial(context, client, { fileName: 'film.mp4', size, open }, options);
	};
	const file = { fileHash: md5Of(content.subarray(0, size)), fileName: 'film.mp4' };
	const paths = () => calls.map(({ path }) => path);
	return { result: withoutWaiting(run()), calls, puts, progress, file, paths, content };
}

const BIG = 12 * MIB;

describe('a file that VMEG has already', () => {
	test('is not sent', async () => {
		const { result, calls, puts, file, progress } = upload({ vmeg: { '/gen-upload-url': () => answer(200, { material }) } });
		await expect(result).resolves.toEqual({ ok: true, material, alreadyThere: true });
		expect(calls).toEqual([{ path: '/gen-upload-url', request: file, key: expect.stringMatching(/^[0-9a-f-]{36}$/), requestId: 'mine' }]);
		expect(puts).toEqual([]);
		expect(progress).toEqual(['reading film.mp4']);
	});
});

describe('a small file', () => {
	test('is sent in one request and registered', async () => {
		const { result, calls, puts, file, content } = upload();
		await expect(result).resolves.toEqual({ ok: true, material, alreadyThere: false });
		expect(puts).toEqual([{ url: target.uploadUrl, bytes: content }]);
		expect(calls.map(({ path, request }) => [path, request])).toEqual([
			['/gen-upload-url', file],
			['/complete', { ...file, s3Uri: target.s3Uri, materialId: 'm-1' }],
		]);
		expect(new Set(calls.map(({ key }) => key)).size).toBe(2);
	});

	test('has up to 8 MiB', async () => {
		const { result, puts } = upload({ size: 8 * MIB });
		await expect(result).resolves.toMatchObject({ ok: true });
		expect(puts).toHaveLength(1);
		const { result: larger, puts: parts } = upload({ size: 8 * MIB + 1 });
		await expect(larger).resolves.toMatchObject({ ok: true });
		expect(parts).toHaveLength(2);
	});

	test('goes to a fresh URL where the first has expired, and is registered under that one', async () => {
		const fresh = { uploadUrl: 'https://s3.example/fresh', s3Uri: 's3://b/fresh', materialId: 'm-2' };
		const { result, calls, puts } = upload({
			vmeg: { '/gen-upload-url': (_, before) => answer(200, before === 0 ? target : fresh) },
			storage: (url) => ({ statusCode: url === target.uploadUrl ? 403 : 200, body: '' }),
		});
		await expect(result).resolves.toMatchObject({ ok: true });
		expect(puts.map(({ url }) => url)).toEqual([target.uploadUrl, fresh.uploadUrl]);
		expect(calls.at(-1)?.request).toMatchObject({ s3Uri: fresh.s3Uri, materialId: 'm-2' });
	});

	test('that the storage refuses is told', async () => {
		const { result, paths } = upload({ storage: () => ({ statusCode: 400, body: '' }) });
		await expect(result).resolves.toEqual({
			ok: false,
			problem: { kind: 'part', part: 1, partCount: 1, detail: 'the storage answered HTTP 400' },
		});
		expect(paths()).not.toContain('/complete');
	});

	test('whose last answer was lost is found by its hash', async () => {
		const lost = (_: Request, before: number): Reply => (before === 0 ? networkFault('ECONNRESET') : answer(409));
		const { result } = upload({
			vmeg: { '/complete': lost, '/gen-upload-url': (_, before) => answer(200, before === 0 ? target : { material }) },
		});
		await expect(result).resolves.toEqual({ ok: true, material, alreadyThere: false });
		const { result: unknown } = upload({ vmeg: { '/complete': lost } });
		await expect(unknown).resolves.toMatchObject({ ok: false, problem: { kind: 'call', failure: { kind: 'answerLost' } } });
	});
});

describe('a call of the upload', () => {
	test('that is refused is told as VMEG said it', async () => {
		const { result, puts } = upload({ vmeg: { '/gen-upload-url': () => answer(422, null, { message: 'no film' }) } });
		await expect(result).resolves.toMatchObject({ ok: false, problem: { kind: 'call', failure: { code: 422, message: 'no film' } } });
		expect(puts).toEqual([]);
	});

	test('whose answer was lost is made anew, three times at most, each under a key of its own', async () => {
		const { result, calls } = upload({
			vmeg: { '/gen-upload-url': (_, before) => (before % 2 === 0 ? networkFault('ECONNRESET') : answer(409)) },
		});
		await expect(result).resolves.toMatchObject({ ok: false, problem: { kind: 'call', failure: { kind: 'answerLost' } } });
		expect(calls).toHaveLength(6);
		expect(new Set(calls.map(({ key }) => key)).size).toBe(3);
	});

	test('is not made after a cancellation', async () => {
		const cancelled = new AbortController();
		cancelled.abort();
		const { result, calls } = upload({ cancelled });
		await expect(result).resolves.toEqual({ ok: false, problem: { kind: 'cancelled' } });
		expect(calls).toEqual([]);
	});
});

describe('a large file', () => {
	test('is sent in parts, which are put together in their order', async () => {
		const { result, calls, puts, file, content, progress } = upload({ size: BIG });
		await expect(result).resolves.toEqual({ ok: true, material, alreadyThere: false });
		const byPart = [...puts].sort((a, b) => a.url.localeCompare(b.url));
		expect(byPart.map(({ url }) => url)).toEqual(['https://s3.example/1-0', 'https://s3.example/2-0', 'https://s3.example/3-0']);
		expect(md5Of(Buffer.concat(byPart.map(({ bytes }) => bytes)))).toBe(md5Of(content));
		const multipart = { materialId: 'm-1', uploadId: 'u-1', ...file };
		const parts = byPart.map(({ bytes }, index) => ({ partNumber: index + 1, eTag: md5Of(bytes) }));
		expect(calls.map(({ path, request }) => [path, request])).toEqual([
			['/gen-upload-url', file],
			['/multipart/initiate', file],
			['/multipart/presign-parts', { ...multipart, partNumbers: [1, 2, 3] }],
			['/multipart/complete', { ...multipart, parts }],
		]);
		expect(progress).toEqual(['reading film.mp4', 'uploaded part 1 of 3', 'uploaded part 2 of 3', 'uploaded part 3 of 3']);
	});

	test('goes on under a fresh URL where that of a part has expired', async () => {
		const { result, puts, calls } = upload({
			size: BIG,
			storage: (url) => (url === 'https://s3.example/2-0' ? { statusCode: 403, body: '' } : { statusCode: 200, headers: { etag: `"${url}"` }, body: '' }),
		});
		await expect(result).resolves.toMatchObject({ ok: true });
		expect(puts.map(({ url }) => url)).toContain('https://s3.example/2-1');
		expect(calls.filter(({ path }) => path === '/multipart/presign-parts')[1]?.request.partNumbers).toEqual([2, 3]);
	});

	test.each([
		[61, 1],
		[60, 3],
	])('asks for URLs again before they expire: those for %i s are asked for %i times', async (expiresInSeconds, times) => {
		const { result, paths } = upload({
			size: BIG,
			vmeg: {
				'/multipart/presign-parts': ({ partNumbers }) =>
					answer(200, { urls: (partNumbers as number[]).map((partNumber) => ({ partNumber, url: `https://s3.example/${partNumber}` })), expiresInSeconds }),
			},
		});
		await expect(result).resolves.toMatchObject({ ok: true });
		expect(paths().filter((path) => path === '/multipart/presign-parts')).toHaveLength(times);
	});

	test('asks for the URLs of 20 parts at once', async () => {
		const { result, calls } = upload({ size: 105 * MIB });
		await expect(result).resolves.toMatchObject({ ok: true });
		const asked = calls.filter(({ path }) => path === '/multipart/presign-parts').map(({ request }) => request.partNumbers);
		expect(asked).toEqual([Array.from({ length: 20 }, (_, index) => index + 1), [21]]);
	});

	test('of which a part cannot be sent is given up, and the upload aborted', async () => {
		const { result, calls, file, progress } = upload({ size: BIG, storage: () => ({ statusCode: 400, body: '' }) });
		await expect(result).resolves.toMatchObject({
			ok: false,
			problem: { kind: 'part', partCount: 3, detail: 'the storage answered HTTP 400' },
		});
		expect(calls.at(-1)).toMatchObject({ path: '/multipart/abort', request: { materialId: 'm-1', uploadId: 'u-1', ...file } });
		expect(progress.at(-1)).toBe('upload aborted');
	});

	test('for a part of which VMEG gives no URL is given up', async () => {
		const { result, progress } = upload({
			size: BIG,
			vmeg: { '/multipart/presign-parts': () => answer(200, { urls: [] }), '/multipart/abort': () => answer(404) },
		});
		await expect(result).resolves.toMatchObject({
			ok: false,
			problem: { kind: 'part', part: 1, partCount: 3, detail: 'VMEG gave no upload URL for it' },
		});
		expect(progress.at(-1)).toBe('upload could not be aborted');
	});

	test.each([
		['shorter', BIG - 4 * MIB, 'it is shorter than at first'],
		['longer', BIG + 4 * MIB, 'it is longer than at first'],
	])('that has become %s is not put together', async (_, laterSize, detail) => {
		const { result, paths } = upload({ size: BIG, laterSize });
		await expect(result).resolves.toEqual({ ok: false, problem: { kind: 'changed', detail } });
		expect(paths()).not.toContain('/multipart/complete');
		expect(paths()).toContain('/multipart/abort');
	});

	test('that is cancelled is aborted all the same', async () => {
		const cancelled = new AbortController();
		const { result, paths } = upload({
			size: BIG,
			cancelled,
			storage: () => {
				cancelled.abort();
				return { statusCode: 500, body: '' };
			},
		});
		await expect(result).resolves.toEqual({ ok: false, problem: { kind: 'cancelled' } });
		expect(paths().at(-1)).toBe('/multipart/abort');
	});

	test('whose last answer was lost is found by its hash, and not aborted', async () => {
		const { result, paths } = upload({
			size: BIG,
			vmeg: {
				'/multipart/complete': (_, before) => (before === 0 ? networkFault('ECONNRESET') : answer(409)),
				'/gen-upload-url': (_, before) => answer(200, before === 0 ? target : { material }),
			},
		});
		await expect(result).resolves.toMatchObject({ ok: true, material });
		expect(paths()).not.toContain('/multipart/abort');
	});
});
