import type { TranslatedItem } from '../../api/contract';
import type { Segment, TextRequest } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
import { alike, batchError, gather, itemIndexesOf, settleBatches, subjectOf } from '../common/batches';
import type { Batch } from '../common/batches';
import type { NodeError } from '../common/items';
import type { Session } from '../common/session';
import type { TextLine } from './request';

/** What became of a line: its translation and where it was made, or its error for a given item. */
export type Translated<L extends TextLine> = { line: L } & (
	| { ok: true; text: string; taskId: string; segmentIndex: number }
	| { ok: false; error: (itemIndex: number) => NodeError }
);

/** The request of a batch (API contract §2). */
export function requestOf(
	{ settings, lines }: Batch<TextLine>,
	segments: Segment[] = lines.map(({ plan }) => plan.segment),
): TextRequest {
	const { language, options } = settings;
	return { language, segments, ...(options && { options }) };
}

function settleLine<L extends TextLine>(
	session: Session,
	line: L,
	{ taskId, segmentIndex }: { taskId: string; segmentIndex: number },
	{ text, errorMessage }: TranslatedItem,
): Translated<L> {
	if (!errorMessage && typeof text === 'string') return { line, ok: true, text, taskId, segmentIndex };
	const error = (itemIndex: number) =>
		vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: VMEG could not translate this text: ${errorMessage || 'no reason given'}`,
			description: `The other texts of its request were translated (task ${taskId}). Set On Error of this node to continue, to keep them and to handle this one on its own.`,
			itemIndex,
			facts: { taskId, status: 'failed' },
		});
	return { line, ok: false, error };
}

function settleBatch<L extends TextLine>(
	session: Session,
	batch: Batch<L>,
	{ taskId, items }: { taskId: string; items: TranslatedItem[] },
): Array<Translated<L>> {
	const { lines } = batch;
	if (items.length === lines.length) {
		return lines.map((line, segmentIndex) =>
			settleLine(session, line, { taskId, segmentIndex }, items[segmentIndex] ?? {}),
		);
	}
	// which translation belongs to which text can only be guessed: better none than a wrong one
	const error = (itemIndex: number) =>
		vmegError(session.context.getNode(), {
			message: `${subjectOf(itemIndexesOf(batch))}: VMEG returned ${items.length} translations for ${lines.length} texts`,
			description: `Look at task ${taskId} with VMEG > Task > Get, or translate these items again with a smaller Batch Size.`,
			itemIndex,
			facts: { taskId },
		});
	return lines.map((line) => ({ line, ok: false, error }));
}

/** With neighbours as context the same text may mean different things, and places count. */
const mayShare = ({ plan }: TextLine) => plan.settings.options?.sourceContext?.mode !== 'neighbor';

interface TranslationCall<L extends TextLine> {
	/** For example `text.translate`; part of the idempotency keys. */
	operation: string;
	/** The segments of a request, where they depend on what else is in it. */
	segmentsOf?: (lines: L[]) => Segment[];
}

/**
 * Translates lines at once, in as few requests as their settings allow, in the order in which the
 * answers come. Lines that ask for exactly the same are sent once and share the answer.
 */
export async function translateLines<L extends TextLine>(
	session: Session,
	lines: L[],
	{ operation, segmentsOf }: TranslationCall<L>,
): Promise<Array<Translated<L>>> {
	const groups = [
		...lines.filter((line) => !mayShare(line)).map((line) => [line]),
		...alike(lines.filter(mayShare), ({ segment }) => segment),
	];
	const groupOf = new Map(groups.flatMap((group) => (group[0] ? [[group[0], group] as const] : [])));
	const translated = await settleBatches(session, gather([...groupOf.keys()]), {
		endpoint: endpoints.translateText,
		operation,
		requestOf: (batch) => requestOf(batch, segmentsOf?.(batch.lines)),
		settle: (batch, answer) => settleBatch(session, batch, answer),
		fail: (batch, failure): Array<Translated<L>> =>
			batch.lines.map((line) => ({
				line,
				ok: false,
				error: (itemIndex) => batchError(session, batch, failure, itemIndex),
			})),
	});
	return translated.flatMap((one) =>
		(groupOf.get(one.line) ?? []).map((line) => ({ ...one, line })),
	);
}
