import type { Segment, TextRequest, TranslatedItem } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
import { alike, batchError, gather, itemIndexesOf, settleBatches, subjectOf } from '../common/batches';
import type { Batch } from '../common/batches';
import type { NodeError } from '../common/items';
import { partBy } from '../common/partBy';
import type { Session } from '../common/session';
import type { TextLine } from './request';

/** Where a line was translated. */
export interface Place {
	taskId: string;
	segmentIndex: number;
}

/** What an operation made of a line. */
interface Outcome<L extends TextLine> {
	line: L;
	ok: boolean;
}

interface TranslationCall<L extends TextLine, O extends Outcome<L>> {
	/** For example `text.translate`; part of the idempotency keys. */
	operation: string;
	/** The segments of a request, where they depend on what else is in it. */
	segmentsOf?: (lines: L[]) => Segment[];
	/** Takes the answer to a line; `ok: false` ends the run where the node is not set to continue. */
	settle(line: L, answer: TranslatedItem, place: Place): O;
	/** Takes the error of the request that a line was in, for each item that it is for. */
	fail(line: L, error: (itemIndex: number) => NodeError): O;
}

/** The request of a batch (API contract §2). */
export function requestOf(
	{ settings, lines }: Batch<TextLine>,
	segments: Segment[] = lines.map(({ plan }) => plan.segment),
): TextRequest {
	const { language, options } = settings;
	return { language, segments, ...(options && { options }) };
}

function miscounted(
	session: Session,
	batch: Batch<TextLine>,
	{ taskId, items }: { taskId: string; items: TranslatedItem[] },
): (itemIndex: number) => NodeError {
	return (itemIndex) =>
		vmegError(session.context.getNode(), {
			message: `${subjectOf(itemIndexesOf(batch))}: VMEG returned ${items.length} translations for ${batch.lines.length} texts`,
			description: `Look at task ${taskId} with VMEG > Task > Get, or translate these items again with a smaller Batch Size.`,
			itemIndex,
			facts: { taskId },
		});
}

/** With neighbours as context the same text may mean different things, and places count. */
const mayShare = ({ plan }: TextLine) => plan.settings.options?.sourceContext?.mode !== 'neighbor';

/**
 * Translates lines at once, in as few requests as their settings allow, in the order in which the
 * answers come. Lines that ask for exactly the same are sent once and share the answer.
 */
export async function translateLines<L extends TextLine, O extends Outcome<L>>(
	session: Session,
	lines: L[],
	{ operation, segmentsOf, settle, fail }: TranslationCall<L, O>,
): Promise<O[]> {
	const groups = [
		...lines.filter((line) => !mayShare(line)).map((line) => [line]),
		...alike(lines.filter(mayShare), ({ segment }) => segment),
	];
	const groupOf = new Map(groups.flatMap((group) => (group[0] ? [[group[0], group] as const] : [])));
	const translated = await settleBatches(session, gather([...groupOf.keys()]), {
		endpoint: endpoints.translateText,
		operation,
		requestOf: (batch) => requestOf(batch, segmentsOf?.(batch.lines)),
		settle: (batch, { taskId, items }) => {
			// which translation belongs to which text can only be guessed: better none than a wrong one
			if (items.length !== batch.lines.length) {
				const error = miscounted(session, batch, { taskId, items });
				return batch.lines.map((line) => fail(line, error));
			}
			return batch.lines.map((line, segmentIndex) =>
				settle(line, items[segmentIndex] ?? {}, { taskId, segmentIndex }),
			);
		},
		fail: (batch, failure) =>
			batch.lines.map((line) =>
				fail(line, (itemIndex) => batchError(session, batch, failure, itemIndex)),
			),
	});
	return translated.flatMap((one) =>
		(groupOf.get(one.line) ?? []).map((line) => ({ ...one, line })),
	);
}

/** What was made of lines, by item; the items in the order in which the first failure of each came. */
export function byItem<O extends Outcome<TextLine>>(outcomes: O[]): Map<number, O[]> {
	const failuresFirst = [...outcomes.filter(({ ok }) => !ok), ...outcomes.filter(({ ok }) => ok)];
	const parts = partBy(failuresFirst, ({ line }) => line.itemIndex);
	return new Map(parts.flatMap((part) => (part[0] ? [[part[0].line.itemIndex, part] as const] : [])));
}

/** The error of an item that should come out with all its languages: keeps those that went well. */
export function partlyFailed(
	cause: NodeError,
	failedLanguages: string[],
	translations: Record<string, string>,
): NodeError {
	cause.message = `${cause.message} (${failedLanguages.join(', ')})`;
	cause.context.vmeg = { ...Object(cause.context.vmeg), failedLanguages, translations };
	return cause;
}
