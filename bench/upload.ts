/**
 * Upload and download of large files in a real n8n, side by side with the bound: for the upload one
 * MD5 pass and `curl -T` of the same file, for the download `curl -o` of the same URL. Prints
 * throughput, their ratio, and how far n8n's memory rose above idle.
 *
 * `npm run bench:upload -- --sizes 64,512,2048` (MiB)
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';

import { startSandbox } from '../sandbox';
import type { Sandbox } from '../sandbox';
import { addCredential } from '../test/e2e/harness/credential';
import {
	outputOf,
	packPackage,
	startN8n,
	VMEG_CREDENTIAL,
	VMEG_NODE,
} from '../test/e2e/harness/n8n';
import type { N8n, WorkflowDefinition, WorkflowNode } from '../test/e2e/harness/n8n';
import { until } from '../test/e2e/harness/process';

const MiB = 1024 * 1024;
const SAMPLE_MS = 50;
const ASK_MS = 3_000;
const RUN_TIMEOUT_MS = 900_000;
const run = promisify(execFile);

const { values } = parseArgs({
	options: {
		sizes: { type: 'string', default: '64,512,2048' },
		'upload-only': { type: 'boolean', default: false },
	},
});
const sizes = values.sizes.split(',').map(Number);

/** Writes a file that nobody has seen before, so that no upload finds it at VMEG. */
async function makeFile(folder: string, size: number): Promise<string> {
	const file = path.join(folder, `video-${size}.mp4`);
	const handle = await open(file, 'w');
	const block = Buffer.alloc(MiB);
	for (let index = 0; index < size; index++) {
		block.write(randomUUID(), index % 1024);
		await handle.write(block);
	}
	await handle.close();
	return file;
}

async function md5Of(file: string): Promise<string> {
	const hash = createHash('md5');
	for await (const piece of createReadStream(file, { highWaterMark: MiB })) hash.update(piece as Buffer);
	return hash.digest('hex');
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
	const started = performance.now();
	await work();
	return (performance.now() - started) / 1000;
};

const uploadUrl = z.object({ data: z.object({ uploadUrl: z.string() }) });

/** One MD5 pass and one PUT by curl: what no upload can beat. */
async function boundOfUpload(sandbox: Sandbox, file: string): Promise<number> {
	return await seconds(async () => {
		const fileHash = await md5Of(file);
		const response = await fetch(`${sandbox.url}/openapi/v1/assets/material/upload/gen-upload-url`, {
			method: 'POST',
			headers: {
				Authorization: `Bearer ${sandbox.apiKey}`,
				'Content-Type': 'application/json',
				'X-Idempotency-Key': randomUUID(),
			},
			body: JSON.stringify({ fileHash, fileName: path.basename(file) }),
		});
		const { data } = uploadUrl.parse(await response.json());
		await run('curl', ['-sS', '--fail', '-T', file, data.uploadUrl]);
	});
}

/** The highest resident memory of n8n while something runs, and before it, in bytes. */
async function memoryDuring<T>(n8n: N8n, work: () => Promise<T>) {
	const idle = (await n8n.memory()).rss;
	let peak = idle;
	const timer = setInterval(() => {
		void n8n.memory().then(({ rss }) => (peak = Math.max(peak, rss)));
	}, SAMPLE_MS);
	try {
		return { result: await work(), risen: () => peak - idle };
	} finally {
		clearInterval(timer);
	}
}

const node = (
	name: string,
	type: string,
	typeVersion: number,
	x: number,
	parameters: Record<string, unknown>,
	credential?: { id: string; name: string },
): WorkflowNode => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	position: [x, 0],
	parameters,
	...(credential ? { credentials: { [VMEG_CREDENTIAL]: credential } } : {}),
});

const to = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });

const uploadWorkflow = (file: string, credential: { id: string; name: string }): WorkflowDefinition => ({
	name: 'Upload',
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, 0, {}),
		node('File', 'n8n-nodes-base.readWriteFile', 1, 200, { fileSelector: file, options: {} }),
		node('VMEG', VMEG_NODE, 1, 400, { resource: 'material', operation: 'upload' }, credential),
	],
	connections: { Start: to('File'), File: to('VMEG') },
	settings: { saveManualExecutions: true },
});

