/** MIME types of the files that VMEG makes, by extension. The first extension of a type is its own. */
const MIME_TYPES = new Map([
	['mp4', 'video/mp4'],
	['mov', 'video/quicktime'],
	['mkv', 'video/x-matroska'],
	['webm', 'video/webm'],
	['avi', 'video/x-msvideo'],
	['mp3', 'audio/mpeg'],
	['wav', 'audio/wav'],
	['m4a', 'audio/mp4'],
	['aac', 'audio/aac'],
	['flac', 'audio/flac'],
	['ogg', 'audio/ogg'],
	['png', 'image/png'],
	['jpg', 'image/jpeg'],
	['jpeg', 'image/jpeg'],
	['webp', 'image/webp'],
	['gif', 'image/gif'],
	['srt', 'application/x-subrip'],
	['vtt', 'text/vtt'],
	['ass', 'text/x-ssa'],
	['txt', 'text/plain'],
	['json', 'application/json'],
	['zip', 'application/zip'],
]);

// other names of the same types
const ALIASES = new Map([
	['audio/x-wav', 'wav'],
	['audio/wave', 'wav'],
	['audio/vnd.wave', 'wav'],
	['audio/x-m4a', 'm4a'],
	['audio/m4a', 'm4a'],
	['audio/mp3', 'mp3'],
	['application/mp4', 'mp4'],
]);

/** Longest name without its extension; file systems take 255 bytes, and n8n adds to it. */
const MAX_NAME_BYTES = 180;
const MAX_NAME_LENGTH = 1_000;

/** The MIME type of an extension; undefined for one that no file of VMEG has. */
export const mimeTypeOf = (extension: string): string | undefined =>
	MIME_TYPES.get(extension.toLowerCase());

/** The extension that a name ends with, where it is one of a media file. */
export function extensionIn(name: string): string | undefined {
	const extension = /\.([a-z0-9]{2,4})$/i.exec(name)?.[1]?.toLowerCase();
	return extension !== undefined && MIME_TYPES.has(extension) ? extension : undefined;
}

/** The extension that belongs to a `Content-Type`. */
function extensionOfType(contentType: string | undefined): string | undefined {
	const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
	const known = [...MIME_TYPES].find(([, mimeType]) => mimeType === type);
	return known?.[0] ?? ALIASES.get(type);
}

/** The extension of a file by its URL, else by its `Content-Type`. */
export function extensionOf(url: string, contentType: string | undefined): string | undefined {
	const path = URL.canParse(url) ? new URL(url).pathname : '';
	return extensionIn(path) ?? extensionOfType(contentType);
}

function cutToBytes(text: string, limit: number): string {
	let cut = '';
	let size = 0;
	for (const character of text) {
		size += Buffer.byteLength(character);
		if (size > limit) break;
		cut += character;
	}
	return cut;
}

/**
 * A name that is safe on every file system: no folders, no control or direction characters, none
 * that Windows refuses, no leading or trailing dots, not too long, never empty.
 */
export function safeFileName(name: string): string {
	// what is cut off anyway need not be looked at: a name may come from outside, of any length
	const base = (name.split(/[\\/]/).pop() ?? '').slice(0, MAX_NAME_LENGTH);
	const clean = base
		.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
		.replace(/[<>:"|?*]/g, '_')
		.replace(/^[\s.]+|[\s.]+$/g, '');
	return cutToBytes(clean, MAX_NAME_BYTES).replace(/[\s.]+$/, '') || 'file';
}

/** A safe name with the given extension, which is not added where the name has it already. */
export function fileNameWith(name: string, extension: string | undefined): string {
	const safe = safeFileName(name);
	const isThere = extension === undefined || extensionIn(safe) === extension;
	return isThere ? safe : `${safe}.${extension}`;
}

/** A name without the extension of a media file. */
export function withoutExtension(name: string): string {
	const extension = extensionIn(name);
	return extension === undefined ? name : name.slice(0, -extension.length - 1);
}
