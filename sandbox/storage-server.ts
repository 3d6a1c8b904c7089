import type { IncomingMessage, ServerResponse } from 'node:http';
import { forged, Struck } from './api';
import { header, relevantHeaders, send, sleep } from './http';
import type { RequestEntry } from './journal';
import { png, wav } from './samples';
import { sendFile, StorageError } from './storage';
import type { TaskFile } from './tasks';
import type { Vmeg } from './vmeg';

/** Object storage: presigned uploads and downloads (API contract §7), and the files of results. */
export async function handleStorage(
	vmeg: Vmeg,
	request: IncomingMessage,
	response: ServerResponse,
	url: URL,
): Promise<void> {
	const started = Date.now();
	const method = request.method ?? '';
	const rules = vmeg.faults.forRequest(method, url.pathname);
	const faults = new Struck(rules);
	const entry = newEntry(vmeg, request, url, faults);
	vmeg.journal.begin(entry);
	try {
		for (const delay of faults.all('delay')) await sleep(delay.ms ?? 1000);
		if (faults.one('dropBefore')) return void response.destroy();
		if (faults.one('expired')) throw new StorageError(403, 'AccessDenied', 'Request has expired');
		const forgedAnswer = forged(faults, false);
		if (forgedAnswer) {
			request.resume();
			entry.code = forgedAnswer.status;
			return send(response, forgedAnswer);
		}
		vmeg.store.authorize(method, url, request.headers.authorization);
		if (method === 'PUT') await upload();
		else if (method === 'GET' || method === 'HEAD') await download();
		else throw new StorageError(405, 'MethodNotAllowed', 'The specified method is not allowed');
	} catch (error) {
		refuse(error);
	} finally {
		entry.ms = Date.now() - started;
		vmeg.journal.end(entry);
		vmeg.log.request(entry);
	}

	async function upload(): Promise<void> {
		const [kind, materialId] = pathParts(url);
		const query = url.searchParams;
		if (kind !== 'uploads' || materialId === undefined) throw noSuchKey();
		const target = vmeg.materials.uploadFor(materialId, query.get('uploadId'));
		if (faults.one('stall')) {
			// Takes some of the body and never answers: ends when the client, or the sandbox, gives up.
			request.pause();
			await new Promise((resolve) => response.on('close', resolve));
			return;
		}
		if (faults.one('cut')) {
			await new Promise((resolve) => request.once('data', resolve).once('end', resolve));
			return void response.destroy();
		}
		const file = await vmeg.store.receive(request);
		const partNumber = query.get('partNumber');
		await vmeg.materials.putFile(target, partNumber === null ? undefined : Number(partNumber), file);
		entry.accepted = true;
		if (faults.one('dropAfter')) return void response.destroy();
		const late = forged(faults, true);
		entry.code = late?.status ?? 200;
		if (late) return send(response, late);
		const md5 = faults.one('wrongETag') ? '0'.repeat(32) : file.md5;
		send(response, { status: 200, headers: { ETag: `"${md5}"` }, body: '' });
	}

	async function download(): Promise<void> {
		const file = findFile(vmeg, pathParts(url));
		if (!file) throw noSuchKey();
		entry.accepted = true;
		entry.code = request.headers.range === undefined ? 200 : 206;
		entry.code = await sendFile(request, response, file, rules);
	}

	function refuse(error: unknown): void {
		if (!(error instanceof StorageError)) {
			if (request.destroyed || response.destroyed) return;
			throw error;
		}
		entry.code = error.status;
		entry.message = error.message;
		request.resume();
		send(response, {
			status: error.status,
			headers: { 'Content-Type': 'application/xml', Connection: 'close' },
			body:
				'<?xml version="1.0" encoding="UTF-8"?>\n' +
				`<Error><Code>${error.errorCode}</Code><Message>${error.message}</Message></Error>`,
		});
	}
}

function noSuchKey(): StorageError {
	return new StorageError(404, 'NoSuchKey', 'The specified key does not exist.');
}

/** The decoded parts of a path below `/storage/`. */
function pathParts(url: URL): string[] {
	return url.pathname.split('/').slice(2).map(decodeURIComponent);
}

function findFile(vmeg: Vmeg, [kind, id = '', name = '']: string[]): TaskFile | undefined {
	if (kind === 'results') {
		const task = vmeg.tasks.find(id);
		return task?.status === 'finished' ? task.spec.files?.(name) : undefined;
	}
	if (kind === 'uploads') {
		const material = vmeg.materials.find(id);
		return material && { type: material.mimeType, path: material.file.path, etag: material.file.md5 };
	}
	if (kind !== 'voices' && kind !== 'thumbnails') return undefined;
	if (id.endsWith('.png')) return { type: 'image/png', bytes: () => png(id.length + id.charCodeAt(6)) };
	return kind === 'voices' ? { type: 'audio/wav', bytes: () => wav(1) } : undefined;
}

function newEntry(vmeg: Vmeg, request: IncomingMessage, url: URL, faults: Struck): RequestEntry {
	const query = Object.fromEntries(url.searchParams);
	if ('X-Amz-Signature' in query) query['X-Amz-Signature'] = '…';
	return {
		type: 'request',
		seq: vmeg.journal.nextSeq(),
		time: new Date().toISOString(),
		method: request.method ?? '',
		path: url.pathname,
		query,
		headers: relevantHeaders(request),
		authorization: header(request, 'authorization') === undefined ? 'absent' : 'wrong',
		code: 0,
		accepted: false,
		credits: 0,
		faults: faults.kinds(),
		ms: 0,
	};
}
