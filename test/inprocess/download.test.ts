import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Container } from '@n8n/di';
import { BinaryDataService, ExecuteContext } from 'n8n-core';
import type { IBinaryData, IDataObject, INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

import { downloadToBinary } from '../../nodes/Vmeg/api/download';
import type { DownloadOptions } from '../../nodes/Vmeg/api/download';
import { additionalDataFor, loadPackage } from './n8n';
import { useSandbox } from './sandboxed';

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

describe('the files of a task', () => {
	const vmeg = useSandbox({ mediaTaskMs: 50 });
	const film = randomBytes(2 * MiB + 5);

	const file = async (item: INodeExecutionData | undefined, property: string) => {
		const binary = item?.binary?.[property];
		if (binary === undefined) throw new Error(`there is no ${property}`);
		return await bytesOf(binary);
	};

	/** A finished dubbing job on a film whose bytes are known. */
	async function finishedTask(target = 'de-DE'): Promise<string> {
		const { materialId } = await vmeg.sandbox.addMaterial({ name: 'film.mp4', bytes: film, durationSeconds: 61 });
		const { json, error } = await vmeg.run({
			parameters: {
				resource: 'media',
				operation: 'submit',
				sourceLanguage: 'en-US',
				targetLanguage: target,
				taskType: 'vt',
				materialSource: 'materialId',
				materialId: { __rl: true, mode: 'id', value: materialId },
				voiceCloneStyle: 'emotional',
				voiceCloneMode: 'role',
				options: {},
			},
			executionId: `task-${vmeg.sandbox.tasks().length}`,
		});
		expect(error).toBeUndefined();
		const isOver = () => vmeg.sandbox.tasks().every(({ status }) => status === 'finished');
		while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 10));
		return String(json[0]?.taskId);
	}

	const downloadResult = (deliverables: unknown, options: IDataObject = {}, more: IDataObject = {}) =>
		({
			resource: 'task',
			operation: 'downloadResult',
			taskId: { __rl: true, mode: 'id', value: '={{ $json.taskId }}' },
			deliverables,
			options,
			...more,
		}) as INodeParameters;

	const gets = () => vmeg.sandbox.journal.requests('/storage/');

	it('brings them all, under their names, and never takes the API key to the storage', async () => {
		const taskId = await finishedTask();
		const all = [
			'audio', 'compressedVideo', 'music', 'musicAndEffects', 'otherSounds', 'soundEffects', 'sourceSubtitles',
			'speech', 'subtitles', 'thumbnails', 'video', 'vocals',
		];
		const { output, json, error } = await vmeg.run({ parameters: downloadResult(all), items: [{ taskId }] });
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ taskId, taskType: 'vt', status: 'finished', missing: [] });
		const files = json[0]?.files as Array<Record<string, unknown>>;
		const names = Object.fromEntries(files.map(({ property, fileName, mimeType }) => [property, [fileName, mimeType]]));
		expect(names).toEqual({
			audio: [`${taskId}.de-DE.wav`, 'audio/wav'],
			music: [`${taskId}.music.wav`, 'audio/wav'],
			musicAndEffects: [`${taskId}.music-and-effects.wav`, 'audio/wav'],
			otherSounds: [`${taskId}.other.wav`, 'audio/wav'],
			soundEffects: [`${taskId}.sound-effects.wav`, 'audio/wav'],
			sourceSubtitles: [`${taskId}.en-US.srt`, 'application/x-subrip'],
			speech: [`${taskId}.speech.wav`, 'audio/wav'],
			subtitles: [`${taskId}.de-DE.srt`, 'application/x-subrip'],
			thumbnail: [`${taskId}.thumbnail.png`, 'image/png'],
			thumbnail_2: [`${taskId}.thumbnail_2.png`, 'image/png'],
			video: [`${taskId}.de-DE.mp4`, 'video/mp4'],
			video_480p: [`${taskId}.de-DE.480p.mp4`, 'video/mp4'],
			vocals: [`${taskId}.vocals.wav`, 'audio/wav'],
		});
		expect(new Set(files.map(({ fileName }) => fileName)).size).toBe(files.length);
		expect(Object.keys(output[0]?.binary ?? {}).sort()).toEqual(Object.keys(names).sort());
		expect(output[0]?.pairedItem).toEqual({ item: 0 });
		expect(md5(await file(output[0], 'video'))).toBe(md5(film));
		expect(files.find(({ property }) => property === 'video')?.fileSize).toBe(film.length);
		expect(String(await file(output[0], 'subtitles'))).toMatch(
			/^1\n00:00:00,000 --> 00:00:\d\d,\d{3}\n\[de-DE] Welcome back/,
		);
		expect(String(await file(output[0], 'sourceSubtitles'))).toContain('\nWelcome back to the workshop.\n');
		expect(gets()).toHaveLength(11);
		expect(gets().every(({ authorization }) => authorization === 'absent')).toBe(true);
	}, 30_000);

	it('gives subtitles as text, in WebVTT, with the speakers', async () => {
		const taskId = await finishedTask();
		const { output, json } = await vmeg.run({
			parameters: downloadResult(
				['subtitles', 'sourceSubtitles'],
				{ subtitlesAs: 'text', speakerNames: true },
				{ subtitleFormat: 'vtt' },
			),
			items: [{ taskId }],
		});
		expect(json[0]?.vtt).toMatch(/^WEBVTT\n\n1\n00:00:00\.000 --> [\d:.]+\n<v speaker_0>\[de-DE] Welcome/);
		expect(json[0]?.sourceVtt).toContain('<v speaker_1>Today we build');
		expect(json[0]).toMatchObject({ files: [], missing: [] });
		expect(output[0]?.binary ?? {}).toEqual({});
		expect(gets()).toHaveLength(0);
	});

	it('names the files as the user wants, but safely', async () => {
		const taskId = await finishedTask();
		const { json: items } = await vmeg.run({
			parameters: downloadResult(['video'], { fileName: '../../etc/My film.mp4' }),
			items: [{ taskId }],
		});
		expect(items[0]?.files).toEqual([
			{ property: 'video', fileName: 'My film.de-DE.mp4', mimeType: 'video/mp4', fileSize: film.length },
		]);
	});

	it.each([
		['a connection that is cut', { kind: 'cut', count: 2 } as const],
		['a storage that has a problem', { kind: 'status', code: 503, count: 2 } as const],
		['a link that has expired', { kind: 'expired', count: 1 } as const],
		['a connection that is never answered', { kind: 'dropBefore', count: 1 } as const],
	])('outlives %s', async (_what, fault) => {
		const taskId = await finishedTask();
		vmeg.sandbox.addFault({ ...fault, method: 'GET', path: '/storage/results/' });
		const { output, error } = await vmeg.run({ parameters: downloadResult(['video']), items: [{ taskId }] });
		expect(error).toBeUndefined();
		expect(md5(await file(output[0], 'video'))).toBe(md5(film));
	}, 30_000);

	it('resumes rather than fetching again', async () => {
		const taskId = await finishedTask();
		vmeg.sandbox.addFault({ kind: 'cut', path: '/storage/results/', count: 1 });
		await vmeg.run({ parameters: downloadResult(['video']), items: [{ taskId }] });
		expect(gets().map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${MiB + 3}-`]);
	}, 30_000);

	it.each(['cut', 'expired'] as const)('reports a file that never comes whole (%s), with the task', async (kind) => {
		const taskId = await finishedTask();
		vmeg.sandbox.addFault({ kind, path: /thumbnail/ });
		const { output } = await vmeg.run({
			parameters: downloadResult(['thumbnails']),
			items: [{ taskId }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(output[0]?.binary).toBeUndefined();
		expect(output[0]?.json.error).toMatch(new RegExp(`^Item 0: Downloading ${taskId}.thumbnail failed: `));
		expect(output[0]?.json.details).toMatchObject({
			taskId,
			description: expect.stringContaining('VMEG > Task > Download Result fetches the files of task'),
		});
	}, 30_000);

	it('says what a task is that is not finished, failed, or has nothing of what was chosen', async () => {
		vmeg.sandbox.settings.mediaTaskMs = 60_000;
		const submit = (extraData: string) => ({
			resource: 'media', operation: 'submit', sourceLanguage: 'auto', targetLanguage: 'de-DE', taskType: 'at',
			materialSource: 'url', sourceUrl: 'https://a.example/talk.mp3', voiceCloneStyle: 'emotional',
			voiceCloneMode: 'role', options: { extraData },
		});
		const { json: running } = await vmeg.run({ parameters: submit('{}') });
		vmeg.sandbox.settings.mediaTaskMs = 20;
		const { json: failed } = await vmeg.run({ parameters: submit('{"note": "{{fail}}"}'), executionId: '2' });
		const { json: audio } = await vmeg.run({ parameters: submit('{}'), executionId: '3' });
		vmeg.sandbox.settings.mediaTaskMs = 50;
		await new Promise((resolve) => setTimeout(resolve, 200));

		const error = async (taskId: unknown, deliverables: unknown = ['video']) => {
			const result = await vmeg.run({ parameters: downloadResult(deliverables), items: [{ taskId: taskId as string }] });
			return `${result.error?.message} ${result.error?.description}`;
		};
		const id = running[0]?.taskId;
		expect(await error(id)).toContain(`Item 0: The task is not finished yet (task ${id}, state: running)`);
		expect(await error(failed[0]?.taskId)).toContain('VMEG could not finish the task');
		expect(await error(audio[0]?.taskId)).toMatch(
			/has nothing of what was chosen .* Chosen in Deliverables: Video\. The task has: Audio, .*Vocals\./,
		);
		expect(await error(audio[0]?.taskId, [])).toContain('"Deliverables" is empty');
		expect(await error(audio[0]?.taskId, ['film'])).toContain('Item 0: "Deliverables"');
		expect(gets()).toHaveLength(0);

		const { json } = await vmeg.run({
			parameters: downloadResult('audio,video'),
			items: [{ taskId: audio[0]?.taskId as string }],
		});
		expect(json[0]).toMatchObject({ missing: ['video'], files: [{ property: 'audio', mimeType: 'audio/mp4' }] });
	}, 30_000);

	it('numbers the lines of a text-to-speech task, and lists those that could not be spoken', async () => {
		const { url, apiKey } = vmeg.sandbox;
		const response = await fetch(`${url}/openapi/v1/task/tts/create`, {
			method: 'POST',
			headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json', 'X-Idempotency-Key': 'tts' },
			body: JSON.stringify({
				data: [{ text: 'One' }, { text: '{{fail}}' }, { text: 'Three' }].map((line) => ({ ...line, voiceId: 'sv_0001' })),
				outputFormat: 'wav',
			}),
		});
		const { data } = (await response.json()) as { data: { taskId: string } };
		const { json, error } = await vmeg.run({ parameters: downloadResult(['audio']), items: [{ taskId: data.taskId }] });
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({
			missing: ['audio_2'],
			files: [
				{ property: 'audio', fileName: `${data.taskId}.wav`, mimeType: 'audio/wav' },
				{ property: 'audio_3', fileName: `${data.taskId}.3.wav` },
			],
		});
	});

	it('comes with Media > Submit and Wait, named after the source', async () => {
		const { output, error } = await vmeg.run({
			parameters: {
				resource: 'media', operation: 'submitAndWait', sourceLanguage: 'auto', targetLanguage: 'fr-FR',
				taskType: 'vt', materialSource: 'binary', binaryPropertyName: 'data', voiceCloneStyle: 'emotional',
				voiceCloneMode: 'role',
				options: { download: ['video', 'subtitles', 'vocals'], subtitleFormat: 'vtt' },
			},
			items: [
				{ json: {}, binary: { data: { data: film.toString('base64'), mimeType: 'video/mp4', fileName: 'My film.mp4' } } },
			],
		});
		expect(error).toBeUndefined();
		expect(output[0]?.json).toMatchObject({
			status: 'finished',
			videoUrl: expect.any(String),
			missing: [],
			files: [
				{ property: 'video', fileName: 'My film.fr-FR.mp4', mimeType: 'video/mp4', fileSize: film.length },
				{ property: 'subtitles', fileName: 'My film.fr-FR.vtt', mimeType: 'text/vtt' },
				{ property: 'vocals', fileName: 'My film.vocals.wav' },
			],
		});
		expect(md5(await file(output[0], 'video'))).toBe(md5(film));
	}, 30_000);

	it('fetches the files of many items', async () => {
		const ids: string[] = [];
		for (let index = 0; index < 5; index++) ids.push(await finishedTask());
		vmeg.sandbox.addFault({ kind: 'delay', ms: 50, path: '/storage/' });
		const { output, error } = await vmeg.run({
			parameters: downloadResult(['video', 'audio']),
			items: ids.map((taskId) => ({ taskId })),
		});
		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.taskId)).toEqual(ids);
		for (const item of output) expect(md5(await file(item, 'video'))).toBe(md5(film));
	}, 60_000);
});
