import { createHash } from 'node:crypto';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

/** A file to upload: it can be read as often as needed, a piece at a time. */
export interface Source {
	fileName: string;
	/** Bytes. */
	size: number;
	/** Opens the file at its start. */
	open(): Promise<AsyncIterable<Uint8Array>>;
}

/** A stream of n8n without its type, which a community package may not import. */
type ByteStream = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/** Bytes that are read at once: larger pieces are faster, smaller ones take less memory. */
const PIECE_SIZE = 64 * 1024;

async function* piecesOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
	for await (const piece of stream) {
		yield piece instanceof Uint8Array ? piece : Buffer.from(String(piece));
	}
}

async function* wholeOf(buffer: Buffer): AsyncGenerator<Uint8Array> {
	yield buffer;
}

/** The name without folders and control characters; never empty. */
function plainName({ fileName, fileExtension, mimeType }: IBinaryData): string {
	const name = (fileName ?? '')
		.split(/[\\/]/)
		.pop()
		?.replace(/\p{Cc}/gu, '')
		.trim();
	if (name) return name;
	const extension = fileExtension ?? mimeType.split('/')[1] ?? 'bin';
	return `upload.${extension}`;
}

/**
 * The binary property of an item as a source. Files that n8n keeps on disk or in its database are
 * read as streams; only what n8n holds in memory anyway comes as a buffer.
 */
export async function binarySource(
	context: IExecuteFunctions,
	itemIndex: number,
	propertyName: string,
	fileName: string | undefined,
): Promise<Source> {
	const binary = context.helpers.assertBinaryData(itemIndex, propertyName);
	const name = fileName ?? plainName(binary);
	const { id } = binary;
	if (id !== undefined) {
		const { fileSize } = await context.helpers.getBinaryMetadata(id);
		return {
			fileName: name,
			size: fileSize,
			open: async () => piecesOf(await context.helpers.getBinaryStream(id, PIECE_SIZE)),
		};
	}
	const buffer = await context.helpers.getBinaryDataBuffer(itemIndex, propertyName);
	return { fileName: name, size: buffer.length, open: async () => wholeOf(buffer) };
}

/** MD5 in hexadecimal, and the number of bytes that were there to read. */
export async function hashOf(source: Source): Promise<{ md5: string; size: number }> {
	const hash = createHash('md5');
	let size = 0;
	for await (const piece of await source.open()) {
		hash.update(piece);
		size += piece.length;
	}
	return { md5: hash.digest('hex'), size };
}

export const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
