/** One run of chaos on one configuration of n8n: traffic, faults, kills, and the audit of it all. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startSandbox } from '../../../sandbox';
import type { RequestEntry, Sandbox } from '../../../sandbox';
import { addCredential } from '../harness/credential';
import type { Execution, N8nClient } from '../harness/n8n';
import { freePorts, run, sleep, until } from '../harness/process';
import { audit, STARTING } from './audit';
import type { Audit } from './audit';
import { inject } from './faults';
import { keepRunning, persistently, receiver, runToItsEnd, submitter, TRIGGER, unreachable, variants } from './traffic';
import type { Variant } from './traffic';

/** One n8n, with its processes by name. */
export interface Subject {
	client: N8nClient;
	processes: ReadonlyMap<string, { kill(): Promise<void>; restart(): Promise<void> }>;
	stop(): Promise<void>;
}

/** Which process is killed when this share of the tasks has been accepted. */
export interface Kill {
	at: number;
	process: string;
}

const isFull = process.env.VMEG_CHAOS === 'full';
const TASKS = Number(process.env.VMEG_CHAOS_TASKS ?? (isFull ? 2_000 : 300));
const SEED = Number(process.env.VMEG_CHAOS_SEED ?? Math.floor(Math.random() * 1e9));
const CONCURRENCY = 4;
/** The small run has time for one. */
const killsOf = (kills: Kill[]) => (isFull ? kills : kills.slice(0, 1));
const DOWN_MS = 1_500;
const FORGED_EVERY_MS = 400;
const FORGED_PREFIX = 'f0f0f0f0';
const REST_MS = 240_000;

/** Defines the tests of one configuration. */
export function chaos(name: string, start: () => Promise<Subject>, kills: Kill[]): void {
	let subject: Subject;
	let sandbox: Sandbox;
	let result: Audit;
	let unreached: Array<{ name: string; execution: Execution }>;
	let forgedAnswers: Map<string, number>;
	let strangeTls: number;

	beforeAll(async () => {
		const started = Date.now();
		process.stdout.write(`${name}: ${TASKS} tasks, VMEG_CHAOS_SEED=${SEED}\n`);
		sandbox = await startSandbox({
			textTaskMs: 400,
			mediaTaskMs: 2_000,
			webhookRetryMs: 300,
			webhookMaxAttempts: 12,
			credits: 10_000_000,
			seed: SEED,
		});
		subject = await start();
		const { client: n8n } = subject;
		const { apiKey, webhookSecret } = sandbox;
		const credentialFor = async (label: string, url: string) =>
			await addCredential(n8n, { apiKey, webhookSecret, url }, label);
		const credential = await credentialFor('VMEG', sandbox.url);
		const receiving = await n8n.createWorkflow(receiver(credential));
		await n8n.activate(receiving);
		const webhookUrl = await n8n.webhookUrl(receiving, TRIGGER);
		sandbox.setWebhookUrl(webhookUrl);
		const create = async (variant: Variant) => ({
			id: await n8n.createWorkflow(submitter(variant, credential)),
			weight: variant.weight,
		});
		const workflows = await Promise.all(variants.map(create));

		const hits = inject(sandbox, SEED);
		const forging = forge(sandbox, webhookUrl);
		const enough = () => sandbox.tasks().length >= TASKS;
		const killing = killOnTheWay(subject, killsOf(kills), sandbox);
		await keepRunning(workflows, SEED, {
			concurrency: CONCURRENCY,
			isEnough: enough,
			run: async (id) => await runToItsEnd(n8n, id),
		});
		await killing;
		forgedAnswers = await forging.stop();
		sandbox.clearFaults();
		const struck = hits();

		const tls = await selfSigned();
		const nowhere = await credentialFor('No such host', 'https://vmeg.invalid');
		const distrusted = await credentialFor('Self-signed', tls.url);
		unreached = [];
		for (const one of [nowhere, distrusted]) {
			for (const settings of [undefined, { onError: 'continueRegularOutput' }]) {
				const id = await n8n.createWorkflow(submitter({ ...unreachable, ...(settings && { settings }) }, one));
				unreached.push({ name: one.name, execution: await runToItsEnd(n8n, id) });
			}
		}
		strangeTls = await tls.stop();

		await atRest(n8n, sandbox);
		const all = async (workflowId: string) =>
			await persistently('executions', async () => await n8n.listExecutions({ workflowId, includeData: true }));
		const submitting = (await Promise.all(workflows.map(async ({ id }) => await all(id)))).flat();
		result = audit(
			{
				submissions: submissionsOf(sandbox),
				tasks: sandbox.tasks(),
				charged: sandbox.charged,
				deliveries: sandbox.journal.deliveries(),
				submitting,
				receiving: await all(receiving),
			},
			FORGED_PREFIX,
		);
		print(name, result, { struck, kills: killsOf(kills), forgedAnswers, seconds: Math.round((Date.now() - started) / 1000) });
	});

	afterAll(async () => {
		await subject?.stop();
		await sandbox?.close();
	});

	const expectNone = (violation: string) => expect(result.violations[violation]).toEqual([]);

	test('every accepted task is charged, once', () => {
		expect(sandbox.tasks().length).toBeGreaterThanOrEqual(TASKS);
		expectNone('charged otherwise than accepted');
		expectNone('tasks that no request made');
		expectNone('two tasks for one key');
		expectNone('two tasks for one line');
	});

	test('every accepted task is shown to the user', () => expectNone('accepted, reported nowhere'));

	test('no submission is given the task of another', () => {
		expectNone('an item with the task of another submission');
		expectNone('an execution with a task of another');
	});

	test('every completion is delivered, and emitted once', () => {
		expectNone('never delivered');
		expectNone('emitted more than once');
		expectNone('emitted, but never delivered');
	});

	test('no completion is lost but those whose execution is shown as crashed', () =>
		expectNone('lost, and no execution is shown as crashed with it'));

	test('no forged callback is taken or emitted', () => {
		expectNone('forged ones emitted');
		expect([...forgedAnswers.keys()].filter((answer) => answer.startsWith('2') && !STARTING.test(answer))).toEqual([]);
		expect([...forgedAnswers.keys()].some((answer) => answer.startsWith('401'))).toBe(true);
	});

	test('a host that does not exist or cannot be trusted is told apart, and gets nothing', () => {
		expect(strangeTls).toBe(0);
		const facts: Record<string, string> = { 'No such host': 'no such host', 'Self-signed': 'the certificate is self-signed' };
		for (const { name: credential, execution } of unreached) {
			expect(JSON.stringify(execution.data)).toContain(facts[credential]);
		}
		expect(unreached.map(({ execution }) => execution.status)).toEqual(['error', 'success', 'error', 'success']);
	});
}

