import type { IDataObject } from 'n8n-workflow';

import { binaryPropertyField, binaryPropertyOf } from '../common/binaryField';
import { maxConcurrencyOption, optionsField, requestIdOption } from '../common/fields';
import { perItem } from '../common/items';
import { callOptionsOf, optionsOf } from '../common/parameters';
import type { Operation } from '../types';
import { uploadBinary } from './uploading';

/** Brings a file to VMEG, to be translated once or many times (API contract §7). */
export const upload: Operation = {
	fields: [
		binaryPropertyField,
		optionsField([
			{
				displayName: 'File Name',
				name: 'fileName',
				type: 'string',
				default: '',
				placeholder: 'e.g. lesson-1.mp4',
				description: 'Name of the material at VMEG. Left empty, the name of the file is taken.',
			},
			{
				displayName: 'Timeout',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 60,
				description: 'How many seconds the storage may be silent before a part is sent again',
			},
			maxConcurrencyOption,
			requestIdOption,
		]),
	],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => {
				const options = optionsOf(context, itemIndex);
				const { requestId, timeout } = callOptionsOf(context, itemIndex, options);
				const fileName = String(options.fileName ?? '').trim() || undefined;
				return { propertyName: binaryPropertyOf(session, itemIndex), fileName, requestId, timeout };
			},
			async (plan, itemIndex): Promise<IDataObject> => {
				const { material, alreadyThere } = await uploadBinary(session, itemIndex, plan);
				return { ...(material as IDataObject), alreadyThere };
			},
		);
	},
};
