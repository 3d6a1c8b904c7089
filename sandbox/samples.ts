import { crc32, deflateSync } from 'node:zlib';

const rate = 8000;

/** Bytes of a WAV of this length. */
export function wavSize(seconds: number): number {
	return 44 + Math.round(seconds * rate) * 2;
}

/** A soft tone: 8 kHz, 16 bit, mono. */
export function wav(seconds: number): Buffer {
	const samples = Math.round(seconds * rate);
	const buffer = Buffer.alloc(44 + samples * 2);
	buffer.write('RIFF', 0);
	buffer.writeUInt32LE(36 + samples * 2, 4);
	buffer.write('WAVEfmt ', 8);
	buffer.writeUInt32LE(16, 16);
	buffer.writeUInt16LE(1, 20);
	buffer.writeUInt16LE(1, 22);
	buffer.writeUInt32LE(rate, 24);
	buffer.writeUInt32LE(rate * 2, 28);
	buffer.writeUInt16LE(2, 32);
	buffer.writeUInt16LE(16, 34);
	buffer.write('data', 36);
	buffer.writeUInt32LE(samples * 2, 40);
	for (let i = 0; i < samples; i += 1) {
		buffer.writeInt16LE(Math.round(Math.sin((i / rate) * 440 * 2 * Math.PI) * 6000), 44 + i * 2);
	}
	return buffer;
}

/** A small picture with a colour gradient, drawn from `hue` (0 to 255). */
export function png(hue: number, width = 64, height = 36): Buffer {
	const rows = Buffer.alloc((width * 3 + 1) * height);
	for (let y = 0; y < height; y += 1) {
		for (let x = 0; x < width; x += 1) {
			const at = y * (width * 3 + 1) + 1 + x * 3;
			rows[at] = (hue + x * 2) & 255;
			rows[at + 1] = (hue * 3 + y * 4) & 255;
			rows[at + 2] = (255 - hue) & 255;
		}
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.writeUInt8(8, 8);
	header.writeUInt8(2, 9);
	return Buffer.concat([
		Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
		chunk('IHDR', header),
		chunk('IDAT', deflateSync(rows)),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

function chunk(name: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
	const framed = Buffer.alloc(body.length + 8);
	framed.writeUInt32BE(data.length, 0);
	body.copy(framed, 4);
	framed.writeUInt32BE(crc32(body), body.length + 4);
	return framed;
}

/** The start of an MP4 file and nothing in it: stands for media the sandbox does not have. */
export function emptyMp4(brand: 'isom' | 'M4A '): Buffer {
	const note = 'made by the VMEG sandbox: a placeholder, not a recording';
	const ftyp = Buffer.alloc(20);
	ftyp.writeUInt32BE(20, 0);
	ftyp.write(`ftyp${brand}`, 4);
	ftyp.write('isom', 16);
	const free = Buffer.alloc(8 + note.length);
	free.writeUInt32BE(free.length, 0);
	free.write(`free${note}`, 4);
	return Buffer.concat([ftyp, free]);
}

/** Silent MP3: frames of 26 ms, 128 kbit/s, 44.1 kHz. */
export function mp3(seconds: number): Buffer {
	const frame = Buffer.alloc(417);
	frame.set([0xff, 0xfb, 0x90, 0x64]);
	return Buffer.concat(Array.from({ length: Math.max(1, Math.ceil(seconds / 0.02612)) }, () => frame));
}
