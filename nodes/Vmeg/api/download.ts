import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

import { CREDENTIAL, networkCode } from './client';
import { retryAfterMs } from './envelope';
import { networkFact, vmegError } from './failure';
import type { ErrorFacts } from './failure';
import {
	extensionIn,
	extensionOf,
	fileNameWith,
	mimeTypeOf,
	safeFileName,
	withoutExtension,
} from './fileName';
import { defaultRetryPolicy, pause, retryDelayMs } from './retry';
import { DEFAULT_STALL_MS } from './storage';

/** Attempts in a row that bring next to nothing. */
const MAX_ATTEMPTS = 3;
/** An attempt that brought this many bytes was worth it: the count starts anew. */
const PROGRESS_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;
const WATCH_MS = 500;
const STALLED = 'nothing came for too long';

/** A stream of n8n without its type, which a community package may not import. */
type ByteStream = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

export interface DownloadOptions {
	/** What to call the file; made safe, and given the right extension. */
	fileName: string;
	/** Beats what the storage says. */
	mimeType?: string;
	/** Bytes; counts only where the storage does not say how long the file is. */
	expectedSize?: number;
	/** Whether http:// will do; by default only where the credential's own Base URL is such. */
	allowHttp?: boolean;
	/** Ends the download; by default the cancellation of the execution. */
	signal?: AbortSignal;
	/** Longest time without a byte, in milliseconds. */
	stallMs?: number;
	/** A fresh URL of the same file, asked for once when the storage says that this one has expired. */
	renewUrl?: () => Promise<string | undefined>;
	itemIndex?: number;
	/** What the user can do when it fails, for the error. */
	advice?: string;
	/** Facts for the error, such as the task that the file belongs to. */
	facts?: ErrorFacts;
}

/** Why a download did not come to its end. */
type Problem =
	| { kind: 'insecure' | 'changed' | 'cancelled' }
	| { kind: 'refused'; statusCode: number; waitMs?: number }
	| { kind: 'broken'; detail: string }
	| { kind: 'store'; detail: string };

/** Stops a download from within; caught in this file, it never leaves it. */
class DownloadStopped extends Error {
	constructor(readonly problem: Problem) {
		super(problem.kind);
	}
}

const isStream = (value: unknown): value is ByteStream =>
	typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'destroy' in value;

const header = z.coerce.string().optional();

const answerShape = z.object({
	statusCode: z.number(),
	headers: z.object({
		etag: header,
		location: header,
		'content-length': header,
		'content-range': header,
		'content-type': header,
		'retry-after': header,
	}),
	body: z.custom<ByteStream>(isStream),
});

/** An answer whose body is still to be read, or to be closed. */
type FileAnswer = z.output<typeof answerShape> & { close(): void };

type Opened = { ok: true; answer: FileAnswer } | { ok: false; problem: Problem };

/** One download: what is known of the file, and how far it is. */
interface Download {
	context: IExecuteFunctions;
	url: string;
	allowHttp: boolean;
	signal: AbortSignal | undefined;
	stallMs: number;
	renewUrl: DownloadOptions['renewUrl'];
	expectedSize: number | undefined;
	received: number;
	total: number | undefined;
	eTag: string | undefined;
	/** Attempts in a row that brought next to nothing. */
	attempts: number;
	/** What stopped it: n8n's storage may wrap the error of a stream that it reads. */
	problem: Problem | undefined;
}

/** Whether files may come over plain http: only from a VMEG that is itself addressed so. */
async function mayUseHttp(context: IExecuteFunctions): Promise<boolean> {
	const { baseUrl } = await context.getCredentials(CREDENTIAL);
	return String(baseUrl).trim().toLowerCase().startsWith('http://');
}

const isAllowed = (url: string, allowHttp: boolean) => {
	const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' };
	return protocol === 'https:' || (allowHttp && protocol === 'http:');
};

