import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import type { Material } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { optionsField, pagingFields, requestIdOption, simplifyField } from '../common/fields';
import { perItem } from '../common/items';
import { callOptionsOf, limitOf, optionsOf, wantsSimple } from '../common/parameters';
import { listAll } from '../common/listing';
import type { Operation } from '../types';

const milliseconds = z.number();

/** The fields most workflows need; the duration in seconds as everywhere else, not in milliseconds. */
function simplified(material: Material): IDataObject {
	const { materialId, name, category, mimeType, filesize, addressUrl, createTime } = material;
	const duration = milliseconds.safeParse(material.duration);
	const fields = { materialId, name, category, mimeType, filesize, addressUrl, createTime };
	return { ...fields, duration: duration.success ? duration.data / 1000 : null } as IDataObject;
}

/** Lists the files that were uploaded through the API (API contract §7). */
export const getAll: Operation = {
	fields: [...pagingFields, simplifyField, optionsField([requestIdOption])],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => ({
				limit: limitOf(context, itemIndex),
				simplify: wantsSimple(context, itemIndex),
				call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
			}),
			async ({ limit, simplify, call }, itemIndex) => {
				const records = await listAll(session, itemIndex, endpoints.listMaterials, {
					filters: {},
					limit,
					requestId: call.requestId,
					idOf: ({ materialId }) => materialId,
				});
				return simplify ? records.map(simplified) : (records as IDataObject[]);
			},
		);
	},
};
