import type { INodeProperties } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { acceptedBatch, batchErrors, gather, settleBatches, tiedTogether } from '../common/batches';
import { extraDataOption, optionsField } from '../common/fields';
import { conclude, prepareItems } from '../common/items';
import { parameterError } from '../common/parameters';
import type { Operation } from '../types';
import { segmentOptionFields, sharedOptionFields } from './options';
import { linesOf, textFields, textPlanner } from './request';
import { requestOf } from './translation';

const fields: INodeProperties[] = [
	...textFields,
	optionsField([...sharedOptionFields, ...segmentOptionFields, extraDataOption]),
];

/** Starts the translation of the items' texts; the results come to the VMEG Trigger (API contract §2). */
export const submit: Operation = {
	fields,
	async execute(session) {
		const planText = textPlanner(session);
		const { prepared, failed } = await prepareItems(session, (itemIndex) => {
			const plan = planText(itemIndex);
			if (plan.some(({ segment }) => segment.text.trim() === '')) {
				throw parameterError(session.context, itemIndex, 'Text', 'is empty');
			}
			return plan;
		});
		const lines = linesOf(prepared);
		const operation = 'text.submit';
		const extraDataOf = tiedTogether(session, operation, lines, ({ language }) => ({
			targetLanguage: language.target,
		}));
		const submitted = await settleBatches(session, gather(lines), {
			endpoint: endpoints.submitText,
			operation,
			requestOf: (batch) => ({ ...requestOf(batch), extraData: extraDataOf(batch) }),
			settle: (batch, answer, key) => [
				acceptedBatch('textTranslation', batch, extraDataOf(batch), key, answer),
			],
			fail: (batch, failure) => batchErrors(session, batch, failure),
		});
		return conclude(session, [...failed, ...submitted]);
	},
};
