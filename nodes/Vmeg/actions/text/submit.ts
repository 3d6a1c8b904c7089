import type { INodeProperties } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { acceptedBatch } from '../common/batches';
import {
	answerTimeoutOption,
	extraDataOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	optionsField,
	requestIdOption,
} from '../common/fields';
import { conclude, prepareItems } from '../common/items';
import { parameterError } from '../common/parameters';
import type { Operation } from '../types';
import { settleBatches } from './batches';
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
			settle: (batch, answer, key) => [acceptedBatch('textTranslation', batch, key, answer)],
		});
		return conclude(session, [...failed, ...submitted]);
	},
};