const downloadWorkflow = (
	materialId: string,
	credential: { id: string; name: string },
): WorkflowDefinition => ({
	name: 'Download',
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, 0, {}),
		node(
			'Dub',
			VMEG_NODE,
			1,
			200,
			{
				resource: 'media',
				operation: 'submitAndWait',
				sourceLanguage: 'auto',
				targetLanguage: 'de-DE',
				taskType: 'vt',
				materialSource: 'materialId',
				materialId: { __rl: true, mode: 'id', value: materialId },
				voiceCloneStyle: 'emotional',
				voiceCloneMode: 'role',
			},
			credential,
		),
		node(
			'VMEG',
			VMEG_NODE,
			1,
			400,
			{
				resource: 'task',
				operation: 'downloadResult',
				taskId: { __rl: true, mode: 'id', value: '={{ $json.taskId }}' },
				deliverables: ['video'],
			},
			credential,
		),
	],
	connections: { Start: to('Dub'), Dub: to('VMEG') },
	settings: { saveManualExecutions: true },
});

/** How long the sandbox took to put parts together: work of the storage, which a single PUT spares. */
const assemblyMs = (sandbox: Sandbox): number =>
	sandbox.journal.requests('/multipart/complete').reduce((sum, { ms }) => sum + ms, 0);

/** Runs a workflow and tells how long its VMEG node took, without what the storage did on its own. */
async function timed(n8n: N8n, sandbox: Sandbox, workflow: WorkflowDefinition) {
	const assembledMs = assemblyMs(sandbox);
	const id = await n8n.createWorkflow(workflow);
	const measured = await memoryDuring(n8n, async () => {
		const execution = await n8n.runWorkflow(id, { triggerName: 'Start' });
		// rarely asked: n8n's memory grows with each question, too
		return await until(
			'the execution to end',
			async () => {
				const [latest] = await n8n.listExecutions({ workflowId: id });
				const isOver = latest !== undefined && ['success', 'error', 'crashed'].includes(latest.status);
				return isOver ? await n8n.getExecution(execution) : undefined;
			},
			{ timeoutMs: RUN_TIMEOUT_MS, everyMs: ASK_MS },
		);
	});
	const execution = measured.result;
	if (execution.status !== 'success') {
		throw new Error(execution.data?.resultData.error?.message ?? execution.status);
	}
	const tookMs = execution.data?.resultData.runData.VMEG?.[0]?.executionTime ?? NaN;
	const output = outputOf(execution, workflow.nodes.at(-1)?.name ?? '')[0]?.json ?? {};
	const earlier = execution.data?.resultData.runData.Dub ? outputOf(execution, 'Dub')[0]?.json : {};
	const seconds = (tookMs - (assemblyMs(sandbox) - assembledMs)) / 1000;
	return { seconds, rise: measured.risen(), output, earlier: earlier ?? {} };
}

const row = (size: number, what: string, took: number, bound: number, rise: number) => ({
	size: `${size} MiB`,
	what,
	'node MiB/s': Math.round(size / took),
	'bound MiB/s': Math.round(size / bound),
	ratio: Number((bound / took).toFixed(2)),
	'MiB above idle': Math.round(rise / MiB),
});

async function main(): Promise<void> {
	const folder = await mkdtemp(path.join(tmpdir(), 'vmeg-bench-'));
	const sandbox = await startSandbox({ mediaTaskMs: 100, credits: 1e9 });
	const n8n = await startN8n({
		packageTarball: await packPackage(),
		env: { N8N_RESTRICT_FILE_ACCESS_TO: folder },
		log: console.log,
	});
	const rows: Array<ReturnType<typeof row>> = [];
	try {
		const { id, name } = await addCredential(n8n, sandbox);
		for (const size of sizes) {
			console.log(`${size} MiB: making the file`);
			const file = await makeFile(folder, size);
			const bound = await boundOfUpload(sandbox, file);
			console.log(`${size} MiB: bound of the upload ${bound.toFixed(1)} s; now the node`);
			const upload = await timed(n8n, sandbox, uploadWorkflow(file, { id, name }));
			if (upload.output.fileHash !== (await md5Of(file))) throw new Error('The bytes differ');
			rows.push(row(size, 'upload', upload.seconds, bound, upload.rise));

			console.table(rows.slice(-1));
			if (values['upload-only']) continue;

			console.log(`${size} MiB: now the download`);
			const download = await timed(n8n, sandbox, downloadWorkflow(String(upload.output.materialId), { id, name }));
			const target = path.join(folder, 'curl');
			const boundDown = await seconds(
				async () => await run('curl', ['-sS', '--fail', '-o', target, String(download.earlier.videoUrl)]),
			);
			rows.push(row(size, 'download', download.seconds, boundDown, download.rise));
			await rm(target);
			console.table(rows.slice(-1));
		}
		console.table(rows);
	} finally {
		await n8n.stop();
		await sandbox.close();
		await rm(folder, { recursive: true });
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
