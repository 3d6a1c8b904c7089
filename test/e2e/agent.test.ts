/**
 * The node as a tool of n8n's AI Agent on a real n8n: a stand-in for a language model makes calls that
 * are written down here, and keeps what it was sent.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';

import { z } from 'zod';

import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { addCredential } from './harness/credential';
import { startN8nWithPackage } from './harness/handover';
import { outputOf, VMEG_CREDENTIAL, VMEG_NODE } from './harness/n8n';
import type { Execution, N8n, WorkflowDefinition, WorkflowNode } from './harness/n8n';

const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** A request as OpenAI's chat API takes it, as far as this test looks at it. */
const chatRequest = z.object({
	messages: z.array(
		z.object({
			role: z.string(),
			content: z.unknown(),
			tool_call_id: z.string().optional(),
		}),
	),
	tools: z
		.array(
			z.object({
				function: z.object({
					name: z.string(),
					description: z.string(),
					parameters: z.object({
						properties: z.record(z.object({ type: z.string(), description: z.string().optional() })),
						required: z.array(z.string()).optional(),
					}),
				}),
			}),
		)
		.default([]),
});
type ChatRequest = z.infer<typeof chatRequest>;

/** One turn of the model: calls of tools, or its last word. */
type Turn = Array<[tool: string, input: object]> | string;

