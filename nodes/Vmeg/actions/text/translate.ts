import type { INodeProperties } from 'n8n-workflow';

import type { TranslatedItem } from '../../api/contract';
import { vmegError } from '../../api/failure';
import { optionsField } from '../common/fields';
import { besideInput, conclude, prepareItems } from '../common/items';
import type { NodeError, Settled } from '../common/items';
import { optionsOf } from '../common/parameters';
import type { Session } from '../common/session';
import type { Operation } from '../types';
import { isMapped, languageOutputOption } from './languages';
import { segmentOptionFields, sharedOptionFields } from './options';
import { linesOf, textFields, textPlanner } from './request';
import type { TextLine } from './request';
import { byItem, partlyFailed, translateLines } from './translation';
import type { Place } from './translation';

const DEFAULT_OUTPUT_FIELD = 'translation';

const fields: INodeProperties[] = [
	...textFields,
	optionsField([
		...sharedOptionFields,
		...segmentOptionFields,
		languageOutputOption,
		{
			displayName: 'Output Field',
			name: 'outputField',
			type: 'string',
			default: DEFAULT_OUTPUT_FIELD,
			description: 'Name of the field that the translation is written to',
		},
	]),
];

function outputFieldOf(session: Session, itemIndex: number): string {
	const { outputField } = optionsOf(session.context, itemIndex);
	return String(outputField ?? '').trim() || DEFAULT_OUTPUT_FIELD;
}

/** What became of a line: its translation and where it was made, or its error for a given item. */
type Done = { line: TextLine } & (
	| { ok: true; text: string; taskId: string | null; segmentIndex: number | null }
	| { ok: false; error: (itemIndex: number) => NodeError }
);

function settleLine(
	session: Session,
	line: TextLine,
	{ text, errorMessage }: TranslatedItem,
	place: Place,
): Done {
	if (!errorMessage && typeof text === 'string') return { line, ok: true, text, ...place };
	const { taskId } = place;
	const error = (itemIndex: number) =>
		vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: VMEG could not translate this text: ${errorMessage || 'no reason given'}`,
			description: `The other texts of its request were translated (task ${taskId}). Set On Error of this node to continue, to keep them and to handle this one on its own.`,
			itemIndex,
			facts: { taskId, status: 'failed' },
		});
	return { line, ok: false, error };
}

const targetOf = ({ plan }: TextLine) => plan.settings.language.target;

/** One item for one language of an item. */
function settleOne(session: Session, done: Done, isOneOfSeveral: boolean): Settled {
	const { itemIndex, position } = done.line;
	if (!done.ok) return { ok: false, itemIndex, position, error: done.error(itemIndex) };
	const { text, taskId, segmentIndex } = done;
	const made = {
		...(isOneOfSeveral ? { targetLanguage: targetOf(done.line) } : {}),
		[outputFieldOf(session, itemIndex)]: text,
		taskId,
		segmentIndex,
	};
	return { ok: true, itemIndex, position, output: [besideInput(session, itemIndex, made)] };
}

/** One item for all languages of an item; an error with what there is where one of them failed. */
function settleMapped(session: Session, ofItem: Done[]): Settled[] {
	const [first] = ofItem;
	if (first === undefined) return [];
	const { itemIndex } = first.line;
	const inOrder = [...ofItem].sort((a, b) => a.line.position - b.line.position);
	const good = inOrder.flatMap((done) => (done.ok ? [done] : []));
	const translations = Object.fromEntries(good.map((done) => [targetOf(done.line), done.text]));

	const failed = inOrder.filter((done) => !done.ok);
	// the one that came first: what follows it may only have been given up
	const cause = ofItem.find((done) => !done.ok);
	if (cause !== undefined && !cause.ok) {
		const languages = failed.map(({ line }) => targetOf(line));
		const error = partlyFailed(cause.error(itemIndex), languages, translations);
		return [{ ok: false, itemIndex, error }];
	}
	const made = {
		[outputFieldOf(session, itemIndex)]: translations,
		taskIds: Object.fromEntries(good.map((done) => [targetOf(done.line), done.taskId])),
	};
	return [{ ok: true, itemIndex, output: [besideInput(session, itemIndex, made)] }];
}

const settle = (session: Session, done: Done[]): Settled[] =>
	[...byItem(done)].flatMap(([itemIndex, ofItem]) =>
		isMapped(session.context, itemIndex)
			? settleMapped(session, ofItem)
			: ofItem.map((one) => settleOne(session, one, ofItem.length > 1)),
	);

const isBlank = ({ plan }: TextLine) => plan.segment.text.trim() === '';

/** Translates the text of each item at once and adds the translation to the item (API contract §2). */
export const translate: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = await prepareItems(session, textPlanner(session));
		const lines = linesOf(prepared);
		const untouched = lines.filter(isBlank).map((line): Done => {
			const { text } = line.plan.segment;
			return { line, ok: true, text, taskId: null, segmentIndex: null };
		});
		const texts = lines.filter((line) => !isBlank(line));
		const translated = await translateLines<TextLine, Done>(session, texts, {
			operation: 'text.translate',
			settle: (line, answer, place) => settleLine(session, line, answer, place),
			fail: (line, error) => ({ line, ok: false, error }),
		});
		return conclude(session, [...failed, ...settle(session, [...translated, ...untouched])]);
	},
};
