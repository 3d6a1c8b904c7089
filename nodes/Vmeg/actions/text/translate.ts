import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import {
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	optionsField,
	requestIdOption,
} from '../common/fields';
import { conclude, prepareItems } from '../common/items';
import type { Settled } from '../common/items';
import { optionsOf } from '../common/parameters';
import type { Session } from '../common/session';
import type { Operation } from '../types';
import { isMapped, languageOutputOption, moreLanguagesOption } from './languages';
import { linesOf, planText, textFields, textOptionFields } from './request';
import type { TextLine } from './request';
import { translateLines } from './translation';
import type { Translated } from './translation';

const DEFAULT_OUTPUT_FIELD = 'translation';

const fields: INodeProperties[] = [
	...textFields,
	optionsField([
		...textOptionFields,
		moreLanguagesOption,
		languageOutputOption,
		{
			displayName: 'Output Field',
			name: 'outputField',
			type: 'string',
			default: DEFAULT_OUTPUT_FIELD,
			description: 'Name of the field that the translation is written to',
		},
		answerTimeoutOption,
		idempotencyKeyOption,
		maxConcurrencyOption,
		requestIdOption,
	]),
];

function outputFieldOf(session: Session, itemIndex: number): string {
	const { outputField } = optionsOf(session.context, itemIndex);
	return String(outputField ?? '').trim() || DEFAULT_OUTPUT_FIELD;
}

/** A line of which is known what came of it; of a blank one nothing was made, nor billed. */
type Done =
	| Translated<TextLine>
	| { line: TextLine; ok: true; text: string; taskId: null; segmentIndex: null };

const targetOf = ({ plan }: TextLine) => plan.settings.language.target;

/** The item with what was made of it, besides the fields and files that it came with. */
function outputItem(session: Session, itemIndex: number, made: IDataObject): INodeExecutionData {
	const input = session.items[itemIndex];
	return {
		json: { ...input?.json, ...made },
		...(input?.binary ? { binary: input.binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

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
	return { ok: true, itemIndex, position, output: [outputItem(session, itemIndex, made)] };
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
		const error = cause.error(itemIndex);
		const languages = failed.map(({ line }) => targetOf(line));
		error.message = `${error.message} (${languages.join(', ')})`;
		error.context.vmeg = { ...Object(error.context.vmeg), failedLanguages: languages, translations };
		return [{ ok: false, itemIndex, error }];
	}
	const made = {
		[outputFieldOf(session, itemIndex)]: translations,
		taskIds: Object.fromEntries(good.map((done) => [targetOf(done.line), done.taskId])),
	};
	return [{ ok: true, itemIndex, output: [outputItem(session, itemIndex, made)] }];
}

/** Items of what was done, in the order in which the first failure of each came. */
function settle(session: Session, done: Done[]): Settled[] {
	const byItem = new Map<number, { ofItem: Done[]; failedAt: number }>();
	done.forEach((one, place) => {
		const { itemIndex } = one.line;
		const known = byItem.get(itemIndex) ?? { ofItem: [], failedAt: Infinity };
		known.ofItem.push(one);
		if (!one.ok) known.failedAt = Math.min(known.failedAt, place);
		byItem.set(itemIndex, known);
	});
	return [...byItem]
		.sort(([, a], [, b]) => (a.failedAt < b.failedAt ? -1 : Number(a.failedAt > b.failedAt)))
		.flatMap(([itemIndex, { ofItem }]) =>
			isMapped(session.context, itemIndex)
				? settleMapped(session, ofItem)
				: ofItem.map((one) => settleOne(session, one, ofItem.length > 1)),
		);
}

const isBlank = ({ plan }: TextLine) => plan.segment.text.trim() === '';

/** Translates the text of each item at once and adds the translation to the item (API contract §2). */
export const translate: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = prepareItems(session, (itemIndex) => planText(session, itemIndex));
		const lines = linesOf(prepared);
		const untouched = lines.filter(isBlank).map((line): Done => {
			const { text } = line.plan.segment;
			return { line, ok: true, text, taskId: null, segmentIndex: null };
		});
		const texts = lines.filter((line) => !isBlank(line));
		const translated = await translateLines(session, texts, { operation: 'text.translate' });
		return conclude(session, [...failed, ...settle(session, [...translated, ...untouched])]);
	},
};
