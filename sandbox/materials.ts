import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { ApiError } from './errors';
import { mimeType } from './mime';
import { probeDuration } from './probe';
import type { Ids } from './random';
import type { Settings } from './settings';
import { StorageError, type ObjectStore, type StoredFile } from './storage';
import type { JsonObject } from './types';

/** All parts but the last must be at least this large (API contract §7). */
export const minPartBytes = 5 * 1024 * 1024;

/** An input file of the account (API contract §7). */
export interface Material {
	materialId: string;
	name: string;
	category: 'video' | 'audio' | 'other';
	mimeType: string;
	fileHash: string;
	filesize: number;
	durationMs: number;
	createTime: string;
	updateTime: string;
	file: StoredFile;
	/** Tasks whose result still serves the file. */
	users: number;
	deleted: boolean;
	/** Whether the sandbox may delete the file. */
	owned: boolean;
}

interface Upload {
	materialId: string;
	fileName: string;
	fileHash: string;
	s3Uri: string;
	/** Multipart only. */
	uploadId?: string;
	file?: StoredFile;
	parts: Map<number, StoredFile>;
}

/** What a caller repeats with each step of an upload. */
export interface UploadClaim {
	materialId: string;
	fileName: string;
	fileHash: string;
	s3Uri?: string;
	uploadId?: string;
}

/** Registered materials and the uploads on their way to become one. */
export class Materials {
	private readonly byId = new Map<string, Material>();
	private readonly byHash = new Map<string, Material>();
	private readonly uploads = new Map<string, Upload>();

	constructor(
		private readonly ids: Ids,
		private readonly store: ObjectStore,
		private readonly settings: Settings,
	) {}

	get size(): number {
		return this.byId.size;
	}

	get(materialId: string): Material {
		const material = this.byId.get(materialId);
		if (!material) throw new ApiError(404, `Material not found: ${materialId}`);
		return material;
	}

	find(materialId: string): Material | undefined {
		return this.byId.get(materialId);
	}

	findByHash(fileHash: string): Material | undefined {
		return this.byHash.get(fileHash.toLowerCase());
	}

	/** Newest first. */
	list(currentPage: number, pageSize: number): { records: Material[]; total: number } {
		const all = [...this.byId.values()].reverse();
		const start = (currentPage - 1) * pageSize;
		return { records: all.slice(start, start + pageSize), total: all.length };
	}

	async delete(materialId: string): Promise<void> {
		const material = this.get(materialId);
		this.byId.delete(materialId);
		if (this.byHash.get(material.fileHash) === material) this.byHash.delete(material.fileHash);
		material.deleted = true;
		await this.sweep(material);
	}

	/** A task serves the material's file: it outlives the material until the task is gone. */
	use(material: Material): void {
		material.users += 1;
	}

	record(material: Material): JsonObject {
		const { materialId, name, category, filesize, durationMs, fileHash, createTime, updateTime } = material;
		const url = (...parts: string[]): string =>
			this.store.presign('GET', parts, this.settings.resultUrlTtlSeconds);
		return {
			materialId,
			category,
			name,
			addressUrl: url('uploads', materialId, name),
			thumbnailUrl: category === 'video' ? url('thumbnails', `${materialId}.png`) : '',
			audioUrl: category === 'audio' ? url('uploads', materialId, name) : '',
			resolution: category === 'video' ? '1920x1080' : '',
			mimeType: material.mimeType,
			fileHash,
			filesize,
			duration: durationMs,
			createTime,
			updateTime,
		};
	}

	/** Begins an upload, in one piece or in parts. */
	begin(fileName: string, fileHash: string, multipart: boolean): Upload {
		const materialId = this.ids.next();
		const upload: Upload = {
			materialId,
			fileName,
			fileHash: fileHash.toLowerCase(),
			s3Uri: `s3://vmeg-sandbox/uploads/${materialId}/${fileName}`,
			parts: new Map(),
			...(multipart ? { uploadId: this.ids.next(32) } : {}),
		};
		this.uploads.set(materialId, upload);
		return upload;
	}

	/** The upload a caller speaks of, or a refusal when any part of the claim differs. */
	claim(claim: UploadClaim): Upload {
		const upload = this.uploads.get(claim.materialId);
		if (!upload) throw new ApiError(404, `Upload not found: ${claim.materialId}`);
		if (upload.uploadId !== claim.uploadId) throw new ApiError(404, 'uploadId does not match this upload');
		if (claim.s3Uri !== undefined && upload.s3Uri !== claim.s3Uri) {
			throw new ApiError(400, 's3Uri does not match this upload');
		}
		if (upload.fileName !== claim.fileName) throw new ApiError(400, 'fileName does not match this upload');
		if (upload.fileHash !== claim.fileHash.toLowerCase()) {
			throw new ApiError(400, 'fileHash does not match this upload');
		}
		return upload;
	}

	/** Where object storage puts what arrives by PUT. */
	uploadFor(materialId: string, uploadId: string | null): Upload {
		const upload = this.uploads.get(materialId);
		if (!upload || upload.uploadId !== (uploadId ?? undefined)) {
			throw new StorageError(404, 'NoSuchUpload', 'The specified upload does not exist.');
		}
		return upload;
	}

