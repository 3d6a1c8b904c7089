import { checker, nonEmpty, object, pageQuery, string, type Check } from './check';

export interface FileClaim {
	fileHash: string;
	fileName: string;
}
export interface SingleClaim extends FileClaim {
	s3Uri: string;
	materialId: string;
}
export interface MultipartClaim extends FileClaim {
	materialId: string;
	uploadId: string;
}

const file = { fileHash: { type: 'string', pattern: '^[0-9a-fA-F]{32}$' }, fileName: nonEmpty };
const multipart = { ...file, materialId: nonEmpty, uploadId: nonEmpty };
const partNumber = { type: 'integer', minimum: 1, maximum: 10_000 };
const multipartFields = Object.keys(multipart);

/** `gen-upload-url` and `multipart/initiate` (API contract §7). */
export const fileClaim: Check<FileClaim> = checker(object(file, ['fileHash', 'fileName']));
/** `upload/complete` (API contract §7). */
export const singleClaim: Check<SingleClaim> = checker(
	object({ ...file, s3Uri: string, materialId: nonEmpty }, ['fileHash', 'fileName', 's3Uri', 'materialId']),
);
/** `multipart/presign-parts` (API contract §7). */
export const presignRequest: Check<MultipartClaim & { partNumbers: number[] }> = checker(
	object(
		{ ...multipart, partNumbers: { type: 'array', minItems: 1, uniqueItems: true, items: partNumber } },
		[...multipartFields, 'partNumbers'],
	),
);
/** `multipart/complete` (API contract §7); an `eTag` still in quotes is refused. */
export const multipartComplete: Check<
	MultipartClaim & { parts: Array<{ partNumber: number; eTag: string }> }
> = checker(
	object(
		{
			...multipart,
			parts: {
				type: 'array',
				minItems: 1,
				maxItems: 10_000,
				items: object({ partNumber, eTag: { type: 'string', pattern: '^[0-9a-f]{32}$' } }, [
					'partNumber',
					'eTag',
				]),
			},
		},
		[...multipartFields, 'parts'],
	),
);
/** `multipart/abort` (API contract §7). */
export const multipartAbort: Check<MultipartClaim> = checker(object(multipart, multipartFields));
/** Query of `material/list` (API contract §7). */
export const materialListQuery: Check<{ currentPage?: string; pageSize?: string }> = checker(
	object(pageQuery),
);
/** `material/delete` (API contract §7). */
export const materialIdOnly: Check<{ materialId: string }> = checker(
	object({ materialId: nonEmpty }, ['materialId']),
);