const submissionsOf = ({ journal }: Sandbox): RequestEntry[] =>
	journal.requests('/openapi/v1/task/').filter(({ method }) => method === 'POST');

/** Kills each process at its time, and starts it again. */
async function killOnTheWay({ processes }: Subject, kills: Kill[], sandbox: Sandbox): Promise<void> {
	for (const { at, process: name } of kills) {
		await until(
			`${at * TASKS} tasks`,
			async () => sandbox.tasks().length >= at * TASKS || undefined,
			{ timeoutMs: 900_000, everyMs: 50 },
		);
		process.stdout.write(`${new Date().toISOString()} killing ${name}\n`);
		await processes.get(name)?.kill();
		await sleep(DOWN_MS);
		await processes.get(name)?.restart();
		process.stdout.write(`${new Date().toISOString()} ${name} is back\n`);
	}
}

/** Sends callbacks that VMEG did not send, until it is told to stop. */
function forge(sandbox: Sandbox, url: string): { stop(): Promise<Map<string, number>> } {
	const answers = new Map<string, number>();
	let isOver = false;
	const body = (count: number) =>
		JSON.stringify({
			code: 200,
			version: 'v1',
			event: 'openapi-translate',
			pipelineKey: `${FORGED_PREFIX}${String(count).padStart(24, '0')}`,
			message: '',
			extraData: {},
			data: { taskId: `forged-${count}`, items: [{ text: 'Hallo' }] },
		});
	const make = (count: number) => {
		const genuine = body(count);
		const attacks = [
			() => sandbox.signedRequest(genuine, { secret: 'a guess' }),
			() => sandbox.signedRequest(genuine, { timestamp: Date.now() - 330_000 }),
			() => sandbox.signedRequest(genuine, { timestamp: Date.now() + 400_000 }),
			() => ({ ...sandbox.signedRequest(genuine), body: genuine.replace('Hallo', 'Hullo') }),
			() => ({ headers: { 'Content-Type': 'application/json' }, body: genuine }),
		];
		return (attacks[count % attacks.length] ?? attacks[0])?.();
	};
	const work = (async () => {
		for (let count = 0; !isOver; count++) {
			const answer = await fetch(url, { method: 'POST', ...make(count) }).then(
				async (response) => `${response.status} ${(await response.text()).slice(0, 60)}`,
				() => 'nothing',
			);
			answers.set(answer, (answers.get(answer) ?? 0) + 1);
			await sleep(FORGED_EVERY_MS);
		}
	})();
	return {
		async stop() {
			isOver = true;
			await work;
			return answers;
		},
	};
}

