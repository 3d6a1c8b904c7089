import { extname } from 'node:path';

const types: ReadonlyMap<string, string> = new Map([
	['.mp4', 'video/mp4'],
	['.mov', 'video/quicktime'],
	['.mkv', 'video/x-matroska'],
	['.webm', 'video/webm'],
	['.avi', 'video/x-msvideo'],
	['.mp3', 'audio/mpeg'],
	['.wav', 'audio/wav'],
	['.m4a', 'audio/mp4'],
	['.aac', 'audio/aac'],
	['.flac', 'audio/flac'],
	['.ogg', 'audio/ogg'],
	['.srt', 'application/x-subrip'],
	['.png', 'image/png'],
]);

/** Type of a file by its name. */
export function mimeType(name: string): string {
	return types.get(extname(name).toLowerCase()) ?? 'application/octet-stream';
}
