import { request } from 'node:http';
import { startSandbox, type Sandbox } from '../../sandbox';
import { asRecord, call, md5 } from './helpers';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

const base = '/assets/material/upload';
const bytes = Buffer.from('a small film');
const file = { fileHash: md5(bytes), fileName: 'Größe & {{x}}.mp4' };
const put = (url: unknown, body: Uint8Array, headers: Record<string, string> = {}) =>
	fetch(String(url), { method: 'PUT', body, headers });

async function begin() {
	const { data } = await call(sandbox, 'POST', `${base}/gen-upload-url`, file);
	const { uploadUrl, ...ids } = data;
	return { uploadUrl, claim: { ...file, ...ids } };
}

describe('upload in one piece', () => {
	it('registers what was put, and knows it next time', async () => {
		const { uploadUrl, claim } = await begin();
		const stored = await put(uploadUrl, bytes);
		expect(stored.status).toBe(200);
		expect(stored.headers.get('etag')).toBe(`"${file.fileHash}"`);
		const { data } = await call(sandbox, 'POST', `${base}/complete`, claim);
		expect(data).toEqual({
			materialId: asRecord(claim)['materialId'],
			category: 'video',
			name: file.fileName,
			addressUrl: expect.any(String),
			thumbnailUrl: expect.any(String),
			audioUrl: '',
			resolution: '1920x1080',
			mimeType: 'video/mp4',
			fileHash: file.fileHash,
			filesize: bytes.length,
			duration: 60_000,
			createTime: expect.any(String),
			updateTime: expect.any(String),
		});
		expect(Buffer.from(await (await fetch(String(data['addressUrl']))).arrayBuffer())).toEqual(bytes);
		expect((await fetch(String(data['thumbnailUrl']))).headers.get('content-type')).toBe('image/png');

		const again = await call(sandbox, 'POST', `${base}/gen-upload-url`, { ...file, fileName: 'other.mp4' });
		expect(again.data).toMatchObject({ material: { materialId: data['materialId'] } });
		expect((await call(sandbox, 'GET', '/assets/material/list?pageSize=1')).data).toMatchObject({ total: 1 });
		await call(sandbox, 'POST', '/assets/material/delete', { materialId: data['materialId'] });
		expect((await call(sandbox, 'GET', '/assets/material/list')).data).toEqual({ records: [], total: 0 });
		expect((await call(sandbox, 'POST', `${base}/gen-upload-url`, file)).data).toHaveProperty('uploadUrl');
		const twice = await call(sandbox, 'POST', '/assets/material/delete', { materialId: data['materialId'] });
		expect(twice.status).toBe(404);
	});

	it('refuses wrong bytes, missing bytes and false claims', async () => {
		const { uploadUrl, claim } = await begin();
		const complete = async (body: object) => (await call(sandbox, 'POST', `${base}/complete`, body)).status;
		expect(await complete(claim)).toBe(422);
		await put(uploadUrl, Buffer.from('something else'));
		expect(await complete(claim)).toBe(422);
		expect(await complete({ ...claim, materialId: 'x' })).toBe(404);
		expect(await complete({ ...claim, s3Uri: 's3://x' })).toBe(400);
		expect(await complete({ ...claim, fileName: 'x' })).toBe(400);
		expect(await complete({ ...claim, fileHash: '0'.repeat(32) })).toBe(400);
		expect(await complete({ ...claim, extra: 1 })).toBe(400);
		expect((await call(sandbox, 'POST', `${base}/gen-upload-url`, { ...file, fileHash: 'abc' })).status).toBe(400);
		await put(uploadUrl, bytes);
		expect(await complete(claim)).toBe(200);
	});

	it('refuses what object storage refuses', async () => {
		const { uploadUrl } = await begin();
		expect((await put(uploadUrl, bytes, { Authorization: 'Bearer sandbox-key' })).status).toBe(400);
		expect((await put(uploadUrl, bytes, { 'Content-MD5': 'AAAA' })).status).toBe(400);
		expect((await put(`${String(uploadUrl)}x`, bytes)).status).toBe(403);
		const chunked = await new Promise<number>((resolve, reject) => {
			const upload = request(String(uploadUrl), { method: 'PUT' }, (response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			});
			upload.on('error', reject);
			upload.write('part of ');
			upload.end('a body');
		});
		expect(chunked).toBe(501);
		sandbox.settings.urlTtlSeconds = 0;
		const late = await put((await begin()).uploadUrl, bytes);
		expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
		sandbox.settings.urlTtlSeconds = 3600;
	});

	it('faults: wrongETag, expired, cut, stall', async () => {
		sandbox.addFault({ kind: 'wrongETag', count: 1 });
		const { uploadUrl } = await begin();
		expect((await put(uploadUrl, bytes)).headers.get('etag')).toBe(`"${'0'.repeat(32)}"`);
		sandbox.addFault({ kind: 'expired', count: 1 });
		expect((await put(uploadUrl, bytes)).status).toBe(403);
		sandbox.addFault({ kind: 'cut', count: 1 });
		await expect(put(uploadUrl, bytes)).rejects.toThrow('fetch failed');
		sandbox.addFault({ kind: 'stall', count: 1 });
		const stalled = fetch(String(uploadUrl), { method: 'PUT', body: bytes, signal: AbortSignal.timeout(300) });
		await expect(stalled).rejects.toThrow('timeout');

		const material = await sandbox.addMaterial({ name: 'a.mp4', bytes: Buffer.alloc(100_000) });
		sandbox.addFault({ kind: 'cut', method: 'GET', path: '/storage/', count: 1 });
		await expect((await fetch(String(material['addressUrl']))).arrayBuffer()).rejects.toThrow('terminated');
		sandbox.addFault({ kind: 'stall', method: 'GET', path: '/storage/', count: 1 });
		const half = await fetch(String(material['addressUrl']), { signal: AbortSignal.timeout(300) });
		await expect(half.arrayBuffer()).rejects.toThrow('timeout');
	});
});

