import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { clonedVoicesRequest, systemVoicesRequest } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { anyLocale, targetLocaleOptions } from '../../api/locales';
import { optionsField, pagingFields, requestIdOption, simplifyField } from '../common/fields';
import { perItem } from '../common/items';
import { listAll } from '../common/listing';
import {
	callOptionsOf,
	checked,
	limitOf,
	optionsOf,
	parameterError,
	wantsSimple,
	withoutEmpty,
} from '../common/parameters';
import type { ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';
import type { Operation } from '../types';

const voiceTypeField: INodeProperties = {
	displayName: 'Voice Type',
	name: 'voiceType',
	type: 'options',
	options: [
		{ name: 'Cloned', value: 'cloned', description: 'Voices that were cloned through the API' },
		{ name: 'System', value: 'system', description: 'Voices that VMEG offers to everyone' },
	],
	default: 'system',
	description: 'Which voices to list',
};

const searchNameFilter: INodeProperties = {
	displayName: 'Name Contains',
	name: 'searchName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Anna',
	description: 'Only voices whose name contains this',
};

const voiceIdFilter: INodeProperties = {
	displayName: 'Voice ID',
	name: 'voiceId',
	type: 'string',
	default: '',
	description: 'Only the voice with this ID',
};

const systemFilters: INodeProperties[] = [
	{
		displayName: 'Age',
		name: 'age',
		type: 'options',
		options: [
			{ name: 'Adult', value: 'adult' },
			{ name: 'Senior', value: 'senior' },
			{ name: 'Young', value: 'young' },
		],
		default: 'adult',
		description: 'Only voices of this age',
	},
	{
		displayName: 'Category',
		name: 'category',
		type: 'string',
		default: '',
		description: 'Only voices of this category, as VMEG calls it',
	},
	{
		displayName: 'Emotion Prompt',
		name: 'emotionPrompt',
		type: 'options',
		options: [
			{ name: 'Exclude', value: 'exclude' },
			{ name: 'Include', value: 'include' },
		],
		default: 'include',
		description: 'What to do with voices that take an emotion prompt',
	},
	{
		displayName: 'First Voice IDs',
		name: 'topIds',
		type: 'string',
		default: '',
		placeholder: 'e.g. sv_1, sv_2',
		description: 'IDs of the voices to list first, with commas between them (or an array from an expression)',
	},
	{
		displayName: 'Gender',
		name: 'gender',
		type: 'options',
		options: [
			{ name: 'Female', value: 'female' },
			{ name: 'Male', value: 'male' },
		],
		default: 'female',
		description: 'Only voices of this gender',
	},
	{
		displayName: 'Language',
		name: 'locale',
		type: 'options',
		options: targetLocaleOptions,
		default: 'en-US',
		description: 'Only voices of this language',
	},
	searchNameFilter,
	{
		displayName: 'Quality',
		name: 'quality',
		type: 'options',
		options: [
			{ name: 'Any', value: 'any' },
			{ name: 'High', value: 'high' },
		],
		default: 'high',
		description: 'Whether only voices of high quality are listed',
	},
	voiceIdFilter,
];

const clonedFilters: INodeProperties[] = [
	searchNameFilter,
	voiceIdFilter,
	{
		displayName: 'Voice IDs',
		name: 'voiceIds',
		type: 'string',
		default: '',
		placeholder: 'e.g. cv_1, cv_2',
		description: 'Only the voices with these IDs, with commas between them (or an array from an expression)',
	},
];

const filtersField = (options: INodeProperties[]): INodeProperties => ({
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add filter',
	default: {},
	options,
});

const orderOption: INodeProperties = {
	displayName: 'Order',
	name: 'order',
	type: 'options',
	options: [
		{ name: 'Ascending', value: 'asc' },
		{ name: 'Descending', value: 'desc' },
	],
	default: 'asc',
	description: 'In which direction to sort',
};

const orderByOption = (options: Array<{ name: string; value: string }>): INodeProperties => ({
	displayName: 'Order By',
	name: 'orderBy',
	type: 'options',
	options,
	default: 'create_time',
	description: 'What to sort by',
});

const systemOptions = optionsField([
	orderByOption([
		{ name: 'Creation Time', value: 'create_time' },
		{ name: 'Preferred', value: 'is_preferred' },
		{ name: 'Score', value: 'score' },
		{ name: 'Update Time', value: 'update_time' },
		{ name: 'Voice ID', value: 'voiceId' },
	]),
	orderOption,
	requestIdOption,
]);

const clonedOptions = optionsField([
	orderByOption([
		{ name: 'Creation Time', value: 'create_time' },
		{ name: 'Name', value: 'name' },
		{ name: 'Update Time', value: 'update_time' },
		{ name: 'Voice ID', value: 'voiceId' },
	]),
	orderOption,
	requestIdOption,
]);

const shownForType = (voiceType: string, field: INodeProperties): INodeProperties => ({
	...field,
	displayOptions: { show: { voiceType: [voiceType] } },
});

const paging = { currentPage: true, pageSize: true } as const;
const systemQuery = systemVoicesRequest.omit(paging).extend({ locale: anyLocale.optional() });
const clonedQuery = clonedVoicesRequest.omit(paging);

const names: ParameterNames = {
	age: 'Age',
	category: 'Category',
	emotionPrompt: 'Emotion Prompt',
	gender: 'Gender',
	locale: 'Language',
	order: 'Order',
	orderBy: 'Order By',
	quality: 'Quality',
	searchName: 'Name Contains',
	topIds: 'First Voice IDs',
	voiceId: 'Voice ID',
	voiceIds: 'Voice IDs',
};

/** A list of IDs, which may be given as text; undefined where it is empty. */
function idsOf(value: unknown): unknown {
	const ids = typeof value === 'string' ? value.split(/[\s,]+/).filter((id) => id !== '') : value;
	return Array.isArray(ids) && ids.length === 0 ? undefined : ids;
}

/** Filters and order of an item, for the kind of voice it asks for (API contract §8). */
function queryOf(session: Session, itemIndex: number) {
	const { context } = session;
	const given = context.getNodeParameter('filters', itemIndex, {}) as IDataObject;
	const { orderBy, order } = optionsOf(context, itemIndex);
	const { topIds, voiceIds } = given;
	const query =
		withoutEmpty({ ...given, topIds: idsOf(topIds), voiceIds: idsOf(voiceIds), orderBy, order }) ?? {};

	const voiceType = context.getNodeParameter('voiceType', itemIndex);
	if (voiceType === 'system') {
		return { voiceType, filters: checked(context, itemIndex, systemQuery, query, names) } as const;
	}
	if (voiceType === 'cloned') {
		return { voiceType, filters: checked(context, itemIndex, clonedQuery, query, names) } as const;
	}
	const problem = `is "${String(voiceType)}"; use system or cloned`;
	throw parameterError(context, itemIndex, 'Voice Type', problem);
}

const text = z.string().optional().catch(undefined);

const simpleSystemVoice = z
	.object({
		voiceId: text,
		displayName: text,
		localName: text,
		locale: text,
		localeName: text,
		gender: text,
		provider: text,
		style: text,
		description: text,
		audio: text,
	})
	.transform(({ voiceId, displayName, localName, locale, localeName, audio, ...same }) => ({
		voiceId,
		name: displayName ?? localName,
		locale,
		language: localeName,
		...same,
		previewUrl: audio,
	}));

const simpleClonedVoice = z
	.object({
		voiceId: text,
		name: text,
		exampleLanguage: text,
		provider: text,
		audio: text,
		taskId: text,
		createTime: text,
	})
	.transform(({ voiceId, name, exampleLanguage, audio, ...same }) => ({
		voiceId,
		name,
		locale: exampleLanguage,
		...same,
		previewUrl: audio,
	}));

/** Lists the system voices or the cloned ones (API contract §8). */
export const getAll: Operation = {
	fields: [
		voiceTypeField,
		...pagingFields,
		shownForType('system', filtersField(systemFilters)),
		shownForType('cloned', filtersField(clonedFilters)),
		simplifyField,
		shownForType('system', systemOptions),
		shownForType('cloned', clonedOptions),
	],
	async execute(session) {
		const { context } = session;
		return await perItem(
			session,
			(itemIndex) => ({
				query: queryOf(session, itemIndex),
				limit: limitOf(context, itemIndex),
				simplify: wantsSimple(context, itemIndex),
				call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
			}),
			async ({ query, limit, simplify, call: { requestId } }, itemIndex) => {
				const idOf = ({ voiceId }: { voiceId: string }) => voiceId;
				if (query.voiceType === 'system') {
					const listing = { filters: query.filters, limit, requestId, idOf };
					const found = await listAll(session, itemIndex, endpoints.listSystemVoices, listing);
					if (simplify) return found.map((voice) => withoutEmpty(simpleSystemVoice.parse(voice)) ?? {});
					return found as IDataObject[];
				}
				const listing = { filters: query.filters, limit, requestId, idOf };
				const found = await listAll(session, itemIndex, endpoints.listClonedVoices, listing);
				if (simplify) return found.map((voice) => withoutEmpty(simpleClonedVoice.parse(voice)) ?? {});
				return found as IDataObject[];
			},
		);
	},
};
