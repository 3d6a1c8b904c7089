import type { INodeProperties } from 'n8n-workflow';

import type { AcceptedAnswer } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import {
	answerTimeoutOption,
	extraDataOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	optionsField,
	requestIdOption,
} from '../common/fields';
import { conclude, prepareItems } from '../common/items';
import type { Settled } from '../common/items';
import { parameterError } from '../common/parameters';
import type { Operation } from '../types';
import { settleBatches } from './batches';
import type { TextBatch } from './batches';
import { planText, textFields, textOptionFields } from './request';

const fields: INodeProperties[] = [
	...textFields,
	optionsField([
		...textOptionFields,
		answerTimeoutOption,
		extraDataOption,
		idempotencyKeyOption,
		maxConcurrencyOption,
		requestIdOption,
	]),
];

function acceptedBatch(
	{ itemIndexes, settings, segments }: TextBatch,
	idempotencyKey: string,
	{ taskId, createdAt }: AcceptedAnswer,
): Settled {
	return {
		ok: true,
		itemIndex: itemIndexes[0] ?? 0,
		output: [
			{
				json: {
					taskId,
					taskType: 'textTranslation',
					createdAt: createdAt ?? null,
					segmentCount: segments.length,
					idempotencyKey,
					extraData: settings.extraData ?? null,
				},
				pairedItem: itemIndexes.map((item) => ({ item })),
			},
		],
	};
}

/** Starts the translation of the items' texts; the results come to the VMEG Trigger (API contract §2). */
export const submit: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = prepareItems(session, (itemIndex) => {
			const plan = planText(session, itemIndex);
			if (plan.segment.text.trim() === '') {
				throw parameterError(session.context, itemIndex, 'Text', 'is empty');
			}
			return plan;
		});
		const submitted = await settleBatches(session, prepared, {
			endpoint: endpoints.submitText,
			operation: 'text.submit',
			settle: (batch, answer, key) => [acceptedBatch(batch, key, answer)],
		});
		return conclude(session, [...failed, ...submitted]);
	},
};
