import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	NodeParameterValueType,
} from 'n8n-workflow';

import { sourceLocaleOptions, targetLocaleOptions } from '../../nodes/Vmeg/api/locales';

/** A field of a node's panel, as a row of a table. All texts are Markdown. */
export interface FieldRow {
	name: string;
	/** The name in a workflow's JSON and in expressions. */
	parameter: string;
	type: string;
	/** Empty where there is none. */
	defaultValue: string;
	description: string;
}

/** What the panel of an operation holds. */
export interface FieldTables {
	/** Texts that are no fields. */
	notices: string[];
	fields: FieldRow[];
	/** The entries of each collection, such as Options. */
	collections: Array<{ name: string; rows: FieldRow[] }>;
}

type Entry = INodePropertyOptions | INodeProperties | INodePropertyCollection;

const isProperty = (entry: Entry): entry is INodeProperties => 'type' in entry;
const isCollection = (entry: Entry): entry is INodePropertyCollection => 'values' in entry;
const isChoice = (entry: Entry): entry is INodePropertyOptions => !isProperty(entry) && !isCollection(entry);

/** HTML of a description as Markdown that is safe in a table. */
export const markdown = (html: string): string =>
	html
		.replace(/<a\s[^>]*href="([^"]+)"[^>]*>(.*?)<\/a>/gs, '[$2]($1)')
		.replace(/<(b|strong)>(.*?)<\/\1>/gs, '**$2**')
		.replace(/<(i|em)>(.*?)<\/\1>/gs, '*$2*')
		.replace(/<br\s*\/?>/g, ' ')
		.replace(/<\/?[a-z][^>]*>/g, '')
		.replace(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;'))
		.replace(/\|/g, '\\|')
		.replace(/\s+/g, ' ')
		.trim();

const code = (text: string) => `\`${text.replace(/\|/g, '\\|')}\``;

const LOCALE_LISTS = [sourceLocaleOptions, targetLocaleOptions];
const localeCodes = new Set(LOCALE_LISTS.flat().map(({ value }) => value));

/** Choices, the languages among them as a link to their page. */
function choicesText(entries: Entry[]): string {
	const choices = entries.filter(isChoice);
	const languages = choices.filter(({ value }) => localeCodes.has(String(value)));
	const others = choices.filter((choice) => !languages.includes(choice));
	const listed = others.map(({ name, value, description }) => {
		const said = description === undefined || description === '' ? '' : `: ${markdown(description)}`;
		return `**${markdown(name)}** ${code(String(value) || '(empty)')}${said}`;
	});
	const link = languages.length === 0 ? [] : [`[${languages.length} languages](languages.md)`];
	return [...listed, ...link].join('<br>');
}

const TYPES: Partial<Record<INodeProperties['type'], string>> = {
	boolean: 'on or off',
	collection: 'collection',
	fixedCollection: 'list',
	json: 'JSON',
	multiOptions: 'several of',
	number: 'number',
	options: 'one of',
	resourceLocator: 'from a list, or by ID',
	string: 'text',
};

function typeText({ type, typeOptions }: INodeProperties): string {
	const name = TYPES[type] ?? type;
	const { minValue: from, maxValue: to, maxLength } = typeOptions ?? {};
	if (typeof maxLength === 'number') return `${name}, at most ${maxLength} characters`;
	if (from !== undefined && to !== undefined) return `${name}, ${from} to ${to}`;
	return from === undefined ? name : `${name}, ${from} or more`;
}

function defaultText(property: INodeProperties): string {
	const { type, default: value } = property;
	if (value === undefined || value === null || value === '') return '';
	if (type === 'collection' || type === 'fixedCollection' || type === 'resourceLocator') return '';
	const choices = (property.options ?? []).filter(isChoice);
	const nameOf = (one: NodeParameterValueType) =>
		choices.find((choice) => choice.value === one)?.name ?? code(String(one));
	if (Array.isArray(value)) {
		const names = value.map((one) => nameOf(one as NodeParameterValueType));
		return names.length === choices.length ? 'all' : names.join(', ');
	}
	if (type === 'boolean') return value === true ? 'on' : 'off';
	return choices.length > 0 ? markdown(nameOf(value)) : code(String(value));
}

/** What an operation's fields are shown for, apart from the operation itself. */
const SELECTORS = new Set(['resource', 'operation', '@version', '@tool']);

/** When a field is shown, in the words of the panel. */
function conditionText({ displayOptions }: INodeProperties, siblings: INodeProperties[]): string {
	const conditions = Object.entries(displayOptions?.show ?? {}).filter(([name]) => !SELECTORS.has(name));
	const words = conditions.map(([name, values]) => {
		const key = name.replace(/^\//, '');
		const field = siblings.find((one) => one.name === key);
		const choices = (field?.options ?? []).filter(isChoice);
		const nameOf = (value: unknown) => {
			if (typeof value === 'boolean') return value ? 'on' : 'off';
			return choices.find((choice) => choice.value === value)?.name ?? JSON.stringify(value);
		};
		return `*${field?.displayName ?? key}* is ${(values ?? []).map(nameOf).join(' or ')}`;
	});
	return words.length === 0 ? '' : `Shown where ${words.join(' and ')}.`;
}

const sentence = (text: string) => (text === '' || /[.!?]$/.test(text) ? text : `${text}.`);

/** The fields inside an entry of a fixed collection, in one line. */
const insideText = (property: INodeProperties): string =>
	(property.options ?? [])
		.filter(isCollection)
		.map(({ displayName, values }) => {
			const fields = values.map((one) => `*${one.displayName}* ${code(one.name)}`);
			return `Each *${displayName}* has ${fields.join(' and ')}.`;
		})
		.join(' ');

function rowOf(property: INodeProperties, siblings: INodeProperties[]): FieldRow {
	const { displayName, name, description = '', hint = '', required, placeholder = '', options = [] } = property;
	const isNested = property.type === 'collection';
	const choices = isNested ? '' : choicesText(options);
	const texts = [
		sentence(markdown(description || hint)),
		insideText(property),
		conditionText(property, siblings),
		placeholder.startsWith('e.g. ') ? `For example ${code(placeholder.slice('e.g. '.length))}.` : '',
	].filter((text) => text !== '');
	return {
		name: `${markdown(displayName)}${required ? ' *' : ''}`,
		parameter: name,
		type: typeText(property),
		defaultValue: defaultText(property),
		description: [texts.join(' '), choices].filter((text) => text !== '').join('<br>'),
	};
}

const isFor = ({ displayOptions }: INodeProperties, resource: string, operation: string): boolean => {
	const { show = {}, hide = {} } = displayOptions ?? {};
	const matches = (name: string, value: string) => show[name] === undefined || show[name].includes(value);
	const isHidden = (name: string, value: string) => hide[name]?.includes(value) === true;
	return (
		matches('resource', resource) &&
		matches('operation', operation) &&
		!isHidden('resource', resource) &&
		!isHidden('operation', operation)
	);
};

/** The fields of a list of properties, those of collections apart. */
export function fieldTables(properties: INodeProperties[]): FieldTables {
	const shown = properties.filter(({ type }) => type !== 'notice' && type !== 'hidden');
	const isOpened = ({ type }: INodeProperties) => type === 'collection';
	return {
		notices: properties
			.filter(({ type }) => type === 'notice')
			.map(({ displayName }) => sentence(markdown(displayName))),
		fields: shown.filter((one) => !isOpened(one)).map((one) => rowOf(one, properties)),
		collections: shown.filter(isOpened).map((collection) => {
			const rows = (collection.options ?? []).filter(isProperty);
			const siblings = [...rows, ...properties];
			const condition = conditionText(collection, properties);
			return {
				name: `${collection.displayName}${condition === '' ? '' : ` (${condition.replace(/^Shown/, 'shown').replace(/\.$/, '')})`}`,
				rows: rows.map((one) => rowOf(one, siblings)),
			};
		}),
	};
}

/** The properties of one operation, without those that choose it. */
export const propertiesOf = (
	properties: INodeProperties[],
	resource: string,
	operation: string,
): INodeProperties[] =>
	properties.filter(
		(property) => !SELECTORS.has(property.name) && isFor(property, resource, operation),
	);

/** The choices of a dropdown that chooses, such as the operations of a resource. */
export function choicesOf(properties: INodeProperties[], name: string, resource = ''): INodePropertyOptions[] {
	const field = properties.find(
		(one) =>
			one.name === name &&
			(resource === '' || one.displayOptions?.show?.resource?.includes(resource) === true),
	);
	return (field?.options ?? []).filter(isChoice);
}
