import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// n8n-core reads its user folder when it is first loaded
process.env.N8N_USER_FOLDER = mkdtempSync(path.join(tmpdir(), 'vmeg-inprocess-'));
process.env.N8N_EXPRESSION_ENGINE = 'legacy';

import 'reflect-metadata';
import { Container } from '@n8n/di';
import {
	BinaryDataService,
	ExecutionLifecycleHooks,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsHelper,
	IDataObject,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	INodeTypes,
	IRun,
	ITaskData,
	IVersionedNodeType,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { NodeHelpers, Workflow } from 'n8n-workflow';

const ROOT = path.resolve(__dirname, '../..');
const INPUT = 'Input';
export const NODE = 'VMEG';

/** Gives the items of a test to the node that is tested. */
const inputNode = (items: INodeExecutionData[]): INodeType => ({
	description: {
		displayName: INPUT,
		name: 'input',
		group: ['trigger'],
		version: 1,
		description: 'Items of a test',
		defaults: { name: INPUT },
		inputs: [],
		outputs: ['main'],
		properties: [],
	},
	execute: async () => [items],
});

let loading: Promise<PackageDirectoryLoader> | undefined;

/** Loads the built package as n8n does; `npm run build` comes first. */
export async function loadPackage(): Promise<PackageDirectoryLoader> {
	loading ??= (async () => {
		const loader = new PackageDirectoryLoader(ROOT);
		await loader.loadAll();
		await Container.get(BinaryDataService).init();
		return loader;
	})();
	return await loading;
}

async function nodeTypes(items: INodeExecutionData[]): Promise<INodeTypes> {
	const loader = await loadPackage();
	const find = (type: string): INodeType | IVersionedNodeType => {
		if (type === 'test.input') return inputNode(items);
		const found = loader.getNode(type.replace('n8n-nodes-vmeg.', ''));
		return found.type;
	};
	return {
		getByName: find,
		getByNameAndVersion: (type, version) =>
			NodeHelpers.getVersionedNodeType(find(type) as INodeType, version),
		getKnownTypes: () => loader.known.nodes as unknown as IDataObject,
	};
}

export type Credential = { apiKey: string; baseUrl: string; webhookSecret?: string };

const credentialsHelper = (credential: Credential): ICredentialsHelper =>
	({
		getParentTypes: () => [],
		isCredentialUsableByNode: () => true,
		getDecrypted: async () => ({ ...credential }) as ICredentialDataDecryptedObject,
		preAuthentication: async () => undefined,
		// what the credential's generic `authenticate` amounts to; the real one runs end to end
		authenticate: async (data: ICredentialDataDecryptedObject, _type: string, options: IHttpRequestOptions) => ({
			...options,
			headers: { ...options.headers, Authorization: `Bearer ${String(data.apiKey)}` },
		}),
	}) as unknown as ICredentialsHelper;

export interface RunOptions {
	parameters: INodeParameters;
	credential: Credential;
	items?: Array<IDataObject | INodeExecutionData>;
	/** Settings of the node, such as `onError` or `retryOnFail`. */
	settings?: Partial<INode>;
	executionId?: string;
	/** Called with the running execution, for instance to cancel it. */
	onStart?: (execution: { cancel(): void }) => void;
}

export interface RunResult {
	run: IRun;
	/** Output items of the node: of its first output, and of its error output. */
	output: INodeExecutionData[];
	errors: INodeExecutionData[];
	/** JSON of the output items. */
	json: IDataObject[];
	error?: { message: string; description?: string | null; context?: IDataObject };
	task?: ITaskData;
}

const isItem = (item: IDataObject | INodeExecutionData): item is INodeExecutionData =>
	'json' in item && typeof item.json === 'object';

export const additionalDataFor = (credential: Credential, executionId: string) => {
	const url = 'http://localhost:5678';
	return {
		executionId,
		variables: {},
		currentNodeExecutionIndex: 0,
		credentialsHelper: credentialsHelper(credential),
		setExecutionStatus: () => {},
		restApiUrl: `${url}/rest`,
		instanceBaseUrl: `${url}/`,
		webhookBaseUrl: `${url}/webhook`,
		webhookTestBaseUrl: `${url}/webhook-test`,
		webhookWaitingBaseUrl: `${url}/webhook-waiting`,
		formWaitingBaseUrl: `${url}/form-waiting`,
		hooks: new ExecutionLifecycleHooks('manual', executionId, {
			id: '1',
			name: 'Test',
			active: false,
			isArchived: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: [],
			connections: {},
			activeVersionId: null,
		}),
	} as unknown as IWorkflowExecuteAdditionalData;
};

/** A node of a workflow, with what n8n wants of every node. */
export const nodeOf = (name: string, type: string, more: Partial<INode> = {}): INode => ({
	id: name,
	name,
	type,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	...more,
});

/** The VMEG node with the credential of the test. */
export const vmegNode = (more: Partial<INode>): INode =>
	nodeOf(NODE, 'n8n-nodes-vmeg.vmeg', {
		id: '5f0f5c0e-0000-4000-8000-000000000001',
		credentials: { vmegApi: { id: '1', name: 'VMEG' } },
		...more,
	});

/** Runs a workflow of two nodes, the items of the test and the VMEG node, through n8n's own engine. */
export async function runVmeg(options: RunOptions): Promise<RunResult> {
	const { parameters, credential, settings, executionId = '1' } = options;
	const items = (options.items ?? [{}]).map((item, index) => ({
		...(isItem(item) ? item : { json: item }),
		pairedItem: { item: index },
	}));
	const node = vmegNode({ parameters, ...settings });
	const start = nodeOf(INPUT, 'test.input');
	const workflow = new Workflow({
		id: '1',
		nodes: [start, node],
		connections: { [INPUT]: { main: [[{ node: NODE, type: 'main', index: 0 }]] } },
		active: false,
		nodeTypes: await nodeTypes(items),
	});
	const engine = new WorkflowExecute(additionalDataFor(credential, executionId), 'manual');
	const running = engine.run({ workflow, startNode: start });
	options.onStart?.({ cancel: () => running.cancel() });
	const run = await running;
	const task = run.data.resultData.runData[NODE]?.at(-1);
	const [output = [], errors = []] = task?.data?.main ?? [];
	const error = task?.error ?? run.data.resultData.error;
	return {
		run,
		task,
		output: output ?? [],
		errors: errors ?? [],
		json: (output ?? []).map(({ json }) => json),
		error: error as RunResult['error'],
	};
}
