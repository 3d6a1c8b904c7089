import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../../api/record';
import { MAX_TOOL_RECORDS } from './parameters';
import { simplifyResult } from './simplify';

/** What a workflow may need and a language model does not. */
const BOOKKEEPING = new Set(['extraData', 'idempotencyKey', 'segmentCount', 'segmentIndex']);

/** What is told of a record alone, but not in a list, which would be links for the most part. */
const NOT_IN_LISTS = new Set([
	'addressUrl',
	'audio',
	'audioUrl',
	'cover',
	'previewUrl',
	'thumbnailUrl',
	'updateTime',
	'updatedAt',
]);

/** The most that lines within a result, such as subtitles, may take up, in bytes of JSON. */
const MAX_LINES_BYTES = 4_000;

/** The most that a list of records may take up, in bytes of JSON. */
const MAX_LIST_BYTES = 10_000;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** As many of the first entries as fit, and at least one. */
function fitting<T>(entries: T[], maxBytes: number): T[] {
	let bytes = 0;
	const end = entries.findIndex((entry) => (bytes += sizeOf(entry) + 1) > maxBytes);
	return end === -1 ? entries : entries.slice(0, Math.max(end, 1));
}

/** Without what is null, at any depth; the places of a list are kept. */
function withoutNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNulls);
	if (!isRecord(value)) return value;
	const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
	return Object.fromEntries(entries.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** Lines of a result cut to what fits, with how many are missing; all else as it is. */
function shortened([name, value]: [string, unknown]): Array<[string, unknown]> {
	if (!Array.isArray(value) || !value.every(isRecord)) return [[name, value]];
	const lines = value.map(({ sourceText: _, ...line }) => line);
	const shown = fitting(lines, MAX_LINES_BYTES);
	const leftOut = lines.length - shown.length;
	return [[name, shown], ...(leftOut > 0 ? [[`${name}LeftOut`, leftOut] as [string, number]] : [])];
}

/** The fields of an item that a language model is given. */
function briefly({ result, ...json }: IDataObject, leftOut: Set<string>): IDataObject {
	const fields = { ...json, ...(result === undefined ? {} : simplifyResult(result)) };
	const wanted = Object.entries(fields).filter(
		([name]) => !BOOKKEEPING.has(name) && !leftOut.has(name),
	);
	return withoutNulls(Object.fromEntries(wanted.flatMap(shortened))) as IDataObject;
}

/**
 * What an AI agent is given of the items of an operation: every word of it is read, and paid for, again
 * with each step that the model takes. Results are simplified, long lists cut, and nothing is null.
 * Files stay with the items, since n8n shows them to the user; the model gets the JSON alone.
 *
 * @param isList whether the items are records of a list rather than results
 */
export function forModel(items: INodeExecutionData[], isList: boolean): INodeExecutionData[] {
	const leftOut = isList && items.length > 1 ? NOT_IN_LISTS : new Set<string>();
	const brief = items.map((item) => ({ ...item, json: briefly(item.json, leftOut) }));
	if (!isList) return brief;

	const pairedItem = { item: 0 };
	if (brief.length === 0) return [{ json: { note: 'Nothing was found.' }, pairedItem }];
	const shown = fitting(brief.map(({ json }) => json), MAX_LIST_BYTES);
	if (shown.length === brief.length && brief.length < MAX_TOOL_RECORDS) return brief;
	const note = `These are the first ${shown.length}; there may be more.`;
	return [...brief.slice(0, shown.length), { json: { note }, pairedItem }];
}