describe('multipart upload', () => {
	const partSize = 5 * 1024 * 1024;
	const big = Buffer.alloc(partSize + 3, 'abc');
	const claimOf = { fileHash: md5(big), fileName: 'big.wav' };

	async function initiate() {
		const { data } = await call(sandbox, 'POST', `${base}/multipart/initiate`, claimOf);
		return { ...claimOf, materialId: data['materialId'], uploadId: data['uploadId'] };
	}

	async function presign(claim: object, ...partNumbers: number[]): Promise<string[]> {
		const { data } = await call(sandbox, 'POST', `${base}/multipart/presign-parts`, { ...claim, partNumbers });
		const urls: unknown[] = Array.isArray(data['urls']) ? data['urls'] : [];
		return urls.map((entry) => String(asRecord(entry)['url']));
	}

	const complete = (claim: object, parts: object[]) =>
		call(sandbox, 'POST', `${base}/multipart/complete`, { ...claim, parts });

	it('joins the parts', async () => {
		const { data } = await call(sandbox, 'POST', `${base}/multipart/initiate`, claimOf);
		expect(data).toEqual({
			materialId: expect.any(String),
			s3Uri: expect.stringMatching(/^s3:/),
			uploadId: expect.any(String),
			expiresInSeconds: 3600,
			recommendedPartSize: 10 * 1024 * 1024,
		});
		const claim = { ...claimOf, materialId: data['materialId'], uploadId: data['uploadId'] };
		const [one, two] = await presign(claim, 1, 2);
		const pieces = [big.subarray(0, partSize), big.subarray(partSize)];
		const eTags: string[] = [];
		for (const [index, url] of [one, two].entries()) {
			const stored = await put(url, pieces[index] ?? Buffer.alloc(0));
			eTags.push((stored.headers.get('etag') ?? '').replaceAll('"', ''));
		}
		const parts = eTags.map((eTag, index) => ({ partNumber: index + 1, eTag }));
		expect((await complete(claim, parts.toReversed())).status).toBe(422);
		expect((await complete(claim, [parts[0] ?? {}])).status).toBe(422);
		expect((await complete(claim, [{ partNumber: 1, eTag: '0'.repeat(32) }])).status).toBe(422);
		expect((await complete(claim, [{ partNumber: 1, eTag: `"${eTags[0]}"` }])).status).toBe(400);
		expect((await complete(claim, [...parts, { partNumber: 3, eTag: eTags[0] }])).status).toBe(422);
		expect((await complete(claim, parts)).data).toMatchObject({
			filesize: big.length,
			fileHash: claimOf.fileHash,
			category: 'audio',
		});
	});

	it('refuses small parts that are not the last, bad part numbers, unknown uploads', async () => {
		const claim = await initiate();
		const [one, two] = await presign(claim, 1, 2);
		await put(one, Buffer.from('small'));
		await put(two, Buffer.from('last'));
		const parts = ['small', 'last'].map((text, index) => ({ partNumber: index + 1, eTag: md5(Buffer.from(text)) }));
		const refused = await complete(claim, parts);
		expect(refused.status).toBe(422);
		expect(refused.message).toContain('smaller');
		for (const partNumbers of [[], [0], [10_001], [1, 1], [1.5]]) {
			const answer = await call(sandbox, 'POST', `${base}/multipart/presign-parts`, { ...claim, partNumbers });
			expect(answer.status).toBe(400);
		}
		expect((await complete({ ...claim, uploadId: 'x' }, parts)).status).toBe(404);
	});

	it('aborts', async () => {
		const claim = await initiate();
		const [one] = await presign(claim, 1);
		expect((await call(sandbox, 'POST', `${base}/multipart/abort`, claim)).status).toBe(200);
		expect((await put(one, Buffer.from('x'))).status).toBe(404);
		expect((await call(sandbox, 'POST', `${base}/multipart/abort`, claim)).status).toBe(404);
	});
});

it('reads the length of WAV and MP4 files', async () => {
	const header = Buffer.alloc(44);
	header.write('RIFF');
	header.writeUInt32LE(1000, 28);
	const wav = await sandbox.addMaterial({ name: 'a.wav', bytes: Buffer.concat([header, Buffer.alloc(1500)]) });
	expect(wav['duration']).toBe(1500);

	const mvhd = Buffer.alloc(40);
	mvhd.writeUInt32BE(40, 0);
	mvhd.write('mvhd', 4);
	mvhd.writeUInt32BE(600, 20);
	mvhd.writeUInt32BE(1200, 24);
	const moov = Buffer.alloc(8);
	moov.writeUInt32BE(48, 0);
	moov.write('moov', 4);
	const mp4 = await sandbox.addMaterial({ name: 'a.mp4', bytes: Buffer.concat([moov, mvhd]) });
	expect(mp4['duration']).toBe(2000);
});
