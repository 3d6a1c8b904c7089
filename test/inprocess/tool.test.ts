/**
 * The node as a tool of an AI agent, through n8n's own two ways of running tools: as a node of the
 * workflow that the agent asks the engine to run (AI Agent from version 3 on), and as a function in
 * the agent's own process (older versions, agents within agents, MCP servers).
 */
import { additionalDataFor, loadPackage, nodeOf } from './n8n';

import fc from 'fast-check';
import { WorkflowExecute } from 'n8n-core';
import type {
	EngineRequest,
	EngineResponse,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodePropertyOptions,
	INodeType,
	INodeTypeDescription,
	INodeTypes,
	IRun,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeHelpers, nodeNameToToolName, Workflow } from 'n8n-workflow';

import { forModel } from '../../nodes/Vmeg/actions/common/forModel';
import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const TOOL = 'VMEG Tool';
const CREATE = '/task/translate/create';

type Route = 'as a node' | 'as a function';
const ROUTES: Route[] = ['as a node', 'as a function'];

/** The node as n8n turns it into a tool (2.41: `tool-generation/ai-tools.js`). */
async function toolType(): Promise<INodeType> {
	const original = (await loadPackage()).getNode('vmeg').type as INodeType;
	const description: INodeTypeDescription = {
		...original.description,
		name: `${original.description.name}Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
	};
	return Object.create(original, { description: { value: description } });
}

/** What the tool answered the model to one call. */
interface Told {
	/** The text that the model reads. */
	text: string;
	failed: boolean;
}

/** A tool as a model sees it. */
interface OfferedTool {
	name: string;
	description: string;
	schema: { shape: Record<string, { description?: string }> };
	invoke(input: IDataObject): Promise<string>;
}

const agentDescription: INodeTypeDescription = {
	displayName: 'Agent',
	name: 'agent',
	group: ['transform'],
	version: 1,
	description: 'Makes the calls of a test',
	defaults: { name: 'Agent' },
	inputs: [NodeConnectionTypes.Main, NodeConnectionTypes.AiTool],
	outputs: [NodeConnectionTypes.Main],
	properties: [],
};

/** An agent that asks n8n's engine to run the tool, one call after another (2.41: `ToolsAgent/V3`). */
function askingAgent(calls: IDataObject[], told: Told[]): INodeType {
	let next = 0;
	const request = (): EngineRequest => ({
		actions: [
			{
				actionType: 'ExecutionNodeAction',
				nodeName: TOOL,
				input: calls[next] ?? {},
				type: NodeConnectionTypes.AiTool,
				id: `call_${next}`,
				metadata: { itemIndex: 0 },
			},
		],
		metadata: {},
	});
	return {
		description: agentDescription,
		async execute(this: IExecuteFunctions, response?: EngineResponse) {
			const answer = response?.actionResponses.find(({ action }) => action.id === `call_${next}`);
			if (answer !== undefined) {
				// what `agent-execution/buildSteps.js` makes of it
				const items = answer.data.data?.ai_tool?.[0]?.map(({ json }) => json) ?? [];
				const text = items.length > 0 ? JSON.stringify(items) : JSON.stringify('');
				told.push({ text, failed: answer.data.error !== undefined });
				next++;
			}
			return next < calls.length ? request() : [[{ json: {} }]];
		},
	};
}

/** An agent that calls the tool itself (2.41: `get-input-connection-data.js`). */
const callingAgent = (calls: IDataObject[], told: Told[], offered: OfferedTool[]): INodeType => ({
	description: agentDescription,
	async execute(this: IExecuteFunctions) {
		offered.push(...((await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as OfferedTool[]));
		for (const call of calls) {
			const answer = await offered[0]?.invoke(call).then(
				(text) => ({ text, failed: false }),
				(error: Error) => ({ text: error.message, failed: true }),
			);
			if (answer !== undefined) told.push(answer);
		}
		return [[{ json: {} }]];
	},
});

const inputType = (items: INodeExecutionData[]): INodeType => ({
	description: {
		...agentDescription,
		displayName: 'Input',
		name: 'input',
		group: ['trigger'],
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
	},
	execute: async () => [items],
});

interface AgentRun {
	route?: Route;
	parameters: INodeParameters;
	/** What the model says, call by call. */
	calls?: IDataObject[];
	/** The item that the agent works on. */
	item?: IDataObject;
	settings?: Partial<INode>;
	executionId?: string;
}

/** Lets an agent make calls of the tool, through n8n's engine. */
async function agent({
	route = 'as a node',
	parameters,
	calls = [{}],
	item = { chatInput: 'Hi', sessionId: 's-1' },
	settings,
	executionId = '1',
}: AgentRun): Promise<{ told: Told[]; json: IDataObject[]; offered: OfferedTool[]; run: IRun }> {
	const told: Told[] = [];
	const offered: OfferedTool[] = [];
	const types: Record<string, INodeType> = {
		'test.input': inputType([{ json: item, pairedItem: { item: 0 } }]),
		'test.agent': route === 'as a node' ? askingAgent(calls, told) : callingAgent(calls, told, offered),
		'n8n-nodes-vmeg.vmegTool': await toolType(),
	};
	const find = (type: string): INodeType => {
		const found = types[type];
		if (found === undefined) throw new Error(`The test has no node type ${type}`);
		return found;
	};
	const nodeTypes: INodeTypes = {
		getByName: find,
		getByNameAndVersion: find,
		getKnownTypes: () => ({}),
	};
	const start = nodeOf('Input', 'test.input');
	const credentials = { vmegApi: { id: '1', name: 'VMEG' } };
	const workflow = new Workflow({
		id: '1',
		nodes: [
			start,
			nodeOf('Agent', 'test.agent'),
			nodeOf(TOOL, 'n8n-nodes-vmeg.vmegTool', { parameters, credentials, ...settings }),
		],
		connections: {
			Input: { main: [[{ node: 'Agent', type: NodeConnectionTypes.Main, index: 0 }]] },
			[TOOL]: { ai_tool: [[{ node: 'Agent', type: NodeConnectionTypes.AiTool, index: 0 }]] },
		},
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
	});
	const { url, apiKey } = vmeg.sandbox;
	const data = additionalDataFor({ apiKey, baseUrl: url }, executionId);
	const run = await new WorkflowExecute(data, 'manual').run({ workflow, startNode: start });
	const { error } = run.data.resultData;
	if (error !== undefined) throw error;
	return { told, json: told.flatMap(({ text, failed }) => (failed ? [] : JSON.parse(text))), offered, run };
}

const ai = (key: string, type = 'string') => `={{ $fromAI('${key}', '', '${type}') }}`;

const translate: INodeParameters = {
	resource: 'text',
	operation: 'translate',
	sourceLanguage: 'en-US',
	targetLanguage: ai('language'),
	text: ai('text'),
};
const german = (text: string): IDataObject => ({ text, language: 'de-DE' });
const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const bodies = (path: string) => vmeg.sandbox.journal.requests(path).map(({ body }) => body);

describe.each(ROUTES)('a tool that n8n runs %s', (route) => {
	it('answers with what was asked for, and with nothing that the model said itself', async () => {
		const { json } = await agent({ route, parameters: translate, calls: [german('Hello')] });
		expect(json).toEqual([{ translation: '[de-DE] Hello', taskId: expect.any(String) }]);
	});

	it('is called several times in one execution, each time with its own input', async () => {
		const { json } = await agent({ route, parameters: translate, calls: [german('One'), german('Two')] });
		expect(json.map(({ translation }) => translation)).toEqual(['[de-DE] One', '[de-DE] Two']);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});

	it('tells the model which language codes are near one that VMEG does not take', async () => {
		const calls = [{ text: 'Hello', language: 'de' }, { text: 'Hello', language: 'German' }, german('Hello')];
		const { json } = await agent({ route, parameters: translate, calls });
		expect(json).toEqual([
			{ error: expect.stringMatching(/"de", .* Did you mean de-.*\? Nothing was sent to VMEG/) },
			{ error: expect.stringMatching(/"German", .* Did you mean de-.*\? Nothing was sent to VMEG/) },
			expect.objectContaining({ translation: '[de-DE] Hello' }),
		]);
	});

	it('tells the model of an error with what can be done about it, once', async () => {
		const parameters = { resource: 'task', operation: 'get', taskId: byId(ai('task')) };
		const { told } = await agent({ route, parameters, calls: [{ task: 't-unknown' }] });
		expect(told[0]?.text).toContain('task t-unknown: VMEG does not know it');
		expect(told[0]?.text.split('Check the ID')).toHaveLength(2);
	});

	it('answers an empty text without sending it', async () => {
		const { json } = await agent({ route, parameters: translate, calls: [german('')] });
		expect(json).toEqual([{ translation: '' }]);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('says that a list is empty', async () => {
		const parameters = { resource: 'voice', operation: 'getAll', voiceType: 'cloned' };
		const { json } = await agent({ route, parameters });
		expect(json).toEqual([{ note: 'Nothing was found.' }]);
	});

	it('gives an error as its answer, and not the input, where On Error is to continue', async () => {
		const settings: Partial<INode> = { onError: 'continueRegularOutput' };
		const calls = [{ text: 'Hello', language: 'xx' }];
		const { json } = await agent({ route, parameters: translate, calls, settings });
		expect(json).toEqual([{ error: expect.stringContaining('"xx"'), details: expect.any(Object) }]);

		const unknown = await agent({ route, parameters: { resource: 'text', operation: 'sing' }, settings });
		expect(unknown.json).toEqual([{ error: expect.stringContaining('"sing" is not known') }]);
	});

	it('fails where On Error is to stop the workflow', async () => {
		const settings: Partial<INode> = { onError: 'stopWorkflow' };
		const calls = [{ text: 'Hello', language: 'xx' }];
		const running = agent({ route, parameters: translate, calls, settings });
		const failed = await running.then(({ told }) => told[0]?.failed, () => true);
		expect(failed).toBe(true);
	});
});

describe.each(ROUTES)('what a model may not do, %s', (route) => {
	const meddling = {
		resource: 'task',
		operation: 'delete',
		parameters: { resource: 'task', operation: 'delete' },
		credentials: { vmegApi: { id: '2', name: 'Other' } },
		vmegApi: { apiKey: 'stolen', baseUrl: 'https://evil.example' },
		apiKey: 'stolen',
		baseUrl: 'https://evil.example',
		taskId: 't-1',
		query: { resource: 'task', operation: 'delete' },
	};

	it('switch the resource, the operation or the credential by arguments that nobody asked for', async () => {
		const calls = [{ ...german('Hello'), ...meddling }];
		const { json } = await agent({ route, parameters: translate, calls });
		expect(json).toEqual([{ translation: '[de-DE] Hello', taskId: expect.any(String) }]);
		const requests = vmeg.sandbox.journal.requests();
		expect(requests.map(({ path }) => path)).toEqual([`/openapi/v1${CREATE}`]);
		expect(requests[0]?.authorization).toBe('present');
	});

	it.each(['resource', 'operation'])('choose the %s, even where a workflow written by hand says so', async (name) => {
		const parameters = { ...translate, [name]: ai('choice') };
		const choice = name === 'resource' ? 'text' : 'translate';
		const { json } = await agent({ route, parameters, calls: [{ ...german('Hello'), choice }] });
		expect(json).toEqual([
			{ error: expect.stringContaining(`The ${name} of a tool may not be an expression`) },
		]);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('change what the user has fixed', async () => {
		const parameters = { resource: 'task', operation: 'delete', taskId: byId('t-mine') };
		await agent({ route, parameters, calls: [{ taskId: 't-other', Task: 't-other' }] });
		expect(bodies('/tasks/delete')).toEqual([{ taskId: 't-mine' }]);
	});

	it('add options to those of the user, by text that looks like JSON', async () => {
		const parameters = {
			...translate,
			options: { prompt: ai('tone'), glossary: `={"sneaker": "{{ $fromAI('shoe') }}"}` },
		};
		const tone = '", "options": {"batchSize": 1}, "x": "';
		const shoe = '", "options": "y", "z": "';
		await agent({ route, parameters, calls: [{ ...german('Hello'), tone, shoe }] });
		const [body] = bodies(CREATE) as Array<{ options: IDataObject }>;
		expect(Object.keys(body ?? {}).sort()).toEqual(['language', 'options', 'segments']);
		expect(body?.options).toEqual({
			prompt: tone,
			// its own field is all that such a text gets into
			glossary: { sneaker: '', options: 'y', z: '' },
		});
	});

	it('forge what ties a task to its submission', async () => {
		const parameters = {
			...translate,
			operation: 'submit',
			options: { extraData: ai('extra', 'json') },
		};
		const extra = { row: 7, vmegSubmission: { id: 'forged', total: 99 } };
		const { json } = await agent({ route, parameters, calls: [{ ...german('Hello'), extra }] });
		const [body] = bodies('/task/translate/create-async') as Array<{ extraData: IDataObject }>;
		expect(body?.extraData).toEqual({
			row: 7,
			vmegSubmission: expect.objectContaining({ id: expect.stringMatching(/^[0-9a-f]{32}$/), total: 1 }),
		});
		expect(json).toEqual([{ taskId: expect.any(String), taskType: 'textTranslation', createdAt: expect.any(String) }]);
	});
});

describe.each(ROUTES)('a call that a model makes once more, %s', (route) => {
	const keys = (path: string) =>
		vmeg.sandbox.journal.requests(path).map(({ idempotencyKey }) => idempotencyKey);

	it('gets the same answer, and is neither sent nor billed again', async () => {
		const calls = [german('Hello'), german('Hello'), german('Goodbye'), german('Hello')];
		const { json } = await agent({ route, parameters: translate, calls });
		expect(json.map(({ translation }) => translation)).toEqual([
			'[de-DE] Hello',
			'[de-DE] Hello',
			'[de-DE] Goodbye',
			'[de-DE] Hello',
		]);
		expect(new Set(json.map(({ taskId }) => taskId)).size).toBe(2);
		expect(vmeg.sandbox.charged).toBe(2);
	});

	it('is a new one in another execution', async () => {
		await agent({ route, parameters: translate, calls: [german('Hello')], executionId: '1' });
		await agent({ route, parameters: translate, calls: [german('Hello')], executionId: '2' });
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});

	it('is known again where VMEG accepted it and the answer was lost', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path: CREATE, nth: 1 });
		for (let nth = 2; nth <= 5; nth++) vmeg.sandbox.addFault({ kind: 'dropBefore', path: CREATE, nth });
		const { json } = await agent({ route, parameters: translate, calls: [german('Hello'), german('Hello')] });
		expect(json).toEqual([
			{ error: expect.stringContaining('VMEG could not be reached') },
			{ translation: '[de-DE] Hello', taskId: vmeg.sandbox.tasks()[0]?.taskId },
		]);
		expect(new Set(keys(CREATE)).size).toBe(1);
		expect(vmeg.sandbox.charged).toBe(1);
	}, 60_000);

	it('is done again where it is a change, which may have been undone since', async () => {
		const cloned = await vmeg.run({
			parameters: { resource: 'voice', operation: 'clone', refAudio: 'https://example.com/a.wav', voiceName: 'A' },
		});
		const parameters = {
			resource: 'voice',
			operation: 'rename',
			voiceId: byId(String(cloned.json[0]?.voiceId)),
			voiceName: ai('name'),
		};
		const calls = [{ name: 'Anna' }, { name: 'Berta' }, { name: 'Anna' }];
		const { json } = await agent({ route, parameters, calls });
		expect(json.map(({ voiceName }) => voiceName)).toEqual(['Anna', 'Berta', 'Anna']);
		expect(new Set(keys('/voice/clone/update')).size).toBe(3);
	});

	it("is not answered with something else under a key of the user's", async () => {
		const parameters = { ...translate, options: { idempotencyKey: 'job-1' } };
		const { json } = await agent({ route, parameters, calls: [german('One'), german('Two')] });
		expect(json[0]).toMatchObject({ translation: '[de-DE] One' });
		expect(json[1]).toEqual({ error: expect.stringContaining('VMEG has already accepted this submission') });
	});
});

describe('a tool whose field reads the item of the agent', () => {
	// n8n puts the arguments of the model over the fields of the item: known, and said in the README
	it('may get what the model said under the same name', async () => {
		const parameters = { resource: 'task', operation: 'delete', taskId: byId('={{ $json.task }}') };
		await agent({ parameters, item: { task: 't-mine' }, calls: [{ task: 't-other' }] });
		expect(bodies('/tasks/delete')).toEqual([{ taskId: 't-other' }]);
	});

	it('gets what the user means where it names the node that the item comes from', async () => {
		const taskId = byId("={{ $('Input').first().json.task }}");
		const parameters = { resource: 'task', operation: 'delete', taskId };
		await agent({ parameters, item: { task: 't-mine' }, calls: [{ task: 't-other' }] });
		expect(bodies('/tasks/delete')).toEqual([{ taskId: 't-mine' }]);
	});
});

const OBJECTS: Record<string, RegExp> = {
	material: /material|file/i,
	media: /media|video|audio/i,
	speech: /speech|speak|audio|voice/i,
	task: /task|job/i,
	text: /text|subtitle/i,
	voice: /voice/i,
};

const VERBS =
	/^(Clone|Create|Delete|Download|Dub|Fetch|Find|Get|List|Look|Narrate|Rename|Speak|Start|Submit|Synthesize|Translate|Turn|Upload|Wait) /;

describe('what n8n tells a model of each operation by itself', () => {
	async function descriptions() {
		const type = await toolType();
		return type.description.properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ displayOptions, options }) => {
				const resource = String(displayOptions?.show?.resource?.[0]);
				return (options as INodePropertyOptions[]).map(({ value }) => {
					const parameters = { resource, operation: value };
					const node = { parameters } as unknown as INode;
					const name = nodeNameToToolName(NodeHelpers.makeNodeName(parameters, type.description));
					const description = NodeHelpers.getToolDescriptionForNode(node, type);
					return { resource, operation: String(value), name, description };
				});
			});
	}

	it('starts with a verb, names its object, and is one short sentence', async () => {
		for (const { resource, description } of await descriptions()) {
			expect(description).toMatch(VERBS);
			expect(description).toMatch(OBJECTS[resource] ?? /^$/);
			expect(description).toMatch(/[^.] in VMEG$/);
			expect(description.length).toBeLessThanOrEqual(80);
		}
	});

	it('tells each from the others, also by the name of the tool', async () => {
		const all = await descriptions();
		expect(all).toHaveLength(20);
		expect(new Set(all.map(({ description }) => description)).size).toBe(all.length);
		expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
		for (const { name } of all) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
	});

	it('says so where something is deleted, and only there', async () => {
		for (const { operation, description } of await descriptions()) {
			expect(/delete|remove/i.test(description)).toBe(operation === 'delete');
		}
	});
});

describe('how much a model is given to read', () => {
	const LESSON = { name: 'lesson.mp4', durationSeconds: 1_800 };
	const media = {
		resource: 'media',
		sourceLanguage: 'auto',
		targetLanguage: 'de-DE',
		taskType: 'vt',
		materialSource: 'materialId',
		voiceCloneStyle: 'emotional',
		voiceCloneMode: 'role',
	};
	const bytesOf = ({ told }: { told: Told[] }) => Buffer.byteLength(told.at(-1)?.text ?? '');

	const lesson = async () =>
		byId((await vmeg.sandbox.addMaterial({ ...LESSON, bytes: Buffer.from('lesson') })).materialId);

	it.each([true, false])('of a dubbed lesson of half an hour: links and the first subtitles (Simplify: %s)', async (simplify) => {
		const parameters = { ...media, operation: 'submitAndWait', materialId: await lesson(), simplify };
		const dubbed = await agent({ parameters });
		expect(Object.keys(dubbed.json[0] ?? {}).sort()).toEqual([
			'audioUrl',
			'duration',
			'status',
			'subtitles',
			'subtitlesLeftOut',
			'taskId',
			'taskType',
			'thumbnailUrl',
			'videoUrl',
		]);
		const { subtitles, subtitlesLeftOut } = dubbed.json[0] as { subtitles: IDataObject[]; subtitlesLeftOut: number };
		expect(subtitles.length).toBeGreaterThan(20);
		expect(subtitles.length + subtitlesLeftOut).toBe(200);
		expect(bytesOf(dubbed)).toBeLessThan(6_000);

		const taskId = byId(String(dubbed.json[0]?.taskId));
		for (const operation of ['get', 'wait']) {
			const looked = await agent({ parameters: { resource: 'task', operation, taskId, simplify } });
			expect(looked.json).toEqual(dubbed.json);
		}
	});

	it.each([true, false])('of voices: fifty at most, without links, and that there may be more (Simplify: %s)', async (simplify) => {
		const parameters = { resource: 'voice', operation: 'getAll', voiceType: 'system', returnAll: true, simplify };
		const listed = await agent({ parameters });
		const [first] = listed.json;
		expect(first).toMatchObject({ voiceId: 'sv_0001', locale: expect.any(String), gender: expect.any(String) });
		expect(JSON.stringify(listed.json)).not.toContain('http');
		expect(listed.json.at(-1)).toEqual({ note: expect.stringMatching(/^These are the first \d+; there may be more\.$/) });
		expect(listed.json.length).toBeLessThanOrEqual(51);
		expect(bytesOf(listed)).toBeLessThan(11_000);
		// and no more pages are read than that takes
		expect(vmeg.sandbox.journal.requests('/voice/basic/list').length).toBeLessThanOrEqual(1);
	});

	it('of one voice: all there is, with the link to listen to it', async () => {
		const parameters = {
			resource: 'voice',
			operation: 'getAll',
			voiceType: 'system',
			filters: { voiceId: ai('voice') },
		};
		const { json } = await agent({ parameters, calls: [{ voice: 'sv_0003' }] });
		expect(json).toEqual([expect.objectContaining({ voiceId: 'sv_0003', previewUrl: expect.stringContaining('http') })]);
	});

	it('of an accepted job: what to ask for it by', async () => {
		const { json } = await agent({ parameters: { ...media, operation: 'submit', materialId: await lesson() } });
		expect(Object.keys(json[0] ?? {}).sort()).toEqual(['createdAt', 'status', 'taskId', 'taskType']);
	});

	it('of several languages: all of them, however long, since they are paid for', async () => {
		const parameters = { ...translate, options: { moreTargetLanguages: ['fr-FR', 'it-IT'] } };
		const { json } = await agent({ parameters, calls: [german('word '.repeat(2_000))] });
		expect(json.map(({ targetLanguage }) => targetLanguage)).toEqual(['de-DE', 'fr-FR', 'it-IT']);
		expect(json.every(({ translation }) => String(translation).length > 9_000)).toBe(true);
	});
});

describe('any items whatever, for a model', () => {
	const json = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<IDataObject>;
	const items = fc.array(json.map((one): INodeExecutionData => ({ json: one })), { maxLength: 60 });
	const hasNullField = (value: unknown): boolean => {
		if (typeof value !== 'object' || value === null) return false;
		if (Array.isArray(value)) return value.some(hasNullField);
		return Object.values(value).some((inner) => inner === null || hasNullField(inner));
	};

	it('lose none where they are results, never grow, and have no field that is null', () => {
		fc.assert(
			fc.property(items, (given) => {
				const brief = forModel(given, false);
				expect(brief).toHaveLength(given.length);
				expect(brief.some((item) => hasNullField(item.json))).toBe(false);
			}),
		);
	});

	it('fit into some ten kilobytes where they are a list of records', () => {
		fc.assert(
			fc.property(items, (given) => {
				const brief = forModel(given, true);
				expect(brief.length).toBeGreaterThan(0);
				const largest = Math.max(0, ...given.map((one) => Buffer.byteLength(JSON.stringify(one.json))));
				expect(Buffer.byteLength(JSON.stringify(brief.map((one) => one.json)))).toBeLessThan(10_200 + largest);
			}),
		);
	});
});
