/**
 * 1,000 texts in one run of a real n8n: this package's Translate beside the HTTP Request node with
 * one call per item, against a server that takes 50 ms. Prints requests, credits, wall time and their
 * ratio, after checking order and pairing of every item: `npm run bench:text -- --items 1000`.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';

import { startSandbox } from '../sandbox';
import type { Sandbox } from '../sandbox';
import {
	outputOf,
	packPackage,
	startN8n,
	VMEG_CREDENTIAL,
	VMEG_NODE,
} from '../test/e2e/harness/n8n';
import type { N8n, WorkflowDefinition, WorkflowNode } from '../test/e2e/harness/n8n';

const LATENCY_MS = 50;
const RUN_TIMEOUT_MS = 300_000;

const { values } = parseArgs({
	options: {
		items: { type: 'string', default: '1000' },
		rounds: { type: 'string', default: '3' },
	},
});
const count = Number(values.items);
const rounds = Number(values.rounds);

interface Figures {
	requests: number;
	credits: number;
	seconds: number;
}

const node = (
	name: string,
	type: string,
	typeVersion: number,
	x: number,
	parameters: Record<string, unknown>,
): WorkflowNode => ({ id: randomUUID(), name, type, typeVersion, position: [x, 0], parameters });

const to = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });

/** Start, items, and the node that is measured. */
const workflow = (name: string, measured: WorkflowNode): WorkflowDefinition => ({
	name,
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, 0, {}),
		node('Items', 'n8n-nodes-base.code', 2, 200, {
			jsCode: `return Array.from({ length: ${count} }, (_, id) => ({ json: { id, text: 'Product text number ' + id } }));`,
		}),
		measured,
	],
	connections: { Start: to('Items'), Items: to('Measured') },
});

const withVmeg = (credential: { id: string; name: string }): WorkflowNode => ({
	...node('Measured', VMEG_NODE, 1, 400, {
		resource: 'text',
		operation: 'translate',
		sourceLanguage: 'en-US',
		targetLanguage: 'de-DE',
		text: '={{ $json.text }}',
	}),
	credentials: { [VMEG_CREDENTIAL]: credential },
});

/** What a user without this package would build: the same call, one for each item. */
const withHttpRequest = (credential: { id: string; name: string }, baseUrl: string): WorkflowNode => ({
	...node('Measured', 'n8n-nodes-base.httpRequest', 4.2, 400, {
		method: 'POST',
		url: `${baseUrl}/openapi/v1/task/translate/create`,
		authentication: 'predefinedCredentialType',
		nodeCredentialType: VMEG_CREDENTIAL,
		sendHeaders: true,
		headerParameters: {
			parameters: [
				{ name: 'X-Idempotency-Key', value: '={{ $execution.id }}-{{ $json.id }}' },
			],
		},
		sendBody: true,
		specifyBody: 'json',
		jsonBody:
			'={{ JSON.stringify({ language: { source: "en-US", target: "de-DE" }, segments: [{ text: $json.text }] }) }}',
		options: {},
	}),
	credentials: { [VMEG_CREDENTIAL]: credential },
});

/** The translation in an output item of either node. */
function translationIn(json: Record<string, unknown>): unknown {
	if ('translation' in json) return json.translation;
	const { data } = json as { data?: { items?: Array<{ text?: string }> } };
	return data?.items?.[0]?.text;
}

async function measure(n8n: N8n, sandbox: Sandbox, definition: WorkflowDefinition): Promise<Figures> {
	await sandbox.reset();
	const id = await n8n.createWorkflow(definition);
	const execution = await n8n.waitForExecution(
		await n8n.runWorkflow(id, { triggerName: 'Start' }),
		{ timeoutMs: RUN_TIMEOUT_MS },
	);
	if (execution.status !== 'success') {
		throw new Error(execution.data?.resultData.error?.message ?? execution.status);
	}
	const items = outputOf(execution, 'Measured');
	const isRight = items.every(({ json, pairedItem }, index) => {
		const isPaired = JSON.stringify(pairedItem).includes(`"item":${index}`) || pairedItem === index;
		return translationIn(json) === `[de-DE] Product text number ${index}` && isPaired;
	});
	if (items.length !== count || !isRight) throw new Error('Order or pairing is wrong');
	const ms = execution.data?.resultData.runData.Measured?.[0]?.executionTime ?? NaN;
	const requests = sandbox.journal.requests('/task/translate/create').length;
	return { requests, credits: sandbox.charged, seconds: ms / 1000 };
}

const median = (numbers: number[]): number =>
	[...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

const summary = (figures: Figures[]): Figures => ({
	requests: median(figures.map(({ requests }) => requests)),
	credits: median(figures.map(({ credits }) => credits)),
	seconds: median(figures.map(({ seconds }) => seconds)),
});

async function main(): Promise<void> {
	const sandbox = await startSandbox({ latencyMs: LATENCY_MS });
	const n8n = await startN8n({ packageTarball: await packPackage(), log: console.log });
	try {
		const { apiKey, url: baseUrl } = sandbox;
		const name = 'VMEG account';
		const data = { apiKey, webhookSecret: '', baseUrl };
		const id = await n8n.createCredential({ name, type: VMEG_CREDENTIAL, data });
		const vmeg: Figures[] = [];
		const http: Figures[] = [];
		for (let round = 1; round <= rounds; round++) {
			console.log(`round ${round} of ${rounds}: VMEG node, then HTTP Request node`);
			vmeg.push(await measure(n8n, sandbox, workflow('VMEG', withVmeg({ id, name }))));
			const other = withHttpRequest({ id, name }, baseUrl);
			http.push(await measure(n8n, sandbox, workflow('HTTP', other)));
		}
		const [mine, theirs] = [summary(vmeg), summary(http)];
		console.table({
			'VMEG: Translate': mine,
			'HTTP Request, one call per item': theirs,
			'ratio (HTTP Request / VMEG)': {
				requests: theirs.requests / mine.requests,
				credits: Number((theirs.credits / mine.credits).toFixed(2)),
				seconds: Number((theirs.seconds / mine.seconds).toFixed(2)),
			},
		});
		console.log(`${count} items, order and pairing right in every run, ${LATENCY_MS} ms latency, medians of ${rounds}`);
	} finally {
		await n8n.stop();
		await sandbox.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
