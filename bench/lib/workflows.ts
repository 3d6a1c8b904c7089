/** The workflows that are measured: rows, and one node that makes something of each. */
import { randomUUID } from 'node:crypto';

import { VMEG_CREDENTIAL, VMEG_NODE } from '../../test/e2e/harness/n8n';
import type { Item, WorkflowDefinition, WorkflowNode } from '../../test/e2e/harness/n8n';

export interface Credential {
	id: string;
	name: string;
}

const TRANSLATE = '/openapi/v1/task/translate/create';

export function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
	credential?: Credential,
): WorkflowNode {
	return {
		id: randomUUID(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...(credential ? { credentials: { [VMEG_CREDENTIAL]: credential } } : {}),
	};
}

const to = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });

/** A node to measure, and how to find in its output item what it made of a row. */
export interface Measured {
	name: string;
	node: WorkflowNode;
	/** What must stand in the item of a row, and what does. */
	expected(id: number): unknown;
	found(item: Item): unknown;
}

/** Start, rows, and the measured node; without one, the rows alone. */
export function rowsWorkflow(count: number, measured?: Measured): WorkflowDefinition {
	return {
		name: measured?.name ?? 'Rows alone',
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
			node('Rows', 'CUSTOM.rows', 1, { count }),
			...(measured ? [{ ...measured.node, name: 'Measured' }] : []),
		],
		connections: { Start: to('Rows'), ...(measured ? { Rows: to('Measured') } : {}) },
		settings: { saveManualExecutions: true },
	};
}

const translated = (id: number) => `[de-DE] Product text number ${id}`;

const inEnvelope = ({ json }: Item): unknown => {
	const { data } = json as { data?: { items?: Array<{ text?: string }> } };
	return data?.items?.[0]?.text;
};

/** VMEG > Text > Translate as it comes, nothing set but the languages and the text. */
export const vmegNode = (credential: Credential): Measured => ({
	name: 'VMEG: Translate',
	expected: translated,
	found: ({ json }) => json.translation,
	node: node(
		'VMEG',
		VMEG_NODE,
		1,
		{
			resource: 'text',
			operation: 'translate',
			sourceLanguage: 'en-US',
			targetLanguage: 'de-DE',
			text: '={{ $json.text }}',
		},
		credential,
	),
});

/** What a user without this package would build: the same call for each item. It sends all at once. */
export const httpRequestNode = (credential: Credential, baseUrl: string): Measured => ({
	name: 'HTTP Request',
	expected: translated,
	found: inEnvelope,
	node: node(
		'HTTP Request',
		'n8n-nodes-base.httpRequest',
		4.2,
		{
			method: 'POST',
			url: `${baseUrl}${TRANSLATE}`,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: VMEG_CREDENTIAL,
			sendHeaders: true,
			headerParameters: {
				parameters: [{ name: 'X-Idempotency-Key', value: '={{ $execution.id }}-{{ $json.id }}' }],
			},
			sendBody: true,
			specifyBody: 'json',
			jsonBody:
				'={{ JSON.stringify({ language: { source: "en-US", target: "de-DE" }, segments: [{ text: $json.text }] }) }}',
			options: {},
		},
		credential,
	),
});

/** One call after another, as n8n's DeepL node makes them. */
export const oneByOneNode = (credential: Credential, baseUrl: string): Measured => ({
	name: 'one after another',
	expected: translated,
	found: inEnvelope,
	node: node(
		'One by One',
		'CUSTOM.oneByOne',
		1,
		{ url: `${baseUrl}${TRANSLATE}`, text: '={{ $json.text }}', targetLanguage: 'de-DE' },
		credential,
	),
});

/** One expression for each item, and no request: what n8n itself takes. */
export const editFieldsNode = (): Measured => ({
	name: 'Edit Fields, one expression',
	expected: (id) => `Product text number ${id}`,
	found: ({ json }) => json.copy,
	node: node('Edit Fields', 'n8n-nodes-base.set', 3.4, {
		assignments: {
			assignments: [{ id: randomUUID(), name: 'copy', value: '={{ $json.text }}', type: 'string' }],
		},
		includeOtherFields: true,
		options: {},
	}),
});

/** Items through a node that does nothing. */
export const noOpNode = (): Measured => ({
	name: 'No Operation',
	expected: (id) => `Product text number ${id}`,
	found: ({ json }) => json.text,
	node: node('No Operation', 'n8n-nodes-base.noOp', 1, {}),
});
