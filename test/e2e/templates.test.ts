/**
 * The templates of `examples/`: what each of them promises in its notes, on a real n8n with the sandbox in
 * place of VMEG, also where something goes wrong; and that they can be read in the editor.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { addCredential } from './harness/credential';
import { exampleNames, exampleWorkflow, SAMPLE_VIDEO } from './harness/examples';
import { releaseUnderTest, startN8nWithPackage } from './harness/handover';
import type { RunningN8n } from './harness/handover';
import { OWNER, outputOf } from './harness/n8n';
import type { Execution } from './harness/n8n';
import type { WorkflowDefinition, WorkflowNode } from './harness/client';
import { until } from './harness/process';

const TRIGGER = 'VMEG Trigger';
const CREATE_TEXT = '/task/translate/create';
const CREATE_MEDIA = '/task/media-translation/create-async';

const isLegacy = releaseUnderTest() === 'legacy';
const onlyCurrent = isLegacy ? test.skip : test;

/** n8n's data tables, as the nodes of these templates use them, came with n8n 2. */
const withDataTables = isLegacy ? describe.skip : describe;

let n8n: RunningN8n & { baseUrl: string };
let sandbox: Sandbox;
let credential: { id: string; name: string };
let peers: string;

/**
 * The hosts are installed without peer dependencies. *Extract from File* loads a calendar library that wants
 * one, `date-fns`, which every other n8n has. An empty one will do where no calendars are read.
 */
async function missingPeer(): Promise<Record<string, string>> {
	peers = await mkdtemp(join(tmpdir(), 'vmeg-peers-'));
	const preloaded = join(peers, 'date-fns.cjs');
	await writeFile(
		preloaded,
		`const Module = require('node:module');
		const resolve = Module._resolveFilename;
		Module._resolveFilename = function (request, ...more) {
			return /^date-fns(\\/|$)/.test(request) ? __filename : resolve.call(this, request, ...more);
		};
		module.exports = () => undefined;`,
	);
	return { NODE_OPTIONS: `--require ${preloaded}` };
}

beforeAll(async () => {
	sandbox = await startSandbox({ textTaskMs: 300, mediaTaskMs: 1_000, webhookRetryMs: 200 });
	// without its task runners, n8n 1.x on Node 24 does not show the items of Code nodes to `$('…')`
	const runners: Record<string, string> = isLegacy ? { N8N_RUNNERS_ENABLED: 'true' } : {};
	n8n = await startN8nWithPackage({ env: { ...runners, ...(await missingPeer()) } });
	credential = await addCredential(n8n, sandbox);
});

afterAll(async () => {
	await n8n?.stop();
	await sandbox?.close();
	if (peers) await rm(peers, { recursive: true });
});

beforeEach(async () => {
	sandbox.setWebhookUrl(undefined);
	sandbox.clearFaults();
	await sandbox.reset();
});

type Parameters = Record<string, unknown>;
type Edits = Record<string, (parameters: Parameters) => Parameters>;

/** A template as a user has it after working through its notes: the credential chosen, some nodes edited. */
function template(name: string, edits: Edits = {}): WorkflowDefinition {
	const workflow = exampleWorkflow(name, { credential });
	const unknown = Object.keys(edits).filter((one) => !workflow.nodes.some((node) => node.name === one));
	expect(unknown).toEqual([]);
	const nodes = workflow.nodes.map((node) => ({
		...node,
		parameters: edits[node.name]?.(node.parameters) ?? node.parameters,
		// several tests import the same template, and two published workflows may not share a path
		...(node.webhookId && { webhookId: randomUUID() }),
	}));
	return { ...workflow, nodes };
}

/** Replaces text in the code of a Code node; fails where the text is not there. */
const inCode = (from: string | RegExp, to: string) => (parameters: Parameters) => {
	const code = String(parameters.jsCode);
	const edited = code.replace(from, () => to);
	expect(edited).not.toBe(code);
	return { ...parameters, jsCode: edited };
};

async function run(workflowId: string, triggerName = 'Start Here', timeoutMs = 60_000): Promise<Execution> {
	const execution = await n8n.runWorkflow(workflowId, { triggerName });
	return await n8n.waitForExecution(execution, { timeoutMs });
}

const ran = (execution: Execution, node: string) =>
	execution.data?.resultData.runData[node] !== undefined;

const jsonOf = (execution: Execution, node: string) =>
	ran(execution, node) ? outputOf(execution, node).map(({ json }) => json) : [];

const requests = (path: string) => sandbox.journal.requests(path).filter(({ code }) => code === 200);

/** Publishes a template and lets the sandbox deliver to its trigger, as a user does at VMEG. */
async function publish(workflowId: string): Promise<void> {
	await n8n.activate(workflowId);
	sandbox.setWebhookUrl(await n8n.webhookUrl(workflowId, TRIGGER));
}

/** Sends a completion as VMEG would, signed, and returns the status of the answer. */
async function deliver(workflowId: string, completion: Record<string, unknown>): Promise<number> {
	const event = {
		code: 200,
		version: 'v1',
		event: 'openapi-media-translation',
		pipelineKey: randomUUID().replaceAll('-', ''),
		message: '',
		extraData: {},
		data: {},
		...completion,
	};
	const { headers, body } = sandbox.signedRequest(JSON.stringify(event));
	const url = await n8n.webhookUrl(workflowId, TRIGGER);
	return (await fetch(url, { method: 'POST', headers, body })).status;
}

