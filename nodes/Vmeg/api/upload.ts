import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod';

import { createClient } from './client';
import type { Answer, VmegClient, VmegContext } from './client';
import type { Material, UploadTarget } from './contract';
import type { Endpoint } from './endpoints';
import { endpoints } from './endpoints';
import type { Failure } from './failure';
import { bufferPool, partsOf, planParts } from './parts';
import { hashOf, md5Of } from './source';
import type { Source } from './source';
import { putBytes } from './storage';

/** Files up to this size go in one request, in bytes. */
const SINGLE_PUT_LIMIT = 8 * 1024 * 1024;
/** How many presigned URLs are asked for at once. */
const URLS_AT_ONCE = 20;
/** A presigned URL is renewed when it has less than this left, in milliseconds. */
const URL_MARGIN_MS = 60_000;
const DEFAULT_URL_SECONDS = 900;
/** A call of the upload that was accepted without an answer is made anew this often. */
const CALL_ATTEMPTS = 3;

/** Why an upload did not come to its end. */
export type UploadProblem =
	| { kind: 'call'; failure: Failure }
	| { kind: 'part'; part: number; partCount: number; detail: string }
	| { kind: 'changed'; detail: string }
	| { kind: 'cancelled' };

export type UploadResult =
	| { ok: true; material: Material; alreadyThere: boolean }
	| { ok: false; problem: UploadProblem };

export interface UploadOptions {
	requestId?: string;
	/** Longest time without a sign of life from the storage, in milliseconds. */
	stallMs: number;
	onProgress: (line: string) => void;
}

/** Stops an upload from within; caught in this file, it never leaves it. */
class UploadStopped extends Error {
	constructor(readonly problem: UploadProblem) {
		super(problem.kind);
	}
}

interface Upload {
	context: IExecuteFunctions;
	client: VmegClient;
	source: Source;
	file: { fileHash: string; fileName: string };
	options: UploadOptions;
}

/**
 * Makes a call of the upload. These calls bill nothing, so one whose answer was lost is made again
 * under a new key; at worst an unused upload is left to expire.
 */
async function call<R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
	client: VmegClient,
	endpoint: Endpoint<R, A>,
	request: z.input<R>,
	requestId: string | undefined,
): Promise<z.output<A>> {
	let answer: Answer<z.output<A>> | undefined;
	for (let attempt = 1; attempt <= CALL_ATTEMPTS; attempt++) {
		answer = await client.send(endpoint, request, { idempotencyKey: randomUUID(), requestId });
		if (answer.ok) return answer.data;
		if (answer.failure.kind !== 'answerLost') break;
	}
	if (answer === undefined || answer.ok) throw new UploadStopped({ kind: 'cancelled' });
	const { failure } = answer;
	throw new UploadStopped(
		failure.kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'call', failure },
	);
}

/** The last call of an upload; where its answer was lost, VMEG now knows the file by its hash. */
async function complete<R extends z.ZodTypeAny>(
	{ client, file, options }: Upload,
	endpoint: Endpoint<R, typeof endpoints.completeUpload.answer>,
	request: z.input<R>,
): Promise<Material> {
	const { requestId } = options;
	const idempotencyKey = randomUUID();
	const answer = await client.send(endpoint, request, { idempotencyKey, requestId });
	if (answer.ok) return answer.data;
	if (answer.failure.kind === 'answerLost') {
		const found = await call(client, endpoints.getUploadUrl, file, requestId);
		if (found.kind === 'known') return found.known;
	}
	const { failure } = answer;
	throw new UploadStopped(
		failure.kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'call', failure },
	);
}

async function readWhole({ source }: Upload): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	for await (const piece of await source.open()) pieces.push(piece);
	return Buffer.concat(pieces);
}

/** One PUT for a small file. */
async function uploadSingle(
	upload: Upload,
	first: UploadTarget,
): Promise<Material> {
	const { context, client, file, options } = upload;
	const bytes = await readWhole(upload);
	let target = first;
	const put = await putBytes(context, {
		bytes,
		md5: file.fileHash,
		stallMs: options.stallMs,
		signal: client.signal,
		url: async (renew) => {
			if (renew) {
				const renewed = await call(client, endpoints.getUploadUrl, file, options.requestId);
				if (renewed.kind === 'target') target = renewed.target;
			}
			return target.uploadUrl;
		},
	});
	if (!put.ok) throw new UploadStopped(problemOf(put, 1, 1));
	const { s3Uri, materialId } = target;
	return await complete(upload, endpoints.completeUpload, { ...file, s3Uri, materialId });
}

const problemOf = (
	put: { reason: 'cancelled' } | { reason: 'failed'; detail: string },
	part: number,
	partCount: number,
): UploadProblem =>
	put.reason === 'cancelled'
		? { kind: 'cancelled' }
		: { kind: 'part', part, partCount, detail: put.detail };

/** Presigned URLs of the parts, fetched some at a time and renewed before they expire. */
function presigner(
	{ client, file, options }: Upload,
	multipart: { materialId: string; uploadId: string },
	partCount: number,
) {
	const urls = new Map<number, { url: string; expiresMs: number }>();
	// one call at a time: parts that start together find their URLs in one answer
	let last: Promise<unknown> = Promise.resolve();

	async function fetchFrom(part: number): Promise<void> {
		const count = Math.min(URLS_AT_ONCE, partCount - part + 1);
		const partNumbers = Array.from({ length: count }, (_, index) => part + index);
		const request = { ...multipart, ...file, partNumbers };
		const answer = await call(client, endpoints.presignParts, request, options.requestId);
		const seconds = answer.expiresInSeconds ?? DEFAULT_URL_SECONDS;
		const expiresMs = Date.now() + seconds * 1000;
		for (const { partNumber, url } of answer.urls) urls.set(partNumber, { url, expiresMs });
	}

	return async (part: number, renew: boolean): Promise<string> => {
		if (renew) urls.delete(part);
		const turn = last.then(async () => {
			const known = urls.get(part);
			const isFresh = known !== undefined && known.expiresMs - Date.now() > URL_MARGIN_MS;
			if (!isFresh) await fetchFrom(part);
			const url = urls.get(part)?.url;
			if (url !== undefined) return url;
			const detail = 'VMEG gave no upload URL for it';
			throw new UploadStopped({ kind: 'part', part, partCount, detail });
		});
		last = turn.catch(() => undefined);
		return await turn;
	};
}

