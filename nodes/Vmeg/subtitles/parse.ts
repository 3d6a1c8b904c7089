import { readAss } from './ass';
import type { SubtitleDocument } from './document';
import { cuesOf } from './document';
import { SubtitleError } from './error';
import type { SubtitleFileFormat } from './format';
import { readSrt } from './srt';
import { readVtt } from './vtt';

const readers = { srt: readSrt, vtt: readVtt, ass: readAss, ssa: readAss };

const ASS = /^[ \t]*(?:\[(?:Script Info|V4\+? Styles|Events)\]|Dialogue[ \t]*:[^,\r\n]*,[ \t]*\d+:\d)/im;
// what looks like a section after these is somebody's words
const TIMES = /^[ \t]*-?\d[\d:., \t]{0,40}-->/m;

/** The format of a file, by what it says of itself. What nothing marks as another is read as SRT. */
export function formatOf(text: string): SubtitleFileFormat {
	if (/^\s*WEBVTT(?![^\s-])/.test(text)) return 'vtt';
	const ass = text.search(ASS);
	const times = text.search(TIMES);
	return ass >= 0 && (times < 0 || ass < times) ? 'ass' : 'srt';
}

/**
 * Reads a file of the given format, or of the format it shows.
 *
 * @throws SubtitleError with the line that cannot be read, or because there is no cue at all
 */
export function parseSubtitles(text: string, format = formatOf(text)): SubtitleDocument {
	const document = readers[format](text);
	if (cuesOf(document).length === 0) throw new SubtitleError('The file has no subtitles');
	return document;
}
