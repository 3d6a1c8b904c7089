/**
 * `npm run demo`: a real n8n with this package, against the sandbox. Runs the example workflows,
 * prints what they did, and stays up for a look into the editor until Ctrl-C (`-- --once` ends it).
 */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startSandbox } from '../sandbox';
import type { Sandbox } from '../sandbox';
import { addCredential } from '../test/e2e/harness/credential';
import { exampleWorkflow, SAMPLE_VIDEO } from '../test/e2e/harness/examples';
import type { Choices } from '../test/e2e/harness/examples';
import { OWNER, outputOf, packPackage, startN8n } from '../test/e2e/harness/n8n';
import type { Execution, Item, N8n, WorkflowNode } from '../test/e2e/harness/n8n';
import { until } from '../test/e2e/harness/process';

const TRIGGER = 'VMEG Trigger';
const started = Date.now();

const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

const say = (line = '') => console.log(line);
const step = (line: string) =>
	say(`\n[${String(Math.round((Date.now() - started) / 1000)).padStart(3)} s] ${line}`);
const detail = (line: string) => say(`        ${line}`);

/** What the steps of the demo work with. */
interface Stage {
	n8n: N8n;
	sandbox: Sandbox;
	choices: Choices;
}

/** Imports an example, with parameters of its nodes changed where `edit` does so, and runs it. */
async function runExample(
	{ n8n, choices }: Stage,
	name: string,
	edit = ({ parameters }: WorkflowNode) => parameters,
): Promise<Execution> {
	const workflow = exampleWorkflow(name, choices);
	const nodes = workflow.nodes.map((node) => ({ ...node, parameters: edit(node) }));
	const id = await n8n.createWorkflow({ ...workflow, nodes });
	const execution = await n8n.waitForExecution(
		await n8n.runWorkflow(id, { triggerName: 'Start Here' }),
		{ timeoutMs: 120_000 },
	);
	if (execution.status !== 'success') {
		const reason = execution.data?.resultData.error?.message ?? execution.status;
		throw new Error(`The example "${name}" failed: ${reason}`);
	}
	return execution;
}

async function setUp(): Promise<Stage> {
	step('Packing the package and starting n8n with it (about 10 s; the first time n8n is installed)');
	const tarball = await packPackage();
	detail(path.basename(tarball));
	const n8n = await startN8n({ packageTarball: tarball, log: detail });
	await rm(path.dirname(tarball), { recursive: true });
	detail(`n8n answers at ${n8n.baseUrl}`);

	step('Starting the sandbox, a local VMEG: no account, no API key, no credits');
	const sandbox = await startSandbox();
	detail(`sandbox answers at ${sandbox.url}`);

	step('Adding what a user adds: a VMEG credential and a video');
	const credential = await addCredential(n8n, sandbox);
	const material = await sandbox.addMaterial({ name: 'mountain-shop.mp4', path: SAMPLE_VIDEO });
	detail('credential "VMEG account", video mountain-shop.mp4 (7 seconds)');
	const choices = {
		credential,
		material: { id: material.materialId, name: 'mountain-shop.mp4' },
		videoUrl: String(material.addressUrl),
	};
	return { n8n, sandbox, choices };
}

async function translateTexts(stage: Stage): Promise<void> {
	step('Workflow "translate product texts": five texts into German and French');
	const execution = await runExample(stage, 'translate-product-texts');
	for (const node of ['German Rows', 'French Rows']) {
		for (const { json } of outputOf(execution, node)) {
			detail(`${String(json.sku)}  ${String(json.translation)}`);
		}
	}
	const requests = stage.sandbox.journal.requests('/task/translate/create').length;
	detail(`10 translations, ${requests} requests to VMEG`);
}

async function dubAndWait(stage: Stage): Promise<void> {
	step('Workflow "dub a video and wait for it": the video into Spanish');
	const execution = await runExample(stage, 'dub-video-and-wait');
	const [item] = outputOf(execution, 'Deliverables');
	detail(`video ${String(item?.json.videoUrl)}`);
	detail(`audio ${String(item?.json.audioUrl)}`);
	detail(`first subtitle: ${String(item?.json.firstLine)}`);
}

