import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();
const MiB = 1024 * 1024;

const upload = (options: IDataObject = {}): INodeParameters => ({
	resource: 'material',
	operation: 'upload',
	binaryPropertyName: 'data',
	options: options as INodeParameters,
});

/** An item whose file n8n holds in memory. */
const inMemory = (bytes: Buffer, fileName = 'film.mp4'): INodeExecutionData => ({
	json: {},
	binary: { data: { data: bytes.toString('base64'), mimeType: 'video/mp4', fileName } },
});

/** An item whose file n8n keeps in its binary data store, on disk. */
async function stored(bytes: Buffer, fileName = 'film.mp4'): Promise<INodeExecutionData> {
	const binary = await Container.get(BinaryDataService).store(
		{ type: 'execution', workflowId: '1', executionId: '1' },
		Readable.from([bytes]),
		{ data: '', mimeType: 'video/mp4', fileName },
	);
	return { json: {}, binary: { data: binary } };
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
const puts = () => vmeg.sandbox.journal.requests('/storage/').filter(({ method }) => method === 'PUT');
const calls = (path: string) => vmeg.sandbox.journal.requests(`/assets/material/upload/${path}`);

describe('Material > Upload', () => {
	it.each([
		['in memory', async (bytes: Buffer) => inMemory(bytes)],
		['on disk', stored],
	])('brings a small file that n8n holds %s in one request', async (_where, make) => {
		const bytes = randomBytes(300_000);
		const { json, error } = await vmeg.run({ parameters: upload(), items: [await make(bytes)] });
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({
			name: 'film.mp4',
			fileHash: md5(bytes),
			filesize: bytes.length,
			alreadyThere: false,
		});
		expect(puts()).toHaveLength(1);
	});

	it('brings a large file in parts, and never sends the API key to the storage', async () => {
		const bytes = randomBytes(47 * MiB + 12_345);
		const { json, error } = await vmeg.run({ parameters: upload(), items: [await stored(bytes)] });
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ fileHash: md5(bytes), filesize: bytes.length });
		expect(puts()).toHaveLength(5);
		expect(puts().every(({ authorization }) => authorization === 'absent')).toBe(true);
		expect(puts().every(({ query }) => !('req_id' in query))).toBe(true);
	});

	it('uploads nothing that VMEG already has', async () => {
		const bytes = randomBytes(20_000);
		await vmeg.run({ parameters: upload(), items: [inMemory(bytes)] });
		const { json } = await vmeg.run({ parameters: upload(), items: [inMemory(bytes, 'again.mp4')] });
		expect(json[0]).toMatchObject({ fileHash: md5(bytes), alreadyThere: true });
		expect(puts()).toHaveLength(1);
	});

	it.each([
		['a part that fails twice', { kind: 'status', code: 503, count: 2 } as const],
		['a connection that is cut', { kind: 'cut', nth: 2 } as const],
		['a URL that has expired', { kind: 'expired', nth: 3 } as const],
		['a part that arrives damaged', { kind: 'wrongETag', nth: 1 } as const],
		['an answer that is lost', { kind: 'dropAfter', nth: 2 } as const],
		['a part that stalls', { kind: 'stall', nth: 2 } as const],
	])('survives %s', async (_name, fault) => {
		const bytes = randomBytes(25 * MiB);
		vmeg.sandbox.addFault({ path: '/storage/', method: 'PUT', ...fault });
		const { json, error } = await vmeg.run({
			parameters: upload({ timeout: 2 }),
			items: [await stored(bytes)],
		});
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ fileHash: md5(bytes), filesize: bytes.length });
	}, 30_000);

	it('gives up, says which part, and aborts the upload when a part keeps failing', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: '/storage/', method: 'PUT', code: 400 });
		const { error } = await vmeg.run({ parameters: upload(), items: [await stored(randomBytes(25 * MiB))] });
		expect(error?.message).toMatch(
			/^Item 0: Uploading film.mp4 failed at part \d of 3: the storage answered HTTP 400$/,
		);
		expect(error?.description).toContain('nothing was billed');
		expect(calls('multipart/abort')).toHaveLength(1);
		expect(calls('multipart/abort')[0]?.code).toBe(200);
	});

	it('aborts the upload when the execution is cancelled', async () => {
		vmeg.sandbox.addFault({ kind: 'stall', path: '/storage/', method: 'PUT' });
		const started = Date.now();
		const { error } = await vmeg.run({
			parameters: upload(),
			items: [await stored(randomBytes(25 * MiB))],
			onStart: ({ cancel }) => void setTimeout(cancel, 1_000),
		});
		expect(error?.message).toBe('Item 0: Uploading film.mp4 was cancelled');
		expect(calls('multipart/abort')[0]?.code).toBe(200);
		expect(Date.now() - started).toBeLessThan(5_000);
	}, 20_000);

	it.each(['gen-upload-url', 'multipart/initiate', 'multipart/presign-parts', 'multipart/complete'])(
		'survives a lost answer of %s',
		async (path) => {
			const bytes = randomBytes(11 * MiB);
			const fault = { kind: 'dropAfter', path: `/assets/material/upload/${path}`, nth: 1 } as const;
			vmeg.sandbox.addFault(fault);
			const { json, error } = await vmeg.run({ parameters: upload(), items: [await stored(bytes)] });
			expect(error).toBeUndefined();
			expect(json[0]).toMatchObject({ fileHash: md5(bytes) });
		},
		20_000,
	);

	it('names the item without a file, and the files that it has', async () => {
		const { error } = await vmeg.run({
			parameters: { ...upload(), binaryPropertyName: 'video' },
			items: [inMemory(Buffer.from('x'))],
		});
		expect(error?.message).toBe('Item 0: "Input Binary Field" is "video", but the item has data');
		const empty = await vmeg.run({ parameters: upload(), items: [inMemory(Buffer.alloc(0))] });
		expect(empty.error?.message).toBe('Item 0: "Input Binary Field" holds an empty file');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('takes a name of the user, and no folders from the name of the file', async () => {
		const named = await vmeg.run({
			parameters: upload({ fileName: 'lesson 1 – Grüße 🎬.mp4' }),
			items: [inMemory(randomBytes(10))],
		});
		expect(named.json[0]?.name).toBe('lesson 1 – Grüße 🎬.mp4');
		const { json } = await vmeg.run({
			parameters: upload(),
			items: [inMemory(randomBytes(10), '../../etc/passwd.mp4')],
		});
		expect(json[0]?.name).toBe('passwd.mp4');
	});
});

