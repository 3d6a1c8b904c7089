/** A file that cannot be read or written as subtitles. `line` counts from 1, in the file as it came. */
export class SubtitleError extends Error {
	constructor(
		reason: string,
		readonly line?: number,
	) {
		super(line === undefined ? reason : `Line ${line}: ${reason}`);
		this.name = 'SubtitleError';
	}
}

const MAX_QUOTE = 60;

/** A piece of the file as a message may show it. */
export const quoted = (text: string): string => {
	const trimmed = text.trim();
	return `"${trimmed.length > MAX_QUOTE ? `${trimmed.slice(0, MAX_QUOTE)}…` : trimmed}"`;
};
