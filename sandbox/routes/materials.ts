import {
	fileClaim,
	materialIdOnly,
	materialListQuery,
	multipartAbort,
	multipartComplete,
	presignRequest,
	singleClaim,
} from '../rules/materials';
import type { Vmeg } from '../vmeg';
import { get, post, type Accepted, type Route } from './route';

/** Materials and their upload (API contract §7). */
export function materialRoutes(vmeg: Vmeg): Route[] {
	const { materials, store, settings } = vmeg;
	return [
		post('/assets/material/upload/gen-upload-url', fileClaim, ({ fileHash, fileName }): Accepted => {
			const known = materials.findByHash(fileHash);
			if (known) return { data: { material: materials.record(known) } };
			const { materialId, s3Uri } = materials.begin(fileName, fileHash, false);
			const uploadUrl = store.presign('PUT', ['uploads', materialId, fileName], settings.urlTtlSeconds);
			return { data: { uploadUrl, s3Uri, materialId } };
		}),
		post('/assets/material/upload/complete', singleClaim, async (claim) => {
			const material = await materials.complete(materials.claim(claim));
			return { data: materials.record(material) };
		}),
		post('/assets/material/upload/multipart/initiate', fileClaim, ({ fileHash, fileName }) => {
			const { materialId, s3Uri, uploadId = '' } = materials.begin(fileName, fileHash, true);
			const { urlTtlSeconds, recommendedPartSize } = settings;
			return {
				data: { materialId, s3Uri, uploadId, expiresInSeconds: urlTtlSeconds, recommendedPartSize },
			};
		}),
		post('/assets/material/upload/multipart/presign-parts', presignRequest, ({ partNumbers, ...claim }) => {
			const { materialId, fileName, uploadId = '' } = materials.claim(claim);
			const urls = partNumbers.map((partNumber) => ({
				partNumber,
				url: store.presign('PUT', ['uploads', materialId, fileName], settings.urlTtlSeconds, {
					partNumber: String(partNumber),
					uploadId,
				}),
			}));
			return { data: { urls, expiresInSeconds: settings.urlTtlSeconds } };
		}),
		post('/assets/material/upload/multipart/complete', multipartComplete, async ({ parts, ...claim }) => {
			const material = await materials.completeParts(materials.claim(claim), parts);
			return { data: materials.record(material) };
		}),
		post('/assets/material/upload/multipart/abort', multipartAbort, async (claim) => {
			await materials.abort(materials.claim(claim));
			return { data: null };
		}),
		get('/assets/material/list', materialListQuery, ({ currentPage = '1', pageSize = '20' }) => {
			const { records, total } = materials.list(Number(currentPage), Number(pageSize));
			return { data: { records: records.map((material) => materials.record(material)), total } };
		}),
		post('/assets/material/delete', materialIdOnly, async ({ materialId }) => {
			await materials.delete(materialId);
			return { data: null };
		}),
	];
}
