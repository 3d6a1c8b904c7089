/** Many texts: this package beside what a user would do without it, and beside the bound. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';

import { median, medianRatio, MiB } from './lib/figures';
import type { Row, Section, Target } from './lib/report';
import { onStage, runRows } from './lib/stage';
import type { Kit, Stage } from './lib/stage';
import { editFieldsNode, httpRequestNode, noOpNode, oneByOneNode, vmegNode } from './lib/workflows';
import type { Measured } from './lib/workflows';

const LATENCY_MS = 50;
const BATCH_SIZE = 50;
const BATCHES_AT_ONCE = 4;
const WARM_UP_ROWS = 500;
const runFile = promisify(execFile);

interface Figures {
	calls: number;
	credits: number;
	ms: number;
	rise: number;
	/** The most calls at once. */
	atOnce: number;
}

async function bareScript(
	{ host, extension, server }: Kit,
	texts: number,
	batchSize = BATCH_SIZE,
	atOnce = BATCHES_AT_ONCE,
): Promise<number> {
	const script = path.join(extension, 'bare.js');
	const { stdout } = await runFile(host.node, [
		...[script, server.url, server.apiKey],
		...[texts, batchSize, atOnce].map(String),
		randomUUID(),
	]);
	return Number(stdout);
}

async function measureNode(stage: Stage, rows: number, measured: Measured, latencyMs: number): Promise<Figures> {
	await stage.server.prepare(latencyMs);
	const { ms, rise } = await runRows(stage, rows, measured);
	return { ...(await stage.server.translations()), ms, rise };
}

async function measureBare(kit: Kit, rows: number, latencyMs: number): Promise<Figures> {
	await kit.server.prepare(latencyMs);
	const ms = await bareScript(kit, rows);
	return { ...(await kit.server.translations()), ms, rise: NaN };
}

const medianOf = (all: Figures[]): Figures => {
	const of = (name: keyof Figures) => median(all.map((one) => one[name]));
	return { calls: of('calls'), credits: of('credits'), ms: of('ms'), rise: of('rise'), atOnce: of('atOnce') };
};

/** Compiles what will be measured: a server that has run for a while has done so too. */
async function warmUp(stage: Stage, all: Measured[]): Promise<void> {
	for (const measured of all) await measureNode(stage, WARM_UP_ROWS, measured, 0);
}

const rowOf = (rows: number, name: string, one: Figures, vmeg: Figures): Row => ({
	rows,
	what: name,
	calls: one.calls,
	'at once': one.atOnce,
	credits: one.credits,
	'wall time s': one.ms / 1000,
	'texts/s': (rows * 1000) / one.ms,
	'time ÷ VMEG': one.ms / vmeg.ms,
	'calls ÷ VMEG': one.calls / vmeg.calls,
	'MiB above before': one.rise / MiB,
});

const BARE = 'bare script (bound)';

/** How a node is measured: the sequential one takes minutes, so once and not in the rounds. */
interface Plan {
	rows: number;
	rounds: number;
	withOneByOne: boolean;
}

async function compare(stage: Stage, { rows, rounds, withOneByOne }: Plan) {
	const vmeg = vmegNode(stage.credential);
	const http = httpRequestNode(stage.credential, stage.server.url);
	const slow = oneByOneNode(stage.credential, stage.server.url);
	const edit = editFieldsNode();
	const figures = new Map<string, Figures[]>();
	const note = (name: string, one: Figures) => {
		figures.set(name, [...(figures.get(name) ?? []), one]);
		stage.log(`  ${rows} rows, ${name}: ${Math.round(one.ms)} ms, ${one.calls} calls`);
	};
	for (let round = 1; round <= rounds; round++) {
		note(BARE, await measureBare(stage, rows, LATENCY_MS));
		note(vmeg.name, await measureNode(stage, rows, vmeg, LATENCY_MS));
		note(http.name, await measureNode(stage, rows, http, LATENCY_MS));
		note(edit.name, await measureNode(stage, rows, edit, LATENCY_MS));
	}
	if (withOneByOne) {
		stage.log(`  ${rows} rows, ${slow.name}: takes about ${Math.round((rows * (LATENCY_MS + 5)) / 1000)} s`);
		note(slow.name, await measureNode(stage, rows, slow, LATENCY_MS));
	}
	const of = (name: string) => figures.get(name) ?? [];
	const timesOf = (name: string) => of(name).map(({ ms }) => ms);
	const mine = timesOf(vmeg.name);
	const moreCalls = (name: string) => medianOf(of(name)).calls / medianOf(of(vmeg.name)).calls;
	const targets: Target[] = [
		{ what: `${rows} rows: calls of HTTP Request ÷ VMEG`, measured: moreCalls(http.name), atLeast: 50 },
		{ what: `${rows} rows: time of VMEG ÷ HTTP Request`, measured: medianRatio(mine, timesOf(http.name)), atMost: 1 / 2 },
		{ what: `${rows} rows: throughput of VMEG ÷ bare script`, measured: medianRatio(timesOf(BARE), mine), atLeast: 0.8 },
	];
	if (withOneByOne) {
		const ratio = median(mine) / median(timesOf(slow.name));
		targets.push(
			{ what: `${rows} rows: calls of one after another ÷ VMEG`, measured: moreCalls(slow.name), atLeast: 50 },
			{ what: `${rows} rows: time of VMEG ÷ one after another`, measured: ratio, atMost: 1 / 20 },
		);
	}
	const reference = medianOf(of(vmeg.name));
	return { rows: [...figures].map(([name, all]) => rowOf(rows, name, medianOf(all), reference)), targets };
}

