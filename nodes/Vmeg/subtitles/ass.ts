import type { Cue, SubtitleDocument } from './document';
import { fileLines, piecesOf } from './document';
import { quoted, SubtitleError } from './error';
import { readTime } from './time';

/** The columns of a row where no `Format` line names them. */
const COLUMNS = ['layer', 'start', 'end', 'style', 'name', 'marginl', 'marginr', 'marginv', 'effect', 'text'];

const ROW = /^\s*Dialogue\s*:/i;
const FORMAT = /^\s*Format\s*:/i;
const SECTION = /^\s*\[([^\]]*)\]\s*$/;

const isSsa = (text: string) =>
	/^[ \t]*ScriptType[ \t]*:[ \t]*v?4(?:\.0+)?[ \t]*$/im.test(text) ||
	(!/^[ \t]*ScriptType[ \t]*:/im.test(text) && /^[ \t]*Dialogue[ \t]*:[ \t]*Marked[ \t]*=/im.test(text));

/** The columns up to `Text`, which takes the rest of the row whatever else is named. */
function columnsOf(line: string, number: number): string[] {
	const names = line
		.replace(FORMAT, '')
		.split(',')
		.map((name) => name.trim().toLowerCase());
	const columns = names.slice(0, names.indexOf('text') + 1);
	if (columns.includes('start') && columns.includes('end')) return columns;
	throw new SubtitleError('this Format has no Start and End before its Text', number);
}

/** Where the text of a row begins, and the fields before it. */
function fieldsOf(row: string, count: number): { fields: string[]; from: number } | undefined {
	const fields: string[] = [];
	let from = row.indexOf(':') + 1;
	while (fields.length < count) {
		const comma = row.indexOf(',', from);
		if (comma < 0) return undefined;
		fields.push(row.slice(from, comma).trim());
		from = comma + 1;
	}
	return { fields, from };
}

function timeOf(field: string | undefined, line: number): number {
	const time = readTime(field ?? '');
	if (time === undefined) throw new SubtitleError(`the time ${quoted(field ?? '')} cannot be read`, line);
	return time;
}

/**
 * Reads the `Dialogue` rows of Advanced SubStation Alpha and of its elder, SubStation Alpha.
 *
 * @throws SubtitleError for a row with too few fields or with times that cannot be read
 */
export function readAss(text: string): SubtitleDocument {
	let columns = COLUMNS;
	let section: string | undefined;
	const cues: Array<{ from: number; to: number; cue: Omit<Cue, 'text'> }> = [];
	fileLines(text).forEach((line, index) => {
		const number = index + 1;
		section = SECTION.exec(line.text)?.[1]?.trim().toLowerCase() ?? section;
		if (FORMAT.test(line.text) && (section === undefined || section === 'events')) {
			columns = columnsOf(line.text, number);
		}
		if (!ROW.test(line.text)) return;
		const row = fieldsOf(line.text, columns.length - 1);
		if (row === undefined) throw new SubtitleError(`this row has fewer than ${columns.length} fields`, number);
		const field = (...names: string[]) => row.fields[columns.findIndex((name) => names.includes(name))];
		cues.push({
			from: line.from + row.from,
			to: line.from + line.text.length,
			cue: {
				start: timeOf(field('start'), number),
				end: timeOf(field('end'), number),
				name: field('name', 'actor') || undefined,
				settings: '',
				line: number,
				textLine: number,
				isTight: false,
			},
		});
	});
	return { format: isSsa(text) ? 'ssa' : 'ass', pieces: piecesOf(text, cues) };
}