/** A server with a certificate that nobody vouches for; `stop()` tells how many requests got through to it. */
async function selfSigned(): Promise<{ url: string; stop(): Promise<number> }> {
	const folder = await mkdtemp(join(tmpdir(), 'vmeg-chaos-'));
	const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
	const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
	await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], { cwd: folder });
	const [key, cert] = await Promise.all(['key.pem', 'cert.pem'].map(async (file) => await readFile(join(folder, file))));
	await rm(folder, { recursive: true });
	let requests = 0;
	const server = createServer({ key, cert }, (_request, response) => {
		requests++;
		response.end('{}');
	});
	const [port = 0] = await freePorts(1);
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	return {
		url: `https://127.0.0.1:${port}`,
		async stop() {
			await new Promise((resolve) => server.close(resolve));
			return requests;
		},
	};
}

/** Completions that n8n has not taken yet: VMEG goes on delivering them. */
function undelivered({ journal, tasks }: Sandbox): number {
	const taken = new Set(journal.deliveries().flatMap(({ status, taskId }) => (status >= 200 && status < 300 ? [taskId] : [])));
	const synchronous = new Set(journal.requests('/create').flatMap(({ path, taskId }) => (path.endsWith('/create') ? [taskId] : [])));
	return tasks().filter(({ taskId }) => !taken.has(taskId) && !synchronous.has(taskId)).length;
}

/** Waits until no task runs, every completion is taken and n8n executes nothing; gives up without an error. */
async function atRest(n8n: N8nClient, sandbox: Sandbox): Promise<void> {
	let before = '';
	const isQuiet = async () => {
		const [listed = [], ...busy] = await Promise.all(
			[undefined, 'running', 'waiting'].map(async (status) => await n8n.listExecutions(status ? { status } : {})),
		);
		const queued = listed.filter(({ status }) => status === 'new').length;
		const running = sandbox.tasks().filter(({ status }) => status === 'running').length;
		const left = [...busy.map(({ length }) => length), queued, running, undelivered(sandbox)];
		const now = [listed.length, ...left, sandbox.journal.length].join(' ');
		const isSame = now === before && left.every((count) => count === 0);
		before = now;
		return isSame || undefined;
	};
	await until('rest', async () => await isQuiet().catch(() => undefined), { timeoutMs: REST_MS, everyMs: 3_000 }).catch(
		(error: unknown) => process.stdout.write(`not at rest: ${String(error)}, ${before}\n`),
	);
}

function print(
	name: string,
	{ rows, violations, lostInCrashes, lostWhileStarting }: Audit,
	run: { struck: Map<string, number>; kills: Kill[]; forgedAnswers: Map<string, number>; seconds: number },
): void {
	const forged = [...run.forgedAnswers].map(([answer, count]): [string, number] => [`forged callbacks answered ${answer}`, count]);
	const table: Array<[string, number]> = [
		...[...run.struck].map(([fault, count]): [string, number] => [`fault: ${fault}`, count]),
		...run.kills.map(({ process: killed, at }): [string, number] => [`killed with SIGKILL at ${Math.round(at * 100)} %: ${killed}`, 1]),
		...forged,
		...rows,
	];
	const width = Math.max(...table.map(([label]) => label.length));
	const lines = table.map(([label, count]) => `| ${label.padEnd(width)} | ${String(count).padStart(7)} |`);
	const found = Object.entries(violations).flatMap(([violation, cases]) =>
		cases.length === 0 ? [] : [`${violation} (${cases.length}):`, ...cases.slice(0, 20).map((one) => `  ${one}`)],
	);
	const lost = lostInCrashes.length === 0 ? [] : ['lost in crashes:', ...lostInCrashes.map((one) => `  ${one}`)];
	const early = lostWhileStarting.length === 0 ? [] : ['lost while n8n was starting:', ...lostWhileStarting.map((one) => `  ${one}`)];
	process.stdout.write([`\n${name}, seed ${SEED}, ${run.seconds} s`, ...lines, ...lost, ...early, ...found, ''].join('\n'));
}