	async putFile(upload: Upload, partNumber: number | undefined, file: StoredFile): Promise<void> {
		if (this.uploads.get(upload.materialId) !== upload) {
			await this.store.discard(file);
			throw new StorageError(404, 'NoSuchUpload', 'The upload was completed or aborted meanwhile.');
		}
		const previous = partNumber === undefined ? upload.file : upload.parts.get(partNumber);
		if (partNumber === undefined) upload.file = file;
		else upload.parts.set(partNumber, file);
		if (previous) await this.store.discard(previous);
	}

	async complete(upload: Upload): Promise<Material> {
		if (!upload.file) throw new ApiError(422, 'The file has not been uploaded');
		if (upload.file.md5 !== upload.fileHash) {
			throw new ApiError(422, 'fileHash does not match the uploaded bytes');
		}
		this.uploads.delete(upload.materialId);
		return await this.register(upload.materialId, upload.fileName, upload.file);
	}

	async completeParts(
		upload: Upload,
		parts: ReadonlyArray<{ partNumber: number; eTag: string }>,
	): Promise<Material> {
		const files = parts.map(({ partNumber, eTag }, index) => {
			const file = upload.parts.get(partNumber);
			const previous = parts[index - 1];
			if (previous && previous.partNumber >= partNumber) {
				throw new ApiError(422, 'parts must be in ascending order of partNumber');
			}
			if (!file) throw new ApiError(422, `Part ${partNumber} has not been uploaded`);
			if (file.md5 !== eTag) throw new ApiError(422, `Part ${partNumber}: eTag does not match`);
			if (file.size < minPartBytes && index < parts.length - 1) {
				throw new ApiError(422, `Part ${partNumber} is smaller than the minimum of ${minPartBytes} bytes`);
			}
			return file;
		});
		const whole = await this.store.join(files);
		if (this.uploads.get(upload.materialId) !== upload) {
			await this.store.discard(whole);
			throw new ApiError(404, `Upload not found: ${upload.materialId}`);
		}
		if (whole.md5 !== upload.fileHash) {
			await this.store.discard(whole);
			throw new ApiError(422, 'fileHash does not match the uploaded bytes');
		}
		this.uploads.delete(upload.materialId);
		await this.discardParts(upload);
		return await this.register(upload.materialId, upload.fileName, whole);
	}

	async abort(upload: Upload): Promise<void> {
		this.uploads.delete(upload.materialId);
		await this.discardParts(upload);
	}

	/** Puts a material there without an upload (used by tests and the demo). */
	async add(
		name: string,
		source: { bytes: Uint8Array } | { path: string },
		durationSeconds?: number,
	): Promise<Material> {
		const owned = 'bytes' in source;
		const file = owned ? await this.store.keep(source.bytes) : await describeFile(source.path);
		return await this.register(this.ids.next(), name, file, owned, durationSeconds);
	}

	async clear(): Promise<void> {
		const materials = [...this.byId.values()];
		const uploads = [...this.uploads.values()];
		this.byId.clear();
		this.byHash.clear();
		this.uploads.clear();
		for (const upload of uploads) await this.discardParts(upload);
		for (const material of materials) {
			if (material.owned) await this.store.discard(material.file);
		}
	}

	async release(material: Material): Promise<void> {
		material.users -= 1;
		await this.sweep(material);
	}

	private async sweep(material: Material): Promise<void> {
		if (material.deleted && material.users <= 0 && material.owned) await this.store.discard(material.file);
	}

	private async discardParts(upload: Upload): Promise<void> {
		if (upload.file) await this.store.discard(upload.file);
		for (const part of upload.parts.values()) await this.store.discard(part);
	}

	private async register(
		materialId: string,
		name: string,
		file: StoredFile,
		owned = true,
		durationSeconds?: number,
	): Promise<Material> {
		const type = mimeType(name);
		const now = new Date().toISOString();
		const probed =
			durationSeconds === undefined ? await probeDuration(file.path, file.size) : durationSeconds * 1000;
		const material: Material = {
			materialId,
			name,
			category: type.startsWith('video/') ? 'video' : type.startsWith('audio/') ? 'audio' : 'other',
			mimeType: type,
			fileHash: file.md5,
			filesize: file.size,
			durationMs: probed ?? this.settings.assumedSeconds * 1000,
			createTime: now,
			updateTime: now,
			file,
			users: 0,
			deleted: false,
			owned,
		};
		this.byId.set(materialId, material);
		this.byHash.set(file.md5, material);
		return material;
	}
}

/** Extension of a material's name, with the dot; `.mp4` when it has none. */
export function extensionOf(name: string): string {
	return extname(name).toLowerCase() || '.mp4';
}

async function describeFile(path: string): Promise<StoredFile> {
	const hash = createHash('md5');
	for await (const chunk of createReadStream(path)) hash.update(chunk instanceof Buffer ? chunk : String(chunk));
	return { path, size: (await stat(path)).size, md5: hash.digest('hex') };
}
