/**
 * What a published trigger on a real n8n makes of the callbacks that reach it:
 * - of 10,000 hostile ones none starts a workflow, hangs or breaks the server, while every genuine
 *   one that comes in between is emitted once;
 * - of 200 completions, each delivered three times or more and with a restart of n8n in the middle,
 *   each is emitted exactly once;
 * - when n8n is killed in the middle of 50 deliveries, none is emitted twice, and none is missing but
 *   those whose execution n8n shows as crashed.
 */
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import fc from 'fast-check';

import { startSandbox } from '../../sandbox';
import type { Sandbox, SandboxOptions } from '../../sandbox';
import { addCredential } from './harness/credential';
import { exampleWorkflow } from './harness/examples';
import { startN8nWithPackage } from './harness/handover';
import { outputOf } from './harness/n8n';
import type { Execution, N8n, N8nOptions } from './harness/n8n';
import { until } from './harness/process';

const TRIGGER = 'VMEG Trigger';

/** An n8n with the receiving workflow published, and the sandbox that delivers to it. */
interface Stage {
	n8n: N8n;
	sandbox: Sandbox;
	receiver: string;
	url: string;
}

async function setStage(n8nOptions: N8nOptions, sandboxOptions: SandboxOptions): Promise<Stage> {
	const sandbox = await startSandbox(sandboxOptions);
	const n8n = await startN8nWithPackage(n8nOptions);
	const credential = await addCredential(n8n, sandbox);
	const example = exampleWorkflow('receive-completions', { credential });
	const receiver = await n8n.createWorkflow(example);
	await n8n.activate(receiver);
	const url = await n8n.webhookUrl(receiver, TRIGGER);
	return { n8n, sandbox, receiver, url };
}

async function strike(stage: Stage | undefined): Promise<void> {
	await stage?.n8n.stop();
	await stage?.sandbox.close();
}

/** Looks without a change after which an execution that still runs is one that n8n forgot when it was killed. */
const FORGOTTEN_AFTER = 15;

/** All executions of the receiver with their data, once it has come to rest, and those that n8n forgot. */
async function settled({ n8n, receiver }: Stage): Promise<{ executions: Execution[]; forgotten: Execution[] }> {
	let before = '';
	let alike = 0;
	const forgotten = await until(
		'the receiver to come to rest',
		async () => {
			const finished = await n8n.listExecutions({ workflowId: receiver });
			const running = await n8n.listExecutions({ workflowId: receiver, status: 'running' });
			const now = `${finished.length} ${running.length}`;
			alike = now === before ? alike + 1 : 0;
			before = now;
			const isSettled = alike >= (running.length === 0 ? 1 : FORGOTTEN_AFTER);
			return isSettled ? running : undefined;
		},
		{ timeoutMs: 60_000, everyMs: 1_000 },
	);
	return { executions: await n8n.listExecutions({ workflowId: receiver, includeData: true }), forgotten };
}

/** The executions of a receiver that was not killed, so that none is forgotten. */
async function allOf(stage: Stage): Promise<Execution[]> {
	const { executions, forgotten } = await settled(stage);
	expect(forgotten).toEqual([]);
	return executions;
}

/** How often each pipeline key was put out by the trigger, over all executions. */
function emissions(executions: Execution[]): Map<string, number> {
	const times = new Map<string, number>();
	for (const execution of executions) {
		// n8n keeps no data of an execution that it was killed in, or has not ended it
		if (['crashed', 'running', 'new'].includes(execution.status)) continue;
		for (const { json } of outputOf(execution, TRIGGER)) {
			const key = String(json.pipelineKey);
			times.set(key, (times.get(key) ?? 0) + 1);
		}
	}
	return times;
}

const print = (lines: string[]) => process.stdout.write(`${lines.join('\n')}\n`);