/** Takes what the workflow publishes, in the place of the user's own website. */
async function startWebsite() {
	let bytes = 0;
	const server = createServer((request, response) => {
		request.on('data', (part: Buffer) => (bytes += part.length));
		request.on('end', () => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"published":true}'));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' ? address?.port : undefined;
	return {
		url: `http://127.0.0.1:${port}/`,
		received: () => bytes,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}

async function dubAndPublish(stage: Stage): Promise<void> {
	step('Workflow "dub and publish with subtitles": the video as a file, in German, to a website of ours');
	const website = await startWebsite();
	try {
		const execution = await runExample(stage, 'dub-and-publish-with-subtitles', ({ name, parameters }) =>
			name === 'Publish' ? { ...parameters, url: website.url } : parameters,
		);
		const [item] = outputOf(execution, 'Dub Video');
		for (const [field, file] of Object.entries(item?.binary ?? {})) {
			detail(`field ${field}: ${String(file.fileName)}, ${String(file.mimeType)}, ${String(file.fileSize)}`);
		}
		const [published] = outputOf(execution, 'Published');
		detail(`published: ${website.received()} bytes arrived, answer ${JSON.stringify(published?.json.answer)}`);
	} finally {
		website.close();
	}
}

async function localiseCourse(stage: Stage): Promise<void> {
	step('Workflow "localise course in five languages": four lessons, 20 jobs at the same time');
	const execution = await runExample(stage, 'localise-course-in-five-languages');
	for (const { json } of outputOf(execution, 'Result Table')) {
		const links = Object.entries(json).filter(([, cell]) => String(cell).startsWith('http'));
		detail(`${String(json.lesson).padEnd(16)} ${links.map(([language]) => language).join('  ')}`);
	}
}

async function narrate(stage: Stage): Promise<void> {
	step('Workflow "narrate with cloned voice": three lines');
	for (const { json, binary } of outputOf(await runExample(stage, 'narrate-with-cloned-voice'), 'Speak')) {
		detail(`"${String(json.line)}" as ${String(binary?.audio?.fileName)}`);
	}
}

/** Publishes the receiving workflow and tells the sandbox its URL, as a user does at VMEG. */
async function publishReceiver({ n8n, sandbox, choices }: Stage): Promise<string> {
	step('Workflow "receive completions": published, its URL set at VMEG');
	const receiver = await n8n.createWorkflow(exampleWorkflow('receive-completions', choices));
	await n8n.activate(receiver);
	const url = await n8n.webhookUrl(receiver, TRIGGER);
	sandbox.setWebhookUrl(url);
	detail(url);
	return receiver;
}

async function completionOf(n8n: N8n, receiver: string, taskId: unknown): Promise<Item> {
	return await until(
		`the completion of task ${String(taskId)}`,
		async () => {
			const executions = await n8n.listExecutions({ workflowId: receiver, includeData: true });
			const items = executions.flatMap((execution) => outputOf(execution, TRIGGER));
			return items.find(({ json }) => json.taskId === taskId);
		},
		{ timeoutMs: 60_000, everyMs: 250 },
	);
}

async function submitAndReceive(stage: Stage, receiver: string): Promise<void> {
	step('Workflow "submit without waiting": two newsletter lines into Japanese, the video into German');
	const execution = await runExample(stage, 'submit-without-waiting');
	const accepted = ['Submit Texts', 'Submit Video'].flatMap((node) => outputOf(execution, node));
	const taskIds = accepted.map(({ json }) => json.taskId);
	detail(`accepted as tasks ${taskIds.join(' and ')}; that workflow is over`);
	for (const taskId of taskIds) {
		const { json } = await completionOf(stage.n8n, receiver, taskId);
		detail(`VMEG called back: ${String(json.event)}, signature verified, one item`);
		if (json.videoUrl !== undefined) detail(`video ${String(json.videoUrl)}`);
		for (const translation of Array.isArray(json.translations) ? json.translations : []) {
			detail(String(translation));
		}
	}
}

async function main(): Promise<void> {
	const stage = await setUp();
	const close = async () => {
		await stage.n8n.stop();
		await stage.sandbox.close();
	};
	try {
		await translateTexts(stage);
		await dubAndWait(stage);
		await dubAndPublish(stage);
		await localiseCourse(stage);
		await narrate(stage);
		const receiver = await publishReceiver(stage);
		await submitAndReceive(stage, receiver);

		if (flags.once) {
			step('Done. Without --once, n8n stays up for a look into the editor.');
			return;
		}
		step('Done. See for yourself:');
		detail(`editor    ${stage.n8n.baseUrl}`);
		detail(`login     ${OWNER.email}`);
		detail(`password  ${OWNER.password}`);
		detail(`sandbox   ${stage.sandbox.url}  (tasks, credits, requests)`);
		say('\nPress Ctrl-C to end. Nothing is left behind but the installed n8n in your cache directory.');
		await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
		say('\nStopping…');
	} finally {
		await close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