/** One GET of an address that has been looked at. No credential goes along. */
async function get(
	{ context, signal, stallMs }: Download,
	url: string,
	headers: Record<string, string>,
): Promise<FileAnswer> {
	const closing = new AbortController();
	const got: unknown = await context.helpers.httpRequest({
		method: 'GET',
		url,
		// a compressed file would not have the length that is announced
		headers: { Accept: '*/*', 'Accept-Encoding': 'identity', ...headers },
		encoding: 'stream',
		timeout: stallMs,
		abortSignal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
	});
	const answer = answerShape.parse(got);
	// an abort is also told to the body, and an error that nobody hears ends the process
	answer.body.on('error', () => {});
	return {
		...answer,
		close() {
			// the body may be a wrapper: to destroy it alone can leave the connection open
			closing.abort();
			answer.body.destroy();
		},
	};
}

/** Follows redirects itself, so that each address is looked at. */
async function request(download: Download, headers: Record<string, string>): Promise<Opened> {
	let target = download.url;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		if (!isAllowed(target, download.allowHttp)) return { ok: false, problem: { kind: 'insecure' } };
		const answer = await get(download, target, headers);
		const { location } = answer.headers;
		const isRedirect = answer.statusCode >= 300 && answer.statusCode < 400;
		if (!isRedirect || location === undefined) return { ok: true, answer };
		answer.close();
		target = URL.canParse(location, target) ? new URL(location, target).href : '';
	}
	return { ok: false, problem: { kind: 'broken', detail: 'too many redirects' } };
}

/** What speaks against reading this answer as the rest of the file, or as the file. */
function problemOfAnswer(download: Download, { statusCode, headers }: FileAnswer): Problem | undefined {
	if (statusCode !== 200 && statusCode !== 206) {
		return { kind: 'refused', statusCode, waitMs: retryAfterMs(headers['retry-after'], Date.now()) };
	}
	const { received, total } = download;
	if (received === 0) return undefined;
	const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
	const isNext = statusCode === 206 && Number(range?.[1]) === received;
	const isSame = range?.[2] === '*' || total === undefined || Number(range?.[2]) === total;
	return isNext && isSame ? undefined : { kind: 'changed' };
}

/** Opens the file at the byte that comes next. */
async function openOnce(download: Download): Promise<Opened> {
	const { received, eTag } = download;
	// what cannot be told apart from another file is not put together with it
	if (received > 0 && eTag === undefined) return { ok: false, problem: { kind: 'changed' } };
	const rest = { Range: `bytes=${received}-`, 'If-Range': eTag ?? '' };
	let opened: Opened;
	try {
		opened = await request(download, received > 0 ? rest : {});
	} catch (error) {
		return { ok: false, problem: { kind: 'broken', detail: networkFact(networkCode(error)) } };
	}
	if (!opened.ok) return opened;
	const problem = problemOfAnswer(download, opened.answer);
	if (problem !== undefined) {
		opened.answer.close();
		return { ok: false, problem };
	}
	if (received === 0) {
		const { etag, 'content-length': length } = opened.answer.headers;
		download.total = length === undefined ? download.expectedSize : Number(length);
		// a weak ETag does not promise the same bytes
		download.eTag = etag?.startsWith('W/') ? undefined : etag;
	}
	return opened;
}

const isPassing = (problem: Problem) =>
	problem.kind === 'broken' ||
	(problem.kind === 'refused' &&
		(problem.statusCode >= 500 || problem.statusCode === 429 || problem.statusCode === 408));

/** Asks once for a fresh URL where the storage no longer takes this one. */
async function isRenewed(download: Download, problem: Problem): Promise<boolean> {
	const { renewUrl } = download;
	const isExpired = problem.kind === 'refused' && [401, 403, 410].includes(problem.statusCode);
	if (!isExpired || renewUrl === undefined) return false;
	download.renewUrl = undefined;
	const url = await renewUrl();
	if (url === undefined) return false;
	download.url = url;
	return true;
}

function stopped(download: Download, problem: Problem): DownloadStopped {
	download.problem = download.signal?.aborted ? { kind: 'cancelled' } : problem;
	return new DownloadStopped(download.problem);
}