/** How fast the server is by itself, and how long its delay really takes. */
async function serverNotes(kit: Kit): Promise<string[]> {
	const texts = 5_000;
	await kit.server.prepare(0);
	const single = await bareScript(kit, texts, 1, 16);
	await kit.server.prepare(0);
	const batched = await bareScript(kit, texts * 10);
	await kit.server.prepare(LATENCY_MS);
	const one = await bareScript(kit, 20, 1, 1);
	const perSecond = (count: number, ms: number) => Math.round((count * 1000) / ms).toLocaleString('en-US');
	return [
		`The server by itself, at 0 ms, asked by the bare script: ${perSecond(texts, single)} calls/s of one text, ${perSecond(texts * 10, batched)} texts/s in batches of ${BATCH_SIZE}; a call with ${LATENCY_MS} ms takes ${(one / 20).toFixed(1)} ms.`,
	];
}

/** 1,000 and 10,000 texts at 50 ms. */
export async function benchText(
	kit: Kit,
	{ counts, rounds, full }: { counts: number[]; rounds: number; full: boolean },
): Promise<Section> {
	const serverNote = await serverNotes(kit);
	return await onStage(kit, async (stage) => {
		const { credential, server } = stage;
		await warmUp(stage, [vmegNode(credential), httpRequestNode(credential, server.url), editFieldsNode()]);
		const smallest = Math.min(...counts);
		const compared = [];
		for (const rows of counts) {
			compared.push(await compare(stage, { rows, rounds, withOneByOne: full || rows === smallest }));
		}
		return {
			title: 'Translating many texts',
			notes: [
				`Distinct texts, a server that takes ${LATENCY_MS} ms, n8n's default expression engine; medians of ${rounds} rounds in turn, ratios of targets being medians of each round's ratio, "one after another" measured once.`,
				`The bare script sends the same batches of ${BATCH_SIZE}, ${BATCHES_AT_ONCE} at once, over kept connections, without n8n.`,
				"Edit Fields evaluates one expression for each row and sends nothing: what n8n's own reading of the texts takes. This node reads fields of an item without the engine.",
				'Wall time is that of the node alone, as n8n counts it; memory is that of n8n for the whole execution, in one n8n that goes on running.',
				...serverNote,
			],
			rows: compared.flatMap(({ rows }) => rows),
			targets: compared.flatMap(({ targets }) => targets),
		};
	});
}

/** What a row costs in n8n's process, with a server that answers at once. */
export async function benchOverhead(
	kit: Kit,
	{ counts, rounds }: { counts: number[]; rounds: number },
): Promise<Section> {
	const rows: Row[] = [];
	for (const expressionEngine of ['vm', 'legacy'] as const) {
		await onStage(
			kit,
			async (stage) => {
				const { credential, server } = stage;
				const all = [vmegNode(credential), httpRequestNode(credential, server.url), editFieldsNode(), noOpNode()];
				await warmUp(stage, all);
				for (const count of counts) {
					const figures = new Map<string, number[]>();
					for (let round = 1; round <= rounds; round++) {
						for (const measured of all) {
							const { ms } = await measureNode(stage, count, measured, 0);
							figures.set(measured.name, [...(figures.get(measured.name) ?? []), (ms * 1000) / count]);
							stage.log(`  ${expressionEngine}, ${count} rows, ${measured.name}: ${Math.round((ms * 1000) / count)} µs/row`);
						}
						const bare = (await measureBare(stage, count, 0)).ms;
						figures.set(BARE, [...(figures.get(BARE) ?? []), (bare * 1000) / count]);
					}
					for (const [what, perRow] of figures) {
						rows.push({ engine: expressionEngine, rows: count, what, 'µs per row': median(perRow) });
					}
				}
			},
			{ expressionEngine },
		);
	}
	return {
		title: 'Overhead per item',
		notes: [
			`A server that answers at once; time of the node alone; medians of ${rounds} rounds in turn.`,
			'Edit Fields evaluates one expression for each row, as the text of this node does, and sends nothing; No Operation does nothing.',
			'`vm` is the default expression engine of n8n 2.41, `legacy` the earlier one.',
		],
		rows,
	};
}
