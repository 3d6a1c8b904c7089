import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { z } from 'zod';

import type { textAnswer, TranslatedItem } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
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
import { settleBatches, subjectOf } from './batches';
import type { TextBatch } from './batches';
import { planText, textFields, textOptionFields } from './request';

const DEFAULT_OUTPUT_FIELD = 'translation';

const fields: INodeProperties[] = [
	...textFields,
	optionsField([
		...textOptionFields,
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

function translatedItem(
	session: Session,
	itemIndex: number,
	translation: string,
	from: { taskId: string | null; segmentIndex: number | null },
): INodeExecutionData {
	const input = session.items[itemIndex];
	return {
		json: { ...input?.json, [outputFieldOf(session, itemIndex)]: translation, ...from },
		...(input?.binary ? { binary: input.binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

function settleSegment(
	session: Session,
	itemIndex: number,
	segmentIndex: number,
	taskId: string,
	answer: TranslatedItem,
): Settled {
	const { text, errorMessage } = answer;
	if (!errorMessage && typeof text === 'string') {
		const output = [translatedItem(session, itemIndex, text, { taskId, segmentIndex })];
		return { ok: true, itemIndex, output };
	}
	const error = vmegError(session.context.getNode(), {
		message: `Item ${itemIndex}: VMEG could not translate this text: ${errorMessage || 'no reason given'}`,
		description: `The other texts of its request were translated (task ${taskId}). Set On Error of this node to continue, to keep them and to handle this one on its own.`,
		itemIndex,
		facts: { taskId, status: 'failed' },
	});
	return { ok: false, itemIndex, error };
}

function settleBatch(
	session: Session,
	{ itemIndexes }: TextBatch,
	{ taskId, items }: z.output<typeof textAnswer>,
): Settled[] {
	if (items.length === itemIndexes.length) {
		return itemIndexes.map((itemIndex, segmentIndex) =>
			settleSegment(session, itemIndex, segmentIndex, taskId, items[segmentIndex] ?? {}),
		);
	}
	// which translation belongs to which text can only be guessed: better none than a wrong one
	return itemIndexes.map((itemIndex) => ({
		ok: false,
		itemIndex,
		error: vmegError(session.context.getNode(), {
			message: `${subjectOf(itemIndexes)}: VMEG returned ${items.length} translations for ${itemIndexes.length} texts`,
			description: `Look at task ${taskId} with VMEG > Task > Get, or translate these items again with a smaller Batch Size.`,
			itemIndex,
			facts: { taskId },
		}),
	}));
}

/** Translates the text of each item at once and adds the translation to the item (API contract §2). */
export const translate: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = prepareItems(session, (itemIndex) => planText(session, itemIndex));
		const isBlank = ({ plan }: (typeof prepared)[number]) => plan.segment.text.trim() === '';
		// nothing to translate, so nothing to send and to be billed for
		const untouched = prepared.filter(isBlank).map(({ itemIndex, plan }): Settled => {
			const from = { taskId: null, segmentIndex: null };
			return {
				ok: true,
				itemIndex,
				output: [translatedItem(session, itemIndex, plan.segment.text, from)],
			};
		});
		const texts = prepared.filter((one) => !isBlank(one));
		const translated = await settleBatches(session, texts, {
			endpoint: endpoints.translateText,
			operation: 'text.translate',
			settle: (batch, answer) => settleBatch(session, batch, answer),
		});
		return conclude(session, [...failed, ...untouched, ...translated]);
	},
};
