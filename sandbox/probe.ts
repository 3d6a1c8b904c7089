import { open, type FileHandle } from 'node:fs/promises';

/** Length in milliseconds of a WAV or MP4 file, or `undefined`: enough to charge credits plausibly. */
export async function probeDuration(path: string, size: number): Promise<number | undefined> {
	const file = await open(path, 'r');
	try {
		const head = await read(file, 0, 44);
		if (head.length === 44 && head.toString('latin1', 0, 4) === 'RIFF') return wavDuration(head, size);
		return await mp4Duration(file, 0, size);
	} finally {
		await file.close();
	}
}

function wavDuration(head: Buffer, size: number): number | undefined {
	const bytesPerSecond = head.readUInt32LE(28);
	return bytesPerSecond > 0 ? Math.round(((size - 44) / bytesPerSecond) * 1000) : undefined;
}

/** Walks the boxes down to `moov/mvhd`. */
async function mp4Duration(file: FileHandle, start: number, end: number): Promise<number | undefined> {
	let at = start;
	for (let boxes = 0; at + 8 <= end && boxes < 1000; boxes += 1) {
		const head = await read(file, at, 16);
		if (head.length < 8) return undefined;
		const kind = head.toString('latin1', 4, 8);
		let length = head.readUInt32BE(0);
		if (length === 1 && head.length === 16) length = Number(head.readBigUInt64BE(8));
		if (length === 0) length = end - at;
		if (length < 8) return undefined;
		if (kind === 'moov') return await mp4Duration(file, at + 8, Math.min(end, at + length));
		if (kind === 'mvhd') return mvhdDuration(await read(file, at + 8, 32));
		at += length;
	}
	return undefined;
}

function mvhdDuration(box: Buffer): number | undefined {
	if (box.length < 32) return undefined;
	const long = box.readUInt8(0) === 1;
	const scale = box.readUInt32BE(long ? 20 : 12);
	const duration = long ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16);
	return scale > 0 ? Math.round((duration / scale) * 1000) : undefined;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
	const buffer = Buffer.alloc(length);
	const { bytesRead } = await file.read(buffer, 0, length, position);
	return buffer.subarray(0, bytesRead);
}
