import { endpoints } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { optionsField, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { callOptionsOf, locatorValue, optionsOf } from '../common/parameters';
import { submitOnce } from '../common/submission';
import type { Operation } from '../types';
import { materialField } from './fields';

/** Deletes an uploaded file at VMEG (API contract §7). */
export const deleteMaterial: Operation = {
	fields: [materialField, optionsField([requestIdOption])],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => ({
				materialId: locatorValue(context, itemIndex, 'materialId', 'Material'),
				call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
			}),
			async ({ materialId, call }, itemIndex) => {
				const name = { operation: 'material.delete', itemIndex, call };
				const request = { materialId };
				const { answer } = await submitOnce(session, endpoints.deleteMaterial, request, name);
				if (answer.ok) return { deleted: true, materialId };
				const subject = `Item ${itemIndex}, material ${materialId}`;
				throw toNodeError(context.getNode(), answer.failure, { subject, itemIndex });
			},
		);
	},
};
