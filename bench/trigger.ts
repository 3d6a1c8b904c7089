/** The trigger beside n8n's own Webhook node, and under a flood of callbacks that nobody signed. */
import { randomUUID } from 'node:crypto';

import { signatureHeaders } from '../sandbox/signature';
import { outputOf, VMEG_TRIGGER_NODE } from '../test/e2e/harness/n8n';
import type { Execution } from '../test/e2e/harness/n8n';
import { until } from '../test/e2e/harness/process';
import { callAll } from './lib/callers';
import type { Answered, Call } from './lib/callers';
import { median, medianRatio, percentile } from './lib/figures';
import type { Row, Section, Target } from './lib/report';
import { onStage } from './lib/stage';
import type { Kit, Stage } from './lib/stage';
import { node } from './lib/workflows';

const CONNECTIONS = 16;
const GENUINE_CONNECTIONS = 2;
const WARM_UP_EVENTS = 50;

/** How n8n evaluates expressions; the last one is `vm` that makes its isolates only where one is needed. */
const ENGINES = {
	legacy: { expressionEngine: 'legacy' },
	vm: { expressionEngine: 'vm' },
	'vm, lazy': { expressionEngine: 'vm', env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' } },
} as const;
type Engine = keyof typeof ENGINES;

export interface TriggerOptions {
	/** Events sent to each receiver in each round. */
	events: number;
	rounds: number;
	floodMs: number;
	/** All of them without it. */
	engines?: Engine[];
}

/** A published workflow of one trigger node, and which events it was sent. */
interface Receiver {
	name: string;
	workflowId: string;
	url: string;
	keyOf(execution: Execution): unknown;
	sent: string[];
}

const TRIGGER = 'Trigger';

async function publish(
	{ n8n }: Stage,
	name: string,
	trigger: ReturnType<typeof node>,
	keyOf: (json: Record<string, unknown>) => unknown,
): Promise<Receiver> {
	const workflowId = await n8n.createWorkflow({ name, nodes: [trigger], connections: {} });
	await n8n.activate(workflowId);
	return {
		name,
		workflowId,
		url: await n8n.webhookUrl(workflowId, TRIGGER),
		sent: [],
		keyOf: (execution) => keyOf(outputOf(execution, TRIGGER)[0]?.json ?? {}),
	};
}

async function vmegTrigger(stage: Stage): Promise<Receiver> {
	const trigger = node(TRIGGER, VMEG_TRIGGER_NODE, 1, {}, stage.credential);
	return await publish(stage, 'VMEG Trigger', { ...trigger, webhookId: randomUUID() }, (json) => json.pipelineKey);
}

/** n8n's Webhook node as it comes: it answers at once and keeps no raw body. */
async function webhookNode(stage: Stage, name: string, options: Record<string, unknown>): Promise<Receiver> {
	const parameters = { httpMethod: 'POST', path: randomUUID(), responseMode: 'onReceived', options };
	const trigger = node(TRIGGER, 'n8n-nodes-base.webhook', 2, parameters);
	return await publish(stage, name, { ...trigger, webhookId: randomUUID() }, ({ body }) =>
		typeof body === 'object' && body !== null && 'pipelineKey' in body ? body.pipelineKey : undefined,
	);
}

const bodyOf = (pipelineKey: string) =>
	JSON.stringify({
		code: 200,
		version: 'v1',
		event: 'openapi-translate',
		pipelineKey,
		message: '',
		extraData: { order: 4711 },
		data: {
			taskId: `task-${pipelineKey}`,
			items: Array.from({ length: 5 }, (_, line) => ({ text: `[de-DE] Product text number ${line}` })),
			createdAt: '2026-01-01T00:00:00.000Z',
		},
	});

/** A new completion as VMEG delivers it, noted as sent. */
function genuine({ sent }: Receiver, secret: string): Call {
	const key = randomUUID().replaceAll('-', '');
	sent.push(key);
	const body = bodyOf(key);
	return { body, headers: signatureHeaders(body, secret) };
}

const HOSTILE = {
	unsigned: (): Call => ({ body: bodyOf('0'.repeat(32)), headers: { 'Content-Type': 'application/json' } }),
	'wrongly signed': (): Call => {
		const body = bodyOf('0'.repeat(32));
		return { body, headers: signatureHeaders(body, 'a guess') };
	},
} as const;

function requireStatus(answers: Answered[], status: number): void {
	const other = answers.find((answer) => answer.status !== status);
	if (other !== undefined) throw new Error(`An answer is ${other.status} and not ${status}`);
}

/** All executions of a receiver once it has come to rest, the latest first. */
async function settled({ n8n }: Stage, { workflowId, sent, name }: Receiver): Promise<Execution[]> {
	return await until(
		`${sent.length} executions of ${name}`,
		async () => {
			const running = await n8n.listExecutions({ workflowId, status: 'running' });
			if (running.length > 0) return undefined;
			const finished = await n8n.listExecutions({ workflowId });
			return finished.length >= sent.length ? finished : undefined;
		},
		{ timeoutMs: 60_000, everyMs: 200 },
	);
}

/** When the last of these executions ended, in milliseconds since 1970. */
const lastEnd = (executions: Execution[]): number =>
	Math.max(...executions.map(({ stoppedAt }) => Date.parse(stoppedAt ?? '')));

interface Volley {
	/** Completed executions a second, from the first call to the end of the last execution. */
	perSecond: number;
	answers: Answered[];
}

async function volley(stage: Stage, receiver: Receiver, events: number): Promise<Volley> {
	const started = Date.now();
	let left = events;
	const answers = await callAll(receiver.url, CONNECTIONS, () =>
		left-- > 0 ? genuine(receiver, stage.server.webhookSecret) : undefined,
	);
	requireStatus(answers, 200);
	const ended = lastEnd(await settled(stage, receiver));
	return { perSecond: (events * 1000) / (ended - started), answers };
}

/** Each event that was sent started one successful execution, and nothing else did. */
async function verify(stage: Stage, receiver: Receiver): Promise<void> {
	await settled(stage, receiver);
	const { workflowId, name } = receiver;
	const executions = await stage.n8n.listExecutions({ workflowId, includeData: true });
	const failed = executions.find(({ status }) => status !== 'success');
	if (failed !== undefined) throw new Error(`${name}: execution ${failed.id} is ${failed.status}`);
	const emitted = executions.map((execution) => String(receiver.keyOf(execution))).sort();
	if (emitted.join() !== [...receiver.sent].sort().join()) {
		throw new Error(`${name}: ${receiver.sent.length} events sent, ${new Set(emitted).size} emitted in ${emitted.length} executions`);
	}
}

const timesOf = (answers: Answered[]) => answers.map(({ ms }) => ms);

async function compare(stage: Stage, engine: Engine, { events, rounds }: TriggerOptions) {
	const vmeg = await vmegTrigger(stage);
	const webhook = await webhookNode(stage, 'Webhook', {});
	const dynamic = await webhookNode(stage, 'Webhook with an expression', { responseData: "={{ 'ok' }}" });
	const all = [vmeg, webhook, dynamic];
	for (const receiver of all) await volley(stage, receiver, WARM_UP_EVENTS);
	const volleys = new Map<Receiver, Volley[]>(all.map((receiver) => [receiver, []]));
	for (let round = 1; round <= rounds; round++) {
		// whoever comes first has the smaller database
		for (const receiver of round % 2 === 1 ? all : [...all].reverse()) {
			const one = await volley(stage, receiver, events);
			volleys.get(receiver)?.push(one);
			stage.log(`  ${engine}, ${receiver.name}: ${Math.round(one.perSecond)} executions/s`);
		}
	}
	for (const receiver of all) await verify(stage, receiver);

	const perSecond = (receiver: Receiver) => (volleys.get(receiver) ?? []).map((one) => one.perSecond);
	const ratioTo = (receiver: Receiver) => medianRatio(perSecond(vmeg), perSecond(receiver));
	const rows = all.map((receiver): Row => {
		const answers = timesOf((volleys.get(receiver) ?? []).flatMap((one) => one.answers));
		return {
			engine,
			node: receiver.name,
			'executions/s': median(perSecond(receiver)),
			'VMEG ÷ this': ratioTo(receiver),
			'answer p50 ms': median(answers),
			'answer p99 ms': percentile(answers, 99),
		};
	});
	return { vmeg, rows, accepted: median(perSecond(vmeg)), ratio: ratioTo(webhook) };
}

/** Some callers send only what must be refused, others genuine events one after another. */
async function flood(stage: Stage, receiver: Receiver, floodMs: number, hostile?: () => Call) {
	const end = Date.now() + floodMs;
	const isOver = () => Date.now() >= end;
	const [refused, served] = await Promise.all([
		hostile ? callAll(receiver.url, CONNECTIONS, () => (isOver() ? undefined : hostile())) : [],
		callAll(receiver.url, GENUINE_CONNECTIONS, () =>
			isOver() ? undefined : genuine(receiver, stage.server.webhookSecret),
		),
	]);
	requireStatus(refused, 401);
	requireStatus(served, 200);
	await settled(stage, receiver);
	return { refusedPerSecond: (refused.length * 1000) / floodMs, served };
}

async function endure(stage: Stage, engine: Engine, receiver: Receiver, accepted: number, floodMs: number) {
	const rows: Row[] = [];
	const targets: Target[] = [];
	const kinds = [['none', undefined], ...Object.entries(HOSTILE)] as const;
	for (const [kind, hostile] of kinds) {
		const { refusedPerSecond, served } = await flood(stage, receiver, floodMs, hostile);
		stage.log(`  ${engine}, flood ${kind}: ${Math.round(refusedPerSecond)} refused/s, ${served.length} genuine`);
		rows.push({
			engine,
			flood: kind,
			'refused/s': hostile ? refusedPerSecond : NaN,
			'refused ÷ accepted alone': hostile ? refusedPerSecond / accepted : NaN,
			'genuine sent': served.length,
			'genuine answer p50 ms': median(timesOf(served)),
			'genuine answer p99 ms': percentile(timesOf(served), 99),
		});
		if (hostile) {
			targets.push({ what: `${engine}: ${kind}, refused ÷ accepted`, measured: refusedPerSecond / accepted, atLeast: 3 });
		}
	}
	await verify(stage, receiver);
	return { rows, targets };
}

/** Throughput and latency beside the Webhook node, then a flood, under both expression engines. */
export async function benchTrigger(kit: Kit, options: TriggerOptions): Promise<Section[]> {
	const beside: Section = {
		title: 'VMEG Trigger beside n8n’s Webhook node',
		notes: [
			`${options.events} signed completions to each in each of ${options.rounds} rounds, in turn, over ${CONNECTIONS} kept connections, each completion a new one, the same bodies and headers for both; nothing behind the trigger; every execution saved.`,
			'Webhook: POST, responds immediately, raw body off, no authentication: it verifies nothing and may start twice for one completion. VMEG Trigger verifies the signature and records each completion in the database.',
			'Executions a second count from the first call to the end of the last execution; ratios are medians of the ratios of each round.',
			'`vm` is the default expression engine of n8n 2.41: it makes an isolate for the webhook call and one for the execution, and one more to read a credential. Its own Webhook node is spared the first if nothing in it is an expression, which no community node can be; hence the second Webhook. `vm, lazy` is the same engine with `N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true`: isolates are made only for expressions that need one.',
		],
		rows: [],
		targets: [],
	};
	const hostile: Section = {
		title: 'A flood of callbacks that must be refused',
		notes: [
			`${CONNECTIONS} connections send what must be refused for ${options.floodMs / 1000} s, while ${GENUINE_CONNECTIONS} send genuine completions one after another. Every hostile one got 401 and started nothing; every genuine one was emitted once.`,
			'"Refused ÷ accepted alone" compares with the executions a second of the table before. Under `vm` n8n makes an isolate for each call before any node sees it, and that is nearly all that a refusal costs.',
		],
		rows: [],
		targets: [],
	};
	const engines: Engine[] = options.engines ?? ['legacy', 'vm', 'vm, lazy'];
	for (const engine of engines) {
		await onStage(
			kit,
			async (stage) => {
				const { vmeg, rows, accepted, ratio } = await compare(stage, engine, options);
				beside.rows.push(...rows);
				beside.targets?.push({ what: `${engine}: throughput of VMEG Trigger ÷ Webhook`, measured: ratio, atLeast: 0.7 });
				const endured = await endure(stage, engine, vmeg, accepted, options.floodMs);
				hostile.rows.push(...endured.rows);
				hostile.targets?.push(...endured.targets);
			},
			ENGINES[engine],
		);
	}
	return [beside, hostile];
}
