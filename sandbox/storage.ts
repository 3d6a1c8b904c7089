import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FaultRule } from './faults';
import type { Ids } from './random';
import type { TaskFile } from './tasks';

/** A file received by the object store. */
export interface StoredFile {
	path: string;
	size: number;
	md5: string;
}

/** A refusal as object storage words it: XML, not an envelope. */
export class StorageError extends Error {
	constructor(
		readonly status: number,
		readonly errorCode: string,
		message: string,
	) {
		super(message);
	}
}

const algorithm = 'SANDBOX-HMAC-SHA256';
const maxPutBytes = 5 * 1024 ** 3;

/** Presigned URLs and files on disk: the object storage of API contract §7. Nothing is held in memory. */
export class ObjectStore {
	readonly directory = mkdtempSync(join(tmpdir(), 'vmeg-sandbox-'));
	private readonly signingKey: string;

	constructor(
		private readonly origin: () => string,
		private readonly ids: Ids,
	) {
		this.signingKey = ids.next(32);
	}

	/** A URL that allows `method` on `path` (each part encoded here) until it expires. */
	presign(
		method: 'GET' | 'PUT',
		parts: readonly string[],
		ttlSeconds: number,
		extra: Record<string, string> = {},
		issuedMs = Date.now(),
	): string {
		const path = `/storage/${parts.map(encodeURIComponent).join('/')}`;
		const query = new URLSearchParams({
			...extra,
			'X-Amz-Algorithm': algorithm,
			'X-Amz-Date': String(issuedMs),
			'X-Amz-Expires': String(ttlSeconds),
		});
		query.set('X-Amz-Signature', this.sign(method, path, query));
		return `${this.origin()}${path}?${query.toString()}`;
	}

	/** Refuses requests object storage would refuse. */
	authorize(method: string, url: URL, authorization: string | undefined): void {
		if (authorization !== undefined) {
			throw new StorageError(
				400,
				'InvalidArgument',
				'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string ' +
					'parameter or the Authorization header should be specified',
			);
		}
		const query = new URLSearchParams(url.searchParams);
		const given = query.get('X-Amz-Signature') ?? '';
		query.delete('X-Amz-Signature');
		const expected = this.sign(method === 'HEAD' ? 'GET' : method, url.pathname, query);
		if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
			throw new StorageError(403, 'SignatureDoesNotMatch', 'The request signature does not match');
		}
		const expires = Number(query.get('X-Amz-Date')) + Number(query.get('X-Amz-Expires')) * 1000;
		if (!(Date.now() < expires)) throw new StorageError(403, 'AccessDenied', 'Request has expired');
	}

	/** Writes a request's body to disk, hashing it as it passes. */
	async receive(request: IncomingMessage): Promise<StoredFile> {
		if (request.headers['transfer-encoding'] !== undefined) {
			throw new StorageError(
				501,
				'NotImplemented',
				'A header you provided implies functionality that is not implemented: Transfer-Encoding',
			);
		}
		const length = request.headers['content-length'];
		if (length === undefined) {
			throw new StorageError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
		}
		if (Number(length) > maxPutBytes) {
			throw new StorageError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
		}
		const file = await this.write(request);
		const declared = request.headers['content-md5'];
		if (declared !== undefined && declared !== Buffer.from(file.md5, 'hex').toString('base64')) {
			await this.discard(file);
			throw new StorageError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
		}
		return file;
	}

	/** Joins parts into one new file. The parts stay. */
	async join(parts: readonly StoredFile[]): Promise<StoredFile> {
		return await this.write(
			Readable.from(
				(async function* () {
					for (const part of parts) yield* createReadStream(part.path);
				})(),
				{ objectMode: false },
			),
		);
	}

	/** Stores bytes at hand (used to seed materials). */
	async keep(bytes: Uint8Array): Promise<StoredFile> {
		return await this.write(Readable.from([Buffer.from(bytes)], { objectMode: false }));
	}

	async discard(file: StoredFile): Promise<void> {
		await rm(file.path, { force: true });
	}

	async close(): Promise<void> {
		await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
	}

	private async write(from: Readable): Promise<StoredFile> {
		const path = join(this.directory, this.ids.next());
		const partial = `${path}.partial`;
		const hash = createHash('md5');
		let size = 0;
		const meter = new Transform({
			transform(data: Buffer, _encoding, done) {
				hash.update(data);
				size += data.length;
				done(null, data);
			},
		});
		try {
			await pipeline(from, meter, createWriteStream(partial));
		} catch (error) {
			await rm(partial, { force: true });
			throw error;
		}
		await rename(partial, path);
		return { path, size, md5: hash.digest('hex') };
	}

	private sign(method: string, path: string, query: URLSearchParams): string {
		const sorted = [...query.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
		return createHmac('sha256', this.signingKey)
			.update(`${method}\n${path}\n${new URLSearchParams(sorted).toString()}`)
			.digest('hex');
	}
}

/** Serves a file with Range, ETag and HEAD. `cut` and `stall` faults stop it half-way. */
export async function sendFile(
	request: IncomingMessage,
	response: ServerResponse,
	file: TaskFile,
	faults: readonly FaultRule[],
): Promise<number> {
	const bytes = 'bytes' in file ? file.bytes() : undefined;
	const size = 'bytes' in file ? (bytes?.length ?? 0) : (await stat(file.path)).size;
	const etag = 'bytes' in file ? `"${createHash('md5').update(bytes ?? '').digest('hex')}"` : `"${file.etag}"`;
	const headers: Record<string, string> = {
		'Content-Type': file.type,
		'Accept-Ranges': 'bytes',
		ETag: faults.some((fault) => fault.kind === 'wrongETag') ? '"00000000000000000000000000000000"' : etag,
	};
	if (request.headers['if-none-match'] === etag) {
		response.writeHead(304, headers).end();
		return 304;
	}
	const ifRange = request.headers['if-range'];
	const range =
		ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, size) : undefined;
	if (range === 'unsatisfiable') {
		response.writeHead(416, { ...headers, 'Content-Range': `bytes */${size}`, 'Content-Length': '0' }).end();
		return 416;
	}
	const [first, last] = range ?? [0, size - 1];
	const status = range ? 206 : 200;
	if (range) headers['Content-Range'] = `bytes ${first}-${last}/${size}`;
	headers['Content-Length'] = String(last - first + 1);
	response.writeHead(status, headers);
	if (request.method === 'HEAD' || last < first) {
		response.end();
		return status;
	}
	const cut = faults.find((fault) => fault.kind === 'cut' || fault.kind === 'stall');
	const end = cut ? first + Math.floor((last - first) / 2) : last;
	const body = bytes
		? Readable.from([bytes.subarray(first, end + 1)], { objectMode: false })
		: createReadStream('path' in file ? file.path : '', { start: first, end });
	try {
		await pipeline(body, response, { end: cut === undefined });
	} catch {
		// The client went away: its right.
	}
	if (cut?.kind === 'cut') {
		// Let what was written reach the client before the connection breaks.
		setTimeout(() => response.destroy(), 20);
	}
	return status;
}

function parseRange(header: string | undefined, size: number): [number, number] | 'unsatisfiable' | undefined {
	const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
	const [, from = '', to = ''] = match ?? [];
	if (!match || (from === '' && to === '')) return undefined;
	if (from === '') {
		const count = Number(to);
		return count === 0 || size === 0 ? 'unsatisfiable' : [Math.max(0, size - count), size - 1];
	}
	const first = Number(from);
	if (first >= size) return 'unsatisfiable';
	const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
	return last < first ? undefined : [first, last];
}
