import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Container } from '@n8n/di';
import { BinaryDataService, ExecuteContext } from 'n8n-core';
import type { IBinaryData, INode } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

import { downloadToBinary } from '../../nodes/Vmeg/api/download';
import type { DownloadOptions } from '../../nodes/Vmeg/api/download';
import { additionalDataFor, loadPackage } from './n8n';

const MiB = 1024 * 1024;

/** n8n's own context, whose helpers really fetch and store. */
async function contextOf(baseUrl: string, signal?: AbortSignal): Promise<ExecuteContext> {
	const loader = await loadPackage();
	const find = () => loader.getNode('vmeg').type;
	const node: INode = {
		id: '5f0f5c0e-0000-4000-8000-000000000001',
		name: 'VMEG',
		type: 'n8n-nodes-vmeg.vmeg',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { vmegApi: { id: '1', name: 'VMEG' } },
	};
	const nodeTypes = { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
	const workflow = new Workflow({
		id: '1',
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: nodeTypes as unknown as ConstructorParameters<typeof Workflow>[0]['nodeTypes'],
	});
	const additionalData = additionalDataFor({ apiKey: 'SECRET-KEY', baseUrl }, '1');
	const items = [{ json: {} }];
	const data = { main: [items] };
	return new ExecuteContext(
		workflow,
		node,
		additionalData,
		'manual',
		{ resultData: { runData: {} } } as unknown as ConstructorParameters<typeof ExecuteContext>[4],
		0,
		items,
		data,
		{ node, data, source: null },
		[],
		signal,
	);
}

type Serve = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A storage that does as a test wants. */
class Storage {
	requests: Array<{ url: string; headers: IncomingMessage['headers'] }> = [];
	/** Answers that are not over. */
	open = 0;
	serve: Serve = (_request, response) => response.end();
	private readonly server = createServer((request, response) => {
		this.requests.push({ url: request.url ?? '', headers: request.headers });
		this.open += 1;
		response.on('close', () => (this.open -= 1));
		this.serve(request, response, this.requests.length);
	});

	async start(): Promise<void> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

const storage = new Storage();
beforeAll(async () => await storage.start());
afterAll(async () => await storage.close());
beforeEach(() => {
	storage.requests = [];
});

/** Serves bytes with ranges, as object storage does; `upTo` breaks it off there. */
function serveRange(
	request: IncomingMessage,
	response: ServerResponse,
	bytes: Buffer,
	{ upTo = bytes.length, stall = false, etag = '"one"' as string | undefined } = {},
): void {
	const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
	const headers = {
		'Content-Length': bytes.length - first,
		'Content-Type': 'video/mp4',
		...(etag === undefined ? {} : { ETag: etag }),
	};
	const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`;
	response.writeHead(first > 0 ? 206 : 200, first > 0 ? { ...headers, 'Content-Range': range } : headers);
	response.write(bytes.subarray(first, upTo), () => {
		if (upTo >= bytes.length) response.end();
		else if (!stall) setTimeout(() => response.destroy(), 20);
	});
}

const bytesOf = async (binary: IBinaryData) => await Container.get(BinaryDataService).getAsBuffer(binary);
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

async function download(
	path = '/a/film.mp4?signature=1',
	options: Partial<DownloadOptions> & { baseUrl?: string; cancel?: AbortSignal } = {},
): Promise<IBinaryData> {
	const { baseUrl = storage.url, cancel, ...rest } = options;
	const context = await contextOf(baseUrl, cancel);
	const url = path.startsWith('/') ? `${storage.url}${path}` : path;
	return await downloadToBinary(context, url, { fileName: 'film.de-DE', ...rest });
}

const failure = async (work: Promise<unknown>) => {
	const error: unknown = await work.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	return error as { message: string; description: string; context: { vmeg?: unknown } };
};

describe('a download', () => {
	const bytes = randomBytes(3 * MiB + 17);

	it.each(['filesystem-v2', 'default'] as const)('brings every byte, name and type (%s)', async (mode) => {
		const service = Container.get(BinaryDataService) as unknown as { mode: string };
		await loadPackage();
		service.mode = mode;
		storage.serve = (request, response) => serveRange(request, response, bytes);
		const binary = await download();
		expect(binary).toMatchObject({
			fileName: 'film.de-DE.mp4',
			fileExtension: 'mp4',
			mimeType: 'video/mp4',
			fileType: 'video',
			bytes: bytes.length,
		});
		expect(binary.id === undefined).toBe(mode === 'default');
		expect(md5(await bytesOf(binary))).toBe(md5(bytes));
		service.mode = 'filesystem-v2';
	});

	it('never takes the API key along', async () => {
		storage.serve = (request, response) => serveRange(request, response, bytes);
		await download();
		expect(JSON.stringify(storage.requests)).not.toContain('SECRET-KEY');
		expect(storage.requests[0]?.headers).not.toHaveProperty('authorization');
	});

	it('goes on where the connection broke', async () => {
		storage.serve = (request, response, count) =>
			serveRange(request, response, bytes, count <= 2 ? { upTo: count * MiB } : {});
		expect(md5(await bytesOf(await download()))).toBe(md5(bytes));
		expect(storage.requests.map(({ headers }) => headers.range)).toEqual([
			undefined,
			expect.stringMatching(/^bytes=\d+-$/),
			expect.stringMatching(/^bytes=\d+-$/),
		]);
		expect(storage.requests[1]?.headers['if-range']).toBe('"one"');
	}, 20_000);

	it('starts anew where the storage cannot resume', async () => {
		storage.serve = (request, response, count) => {
			delete request.headers.range;
			serveRange(request, response, bytes, count === 1 ? { upTo: MiB } : {});
		};
		expect(md5(await bytesOf(await download()))).toBe(md5(bytes));
		expect(storage.requests).toHaveLength(3);
	}, 20_000);

	it('does not put two versions of a file together', async () => {
		const other = randomBytes(bytes.length);
		storage.serve = (request, response, count) => {
			if (count > 1 && request.headers['if-range'] === '"one"') delete request.headers.range;
			const etag = count === 1 ? '"one"' : '"two"';
			serveRange(request, response, count === 1 ? bytes : other, { etag, upTo: count === 1 ? MiB : undefined });
		};
		expect(md5(await bytesOf(await download()))).toBe(md5(other));
	}, 20_000);

	it('does not resume a file that it cannot tell from another', async () => {
		storage.serve = (request, response, count) =>
			serveRange(request, response, bytes, { etag: 'W/"one"', upTo: count === 1 ? MiB : undefined });
		expect(md5(await bytesOf(await download()))).toBe(md5(bytes));
		expect(storage.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
	}, 20_000);

	it('goes on after a stall', async () => {
		storage.serve = (request, response, count) =>
			serveRange(request, response, bytes, count === 1 ? { upTo: MiB, stall: true } : {});
		expect(md5(await bytesOf(await download(undefined, { stallMs: 300 })))).toBe(md5(bytes));
		expect(storage.requests).toHaveLength(2);
	}, 20_000);

	it('reports what never comes whole, with how far it came, and leaves no connection open', async () => {
		storage.serve = (request, response) => serveRange(request, response, bytes, { upTo: 1000, stall: true });
		const error = await failure(download(undefined, { stallMs: 200, itemIndex: 3, facts: { taskId: 't1' } }));
		expect(error.message).toBe(
			'Item 3: Downloading film.de-DE failed: nothing came for too long after 0.00 MB of 3.15 MB, also when tried again',
		);
		expect(error.description).toContain('Run the node again');
		expect(error.context.vmeg).toEqual({ taskId: 't1' });
		expect(storage.requests).toHaveLength(3);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(storage.open).toBe(0);
	}, 20_000);

	it('takes a file without a length, and refuses one that breaks off', async () => {
		storage.serve = (_request, response) => void response.write(bytes, () => response.end());
		expect(md5(await bytesOf(await download()))).toBe(md5(bytes));
		storage.serve = (_request, response) =>
			void response.write(bytes.subarray(0, MiB), () => setTimeout(() => response.destroy(), 20));
		expect((await failure(download())).message).toMatch(/^Item 0: Downloading film.de-DE failed: /);
	}, 20_000);

	it('repeats what passes', async () => {
		storage.serve = (request, response, count) => {
			if (count === 1) response.writeHead(503, { 'Retry-After': '0' }).end('busy');
			else if (count === 2) response.destroy();
			else serveRange(request, response, bytes);
		};
		expect((await download()).bytes).toBe(bytes.length);
	}, 20_000);

	it.each([
		[403, 'the storage refused it (HTTP 403); the link may have expired'],
		[404, 'the storage no longer has it (HTTP 404)'],
	])('reports HTTP %i at once, and stores nothing', async (code, message) => {
		storage.serve = (_request, response) => response.writeHead(code).end('<Error/>');
		expect((await failure(download())).message).toBe(`Item 0: Downloading film.de-DE failed: ${message}`);
		expect(storage.requests).toHaveLength(1);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(storage.open).toBe(0);
	});

	it('asks for a fresh link where the old one has expired', async () => {
		storage.serve = (request, response) =>
			request.url?.includes('fresh') ? serveRange(request, response, bytes) : response.writeHead(403).end();
		const renewUrl = async () => `${storage.url}/film.mp4?fresh`;
		expect((await download(undefined, { renewUrl })).bytes).toBe(bytes.length);
		expect(storage.requests).toHaveLength(2);
	}, 20_000);

	it('follows redirects, and looks at each address', async () => {
		storage.serve = (request, response) =>
			request.url === '/film.mp4'
				? serveRange(request, response, bytes)
				: response.writeHead(302, { Location: '/film.mp4' }).end();
		expect((await download('/old')).bytes).toBe(bytes.length);

		storage.serve = (_request, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end();
		expect((await failure(download())).message).toContain('does not start with https://');
		storage.serve = (_request, response) => response.writeHead(302, { Location: '/again' }).end();
		expect((await failure(download())).message).toContain('too many redirects');
	}, 20_000);

	it.each(['http://169.254.169.254/latest', 'ftp://a.example/b', 'file:///etc/passwd', 'nonsense', ''])(
		'fetches nothing from %j',
		async (url) => {
			const work = download(url || 'x:', { baseUrl: 'https://api.vmeg.ai' });
			expect((await failure(work)).message).toContain('does not start with https://');
			expect(storage.requests).toHaveLength(0);
		},
	);

	it('ends soon when the execution is cancelled', async () => {
		const cancelling = new AbortController();
		storage.serve = (request, response) => {
			serveRange(request, response, bytes, { upTo: MiB, stall: true });
			setTimeout(() => cancelling.abort(), 100);
		};
		const started = Date.now();
		const error = await failure(download(undefined, { cancel: cancelling.signal }));
		expect(error.message).toContain('the execution was cancelled');
		expect(Date.now() - started).toBeLessThan(3_000);
		expect(storage.requests).toHaveLength(1);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(storage.open).toBe(0);
	});

	it.each([
		['../../etc/passwd', '/x', 'passwd.mp4'],
		['..\\..\\film', '/x.mov', 'film.mov'],
		['a\u0000b\u202e\n.mp4', '/x.mp4', 'ab.mp4'],
		['...', '/x.wav', 'file.wav'],
		['x'.repeat(400), '/x.mp4', `${'x'.repeat(180)}.mp4`],
		['Möbius 電影', '/x', 'Möbius 電影.mp4'],
	])('makes the name %j safe', async (fileName, path, expected) => {
		storage.serve = (request, response) => serveRange(request, response, bytes.subarray(0, 100));
		const binary = await download(path, { fileName });
		expect(binary.fileName).toBe(expected);
		expect(binary.directory).toBeUndefined();
	});
});
