/** An n8n with the package, the private nodes of the benchmarks, and a credential for the server. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

import { addCredential } from '../../test/e2e/harness/credential';
import { outputOf, packPackage, startN8n } from '../../test/e2e/harness/n8n';
import type { Host, Item, N8n } from '../../test/e2e/harness/n8n';
import { until } from '../../test/e2e/harness/process';
import type { Server } from './server';
import { rowsWorkflow } from './workflows';
import type { Credential, Measured } from './workflows';

const RUN_TIMEOUT_MS = 1_200_000;
// asked rarely: n8n answers on the thread that is measured
const ASK_MS = 500;

/** What is made once and used by every n8n. */
export interface Kit {
	host: Host;
	server: Server;
	tarball: string;
	/** A folder of built private nodes, and of the bare script. */
	extension: string;
	log(line: string): void;
}

/** The private nodes and the bare script as JavaScript, in a folder that the caller deletes. */
export async function buildExtension(): Promise<string> {
	const outdir = await mkdtemp(path.join(tmpdir(), 'vmeg-bench-'));
	const source = (name: string) => path.join(__dirname, '..', 'extension', name);
	const entryPoints = ['Rows.node.ts', 'OneByOne.node.ts', 'bare.ts'].map(source);
	await build({ entryPoints, outdir, format: 'cjs', platform: 'node', target: 'node22' });
	return outdir;
}

export async function makeKit(host: Host, server: Server, log: (line: string) => void): Promise<Kit> {
	return { host, server, log, tarball: await packPackage(), extension: await buildExtension() };
}

export async function dropKit({ tarball, extension }: Kit): Promise<void> {
	await rm(path.dirname(tarball), { recursive: true, force: true });
	await rm(extension, { recursive: true, force: true });
}

export interface Stage extends Kit {
	n8n: N8n;
	credential: Credential;
}

/** Starts a fresh n8n, runs the work, and stops it whatever happens. */
export async function onStage<T>(
	kit: Kit,
	work: (stage: Stage) => Promise<T>,
	{ expressionEngine, env = {} }: { expressionEngine?: 'vm' | 'legacy'; env?: Record<string, string> } = {},
): Promise<T> {
	const n8n = await startN8n({
		host: kit.host,
		packageTarball: kit.tarball,
		expressionEngine,
		env: { N8N_CUSTOM_EXTENSIONS: kit.extension, ...profiling(), ...env },
	});
	try {
		return await work({ ...kit, n8n, credential: await addCredential(n8n, kit.server) });
	} finally {
		await n8n.stop();
	}
}

/** Options for the Node of n8n, such as `--cpu-prof --cpu-prof-dir=/tmp/profile`, from BENCH_NODE_OPTIONS. */
const profiling = (): Record<string, string> =>
	process.env.BENCH_NODE_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS } : {};

/** Lets the highest resident memory of a process be counted anew (Linux, proc(5): clear_refs). */
async function resetPeak(pid: number): Promise<void> {
	await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** One run of a measured node. */
export interface Run {
	/** Time of the measured node alone, as n8n counts it. */
	ms: number;
	/** Bytes that n8n's resident memory rose above what it was before the run. */
	rise: number;
}

/** Every row has its item, in the order of the rows, with the right content, and paired to its row. */
function verify(items: Item[], count: number, { name, expected, found }: Measured): void {
	if (items.length !== count) throw new Error(`${name}: ${items.length} items for ${count} rows`);
	items.forEach((item, index) => {
		if (found(item) !== expected(index)) {
			throw new Error(`${name}: item ${index} is ${JSON.stringify(found(item))}`);
		}
		if (pairedTo(item) !== index) {
			throw new Error(`${name}: item ${index} is paired to ${JSON.stringify(item.pairedItem)}`);
		}
	});
}

function pairedTo({ pairedItem }: Item): unknown {
	const one: unknown = Array.isArray(pairedItem) ? pairedItem[0] : pairedItem;
	return typeof one === 'object' && one !== null && 'item' in one ? one.item : one;
}

/** Runs a workflow with so many rows through a node and checks what comes out of it. */
export async function runRows({ n8n }: Stage, count: number, measured?: Measured): Promise<Run> {
	const id = await n8n.createWorkflow(rowsWorkflow(count, measured));
	await resetPeak(n8n.server.pid);
	const before = (await n8n.memory()).rss;
	const executionId = await n8n.runWorkflow(id, { triggerName: 'Start' });
	await until(
		'the execution to end',
		async () => {
			// what still runs is not listed; a kept connection may have been closed while n8n was busy
			const ended = await n8n.listExecutions({ workflowId: id }).catch(() => []);
			return ended.length > 0 || undefined;
		},
		{ timeoutMs: RUN_TIMEOUT_MS, everyMs: ASK_MS },
	);
	const rise = (await n8n.memory()).peak - before;
	const execution = await n8n.getExecution(executionId);
	if (execution.status !== 'success') {
		throw new Error(execution.data?.resultData.error?.message ?? execution.status);
	}
	const name = measured === undefined ? 'Rows' : 'Measured';
	if (measured === undefined) {
		if (outputOf(execution, name).length !== count) throw new Error('Rows are missing');
	} else {
		verify(outputOf(execution, name), count, measured);
	}
	const ms = execution.data?.resultData.runData[name]?.[0]?.executionTime ?? NaN;
	await n8n.deleteWorkflow(id);
	return { ms, rise };
}

/** What the report says about the machine (Linux). */
export async function cpuName(): Promise<string> {
	const info = await readFile('/proc/cpuinfo', 'utf8');
	return /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? 'unknown processor';
}
