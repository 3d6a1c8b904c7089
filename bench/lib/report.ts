/** What a benchmark found, and how it is written down: Markdown that also reads well in a terminal. */
import { short } from './figures';

export type Row = Record<string, string | number>;

/** A figure that was aimed at. */
export interface Target {
	what: string;
	measured: number;
	atLeast?: number;
	atMost?: number;
}

/** One table with its explanation and the targets that it answers. */
export interface Section {
	title: string;
	/** How it was measured, one sentence each. */
	notes: string[];
	rows: Row[];
	targets?: Target[];
}

const isMet = ({ measured, atLeast = -Infinity, atMost = Infinity }: Target): boolean =>
	measured >= atLeast && measured <= atMost;

const cell = (value: string | number | undefined): string =>
	typeof value === 'number' ? short(value) : (value ?? '');

function table(rows: Row[]): string[] {
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	const isNumeric = (column: string) => rows.some((row) => typeof row[column] === 'number');
	const lines = rows.map((row) => columns.map((column) => cell(row[column])));
	const widths = columns.map((column, index) =>
		Math.max(3, column.length, ...lines.map((line) => line[index]?.length ?? 0)),
	);
	const padded = (cells: string[]) =>
		`| ${cells.map((text, index) => (isNumeric(columns[index] ?? '') ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0))).join(' | ')} |`;
	const rule = columns.map((column, index) =>
		isNumeric(column) ? `${'-'.repeat((widths[index] ?? 3) - 1)}:` : '-'.repeat(widths[index] ?? 3),
	);
	return [padded(columns), padded(rule), ...lines.map(padded)];
}

function targetRow(target: Target): Row {
	const { what, measured, atLeast, atMost } = target;
	return {
		target: what,
		wanted: atLeast === undefined ? `≤ ${short(atMost ?? NaN)}` : `≥ ${short(atLeast)}`,
		measured,
		met: isMet(target) ? 'yes' : '**no**',
	};
}

/** A section as Markdown. */
export function toMarkdown({ title, notes, rows, targets = [] }: Section): string {
	return [
		`### ${title}`,
		'',
		...notes.map((note) => `- ${note}`),
		'',
		...table(rows),
		...(targets.length > 0 ? ['', ...table(targets.map(targetRow))] : []),
		'',
	].join('\n');
}