const answerOf = (turn: Turn, index: number) => ({
	id: `chatcmpl-${index}`,
	object: 'chat.completion',
	created: 0,
	model: 'scripted',
	choices: [
		{
			index: 0,
			finish_reason: typeof turn === 'string' ? 'stop' : 'tool_calls',
			message:
				typeof turn === 'string'
					? { role: 'assistant', content: turn }
					: {
							role: 'assistant',
							content: null,
							tool_calls: turn.map(([name, input], position) => ({
								id: `call_${index}_${position}`,
								type: 'function',
								function: { name, arguments: JSON.stringify(input) },
							})),
						},
		},
	],
	usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/** A language model that says what it is told to, one turn after another. */
class ScriptedModel {
	script: Turn[] = [];
	requests: ChatRequest[] = [];
	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => {
			void readJson(request).then((body) => {
				this.requests.push(chatRequest.parse(body));
				const index = this.requests.length - 1;
				const turn = this.script[index] ?? 'There is nothing more in the script.';
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify(answerOf(turn, index)));
			}, () => response.destroy());
		});
	}

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	plays(script: Turn[]): void {
		this.script = script;
		this.requests = [];
	}

	/** The answer to a call, as the model was sent it in the turn after. */
	toldOf(callId: string): string {
		const message = this.requests.at(-1)?.messages.find((one) => one.tool_call_id === callId);
		if (message === undefined) throw new Error(`The model was sent no answer to ${callId}`);
		return typeof message.content === 'string' ? message.content : JSON.stringify(message.content);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

const model = new ScriptedModel();
let n8n: N8n;
let sandbox: Sandbox;
let credential: { id: string; name: string };
let modelCredential: { id: string; name: string };

beforeAll(async () => {
	sandbox = await startSandbox();
	const url = await model.start();
	n8n = await startN8nWithPackage();
	credential = await addCredential(n8n, sandbox);
	const name = 'Scripted model';
	const data = { apiKey: 'no-key', url, header: false };
	modelCredential = { id: await n8n.createCredential({ name, type: 'openAiApi', data }), name };
});

afterEach(async () => {
	sandbox.clearFaults();
	await sandbox.reset();
});

afterAll(async () => {
	await n8n?.stop();
	await model.stop();
	await sandbox?.close();
});

const TRANSLATE = 'Translate text in VMEG';
const VOICES = 'Get many voices in VMEG';

const tools: Record<string, Record<string, unknown>> = {
	[TRANSLATE]: {
		resource: 'text',
		operation: 'translate',
		sourceLanguage: 'en-US',
		targetLanguage: "={{ $fromAI('language', 'Language code to translate into, such as de-DE', 'string') }}",
		text: "={{ $fromAI('text', 'The text to translate', 'string') }}",
	},
	[VOICES]: {
		resource: 'voice',
		operation: 'getAll',
		voiceType: 'system',
		returnAll: true,
		simplify: false,
		filters: { locale: "={{ $fromAI('language', 'Language code, such as de-DE', 'string') }}" },
	},
};

/** An agent of a given version with a model and two tools. */
function workflow(agentVersion: number): WorkflowDefinition {
	const node = (index: number, name: string, type: string, more: Partial<WorkflowNode>): WorkflowNode => ({
		id: `3c4d5e6f-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name,
		type,
		typeVersion: 1,
		position: [index * 200, 0],
		parameters: {},
		...more,
	});
	const toolNodes = Object.entries(tools).map(([name, parameters], index) =>
		node(index + 4, name, `${VMEG_NODE}Tool`, {
			parameters,
			credentials: { [VMEG_CREDENTIAL]: credential },
		}),
	);
	return {
		name: 'An agent with VMEG',
		settings: { executionOrder: 'v1' },
		nodes: [
			node(0, 'Start Here', 'n8n-nodes-base.manualTrigger', {}),
			node(1, 'Request', 'n8n-nodes-base.code', {
				typeVersion: 2,
				parameters: { jsCode: "return [{ json: { chatInput: 'Say it in German', secretOfTheItem: 42 } }];" },
			}),
			node(2, 'AI Agent', `${LANGCHAIN}.agent`, {
				typeVersion: agentVersion,
				parameters: { promptType: 'define', text: '={{ $json.chatInput }}', options: {} },
			}),
			node(3, 'Model', `${LANGCHAIN}.lmChatOpenAi`, {
				typeVersion: 1.2,
				parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, options: {} },
				credentials: { openAiApi: modelCredential },
			}),
			...toolNodes,
		],
		connections: {
			'Start Here': { main: [[{ node: 'Request', type: 'main', index: 0 }]] },
			Request: { main: [[{ node: 'AI Agent', type: 'main', index: 0 }]] },
			Model: { ai_languageModel: [[{ node: 'AI Agent', type: 'ai_languageModel', index: 0 }]] },
			...Object.fromEntries(
				toolNodes.map(({ name }) => [name, { ai_tool: [[{ node: 'AI Agent', type: 'ai_tool', index: 0 }]] }]),
			),
		},
	};
}

async function run(agentVersion: number, script: Turn[]): Promise<Execution> {
	model.plays(script);
	const id = await n8n.createWorkflow(workflow(agentVersion));
	const execution = await n8n.runWorkflow(id, { triggerName: 'Start Here' });
	return await n8n.waitForExecution(execution, { timeoutMs: 90_000 });
}

const toolName = (name: string) => name.replaceAll(' ', '_');

describe.each([
	['3, which asks the engine to run its tools', 3],
	['2.2, which runs its tools itself', 2.2],
])('an AI Agent of version %s', (_, agentVersion) => {
	test('finds a voice, is told of a wrong language, recovers, and answers', async () => {
		const execution = await run(agentVersion, [
			[[toolName(VOICES), { language: 'de-DE' }]],
			[[toolName(TRANSLATE), { text: 'Good morning', language: 'de' }]],
			[[toolName(TRANSLATE), { text: 'Good morning', language: 'de-DE' }]],
			'Guten Morgen!',
		]);
		expect(execution.data?.resultData.error?.message).toBeUndefined();
		expect(execution.status).toBe('success');
		expect(outputOf(execution, 'AI Agent')[0]?.json).toMatchObject({ output: 'Guten Morgen!' });

		const offered = model.requests[0]?.tools.map((tool) => tool.function) ?? [];
		expect(offered.map(({ name, description }) => [name, description]).sort()).toEqual([
			['Get_many_voices_in_VMEG', expect.stringMatching(/^\S.* in VMEG$/)],
			['Translate_text_in_VMEG', expect.stringMatching(/^Translate .* in VMEG$/)],
		]);
		const { parameters } = offered.find(({ name }) => name === toolName(TRANSLATE)) ?? {};
		expect(parameters?.properties).toEqual({
			language: { type: 'string', description: 'Language code to translate into, such as de-DE' },
			text: { type: 'string', description: 'The text to translate' },
		});

		const voices = model.toldOf('call_0_0');
		expect(voices).toContain('"locale":"de-DE"');
		expect(voices).not.toContain('null');
		expect(voices.length).toBeLessThan(11_000);
		expect(model.toldOf('call_1_0')).toContain('Did you mean de-');
		const translated = model.toldOf('call_2_0');
		expect(translated).toContain('[de-DE] Good morning');
		expect(translated).not.toContain('secretOfTheItem');
		expect(sandbox.tasks()).toHaveLength(1);
		expect(sandbox.charged).toBe(1);
	});

	test('calls a tool twice in one turn: two submissions, each answered for itself', async () => {
		const execution = await run(agentVersion, [
			[
				[toolName(TRANSLATE), { text: 'One', language: 'de-DE' }],
				[toolName(TRANSLATE), { text: 'Two', language: 'fr-FR' }],
			],
			'Done',
		]);
		expect(execution.status).toBe('success');
		expect(model.toldOf('call_0_0')).toContain('[de-DE] One');
		expect(model.toldOf('call_0_1')).toContain('[fr-FR] Two');
		expect(sandbox.tasks()).toHaveLength(2);
	});

	test('cannot make a translation a deletion by arguments of its own', async () => {
		const execution = await run(agentVersion, [
			[
				[
					toolName(TRANSLATE),
					{ text: 'One', language: 'de-DE', resource: 'task', operation: 'delete', taskId: 't-1' },
				],
			],
			'Done',
		]);
		expect(execution.status).toBe('success');
		expect(model.toldOf('call_0_0')).toContain('[de-DE] One');
		expect(sandbox.journal.requests().map(({ path }) => path)).toEqual([
			'/openapi/v1/task/translate/create',
		]);
	});
});
