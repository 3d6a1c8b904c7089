import type { INodeProperties } from 'n8n-workflow';

import { endpoints } from '../../api/endpoints';
import { acceptedBatch, batchErrors, settleBatches, tiedTogether } from '../common/batches';
import { extraDataOption, optionsField } from '../common/fields';
import { conclude, prepareItems } from '../common/items';
import { jsonObject, optionsOf } from '../common/parameters';
import type { Session } from '../common/session';
import type { Operation } from '../types';
import { planSpeech, requestOf, speechFields, speechOptionFields } from './request';
import type { SpeechPlan } from './request';
import { toSpeechBatches } from './voices';

const fields: INodeProperties[] = [
	...speechFields,
	optionsField([...speechOptionFields, extraDataOption]),
];

function planSubmission(session: Session, itemIndex: number): SpeechPlan {
	const { context } = session;
	const { line, settings } = planSpeech(session, itemIndex);
	const given = optionsOf(context, itemIndex).extraData;
	const extraData = jsonObject(context, itemIndex, 'Extra Data', given);
	return { line, settings: { ...settings, ...(extraData && { extraData }) } };
}

/** Starts speaking the items' texts; the results come to the VMEG Trigger (API contract §4). */
export const submit: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = await prepareItems(session, (itemIndex) =>
			planSubmission(session, itemIndex),
		);
		const operation = 'speech.submit';
		const extraDataOf = tiedTogether(session, operation, prepared);
		const batches = await toSpeechBatches(session, prepared);
		const submitted = await settleBatches(session, batches, {
			endpoint: endpoints.submitSpeech,
			operation,
			requestOf: (batch) => ({ ...requestOf(batch), extraData: extraDataOf(batch) }),
			settle: (batch, answer, key) => [
				acceptedBatch('tts', batch, extraDataOf(batch), key, answer),
			],
			fail: (batch, failure) => batchErrors(session, batch, failure),
		});
		return conclude(session, [...failed, ...submitted]);
	},
};