/** Rests before the next attempt; throws where there is to be none. */
async function beforeNext(download: Download, problem: Problem): Promise<void> {
	const { attempts, signal } = download;
	const waitMs = problem.kind === 'refused' ? problem.waitMs : undefined;
	const delayMs = retryDelayMs(defaultRetryPolicy, Math.max(1, attempts), waitMs, Math.random());
	const isWorthIt =
		(isPassing(problem) || (await isRenewed(download, problem))) &&
		attempts < MAX_ATTEMPTS &&
		delayMs <= defaultRetryPolicy.maxRetryAfterMs;
	if (!isWorthIt || (await pause(delayMs, signal))) throw stopped(download, problem);
}

/** Opens the file, repeating what may pass; counts the attempts of the whole download. */
async function open(download: Download): Promise<FileAnswer> {
	for (;;) {
		if (download.signal?.aborted) throw stopped(download, { kind: 'cancelled' });
		download.attempts += 1;
		const opened = await openOnce(download);
		if (opened.ok) return opened.answer;
		await beforeNext(download, opened.problem);
	}
}

/** Closes an answer that brings nothing for too long. */
function watch(answer: FileAnswer, stallMs: number) {
	const over = new AbortController();
	const watcher = { lastMs: Date.now(), stalled: false, stop: () => over.abort() };
	void (async () => {
		while (!(await pause(Math.min(WATCH_MS, stallMs), over.signal))) {
			if (Date.now() - watcher.lastMs < stallMs) continue;
			watcher.stalled = true;
			answer.close();
			break;
		}
	})();
	return watcher;
}

/** The bytes of one answer; tells how it broke, or undefined where it came to its end. */
async function* read(
	download: Download,
	answer: FileAnswer,
): AsyncGenerator<Uint8Array, string | undefined> {
	const watcher = watch(answer, download.stallMs);
	try {
		for await (const piece of answer.body) {
			const bytes: Uint8Array = Buffer.from(piece);
			download.received += bytes.length;
			// the time in which n8n stores the piece is not the storage's
			watcher.lastMs = Infinity;
			yield bytes;
			watcher.lastMs = Date.now();
		}
	} catch (error) {
		return watcher.stalled ? STALLED : networkFact(networkCode(error));
	} finally {
		watcher.stop();
		answer.close();
	}
	return watcher.stalled ? STALLED : undefined;
}

/**
 * The bytes of the file in order. Where the connection breaks, it goes on at the byte that comes
 * next; it ends without an error only when every byte was there.
 */
