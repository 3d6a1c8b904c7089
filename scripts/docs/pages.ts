import type { IDataObject, INodeProperties, INodeTypeDescription } from 'n8n-workflow';

import { sourceLocaleOptions, targetLocaleOptions } from '../../nodes/Vmeg/api/locales';
import { loadPackage } from '../../test/inprocess/n8n';
import { exampleOf, outputPer, STORAGE } from './examples';
import type { Example } from './examples';
import { choicesOf, fieldTables, markdown, propertiesOf } from './fields';
import type { FieldRow } from './fields';
import { triggerExamples } from './trigger';

/** Text files by their path in the repository. */
export type Pages = Record<string, string>;

const GENERATED = '<!-- Made by `npm run docs` from the description of the node and from runs against the sandbox. Do not edit. -->';
const API = '/openapi/v1';

/** One operation of the action node, with everything its page says. */
interface OperationDoc {
	resource: string;
	/** As in the dropdown. */
	name: string;
	operation: string;
	description: string;
	per: string;
	properties: INodeProperties[];
	example: Example;
}

interface ResourceDoc {
	resource: string;
	name: string;
	description: string;
	operations: OperationDoc[];
}

const anchor = (name: string) => name.toLowerCase().replace(/[^a-z0-9 -]/g, '').replace(/ /g, '-');
const json = (value: unknown) => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
const page = (...parts: string[]) => `${parts.filter((part) => part !== '').join('\n\n')}\n`;

