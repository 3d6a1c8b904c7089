import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

import { networkCode } from './client';
import { networkFact } from './failure';
import { defaultRetryPolicy, pause, retryDelayMs } from './retry';

/** Longest time without a sign of life from the storage, in milliseconds. */
export const DEFAULT_STALL_MS = 60_000;
const MAX_ATTEMPTS = 4;

/** How a presigned PUT ended. */
export type PutResult =
	| { ok: true; eTag: string }
	| { ok: false; reason: 'cancelled' }
	| { ok: false; reason: 'failed'; detail: string };

export interface PutOptions {
	/** The presigned URL; asked for again where the storage says that it has expired. */
	url: (renew: boolean) => Promise<string>;
	bytes: Buffer;
	/** MD5 of the bytes in hexadecimal. */
	md5: string;
	stallMs: number;
	signal: AbortSignal | undefined;
}

const answerShape = z.object({
	statusCode: z.number(),
	headers: z.record(z.unknown()).default({}),
});

const isMd5 = (eTag: string) => /^[0-9a-f]{32}$/i.test(eTag);

/**
 * PUTs bytes to object storage (API contract §7). It uses n8n's plain request helper: the API key
 * must never go there. Passing faults are repeated, an expired URL is renewed, and bytes that the
 * storage seems to have received wrong are sent once more.
 */
export async function putBytes(
	context: IExecuteFunctions,
	{ url, bytes, md5, stallMs, signal }: PutOptions,
): Promise<PutResult> {
	let detail = 'not tried';
	let renew = false;
	for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
		if (signal?.aborted) return { ok: false, reason: 'cancelled' };
		if (attempt > 1) {
			const delayMs = retryDelayMs(defaultRetryPolicy, attempt - 1, undefined, Math.random());
			if (await pause(delayMs, signal)) return { ok: false, reason: 'cancelled' };
		}
		const target = await url(renew);
		try {
			const answer: unknown = await context.helpers.httpRequest({
				method: 'PUT',
				url: target,
				body: bytes,
				headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length },
				timeout: stallMs,
				abortSignal: signal,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				// with redirects n8n would keep a second copy of the body in memory
				disableFollowRedirect: true,
				encoding: 'text',
			});
			const { statusCode, headers } = answerShape.parse(answer);
			const eTag = String(headers.etag ?? '').replace(/^W\/|"/g, '');
			renew = statusCode === 403 || statusCode === 401;
			if (statusCode >= 200 && statusCode < 300) {
				const looksWrong = isMd5(eTag) && eTag.toLowerCase() !== md5;
				// not every storage has the MD5 as ETag: only a first doubt is worth sending it again
				if (!looksWrong || attempt > 1) return { ok: true, eTag };
				detail = 'the storage reported another checksum';
				continue;
			}
			detail = `the storage answered HTTP ${statusCode}`;
			if (statusCode < 500 && statusCode !== 429 && statusCode !== 408 && !renew) break;
		} catch (error) {
			detail = networkFact(networkCode(error));
		}
	}
	return { ok: false, reason: signal?.aborted ? 'cancelled' : 'failed', detail };
}