/** All executions of a workflow with their data, oldest first, once there are enough and no more come. */
async function settled(workflowId: string, atLeast: number): Promise<Execution[]> {
	let before = '';
	await until(
		`${atLeast} executions of workflow ${workflowId}, and rest`,
		async () => {
			const over = await n8n.listExecutions({ workflowId });
			const under = await n8n.listExecutions({ workflowId, status: 'running' });
			const running = sandbox.tasks().filter(({ status }) => status === 'running').length;
			const now = `${over.length} ${under.length} ${running}`;
			const isAtRest = now === before && under.length + running === 0 && over.length >= atLeast;
			before = now;
			return isAtRest || undefined;
		},
		{ timeoutMs: 90_000, everyMs: 1_500 },
	);
	return (await n8n.listExecutions({ workflowId, includeData: true })).reverse();
}

describe('every template', () => {
	const templates = exampleNames().map((file) => ({ file, ...exampleWorkflow(file, { credential: { id: '', name: '' } }) }));
	const STICKY = 'n8n-nodes-base.stickyNote';

	interface Box {
		name: string;
		left: number;
		top: number;
		right: number;
		bottom: number;
	}

	const size = z.object({ width: z.number(), height: z.number() });

	/** What a node takes on the canvas: its square of 96 pixels, and its name below. */
	function boxOf({ name, type, position: [left, top], parameters }: WorkflowNode): Box {
		const { width, height } = type === STICKY ? size.parse(parameters) : { width: 96, height: 136 };
		return { name, left, top, right: left + width, bottom: top + height };
	}

	const meet = (a: Box, b: Box) =>
		a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

	test.each(templates)('$file needs no nodes but those of n8n and of this package', ({ nodes }) => {
		const foreign = nodes.filter(({ type }) => !/^n8n-nodes-(base|vmeg)\./.test(type));
		expect(foreign).toEqual([]);
	});

	test.each(templates)('$file carries no credential, no pinned data and nothing twice', ({ nodes, pinData }) => {
		const stored = nodes.filter(({ type }) => !type.startsWith('n8n-nodes-vmeg.'));
		expect(stored.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
		expect(pinData ?? {}).toEqual({});
		expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
		expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
	});

	test.each(templates)('$file connects only nodes that it has, and leaves none alone', ({ nodes, connections }) => {
		const targets = z.record(z.object({ main: z.array(z.array(z.object({ node: z.string() })).nullable()) }));
		const linked = Object.entries(targets.parse(connections)).flatMap(([from, { main }]) => [
			from,
			...main.flatMap((output) => (output ?? []).map(({ node }) => node)),
		]);
		const names = nodes.filter(({ type }) => type !== STICKY).map(({ name }) => name);
		expect([...new Set(linked)].sort()).toEqual(names.sort());
	});

	test.each(templates)('$file can be read: no note covers another note or a node', ({ nodes }) => {
		const boxes = nodes.map(boxOf);
		const overlaps = boxes.flatMap((one, index) =>
			boxes.slice(index + 1).filter((other) => meet(one, other)).map((other) => [one.name, other.name]),
		);
		expect(overlaps).toEqual([]);
	});

	test.each(templates)('$file says what it does, what to set, what it costs and where results land', ({ nodes }) => {
		const notes = nodes.filter(({ type }) => type === STICKY).map(({ parameters }) => String(parameters.content));
		const text = notes.join('\n');
		for (const heading of ['What it does', 'Before the first run', 'What it costs', 'Where the result lands']) {
			expect(text).toContain(`**${heading}`);
		}
	});

	test.each(templates)('$file mentions only nodes that it has, where it says so', ({ nodes }) => {
		const names = nodes.map(({ name }) => name);
		const code = nodes.map(({ parameters }) => JSON.stringify(parameters)).join('\n');
		const referred = [...code.matchAll(/\$\('([^']+)'\)/g)].map(([, name]) => name);
		expect(referred.filter((name) => !names.includes(String(name)))).toEqual([]);
	});

	test('is of a version that this n8n has', async () => {
		const known = z
			.array(z.object({ name: z.string(), version: z.union([z.number(), z.array(z.number())]) }))
			.parse(await n8n.nodeTypes());
		const versions = new Map<string, number[]>();
		for (const { name, version } of known) {
			versions.set(name, [...(versions.get(name) ?? []), version].flat());
		}
		const missing = templates
			.flatMap(({ nodes }) => nodes)
			.filter(({ type, typeVersion }) => !versions.get(type)?.includes(typeVersion))
			.map(({ type, typeVersion }) => `${type} ${typeVersion}`);
		const tables = isLegacy ? ['n8n-nodes-base.dataTable 1.1'] : [];
		expect([...new Set(missing)]).toEqual(tables);
	});
});

describe('translate-sheet', () => {
	let workflowId: string;
	let formUrl: string;

	beforeAll(async () => {
		const workflow = template('translate-sheet');
		const form = workflow.nodes.find(({ name }) => name === 'Upload a Sheet');
		workflowId = await n8n.createWorkflow(workflow);
		await n8n.activate(workflowId);
		formUrl = `${n8n.baseUrl}/form/${String(form?.webhookId)}`;
	});

	interface Entry {
		file?: { name: string; content: string | Buffer };
		columns?: string;
		languages?: string[];
		others?: string;
	}

	const file = z.object({
		data: z.union([z.string(), z.object({ data: z.array(z.number()) })]),
		fileName: z.string(),
	});
	/** What the last page downloads: a list, in n8n 1.x one file or an empty text. */
	const files = z.union([z.array(file), file.transform((one) => [one]), z.literal('').transform(() => [])]);

	/** Fills in the form as a browser does and follows it to its last page. */
	async function submit(
		{ file, columns = 'text', languages = ['German (de-DE)'], others = '' }: Entry,
		url = formUrl,
	) {
		const form = new FormData();
		if (file) form.append('field-0', new Blob([file.content]), file.name);
		form.append('field-1', columns);
		form.append('field-2', 'English (en-US)');
		form.append('field-3', JSON.stringify(languages));
		form.append('field-4', others);
		const answer = await fetch(url, { method: 'POST', body: form });
		const { formWaitingUrl } = z.object({ formWaitingUrl: z.string() }).parse(await answer.json());

		const waiting = new URL(formWaitingUrl);
		const status = new URL(formWaitingUrl);
		status.pathname += '/n8n-execution-status';
		await until(
			'the last page of the form',
			async () => {
				const state = await fetch(status).then(async (answer) => (await answer.text()).trim(), String);
				if (['error', 'crashed', 'canceled', 'success'].includes(state)) throw new Error(`The form ended: ${state}`);
				return state === 'form-waiting' || undefined;
			},
			{ timeoutMs: 120_000, everyMs: 100 },
		);
		const page = await (await fetch(waiting)).text();
		// the page tells n8n that it was shown, which ends the execution
		await fetch(waiting, { method: 'POST' });
		const encoded = /decodeURIComponent\("([^"]*)"\)/.exec(page)?.[1] ?? '%5B%5D';
		const [download] = files.parse(JSON.parse(decodeURIComponent(encoded)));
		const execution = await n8n.waitForExecution(String(/form-waiting\/(\d+)/.exec(formWaitingUrl)?.[1]));
		const { data = '', fileName = '' } = download ?? {};
		const content = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data.data);
		return { page, execution, fileName, content };
	}

	/** A workbook, in the form of Excel that is XML: it needs no library to write. */
	function workbook(rows: Array<Array<string | number>>): Buffer {
		const cell = (value: string | number) =>
			`<Cell><Data ss:Type="${typeof value === 'number' ? 'Number' : 'String'}">${value}</Data></Cell>`;
		const table = rows.map((row) => `<Row>${row.map(cell).join('')}</Row>`).join('');
		return Buffer.from(
			`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Products"><Table>${table}</Table></Worksheet></Workbook>`,
		);
	}

	test('a workbook comes back with a column for each language, and its other columns as they were', async () => {
		const rows = [
			['sku', 'Text', 'price'],
			['A-1', 'Head torch', 29.5],
			['', '', ''],
			['A-2', '', 12],
			['A-3', 'Dry bag', 18],
		];
		const languages = ['German (de-DE)', 'French (fr-FR)'];
		const { page, fileName, content, execution } = await submit({
			file: { name: 'products.xls', content: workbook(rows) },
			languages,
		});

		expect(page).toContain('Your sheet is ready');
		expect(page).toContain('2 texts, 2 of them translated');
		expect(fileName).toBe('products translated.xlsx');
		expect(requests(CREATE_TEXT)).toHaveLength(2);
		const [torch, , empty, bag] = jsonOf(execution, 'Workbook Rows');
		expect(Object.entries(torch ?? {})).toEqual([
			['sku', 'A-1'],
			['Text', 'Head torch'],
			['price', 29.5],
			['Text de-DE', '[de-DE] Head torch'],
			['Text fr-FR', '[fr-FR] Head torch'],
		]);
		expect(empty).toMatchObject({ sku: 'A-2', 'Text de-DE': '', 'Text fr-FR': '' });
		expect(bag).toMatchObject({ sku: 'A-3', 'Text fr-FR': '[fr-FR] Dry bag' });

		// what was downloaded is a sheet: uploaded again, there is nothing left to pay for
		const again = await submit({ file: { name: fileName, content }, languages });
		expect(again.page).toContain('There is nothing to translate');
		expect(jsonOf(again.execution, 'Read Workbook')[0]).toEqual(torch);
		expect(requests(CREATE_TEXT)).toHaveLength(2);
	});

	test('what VMEG could not translate is named, and is all that is sent when the sheet is uploaded again', async () => {
		const csv = 'sku;title;text\nA-1;Torch;Head torch\nA-2;{{fail}};"Dry bag; 20 litres"\n';
		const first = await submit({ file: { name: 'products.csv', content: csv }, columns: 'Title, text' });

		expect(first.page).toContain('VMEG problem');
		expect(first.fileName).toBe('products translated.csv');
		const lines = first.content.toString('utf8').replace(/^\uFEFF/, '').trim().split('\n');
		expect(lines.slice(0, 2)).toEqual([
			'sku;title;text;title de-DE;text de-DE;VMEG problem',
			'A-1;Torch;Head torch;[de-DE] Torch;[de-DE] Head torch;',
		]);
		expect(lines[2]).toMatch(/^A-2;\{\{fail\}\};"Dry bag; 20 litres";;"\[de-DE\] Dry bag; 20 litres";.*title: .+/);

		const repaired = first.content.toString('utf8').replace('{{fail}}', 'Bag');
		const second = await submit({ file: { name: first.fileName, content: repaired }, columns: 'title, text' });
		expect(second.fileName).toBe('products translated.csv');
		const bodies = requests(CREATE_TEXT).slice(-1).map(({ body }) => Object(body).segments);
		expect(bodies).toEqual([[expect.objectContaining({ text: 'Bag' })]]);
		expect(second.content.toString('utf8')).toMatch(/A-2;Bag;"Dry bag; 20 litres";\[de-DE\] Bag;"\[de-DE\] Dry bag; 20 litres";\s*$/);
	});

	test('2,000 rows in three languages take 120 requests, and no row loses its place', async () => {
		const rows = Array.from({ length: 2_000 }, (_, index) => `${index},Article number ${index}`);
		const started = Date.now();
		const { execution, content } = await submit({
			file: { name: 'shop.csv', content: `id,text\n${rows.join('\n')}\n` },
			languages: ['German (de-DE)', 'French (fr-FR)', 'Japanese (ja-JP)'],
		});
		process.stdout.write(`2,000 rows, three languages: ${Date.now() - started} ms\n`);

		expect(execution.status).toBe('success');
		expect(requests(CREATE_TEXT)).toHaveLength(120);
		const lines = content.toString('utf8').trim().split('\n');
		expect(lines).toHaveLength(2_001);
		lines.slice(1).forEach((line, index) => {
			const text = `Article number ${index}`;
			expect(line).toBe(`${index},${text},[de-DE] ${text},[fr-FR] ${text},[ja-JP] ${text}`);
		});
	});

	test('rows of another source are translated too, with the two nodes swapped as the note says', async () => {
		const workflow = template('translate-sheet');
		const stand = { typeVersion: 2, type: 'n8n-nodes-base.code' };
		const rows = [{ row_number: 2, text: 'Torch' }, { row_number: 3, text: '' }];
		const swapped = workflow.nodes.map((node): WorkflowNode => {
			const { parameters } = node;
			if (node.name === 'Read Workbook') {
				return { ...node, ...stand, parameters: { jsCode: `return ${JSON.stringify(rows)}.map((json) => ({ json }));` } };
			}
			if (node.name === 'Write Workbook') return { ...node, ...stand, parameters: { jsCode: 'return $input.all();' } };
			if (node.name === 'Download Workbook') return { ...node, parameters: { ...parameters, respondWith: 'text' } };
			return node;
		});
		const id = await n8n.createWorkflow({ ...workflow, nodes: swapped });
		await n8n.activate(id);
		const form = swapped.find(({ name }) => name === 'Upload a Sheet');
		const { page, execution } = await submit({}, `${n8n.baseUrl}/form/${String(form?.webhookId)}`);
		expect(page).toContain('Your sheet is ready');
		expect(jsonOf(execution, 'Write Workbook')).toEqual([
			{ row_number: 2, text: 'Torch', 'text de-DE': '[de-DE] Torch' },
			{ row_number: 3, text: '', 'text de-DE': '' },
		]);
	});

	test.each([
		['a file that is no sheet', { file: { name: 'offer.pdf', content: '%PDF' } }, '&quot;offer.pdf&quot; is not a sheet'],
		['a column that is not there', { file: { name: 'a.csv', content: 'sku,name\n1,Torch\n' } }, 'Its columns are: sku, name'],
		['a sheet without rows', { file: { name: 'a.csv', content: 'sku,text\n' } }, 'no rows below its headings'],
		['no language', { file: { name: 'a.csv', content: 'text\nTorch\n' }, languages: [] }, 'Choose a language'],
		['a language that VMEG does not have', { file: { name: 'a.csv', content: 'text\nTorch\n' }, languages: [], others: 'xx-YY' }, 'xx-YY'],
		['a CSV file of another encoding', { file: { name: 'a.csv', content: Buffer.from('text\nK\xe4se\n', 'latin1') } }, 'not UTF-8'],
		['a CSV file with a broken row', { file: { name: 'a.csv', content: 'sku,text\n1,Torch,and more\n' } }, 'could not be read'],
		['a workbook that is none', { file: { name: 'a.xlsx', content: Buffer.from('PK\x03\x04 not really') } }, 'could not be read'],
	])('%s is told on the last page, and costs nothing', async (_, entry: Entry, told) => {
		const { page } = await submit(entry);
		expect(page).toContain('Nothing was translated');
		expect(page.replaceAll('"', '&quot;')).toContain(told);
		expect(sandbox.charged).toBe(0);
	});

	test('an account without credits is told too', async () => {
		sandbox.setCredits(0);
		const { page } = await submit({ file: { name: 'a.csv', content: 'text\nTorch\n' } });
		sandbox.setCredits(1_000_000);
		expect(page).toContain('no credits left');
	});
});