function table(head: string[], rows: string[][]): string {
	if (rows.length === 0) return '';
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const fieldTable = (rows: FieldRow[], valueHead: 'Default' | 'When added') =>
	table(
		['Field', 'Type', valueHead, ''],
		rows.map(({ name, parameter, type, defaultValue, description }) => [
			`${name}<br>\`${parameter}\``,
			type,
			defaultValue,
			description,
		]),
	);

function fieldParts(properties: INodeProperties[], headings: string): string[] {
	const { notices, fields, collections } = fieldTables(properties);
	return [
		...notices.map((notice) => `> ${notice}`),
		fieldTable(fields, 'Default'),
		...collections.flatMap(({ name, rows }) =>
			rows.length === 0 ? [] : [`${headings} ${name}`, fieldTable(rows, 'When added')],
		),
	];
}

/** A call as it is shown; the root of the API is the same for all and left out. */
const callText = (call: string) =>
	call.endsWith(STORAGE)
		? `\`${call.slice(0, call.indexOf(' '))}\` ${STORAGE}`
		: `\`${call.replace(API, '')}\``;

/** What VMEG does anew at each call, as against what it looks up or changes. */
const isSubmission = (call: string) => call.startsWith(`POST ${API}/task/`);

function callsPart({ example: { calls } }: OperationDoc): string {
	const list = `Calls, below \`${API}\`: ${calls.map(callText).join(', ')}.`;
	if (!calls.some(isSubmission)) return list;
	return `${list} Sent under an idempotency key. Where an answer gets lost, the task is looked for with \`GET /tasks/list\`.`;
}

const settingText = (value: unknown): string => {
	if (typeof value === 'object' && value !== null && '__rl' in value && 'value' in value) {
		return settingText(value.value);
	}
	const text = typeof value === 'string' ? value.replace(/^=/, '') : JSON.stringify(value);
	return `\`${text}\``;
};

function settingsText({ example, properties }: OperationDoc): string {
	const nameOf = (parameter: string) =>
		properties.find(({ name }) => name === parameter)?.displayName ?? parameter;
	const settings = Object.entries(example.parameters).map(
		([parameter, value]) => `*${nameOf(parameter)}* ${settingText(value)}`,
	);
	return settings.length === 0 ? 'everything at its default' : settings.join(', ');
}

const filesText = (files: Example['input']['files']) =>
	files
		.map(({ field, fileName, mimeType }) => `\`${field}\` (${[fileName, mimeType].filter(Boolean).join(', ')})`)
		.join(', ');

const isEmpty = (object: IDataObject) => Object.keys(object).length === 0;

function examplePart(operation: OperationDoc): string[] {
	const { input, output } = operation.example;
	const hasInput = !isEmpty(input.json) || input.files.length > 0;
	const given = [
		isEmpty(input.json) ? '' : `the item \`${JSON.stringify(input.json)}\``,
		input.files.length === 0 ? '' : `the file ${filesText(input.files)}`,
	].filter((text) => text !== '');
	const from = hasInput ? `From ${given.join(' with ')}, with ` : 'With ';
	const cut = output.isCut ? ' (of longer lists the first two entries)' : '';
	const files = output.files.length === 0 ? '' : ` with the binary fields ${filesText(output.files)}`;
	return [`${from}${settingsText(operation)}, this comes out${files}${cut}:`, json(output.json)];
}

const operationPart = (operation: OperationDoc): string[] => [
	`## ${operation.name}`,
	`${markdown(operation.description)}. One item comes out per ${operation.per.replace(/^item/, 'input item')}.`,
	callsPart(operation),
	...fieldParts(operation.properties, '###'),
	'### Output',
	...examplePart(operation),
];

const LEGEND =
	'Fields with * must be filled. The name in `code` is that of the parameter in the JSON of a workflow. Every field takes an expression. What is not added of a collection such as *Options* is left to VMEG or to the node.';

const resourcePage = ({ name, description, operations }: ResourceDoc): string =>
	page(
		GENERATED,
		`# VMEG: ${name}`,
		`${markdown(description)}. [All operations](README.md) · [Guide](guide.md) · [When something goes wrong](troubleshooting.md)`,
		operations.map((one) => `[${one.name}](#${anchor(one.name)})`).join(' · '),
		LEGEND,
		...operations.flatMap(operationPart),
	);

/** Every operation with its calls; `folder` leads to the pages. */
const overview = (resources: ResourceDoc[], folder: string): string =>
	table(
		['Resource', 'Operation', 'What it does', 'One item out per', 'VMEG API'],
		resources.flatMap(({ resource, name, operations }) =>
			operations.map((one) => [
				name,
				`[${one.name}](${folder}${resource}.md#${anchor(one.name)})`,
				markdown(one.description),
				one.per,
				one.example.calls
					.filter((call) => !call.endsWith(STORAGE))
					.map(callText)
					.join(', '),
			]),
		),
	);

async function resourceDocs({ properties }: INodeTypeDescription): Promise<ResourceDoc[]> {
	const resources: ResourceDoc[] = [];
	for (const { name, value, description = '' } of choicesOf(properties, 'resource')) {
		const resource = String(value);
		const operations: OperationDoc[] = [];
		for (const choice of choicesOf(properties, 'operation', resource)) {
			const operation = String(choice.value);
			operations.push({
				resource,
				name: choice.name,
				operation,
				description: choice.description ?? '',
				per: outputPer(resource, operation),
				properties: propertiesOf(properties, resource, operation),
				example: await exampleOf(resource, operation),
			});
		}
		resources.push({ resource, name, description, operations });
	}
	return resources;
}

async function triggerPage({ description, properties }: INodeTypeDescription): Promise<string> {
	const { examples, answers } = await triggerExamples();
	const events = choicesOf(properties, 'events');
	const nameOf = (event: string) => events.find(({ value }) => value === event)?.name ?? event;
	const fields = properties.filter(({ type }) => type !== 'notice');
	const { notices } = fieldTables(properties);
	return page(
		GENERATED,
		'# VMEG Trigger',
		`${markdown(description)}. [All operations](README.md) · [Self-hosting](self-hosting.md) · [When something goes wrong](troubleshooting.md)`,
		'## Set up',
		...notices,
		'## Fields',
		...fieldParts(fields, '###'),
		'## Answers to VMEG',
		table(
			['What comes in', 'Status', 'Message', 'Starts the workflow'],
			answers.map(({ when, statusCode, message, starts }) => [
				when,
				String(statusCode),
				message,
				starts ? 'yes' : 'no',
			]),
		),
		'## Output',
		'One item for each completion. `data` holds everything as VMEG sent it; the fields before it are what most workflows need. Of longer lists the first two entries are shown.',
		...examples.flatMap(({ event, succeeded, item }) => [
			`### ${nameOf(event)}${succeeded ? '' : ', failed'}`,
			json(item),
		]),
	);
}

function languagesPage(): string {
	const sources = new Map(sourceLocaleOptions.map(({ name, value }) => [value, name]));
	const targets = new Map(targetLocaleOptions.map(({ name, value }) => [value, name]));
	const all = [...new Map([...sources, ...targets])].sort(([, a], [, b]) => (a < b ? -1 : 1));
	const mark = (there: boolean) => (there ? 'yes' : '');
	return page(
		GENERATED,
		'# Languages',
		`VMEG translates from ${sources.size} and into ${targets.size} languages and variants. In an expression give the code; \`en_us\` is read as \`en-US\`. Media may also be translated from \`auto\`, which lets VMEG find out what is spoken.`,
		table(
			['Language', 'Code', 'From', 'Into'],
			all.map(([code, name]) => [
				markdown(name.replace(` (${code})`, '')),
				`\`${code}\``,
				mark(sources.has(code)),
				mark(targets.has(code)),
			]),
		),
	);
}

const indexPage = (resources: ResourceDoc[]): string =>
	page(
		GENERATED,
		'# Documentation',
		[
			'- [Guide](guide.md): texts at scale, subtitles, dubbing, speech, the trigger',
			'- [Self-hosting](self-hosting.md): addresses, proxies, certificates, queue mode, large files',
			'- [AI Agent](ai-agent.md): the node as a tool, what a model may do, texts for *Tool Description*',
			'- [When something goes wrong](troubleshooting.md): every message, and what to do',
			'- [Languages](languages.md) and their codes',
			'- [VMEG Trigger](trigger.md): setup, answers, output',
			...resources.map(
				({ resource, name, description }) => `- [${name}](${resource}.md): ${markdown(description)}`,
			),
		].join('\n'),
		overview(resources, ''),
	);

const START = '<!-- operations -->';
const END = '<!-- /operations -->';

/** Puts text between the two marks of a file; throws where they are not there. */
export function between(file: string, text: string): string {
	const start = file.indexOf(START);
	const end = file.indexOf(END);
	if (start < 0 || end < start) throw new Error(`The marks ${START} and ${END} are missing`);
	return `${file.slice(0, start + START.length)}\n${text}\n${file.slice(end)}`;
}

/** All pages that are made from the built package, and the README with its table of operations. */
export async function makePages(readme: string): Promise<Pages> {
	const loader = await loadPackage();
	const descriptionOf = (node: string) => loader.getNode(node).type.description as INodeTypeDescription;
	const resources = await resourceDocs(descriptionOf('vmeg'));
	return {
		...Object.fromEntries(resources.map((one) => [`docs/${one.resource}.md`, resourcePage(one)])),
		'docs/trigger.md': await triggerPage(descriptionOf('vmegTrigger')),
		'docs/languages.md': languagesPage(),
		'docs/README.md': indexPage(resources),
		'README.md': between(readme, overview(resources, 'docs/')),
	};
}