async function* piecesOf(download: Download, first: FileAnswer): AsyncGenerator<Uint8Array> {
	for (let answer = first; ; answer = await open(download)) {
		const startedAt = download.received;
		const broke = yield* read(download, answer);
		const { received, total = received, signal } = download;
		if (broke === undefined && received === total && !signal?.aborted) return;
		if (received > total) throw stopped(download, { kind: 'changed' });
		if (received - startedAt >= PROGRESS_BYTES) download.attempts = 0;
		await beforeNext(download, { kind: 'broken', detail: broke ?? networkFact('ECONNRESET') });
	}
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(2)} MB`;

const AGAIN = 'Run the node again: it asks VMEG for new links, and the result itself is safe there.';

function explain(
	problem: Problem,
	{ received, total }: Download,
	again = AGAIN,
): { message: string; description: string } {
	switch (problem.kind) {
		case 'insecure':
			return {
				message: 'its address does not start with https://',
				description: 'Nothing was fetched, since the address could lead into your own network. Check the Base URL of the credential, or report this to VMEG.',
			};
		case 'refused': {
			const { statusCode } = problem;
			if (isPassing(problem)) {
				return { message: `the storage answered HTTP ${statusCode}`, description: `Try again in some minutes. ${again}` };
			}
			if (statusCode === 404) {
				return {
					message: 'the storage no longer has it (HTTP 404)',
					description: 'VMEG may have deleted it. Look at the task with VMEG > Task > Get.',
				};
			}
			return {
				message: `the storage refused it (HTTP ${statusCode}); the link may have expired`,
				description: again,
			};
		}
		case 'broken': {
			const of = total === undefined ? '' : ` of ${megabytes(total)}`;
			const far = received === 0 ? '' : ` after ${megabytes(received)}${of}`;
			return {
				message: `${problem.detail}${far}, also when tried again`,
				description: `Check the network between n8n and the storage of VMEG. ${again}`,
			};
		}
		case 'changed':
			return {
				message: 'it changed while it was being fetched',
				description: again,
			};
		case 'store':
			return {
				message: `n8n could not store it: ${problem.detail}`,
				description: 'Check the space that n8n has for binary data, and its setting N8N_DEFAULT_BINARY_DATA_MODE.',
			};
		case 'cancelled':
			return { message: 'the execution was cancelled', description: again };
	}
}

/** How many bytes n8n has stored. */
export async function storedSize(context: IExecuteFunctions, { id, data }: IBinaryData): Promise<number> {
	if (id === undefined) return Buffer.byteLength(data, 'base64');
	return (await context.helpers.getBinaryMetadata(id)).fileSize;
}

type StreamClass = { from(pieces: AsyncIterable<Uint8Array>, options: object): ByteStream };

const streamClass = z.custom<StreamClass>((value) => typeof value === 'function' && 'from' in value);

/** What stopped a download. */
function problemOf(error: unknown, { problem, signal }: Download): Problem {
	if (error instanceof DownloadStopped) return error.problem;
	if (problem !== undefined) return problem;
	if (signal?.aborted) return { kind: 'cancelled' };
	return { kind: 'store', detail: error instanceof Error ? error.message : String(error) };
}

type Stored = { ok: true; binary: IBinaryData } | { ok: false; problem: Problem };

/** Fetches the file from its start and hands it to n8n. */
async function store(download: Download, options: DownloadOptions): Promise<Stored> {
	const { context } = download;
	let first: FileAnswer | undefined;
	try {
		first = await open(download);
		const contentType = first.headers['content-type'];
		const extension = extensionOf(download.url, contentType) ?? extensionIn(options.fileName);
		const fileName = fileNameWith(withoutExtension(options.fileName), extension);
		const mimeType =
			options.mimeType ?? mimeTypeOf(extension ?? '') ?? contentType?.split(';')[0]?.trim();

		// `Readable.from`, by way of a stream at hand: n8n takes a stream and nothing else
		const { from } = streamClass.parse(first.body.constructor);
		const stream = from(piecesOf(download, first), { objectMode: false });
		const binary = await context.helpers.prepareBinaryData(stream, fileName, mimeType);
		const stored = await storedSize(context, binary);
		if (stored === download.received) return { ok: true, binary };
		const detail = `it has ${stored} of ${download.received} bytes`;
		return { ok: false, problem: { kind: 'store', detail } };
	} catch (error) {
		return { ok: false, problem: problemOf(error, download) };
	} finally {
		first?.close();
	}
}

/**
 * Streams a file whose URL VMEG gave (API contract §3, §4, §7) into n8n's binary data, a piece at a
 * time where n8n keeps it on disk. The API key never goes there. A broken connection is resumed;
 * what cannot be fetched whole is an error, never a shorter file.
 */
export async function downloadToBinary(
	context: IExecuteFunctions,
	url: string,
	options: DownloadOptions,
): Promise<IBinaryData> {
	const { itemIndex = 0, facts = {}, fileName } = options;
	const download: Download = {
		context,
		url,
		allowHttp: options.allowHttp ?? (await mayUseHttp(context)),
		signal: options.signal ?? context.getExecutionCancelSignal(),
		stallMs: options.stallMs ?? DEFAULT_STALL_MS,
		renewUrl: options.renewUrl,
		expectedSize: options.expectedSize,
		received: 0,
		total: undefined,
		eTag: undefined,
		attempts: 0,
		problem: undefined,
	};
	let result = await store(download, options);
	if (!result.ok && result.problem.kind === 'changed') {
		// the storage cannot resume, or the file was made anew: once more from its start
		const start = { received: 0, total: undefined, eTag: undefined, attempts: 0, problem: undefined };
		Object.assign(download, start);
		result = await store(download, options);
	}
	if (result.ok) return result.binary;
	const { message, description } = explain(result.problem, download, options.advice);
	throw vmegError(context.getNode(), {
		message: `Item ${itemIndex}: Downloading ${safeFileName(fileName)} failed: ${message}`,
		description,
		itemIndex,
		facts,
	});
}