describe('hostile callbacks', () => {
	const HOSTILE = 10_000;
	const GENUINE = HOSTILE / 50;
	const SEED = 20_260_101;
	const CONCURRENCY = 20;
	const ANSWER_WITHIN_MS = 10_000;

	let stage: Stage;
	const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

	beforeAll(async () => {
		// with n8n's other engine, which makes an isolate for each request, this takes over three minutes
		stage = await setStage({ expressionEngine: 'legacy' }, {});
	});

	afterAll(async () => {
		agent.destroy();
		await strike(stage);
	});

	interface Callback {
		headers: Record<string, string | string[]>;
		body: Buffer;
	}

	/** A kind of callback, the answers it may get, and how one is made at the moment it is sent. */
	interface Attack {
		kind: string;
		expected: number[];
		make: () => Callback;
	}

	const JSON_TYPE = 'application/json';

	/** Signed as VMEG signs, or with what the attacker has instead. */
	function signed(
		body: Buffer | string,
		{ secret, timestamp, type = JSON_TYPE }: { secret?: string; timestamp?: string; type?: string } = {},
	): Callback {
		const bytes = Buffer.from(body);
		const { headers } = stage.sandbox.signedRequest(bytes, {
			...(secret !== undefined && { secret }),
			...(timestamp !== undefined && { timestamp }),
		});
		return { headers: { ...headers, 'Content-Type': type }, body: bytes };
	}

	const key = (seed: number) => createHash('md5').update(`genuine ${seed}`).digest('hex');

	/** Completions as VMEG delivers them, with texts in every script. */
	const words = fc.string({ unit: 'grapheme', maxLength: 40 });
	const completionData = fc.oneof(
		fc.record({
			event: fc.constant('openapi-translate'),
			data: fc.record({
				taskId: fc.uuid(),
				items: fc.array(fc.record({ text: words }), { maxLength: 5 }),
				createdAt: fc.constant('2026-01-01T00:00:00.000Z'),
			}),
		}),
		fc.record({
			event: fc.constant('openapi-tts'),
			data: fc.record({
				taskId: fc.uuid(),
				results: fc.array(
					fc.record({ uri: fc.webUrl(), duration: fc.double({ min: 0, max: 99, noNaN: true }) }),
					{ maxLength: 5 },
				),
			}),
		}),
		fc.record({
			event: fc.constant('openapi-clone-voice'),
			data: fc.record({ taskId: fc.uuid(), voiceId: fc.uuid().map((id) => `cv_${id}`) }),
		}),
		fc.record({
			event: fc.constant('openapi-media-translation'),
			data: fc.record({
				taskId: fc.uuid(),
				taskType: fc.constantFrom('vt', 'at'),
				status: fc.constant('finished'),
				result: fc.record({
					build: fc.record({ video: fc.record({ url: fc.webUrl(), duration: fc.nat(5_000) }) }),
				}),
			}),
		}),
	);
	const completion = fc
		.tuple(
			completionData,
			fc.constantFrom(200, 200, 200, 422, 500),
			words,
			fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
		)
		.map(([{ event, data }, code, message, extraData]) => ({
			code,
			version: 'v1',
			event,
			message,
			extraData,
			data,
		}));

	const genuine = fc
		.sample(completion, { numRuns: GENUINE, seed: SEED })
		.map((body, index) => JSON.stringify({ ...body, pipelineKey: key(index) }));

	const anyGenuine = fc.constantFrom(...genuine);
	const hex = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 }).map((all) => all.join(''));
	// what may stand in a header: n8n's HTTP parser refuses all else before any code sees it
	const headerText = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF+-_=.,;:/ xyzé'), maxLength: 80 });
	const notBlank = (text: string) => text.trim() !== '';

	const repeated = (text: string, times: number) => text.repeat(times);
	const nested = (depth: number) => `${repeated('[', depth)}${repeated(']', depth)}`;
	const nestedObject = (depth: number) => `${repeated('{"a":', depth)}1${repeated('}', depth)}`;

	const withField = (body: string, field: string, json: string) =>
		`${body.slice(0, -1)},${JSON.stringify(field)}:${json}}`;

	/** Text that is JSON of an object, but in no known form of a completion. */
	const notACompletion = anyGenuine.chain((body) => {
		const known = JSON.parse(body) as Record<string, unknown>;
		const { pipelineKey: _key, ...anonymous } = known;
		return fc.oneof(
			fc
				.oneof(
					fc.constantFrom('1e309', null, true, [200], { code: 200 }),
					words.filter((text) => !/^\d+$/.test(text)),
				)
				.map((code) => JSON.stringify({ ...known, code })),
			fc.constant(JSON.stringify({ ...known, code: undefined })),
			fc.constantFrom([], [1], 'data', 7, false).map((data) => JSON.stringify({ ...known, data })),
			fc.constantFrom({}, null, undefined).map((data) => JSON.stringify({ ...anonymous, data })),
			fc.constantFrom('[]', '"text"', '12', 'null', 'true', `[${body}]`, JSON.stringify(body)),
		);
	});

	const attack = fc.oneof(
		fc.record({ kind: fc.constant('forged signature'), body: anyGenuine, signature: hex }).map(
			({ kind, body, signature }): Attack => ({
				kind,
				expected: [401],
				make: () => {
					const callback = signed(body);
					return { ...callback, headers: { ...callback.headers, 'X-Signature': signature } };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.oneof(headerText, hex.map((one) => one.toUpperCase()), hex.map((one) => `sha256=${one}`))).map(
			([body, signature]): Attack => ({
				kind: 'signature of another form',
				expected: [401],
				make: () => {
					const callback = signed(body);
					return { ...callback, headers: { ...callback.headers, 'X-Signature': signature } };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom('upper', 'base64', 'short', 'long')).map(
			([body, form]): Attack => ({
				kind: 'right signature, written otherwise',
				expected: [401],
				make: () => {
					const callback = signed(body);
					const signature = String(callback.headers['X-Signature']);
					const written = {
						upper: signature.toUpperCase().replace(/^\d+$/, 'A'),
						base64: Buffer.from(signature, 'hex').toString('base64'),
						short: signature.slice(0, 63),
						long: `${signature}0`,
					}[form];
					return { ...callback, headers: { ...callback.headers, 'X-Signature': written ?? '' } };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.oneof(fc.constantFrom('', 'secret', 'sandbox-secret ', 'sandbox-key'), words)).map(
			([body, secret]): Attack => ({
				kind: 'signed with another secret',
				expected: [401],
				make: () => signed(body, { secret: secret === stage.sandbox.webhookSecret ? 'no' : secret }),
			}),
		),
		fc.tuple(anyGenuine, fc.integer({ min: 300_500, max: 400 * 24 * 3_600_000 })).map(
			([body, ageMs]): Attack => ({
				kind: 'stale timestamp',
				expected: [401],
				make: () => signed(body, { timestamp: String(Date.now() - ageMs) }),
			}),
		),
		// at least a minute beyond the window: a callback may wait that long to be read
		fc.tuple(anyGenuine, fc.integer({ min: 360_000, max: 400 * 24 * 3_600_000 })).map(
			([body, aheadMs]): Attack => ({
				kind: 'future timestamp',
				expected: [401],
				make: () => signed(body, { timestamp: String(Date.now() + aheadMs) }),
			}),
		),
		fc.tuple(anyGenuine, fc.oneof(fc.constantFrom('seconds', 'iso', 'decimal', 'padded', 'exponent', 'hex'), headerText.filter(notBlank))).map(
			([body, form]): Attack => ({
				kind: 'timestamp of another form',
				expected: [401],
				make: () => {
					const now = Date.now();
					const forms: Record<string, string> = {
						seconds: String(Math.floor(now / 1000)),
						iso: new Date(now).toISOString(),
						decimal: `${now}.0`,
						padded: `0${now}`,
						exponent: now.toExponential(),
						hex: `0x${now.toString(16)}`,
					};
					return signed(body, { timestamp: (forms[form] ?? form).trim().replace(/[^\x20-\x7e]/g, '') });
				},
			}),
		),
		// cut anywhere, also in the middle of a character
		fc.tuple(anyGenuine, fc.nat(999)).map(
			([body, share]): Attack => ({
				kind: 'truncated body',
				expected: [401, 422],
				make: () => {
					const { headers, body: bytes } = signed(body);
					return { headers, body: bytes.subarray(0, Math.floor((bytes.length * share) / 1000)) };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.nat(), fc.integer({ min: 1, max: 255 })).map(
			([body, position, flip]): Attack => ({
				kind: 'one byte changed',
				expected: [401, 422],
				make: () => {
					const { headers, body: bytes } = signed(body);
					const changed = Buffer.from(bytes);
					const at = position % changed.length;
					changed[at] = (changed[at] ?? 0) ^ flip;
					return { headers, body: changed };
				},
			}),
		),
		fc.tuple(fc.nat(GENUINE - 1), fc.integer({ min: 1, max: GENUINE - 1 })).map(
			([index, step]): Attack => ({
				kind: 'headers of another callback',
				expected: [401],
				make: () => {
					const { headers } = signed(genuine[index] ?? '');
					return { headers, body: Buffer.from(genuine[(index + step) % GENUINE] ?? '') };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom('}', ']', ',', '\n{}', '\u0000', '//', '{'), fc.boolean()).map(
			([body, junk, before]): Attack => ({
				kind: 'malformed JSON, rightly signed',
				expected: [422],
				make: () => signed(before ? `${junk}${body}` : `${body}${junk}`),
			}),
		),
		fc.tuple(
			anyGenuine,
			fc.constantFrom(
				'text/plain', 'text/html', 'application/xml', 'application/x-www-form-urlencoded', 'application/octet-stream',
				'multipart/form-data', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16le',
				'application/json; charset=none', 'application/ld+json', 'nonsense', '', ';;;=', 'image/png',
			),
		).map(
			([body, type]): Attack => ({
				kind: 'another content type, forged',
				expected: [400, 401, 415, 422],
				make: () => signed(body, { secret: 'a guess', type }),
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom<string[]>(['X-Signature'], ['X-Timestamp'], ['X-Signature', 'X-Timestamp'])).map(
			([body, missing]): Attack => ({
				kind: 'header missing',
				expected: [401],
				make: () => {
					const { headers, body: bytes } = signed(body);
					const left = Object.entries(headers).filter(([name]) => !missing.includes(name));
					return { headers: Object.fromEntries(left), body: bytes };
				},
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom('X-Signature', 'X-Timestamp'), fc.boolean(), hex).map(
			([body, name, same, other]): Attack => ({
				kind: 'header twice',
				expected: [401],
				make: () => {
					const { headers, body: bytes } = signed(body);
					const right = String(headers[name]);
					const wrong = name === 'X-Signature' ? other : String(Date.now() - 1);
					return { headers: { ...headers, [name]: [right, same ? right : wrong] }, body: bytes };
				},
			}),
		),
		fc.tuple(
			anyGenuine,
			fc.constantFrom('code', 'version', 'data', 'huge'),
			fc.constantFrom('1e309', '-1e309', '9007199254740993', '1e-400', '-0', repeated('9', 5_000), `0.${repeated('3', 5_000)}`),
		).map(
			([body, field, number]): Attack => ({
				kind: 'huge number, forged',
				expected: [401],
				make: () => ({ ...signed(body), body: Buffer.from(withField(body, field, number)) }),
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom(nested, nestedObject), fc.integer({ min: 100, max: 20_000 }), fc.boolean()).map(
			([body, nest, depth, alone]): Attack => ({
				kind: 'deep nesting, forged',
				expected: [401],
				make: () => ({
					...signed(body),
					body: Buffer.from(alone ? nest(depth) : withField(body, 'extraData', nest(depth))),
				}),
			}),
		),
		fc.tuple(anyGenuine, fc.constantFrom(nested, nestedObject), fc.integer({ min: 201, max: 20_000 })).map(
			([body, nest, depth]): Attack => ({
				kind: 'deep nesting, rightly signed',
				expected: [400],
				make: () => signed(withField(body, 'extraData', nest(depth))),
			}),
		),
		fc.tuple(anyGenuine, fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean()).map(
			([body, text, bom]): Attack => ({
				kind: 'unicode, forged',
				expected: [401],
				make: () => ({
					...signed(body),
					body: Buffer.from(`${bom ? '\ufeff' : ''}${withField(body, text, JSON.stringify(text))}`),
				}),
			}),
		),
		fc.tuple(anyGenuine, fc.uint8Array({ minLength: 1, maxLength: 60 })).map(
			([body, bytes]): Attack => ({
				kind: 'bytes that are no text, forged',
				expected: [401, 422],
				make: () => ({
					...signed(body),
					body: Buffer.concat([Buffer.from(`${body.slice(0, -1)},"x":"`), bytes, Buffer.from('"}')]),
				}),
			}),
		),
		fc.tuple(anyGenuine, fc.boolean(), fc.constantFrom(JSON_TYPE, 'text/plain', '')).map(
			([body, isSigned, type]): Attack => ({
				kind: isSigned ? 'empty body, rightly signed' : 'empty body',
				expected: isSigned ? [400] : [401],
				make: () => (isSigned ? signed('', { type }) : { ...signed(body, { type }), body: Buffer.alloc(0) }),
			}),
		),
		notACompletion.map(
			(body): Attack => ({ kind: 'rightly signed, no completion', expected: [400], make: () => signed(body) }),
		),
		// as VMEG's connectivity test may be
		fc.tuple(anyGenuine, fc.oneof(words, fc.constantFrom(null, 1, ['openapi-tts'], 'OPENAPI-TTS', 'openapi-tts '))).map(
			([body, event]): Attack => ({
				kind: 'rightly signed, unknown event',
				expected: [200],
				make: () => signed(JSON.stringify({ ...(JSON.parse(body) as object), event })),
			}),
		),
	);

	type Outcome = number | 'hung' | 'cut';

	async function attempt(callback: Callback): Promise<{ outcome: Outcome; wasReused: boolean }> {
		return await new Promise((resolve) => {
			const { headers, body } = callback;
			const outgoing = request(stage.url, {
				method: 'POST',
				agent,
				headers: { ...headers, 'Content-Length': String(body.length) },
			});
			const answered = (outcome: Outcome) => {
				clearTimeout(timer);
				resolve({ outcome, wasReused: outgoing.reusedSocket });
			};
			const timer = setTimeout(() => {
				answered('hung');
				outgoing.destroy();
			}, ANSWER_WITHIN_MS);
			outgoing.on('error', () => answered('cut'));
			outgoing.on('response', (response) => {
				response.on('error', () => answered('cut'));
				response.on('end', () => answered(response.statusCode ?? 'cut'));
				response.resume();
			});
			outgoing.end(body);
		});
	}

	/** The status of the answer. A kept connection may close just when it is used: then once more. */
	async function send(callback: Callback): Promise<Outcome> {
		const { outcome, wasReused } = await attempt(callback);
		return outcome === 'cut' && wasReused ? (await attempt(callback)).outcome : outcome;
	}

	function table(outcomes: Map<string, Map<Outcome, number>>): string[] {
		const columns = [...new Set([...outcomes.values()].flatMap((row) => [...row.keys()]))].sort();
		const width = Math.max(...[...outcomes.keys()].map(({ length }) => length));
		const line = (name: string, cells: string[]) =>
			`${name.padEnd(width)} ${cells.map((cell) => cell.padStart(6)).join(' ')}`;
		return [
			line('', columns.map(String)),
			...[...outcomes].sort().map(([kind, row]) => line(kind, columns.map((one) => String(row.get(one) ?? '')))),
		];
	}

	test(`of ${HOSTILE} none is accepted, while every genuine one is emitted once`, async () => {
		const attacks = fc.sample(attack, { numRuns: HOSTILE, seed: SEED });
		const schedule = attacks.flatMap((one, index): Attack[] => {
			if (index % 50 !== 25) return [one];
			const number = Math.floor(index / 50);
			const type = number % 2 === 0 ? JSON_TYPE : `${JSON_TYPE}; charset=utf-8`;
			const make = () => signed(genuine[number] ?? '', { type });
			return [one, { kind: 'genuine', expected: [200], make }];
		});

		const outcomes = new Map<string, Map<Outcome, number>>();
		const unexpected: Array<{ kind: string; outcome: Outcome; callback: Callback }> = [];
		const started = Date.now();
		let next = 0;
		const work = async () => {
			for (let one = schedule[next++]; one !== undefined; one = schedule[next++]) {
				const callback = one.make();
				const outcome = await send(callback);
				const row = outcomes.get(one.kind) ?? new Map<Outcome, number>();
				outcomes.set(one.kind, row.set(outcome, (row.get(outcome) ?? 0) + 1));
				if (!one.expected.some((status) => status === outcome)) {
					unexpected.push({ kind: one.kind, outcome, callback });
				}
			}
		};
		await Promise.all(Array.from({ length: CONCURRENCY }, work));
		const seconds = (Date.now() - started) / 1000;

		const executions = await allOf(stage);
		const emitted = emissions(executions);
		print([
			`${schedule.length} callbacks in ${seconds.toFixed(1)} s (${Math.round(schedule.length / seconds)} a second)`,
			...table(outcomes),
			`${executions.length} executions, ${emitted.size} completions emitted`,
		]);

		for (const { kind, outcome, callback } of unexpected.slice(0, 10)) {
			const text = callback.body.toString('utf8');
			print([`unexpected ${outcome} for "${kind}": ${JSON.stringify(callback.headers)} ${text.slice(0, 300)}`]);
		}
		expect(unexpected).toHaveLength(0);
		expect(executions.map(({ status }) => status)).toEqual(genuine.map(() => 'success'));
		expect(emitted).toEqual(new Map([...emitted.keys()].map((one) => [one, 1])));
		expect([...emitted.keys()].sort()).toEqual(genuine.map((_, index) => key(index)).sort());
	});
});

describe('deliveries of a receiver that goes away', () => {
	let stage: Stage;

	beforeAll(async () => {
		stage = await setStage({}, {});
	});

	afterAll(async () => await strike(stage));

	const keyOf = (run: string, index: number) =>
		createHash('md5').update(`${run} ${index}`).digest('hex');

	/** Delivers a completion until n8n takes it, as VMEG does: same key, new timestamp and signature. */
	async function deliver(pipelineKey: string): Promise<void> {
		const body = JSON.stringify({
			code: 200,
			version: 'v1',
			event: 'openapi-translate',
			pipelineKey,
			message: '',
			extraData: {},
			data: { taskId: `task-${pipelineKey}`, items: [{ text: 'Hallo' }] },
		});
		await until(
			`delivery of ${pipelineKey}`,
			async () => {
				const { headers } = stage.sandbox.signedRequest(body);
				const answer = await fetch(stage.url, { method: 'POST', headers, body }).catch(() => undefined);
				return answer?.ok ? true : undefined;
			},
			{ timeoutMs: 120_000, everyMs: 500 },
		);
	}

	/** Delivers keys, some at once; tells each time one is done. */
	async function deliverAll(keys: string[], concurrency: number, onDone: (done: number) => void) {
		let next = 0;
		let done = 0;
		const work = async () => {
			for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
				await deliver(key);
				onDone(++done);
			}
		};
		await Promise.all(Array.from({ length: concurrency }, work));
	}

	test('200 completions, each delivered three times, with a restart in the middle: 200 emitted', async () => {
		const keys = Array.from({ length: 200 }, (_, index) => keyOf('restart', index));
		// the first half three times at the same moment, the second half one time after another
		const together = keys.slice(0, 100).flatMap((key) => [key, key, key]);
		const later = keys.slice(100);
		const deliveries = [...together, ...later, ...later, ...later];
		let restarting: Promise<void> | undefined;
		await deliverAll(deliveries, 9, (done) => {
			if (done >= deliveries.length / 2) restarting ??= stage.n8n.restart();
		});
		await restarting;

		const emitted = emissions(await allOf(stage));
		const mine = keys.map((key) => emitted.get(key) ?? 0);
		print([`${deliveries.length} deliveries of ${keys.length} completions: ${mine.filter(Boolean).length} emitted`]);
		expect(mine).toEqual(keys.map(() => 1));
	});

	test('n8n killed in the middle of 50: none twice, none missing but what n8n shows as crashed', async () => {
		const keys = Array.from({ length: 50 }, (_, index) => keyOf('kill', index));
		let killed: Promise<void> | undefined;
		await deliverAll(keys, 5, (done) => {
			if (done < keys.length / 2) return;
			killed ??= stage.n8n.kill().then(async () => await stage.n8n.restart());
		});
		await killed;
		// VMEG's list of tasks is compared with what was emitted, and the rest is delivered again
		await deliverAll(keys, 5, () => {});

		const { executions, forgotten } = await settled(stage);
		// where its log names other executions, n8n leaves those that the log does not name as they were
		const lost = executions.filter(({ status }) => status === 'crashed').length + forgotten.length;
		const emitted = emissions(executions);
		const times = keys.map((key) => emitted.get(key) ?? 0);
		const missing = times.filter((count) => count === 0).length;
		print([`${keys.length} completions, killed in the middle: ${missing} missing, ${lost} executions lost, ${forgotten.length} of them forgotten`]);
		expect(Math.max(...times)).toBe(1);
		expect(missing).toBeLessThanOrEqual(lost);
	});
});