describe('Media > Submit, from a binary field', () => {
	it('uploads the file and submits its material', async () => {
		const bytes = randomBytes(5_000);
		const { json, error } = await vmeg.run({
			parameters: {
				resource: 'media',
				operation: 'submit',
				sourceLanguage: 'auto',
				targetLanguage: 'de-DE',
				taskType: 'vt',
				materialSource: 'binary',
				binaryPropertyName: 'data',
				voiceCloneStyle: 'emotional',
				voiceCloneMode: 'role',
			},
			items: [await stored(bytes)],
		});
		expect(error).toBeUndefined();
		expect(json[0]).toMatchObject({ taskType: 'vt', status: 'running' });
		const [request] = vmeg.sandbox.journal.requests('/task/media-translation/create-async');
		expect(request?.body).toMatchObject({ source: { materialId: expect.stringMatching(/.+/) } });
	});
});

describe('Material > Get Many and Delete', () => {
	it('lists with the duration in seconds, and in full', async () => {
		await vmeg.sandbox.addMaterial({ name: 'a.mp4', bytes: Buffer.from('a'), durationSeconds: 61.5 });
		const many: INodeParameters = { resource: 'material', operation: 'getAll', returnAll: true };
		const { json } = await vmeg.run({ parameters: many });
		expect(json).toEqual([expect.objectContaining({ name: 'a.mp4', duration: 61.5 })]);
		const full = await vmeg.run({ parameters: { ...many, simplify: false } });
		expect(full.json[0]).toMatchObject({ duration: 61_500, fileHash: expect.any(String) });
	});

	it('deletes, also when the answer is lost', async () => {
		const { materialId } = await vmeg.sandbox.addMaterial({ name: 'a.mp4', bytes: Buffer.from('a') });
		vmeg.sandbox.addFault({ kind: 'dropAfter', path: '/assets/material/delete', nth: 1 });
		const { json } = await vmeg.run({
			parameters: {
				resource: 'material',
				operation: 'delete',
				materialId: { __rl: true, mode: 'id', value: materialId },
			},
		});
		expect(json).toEqual([{ deleted: true, materialId }]);
	});
});