/** Uploads a large file in parts, several at once, each repeated on its own. */
async function uploadParts(
	upload: Upload,
	multipart: { materialId: string; uploadId: string },
	recommendedPartSize: number | null | undefined,
): Promise<Material> {
	const { context, client, source, file, options } = upload;
	const { partSize, partCount, inFlight } = planParts(source.size, recommendedPartSize);
	const urlOf = presigner(upload, multipart, partCount);
	// one more than are under way: the next part is read while they are sent
	const pool = bufferPool(inFlight + 1, partSize);
	const eTags = new Map<number, string>();
	let stopped: unknown;

	async function send(part: number, bytes: Buffer): Promise<void> {
		const put = await putBytes(context, {
			bytes,
			md5: md5Of(bytes),
			stallMs: options.stallMs,
			signal: client.signal,
			url: async (renew) => await urlOf(part, renew),
		});
		if (!put.ok) throw new UploadStopped(problemOf(put, part, partCount));
		if (put.eTag === '') {
			const detail = 'the storage gave no ETag for it';
			throw new UploadStopped({ kind: 'part', part, partCount, detail });
		}
		eTags.set(part, put.eTag);
		options.onProgress(`uploaded part ${eTags.size} of ${partCount}`);
	}

	const underWay = new Set<Promise<void>>();
	let part = 0;
	for await (const { buffer, bytes } of partsOf(await source.open(), pool.lend)) {
		if (stopped !== undefined) break;
		part += 1;
		if (part > partCount) {
			stopped = new UploadStopped({ kind: 'changed', detail: 'it is longer than at first' });
			break;
		}
		while (underWay.size >= inFlight) await Promise.race(underWay);
		const sending = send(part, bytes)
			.catch((error: unknown) => {
				stopped ??= error;
			})
			.finally(() => {
				underWay.delete(sending);
				pool.giveBack(buffer);
			});
		underWay.add(sending);
	}
	await Promise.all(underWay);
	if (stopped === undefined && eTags.size !== partCount) {
		stopped = new UploadStopped({ kind: 'changed', detail: 'it is shorter than at first' });
	}
	if (stopped instanceof Error) throw stopped;

	const parts = [...eTags]
		.map(([partNumber, eTag]) => ({ partNumber, eTag }))
		.sort((a, b) => a.partNumber - b.partNumber);
	return await complete(upload, endpoints.completeMultipart, { ...multipart, ...file, parts });
}

/** A context whose requests outlive the cancellation of the execution, to clean up after it. */
function afterCancellation(context: IExecuteFunctions): VmegContext {
	const { helpers, logger } = context;
	const detached: Pick<VmegContext, 'helpers' | 'logger' | 'getNode' | 'getCredentials'> = {
		helpers,
		logger,
		getNode: () => context.getNode(),
		getCredentials: async (type) => await context.getCredentials(type),
	};
	return detached as VmegContext;
}

async function uploadMultipart(upload: Upload): Promise<Material> {
	const { context, client, file, options } = upload;
	const { requestId } = options;
	const started = await call(client, endpoints.startMultipart, file, requestId);
	const { materialId, uploadId, recommendedPartSize } = started;
	const multipart = { materialId, uploadId };
	let isComplete = false;
	try {
		const material = await uploadParts(upload, multipart, recommendedPartSize);
		isComplete = true;
		return material;
	} finally {
		if (!isComplete) {
			// parts that nobody completes or aborts are kept, and may be billed, by the storage
			const cleaner = await createClient(afterCancellation(context));
			const idempotencyKey = randomUUID();
			const request = { ...multipart, ...file };
			const aborted = await cleaner.send(endpoints.abortMultipart, request, { idempotencyKey });
			options.onProgress(aborted.ok ? 'upload aborted' : 'upload could not be aborted');
		}
	}
}

/**
 * Brings a file to VMEG (API contract §7): not at all where VMEG already has it, in one request
 * where it is small, otherwise in parts. Memory does not grow with the file.
 */
export async function uploadMaterial(
	context: IExecuteFunctions,
	client: VmegClient,
	source: Source,
	options: UploadOptions,
): Promise<UploadResult> {
	options.onProgress(`reading ${source.fileName}`);
	const { md5, size } = await hashOf(source);
	const upload: Upload = {
		context,
		client,
		source: { ...source, size },
		file: { fileHash: md5, fileName: source.fileName },
		options,
	};
	try {
		const begun = await call(client, endpoints.getUploadUrl, upload.file, options.requestId);
		if (begun.kind === 'known') return { ok: true, material: begun.known, alreadyThere: true };
		const material =
			size <= SINGLE_PUT_LIMIT
				? await uploadSingle(upload, begun.target)
				: await uploadMultipart(upload);
		return { ok: true, material, alreadyThere: false };
	} catch (error) {
		if (error instanceof UploadStopped) return { ok: false, problem: error.problem };
		const detail = error instanceof Error ? error.message : String(error);
		return { ok: false, problem: { kind: 'changed', detail } };
	}
}