/** A server of the user's own that keeps what it is sent; it refuses everything while `isDown`. */
async function startReceiver() {
	const received: Array<{ type: string; body: Buffer }> = [];
	const state = { isDown: false };
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			if (!state.isDown) received.push({ type: String(request.headers['content-type']), body: Buffer.concat(parts) });
			response.writeHead(state.isDown ? 503 : 200, { 'Content-Type': 'application/json' });
			response.end(JSON.stringify(state.isDown ? { message: 'closed' } : { id: received.length }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/`,
		received,
		state,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

describe('dub-and-publish-with-subtitles', () => {
	let receiver: Receiver;

	beforeAll(async () => {
		receiver = await startReceiver();
	});
	afterAll(async () => await receiver?.close());

	async function dubAndPublish(name: string) {
		const { addressUrl } = await sandbox.addMaterial({ name, path: SAMPLE_VIDEO });
		const workflow = template('dub-and-publish-with-subtitles', {
			'Get Video': (parameters) => ({ ...parameters, url: addressUrl }),
			Publish: (parameters) => ({ ...parameters, url: receiver.url }),
		});
		for (const node of workflow.nodes) {
			// a test need not wait that long between two tries
			if (node.name === 'Publish') node.waitBetweenTries = 100;
		}
		return await run(await n8n.createWorkflow(workflow));
	}

	test('the dubbed video and its subtitles arrive at the address of the user', async () => {
		const execution = await dubAndPublish('shop.mp4');
		expect(execution.status).toBe('success');
		const taskId = outputOf(execution, 'Dub Video')[0]?.json.taskId;
		expect(jsonOf(execution, 'Published')).toEqual([{ taskId, answer: { id: 1 } }]);
		expect(ran(execution, 'Not Published')).toBe(false);

		const [sent] = receiver.received;
		const form = await new Response(new Uint8Array(sent?.body ?? []), { headers: { 'Content-Type': sent?.type ?? '' } }).formData();
		expect([...form.keys()].sort()).toEqual(['language', 'subtitles', 'title', 'video']);
		expect(form.get('language')).toBe('de-DE');
		const video = form.get('video');
		const subtitles = form.get('subtitles');
		if (!(video instanceof File) || !(subtitles instanceof File)) throw new Error('The form has no files');
		expect(Buffer.from(await video.arrayBuffer()).equals(await readFile(SAMPLE_VIDEO))).toBe(true);
		expect(subtitles.name).toMatch(/\.de-DE\.srt$/);
		expect(await subtitles.text()).toMatch(/^1\r?\n00:00:/);
	});

	test('a video that could not be published is not lost: it says how to get it without paying again', async () => {
		receiver.state.isDown = true;
		const execution = await dubAndPublish('shop.mp4');
		receiver.state.isDown = false;
		expect(execution.status).toBe('success');
		const taskId = outputOf(execution, 'Dub Video')[0]?.json.taskId;
		expect(jsonOf(execution, 'Not Published')).toEqual([
			expect.objectContaining({
				taskId,
				reason: expect.stringMatching(/503|closed|unavailable/i),
				whatToDo: expect.stringContaining('Download Result'),
			}),
		]);
		expect(requests(CREATE_MEDIA)).toHaveLength(1);
	});

	test('a video that VMEG could not dub is listed with the reason, and nothing is published', async () => {
		const before = receiver.received.length;
		const execution = await dubAndPublish('sandbox-fail.mp4');
		expect(jsonOf(execution, 'Not Published')).toEqual([
			{
				video: expect.any(String),
				taskId: expect.stringMatching(/.+/),
				reason: expect.stringContaining('could not finish the task'),
				whatToDo: expect.stringMatching(/.+/),
			},
		]);
		expect(receiver.received).toHaveLength(before);
	});
});

withDataTables('localise-course-in-five-languages', () => {
	const LANGUAGES = ['de-DE', 'fr-FR', 'es-ES', 'pt-BR', 'ja-JP'];

	/** The template with lessons of its own; a title that contains another is another lesson. */
	function course(title: string, lessons: Record<string, string>, languages = LANGUAGES) {
		const list = Object.entries(lessons).map(([lesson, videoUrl]) => ({ lesson, videoUrl }));
		return template('localise-course-in-five-languages', {
			'Lessons and Languages': (parameters) => {
				const edits: Array<[RegExp, string]> = [
					[/const course = .*/, `const course = ${JSON.stringify(title)};`],
					[/const languages = .*/, `const languages = ${JSON.stringify(languages)};`],
					[/const lessons = \[[^\]]*\];/, `const lessons = ${JSON.stringify(list)};`],
				];
				return edits.reduce((edited, [from, to]) => inCode(from, to)(edited), parameters);
			},
		});
	}

	const video = (name: string) => `https://example.com/${name}.mp4`;

	test('four lessons become five languages each, at the same time; what failed is listed, and alone is submitted again', async () => {
		sandbox.settings.mediaTaskMs = 3_000;
		const lessons = { '1 Packing': video('1'), '2 Maps': video('2'), '3 Weather': video('sandbox-fail'), '4 First aid': video('4') };
		const id = await n8n.createWorkflow(course('Mountains', lessons));
		const first = await run(id, 'Start Here', 120_000);

		expect(first.status).toBe('success');
		const created = requests(CREATE_MEDIA);
		expect(created).toHaveLength(20);
		const pairs = created.map(({ body }) => `${Object(body).source.sourceUrl} ${Object(body).language.target}`);
		expect(new Set(pairs).size).toBe(20);
		expect(created.map(({ body }) => Object(body).extraData)).toContainEqual(
			expect.objectContaining({ course: 'Mountains', lesson: '1 Packing', language: 'de-DE' }),
		);
		// none is waited for before all are submitted
		const [firstLook] = requests('/tasks/detail');
		expect(Math.max(...created.map(({ seq }) => seq))).toBeLessThan(firstLook?.seq ?? 0);

		const rows = jsonOf(first, 'Result Table');
		expect(rows.map(({ lesson }) => lesson)).toEqual(Object.keys(lessons));
		expect(Object.keys(rows[0] ?? {})).toEqual(['lesson', ...LANGUAGES]);
		for (const language of LANGUAGES) {
			expect(rows[0]?.[language]).toMatch(/^http/);
			expect(rows[2]?.[language]).toMatch(/^FAILED: /);
		}
		const failures = jsonOf(first, 'Failures');
		expect(failures.map(({ lesson, language }) => `${String(lesson)} ${String(language)}`).sort()).toEqual(
			LANGUAGES.map((language) => `3 Weather ${language}`).sort(),
		);
		expect(failures[0]).toMatchObject({ reason: expect.stringMatching(/could not finish/), taskId: expect.stringMatching(/.+/) });
		expect(outputOf(first, 'Result File')[0]?.binary?.data).toMatchObject({ fileName: 'Mountains.xlsx' });

		await n8n.updateWorkflow(id, course('Mountains', { ...lessons, '3 Weather': video('3') }));
		const second = await run(id, 'Start Here', 120_000);
		expect(requests(CREATE_MEDIA)).toHaveLength(25);
		expect(jsonOf(second, 'Result Table').flatMap((row) => LANGUAGES.map((language) => row[language]))).toEqual(
			Array.from({ length: 20 }, () => expect.stringMatching(/^http/)),
		);
		expect(jsonOf(second, 'Failures')).toEqual([]);

		await run(id, 'Start Here', 120_000);
		expect(requests(CREATE_MEDIA)).toHaveLength(25);
	});

	test('a wrong address and a wrong language are listed, cost nothing, and the others are done', async () => {
		sandbox.settings.mediaTaskMs = 300;
		const id = await n8n.createWorkflow(course('Rivers', { '1 Boats': video('1'), '2 Ropes': '' }, ['de-DE', 'xx-YY']));
		const execution = await run(id);

		expect(execution.status).toBe('success');
		expect(requests(CREATE_MEDIA)).toHaveLength(1);
		expect(jsonOf(execution, 'Result Table')).toEqual([
			{ lesson: '1 Boats', 'de-DE': expect.stringMatching(/^http/), 'xx-YY': expect.stringMatching(/^FAILED: .*Target Language/) },
			{ lesson: '2 Ropes', 'de-DE': expect.stringMatching(/^FAILED: .*URL/), 'xx-YY': expect.stringMatching(/^FAILED: /) },
		]);
		expect(jsonOf(execution, 'Failures')).toHaveLength(3);
	});

	test('when n8n is killed while it waits, the next run goes on waiting and submits nothing', async () => {
		sandbox.settings.mediaTaskMs = 12_000;
		const id = await n8n.createWorkflow(course('Caves', { '1 Light': video('1'), '2 Rope': video('2') }));
		await n8n.runWorkflow(id, { triggerName: 'Start Here' });
		await until('all to be waited for', async () => sandbox.journal.requests('/tasks/detail').length >= 10 || undefined, {
			timeoutMs: 30_000,
			everyMs: 100,
		});
		await n8n.kill();
		await n8n.restart();
		const execution = await run(id, 'Start Here', 120_000);
		expect(requests(CREATE_MEDIA)).toHaveLength(10);
		expect(jsonOf(execution, 'Note Finished')).toHaveLength(10);
		expect(jsonOf(execution, 'Failures')).toEqual([]);
	});
});

describe('alert-and-retry-failed-jobs', () => {
	const VIDEO = 'https://example.com/lesson.mp4';
	const job = { sourceUrl: VIDEO, sourceLanguage: 'auto', targetLanguage: 'de-DE', taskType: 'vt', voiceCloneStyle: 'emotional', voiceCloneMode: 'role' };
	const failedTask = { taskId: 'task-1', taskType: 'vt', status: 'failed' };

	let channel: Receiver;

	beforeAll(async () => {
		channel = await startReceiver();
		sandbox.settings.mediaTaskMs = 300;
	});
	afterAll(async () => await channel?.close());
	beforeEach(() => {
		channel.received.length = 0;
	});

	const alerts = () => channel.received.map(({ body }) => String(Object(JSON.parse(body.toString())).text));

	const retrying = (sourceUrl: string) =>
		template('alert-and-retry-failed-jobs', {
			Job: inCode('https://example.com/video.mp4', sourceUrl),
			// what the sandbox gives as the reason of a failure is none that would pass
			Decide: inCode('|no speech', ''),
			'Wait a Little': () => ({ amount: 0.2, unit: 'seconds' }),
			'Send Alert': (parameters) => ({ ...parameters, url: channel.url }),
		});

	async function start(sourceUrl: string): Promise<string> {
		const id = await n8n.createWorkflow(retrying(sourceUrl));
		await publish(id);
		return id;
	}

	test('a job that keeps failing is submitted three times with the same settings, and then no more', async () => {
		const id = await start('https://example.com/sandbox-fail.mp4');
		expect((await run(id)).status).toBe('success');
		// one manual run, and one execution for each of three failures
		const executions = await settled(id, 4);
		expect(executions.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);

		const bodies = requests(CREATE_MEDIA).map(({ body }) => Object(body));
		expect(bodies).toHaveLength(3);
		expect(bodies.map(({ extraData }) => extraData.retry.count)).toEqual([0, 1, 2]);
		const [first] = bodies;
		for (const { source, language, options, taskType } of bodies) {
			expect({ source, language, options, taskType }).toEqual({
				source: first.source,
				language: first.language,
				options: first.options,
				taskType: first.taskType,
			});
		}
		expect(alerts()).toEqual([
			expect.stringMatching(/submitted again, try 1, as task .+: https:\/\/example.com\/sandbox-fail.mp4 into de-DE/),
			expect.stringMatching(/submitted again, try 2/),
			expect.stringMatching(/not tried again: it was tried again 2 times/),
		]);
		await n8n.deactivate(id);
	});

	test('a job that succeeds at the second attempt is not repeated further', async () => {
		const id = await start(VIDEO);
		const extraData = { lesson: 7, retry: { count: 0, job } };
		expect(await deliver(id, { code: 502, message: 'upstream', extraData, data: { taskId: 'a', taskType: 'vt', status: 'failed' } })).toBe(200);
		await settled(id, 1);
		const created = requests(CREATE_MEDIA).map(({ body }) => Object(body).extraData);
		expect(created).toEqual([expect.objectContaining({ lesson: 7, retry: expect.objectContaining({ count: 1 }) })]);
		expect(sandbox.tasks().map(({ status }) => status)).toEqual(['finished']);
		await n8n.deactivate(id);
	});

	test('what a repeat cannot mend, or cannot be repeated, is told and not tried again', async () => {
		const hopeless: Array<[reason: string, completion: Record<string, unknown>]> = [
			['would not help', { code: 422, message: 'bad file', extraData: { retry: { count: 0, job } } }],
			['would not help', { code: 500, message: 'Insufficient credits', extraData: { retry: { count: 0, job } } }],
			['does not carry its settings', { code: 500, message: 'timeout', extraData: { row: 12 } }],
			['does not carry its settings', { code: 500, message: 'timeout', extraData: null }],
			['does not carry its settings', { code: 500, message: 'timeout', event: 'openapi-translate' }],
			['cannot be read', { code: 500, message: 'timeout', extraData: { retry: { count: 'many', job } } }],
			['cannot be read', { code: 500, message: 'timeout', extraData: { retry: { count: -1, job } } }],
			['was tried again 2 times', { code: 500, message: 'timeout', extraData: { retry: { count: 2, job } } }],
		];
		const id = await start(VIDEO);
		await Promise.all(
			hopeless.map(async ([, completion], index) => await deliver(id, { ...completion, data: { taskId: `task-${index}.` } })),
		);
		const executions = await settled(id, hopeless.length);
		expect(executions.map(({ status }) => status)).toEqual(hopeless.map(() => 'success'));
		expect(requests(CREATE_MEDIA)).toEqual([]);
		expect(alerts()).toHaveLength(hopeless.length);
		hopeless.forEach(([reason], index) => {
			expect(alerts().find((text) => text.includes(`task-${index}.`))).toContain(reason);
		});
		await n8n.deactivate(id);
	});

	test('a failure that is reported twice is repeated once', async () => {
		const id = await start(VIDEO);
		const failure = { code: 503, message: 'busy', extraData: { retry: { count: 0, job } }, data: failedTask };
		await Promise.all([deliver(id, failure), deliver(id, failure)]);
		await settled(id, 2);
		expect(sandbox.tasks()).toHaveLength(1);
		expect(alerts()).toHaveLength(2);
		expect(alerts().filter((text) => text.includes('already accepted'))).toHaveLength(1);
		await n8n.deactivate(id);
	});

	test('a repeat that VMEG does not accept is told', async () => {
		const id = await start(VIDEO);
		sandbox.setCredits(0);
		await deliver(id, { code: 503, message: 'busy', extraData: { retry: { count: 0, job } }, data: failedTask });
		await settled(id, 1);
		sandbox.setCredits(1_000_000);
		expect(alerts()).toEqual([expect.stringMatching(/task-1 failed: busy .*could not be submitted again: .*credits/)]);
		await n8n.deactivate(id);
	});

	test('a channel that is down fails the execution, after the job was submitted again', async () => {
		const workflow = retrying(VIDEO);
		for (const node of workflow.nodes) if (node.name === 'Send Alert') node.waitBetweenTries = 100;
		const id = await n8n.createWorkflow(workflow);
		await publish(id);
		channel.state.isDown = true;
		await deliver(id, { code: 503, message: 'busy', extraData: { retry: { count: 0, job } }, data: failedTask });
		const [execution] = await settled(id, 1);
		channel.state.isDown = false;
		expect(execution?.status).toBe('error');
		expect(sandbox.tasks()).toHaveLength(1);
		await n8n.deactivate(id);
	});
});

describe('route-events-to-sub-workflows', () => {
	const ROUTES = {
		Failed: 'alert-and-retry-failed-jobs',
		'Video or Audio': 'sub-workflow-video-ready',
		Texts: 'sub-workflow-texts-ready',
		Speech: 'sub-workflow-speech-or-voice-ready',
		Voice: 'sub-workflow-speech-or-voice-ready',
	} as const;
	type Route = keyof typeof ROUTES;
	const routes = Object.keys(ROUTES) as Route[];

	const chosen = (id: string) => (parameters: Parameters) => ({
		...parameters,
		workflowId: { __rl: true, mode: 'list', value: id },
	});

	const hub = (ids: Partial<Record<Route, string>>) =>
		template(
			'route-events-to-sub-workflows',
			Object.fromEntries(Object.entries(ids).map(([route, id]) => [route, chosen(id)])),
		);

	/** Imports the workflows in charge; those that need no publishing in n8n 1.x are published all the same. */
	async function workflowsInCharge(): Promise<Record<Route, string>> {
		const entries: Array<[Route, string]> = [];
		for (const route of routes) {
			const id = await n8n.createWorkflow(
				template(ROUTES[route], route === 'Failed' ? { 'Send Alert': (parameters) => ({ ...parameters, url: 'http://127.0.0.1:9/' }) } : {}),
			);
			if (!isLegacy) await n8n.activate(id);
			entries.push([route, id]);
		}
		return Object.fromEntries(entries) as Record<Route, string>;
	}

	onlyCurrent('cannot be published before its workflows are chosen, and n8n names the nodes', async () => {
		const id = await n8n.createWorkflow(hub({}));
		const refusal = await n8n.activate(id).then(() => '', String);
		for (const route of routes) expect(refusal).toContain(`Node "${route}"`);
	});

	onlyCurrent('cannot be published before its workflows are', async () => {
		const ids = await workflowsInCharge();
		await n8n.deactivate(ids.Texts);
		const id = await n8n.createWorkflow(hub(ids));
		await expect(n8n.activate(id)).rejects.toThrow(/Node "Texts" references workflow .* which is not published/);
	});

	test('every event goes to its workflow, once, with what the trigger put out; five at a time', async () => {
		const ids = await workflowsInCharge();
		const id = await n8n.createWorkflow(hub(ids));
		await publish(id);
		sandbox.settings.mediaTaskMs = 300;
		const create = async (path: string, body: Record<string, unknown>) => {
			const answer = await fetch(`${sandbox.url}/openapi/v1${path}`, {
				method: 'POST',
				headers: { Authorization: `Bearer ${sandbox.apiKey}`, 'Content-Type': 'application/json', 'X-Idempotency-Key': randomUUID() },
				body: JSON.stringify(body),
			});
			const { data } = z.object({ data: z.object({ taskId: z.string() }) }).parse(await answer.json());
			return data.taskId;
		};
		const media = (name: string) => ({
			taskType: 'vt',
			source: { sourceUrl: `https://example.com/${name}.mp4` },
			language: { source: 'auto', target: 'de-DE' },
			options: { voiceClone: { mode: 'role' } },
			extraData: { name },
		});
		const [failed, dubbed, texts, speech, voice] = await Promise.all([
			create(CREATE_MEDIA, media('sandbox-fail')),
			create(CREATE_MEDIA, media('film')),
			create('/task/translate/create-async', {
				language: { source: 'en-US', target: 'de-DE' },
				segments: [{ text: 'Tea' }, { text: '{{fail}}' }],
				extraData: { page: 3, vmegSubmission: { id: 'x', total: 9, items: [4, 8], targetLanguage: 'de-DE' } },
			}),
			create('/task/tts/create-async', { data: [{ text: 'Hello', voiceId: 'sv_0001' }] }),
			create('/task/clone-voice/create-async', { refAudio: 'https://example.com/me.wav' }),
		]);
		const events = await settled(id, 5);
		expect(events.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'success'));
		const taken = async (route: Route, node = 'From the Hub') => {
			const executions = await settled(ids[route], 1);
			return executions.flatMap((execution) => jsonOf(execution, node));
		};
		expect(await taken('Video or Audio')).toEqual([expect.objectContaining({ taskId: dubbed, succeeded: true, extraData: { name: 'film' } })]);
		expect(await taken('Failed')).toEqual([expect.objectContaining({ taskId: failed, succeeded: false })]);
		expect((await taken('Speech')).map(({ taskId }) => taskId)).toEqual([speech]);
		expect((await taken('Voice')).map(({ taskId }) => taskId)).toEqual([voice]);
		expect(await taken('Texts', 'Save Here')).toEqual([
			{ item: 4, targetLanguage: 'de-DE', translation: '[de-DE] Tea', problem: '', extraData: { page: 3 }, taskId: texts },
			{ item: 8, targetLanguage: 'de-DE', translation: null, problem: expect.stringMatching(/.+/), extraData: { page: 3 }, taskId: texts },
		]);

		const [published] = (await settled(ids['Video or Audio'], 1)).flatMap((execution) => outputOf(execution, 'Publish Here'));
		expect(published?.json).toMatchObject({ taskId: dubbed, extraData: { name: 'film' } });
		expect(Object.keys(published?.binary ?? {}).sort()).toEqual(['audio', 'subtitles', 'video']);
		const [sound] = (await settled(ids.Speech, 1)).flatMap((execution) => outputOf(execution, 'Use Sound Here'));
		expect(sound?.binary?.audio).toBeDefined();
		expect(await taken('Voice', 'Use Voice Here')).toEqual([{ voiceId: expect.stringMatching(/^cv_/), extraData: expect.anything() }]);

		// it did not wait: what its node put out is the event, not what the other workflow made of it
		const handedOver = events.flatMap((execution) => jsonOf(execution, 'Texts'));
		expect(handedOver).toEqual([expect.objectContaining({ event: 'openapi-translate', taskId: texts })]);
		await n8n.deactivate(id);
	});

	onlyCurrent('an event whose workflow is gone is not lost: the execution fails at its node, and can be retried', async () => {
		const ids = await workflowsInCharge();
		const id = await n8n.createWorkflow(hub(ids));
		await publish(id);
		const textsReady = { event: 'openapi-translate', data: { taskId: 'text-1', items: [{ text: 'Tee' }] } };
		const voiceReady = { event: 'openapi-clone-voice', data: { taskId: 'voice-1', voiceId: 'cv_1' } };
		await n8n.deactivate(ids.Texts);
		await Promise.all([deliver(id, textsReady), deliver(id, voiceReady)]);

		const executions = await settled(id, 2);
		expect(executions.map(({ status }) => status).sort()).toEqual(['error', 'success']);
		const lost = executions.find(({ status }) => status === 'error');
		expect(lost?.data?.resultData.lastNodeExecuted).toBe('Texts');
		expect((await settled(ids.Voice, 1)).flatMap((execution) => jsonOf(execution, 'Use Voice Here'))).toEqual([
			{ voiceId: 'cv_1', extraData: {} },
		]);

		await n8n.activate(ids.Texts);
		await retry(String(lost?.id));
		expect((await settled(ids.Texts, 1)).flatMap((execution) => jsonOf(execution, 'Save Here'))).toEqual([
			expect.objectContaining({ translation: 'Tee', taskId: 'text-1' }),
		]);
		await n8n.deactivate(id);
	});
});

/** Presses "Retry with currently saved workflow" under Executions. */
async function retry(executionId: string): Promise<void> {
	const headers = { 'Content-Type': 'application/json' };
	const login = await fetch(`${n8n.baseUrl}/rest/login`, {
		method: 'POST',
		headers,
		body: JSON.stringify({ emailOrLdapLoginId: OWNER.email, password: OWNER.password }),
	});
	const cookie = login.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
	const answer = await fetch(`${n8n.baseUrl}/rest/executions/${executionId}/retry`, {
		method: 'POST',
		headers: { ...headers, cookie },
		body: JSON.stringify({ loadWorkflow: true }),
	});
	expect(answer.status).toBe(200);
}
