/** n8n's REST API, as far as the journeys need it: the public API where it can, the editor's where it must. */
import { z } from 'zod';
import { isFirstLine } from './host';
import { until } from './process';

/** A workflow as the editor exports it; other properties than these are ignored. */
export interface WorkflowDefinition {
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown> | undefined;
	pinData?: Record<string, unknown> | undefined;
}

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }> | undefined;
	webhookId?: string | undefined;
	[more: string]: unknown;
}

export interface CredentialDefinition {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** Where a manual run starts, or, without a trigger, which node it is to reach. */
export type RunTarget = { triggerName: string } | { destinationNode: string };

/** One item between two nodes. */
export type Item = z.infer<typeof itemSchema>;
/** One run of one node. */
export type NodeRun = z.infer<typeof nodeRunSchema>;
/** One execution of a workflow, with what every node put out. */
export type Execution = z.infer<typeof executionSchema>;
/** A node type as n8n describes it to its editor. */
export type NodeType = z.infer<typeof nodeTypeSchema>;

const idSchema = z.union([z.string(), z.number()]).transform(String);

const itemSchema = z
	.object({
		json: z.record(z.unknown()),
		binary: z.record(z.record(z.unknown())).optional(),
		pairedItem: z.unknown(),
	})
	.passthrough();

const errorSchema = z
	.object({ message: z.string(), description: z.string().nullish(), name: z.string().optional() })
	.passthrough();

const outputsSchema = z.array(z.array(itemSchema).nullable());

const nodeRunSchema = z
	.object({
		executionStatus: z.string().optional(),
		executionTime: z.number().optional(),
		data: z.object({ main: outputsSchema.optional() }).passthrough().optional(),
		error: errorSchema.optional(),
	})
	.passthrough();

const executionSchema = z
	.object({
		id: idSchema,
		status: z.string(),
		mode: z.string(),
		workflowId: idSchema,
		startedAt: z.string().nullish(),
		stoppedAt: z.string().nullish(),
		data: z
			.object({
				resultData: z
					.object({
						runData: z.record(z.array(nodeRunSchema)).default({}),
						lastNodeExecuted: z.string().optional(),
						error: errorSchema.optional(),
					})
					.passthrough(),
			})
			.passthrough()
			.optional(),
	})
	.passthrough();

const executionPageSchema = z.object({
	data: z.array(executionSchema),
	nextCursor: z.string().nullish(),
});

const nodeTypeSchema = z
	.object({
		name: z.string(),
		displayName: z.string(),
		webhooks: z
			.array(z.object({ path: z.string(), isFullPath: z.boolean().optional() }).passthrough())
			.optional(),
	})
	.passthrough();

const workflowSchema = z
	.object({
		id: idSchema,
		name: z.string(),
		active: z.boolean(),
		nodes: z.array(
			z
				.object({
					id: z.string(),
					name: z.string(),
					type: z.string(),
					webhookId: z.string().optional(),
					parameters: z.record(z.unknown()).default({}),
					disabled: z.boolean().optional(),
				})
				.passthrough(),
		),
	})
	.passthrough();

type StoredWorkflow = z.infer<typeof workflowSchema>;

const publicationSchema = z.object({
	status: z.enum(['in_progress', 'not_published', 'published', 'partial', 'failed']),
	triggers: z.array(z.object({ nodeId: z.string(), status: z.string(), errorMessage: z.string().nullish() })),
});

const createdSchema = z.object({ id: idSchema });
const runSchema = z.object({
	executionId: idSchema.optional(),
	waitingForWebhook: z.boolean().optional(),
});
const credentialTestSchema = z.object({ status: z.enum(['OK', 'Error']), message: z.string().optional() });
const apiKeySchema = z.object({ rawApiKey: z.string() });
const errorAnswerSchema = z.object({ message: z.string() });

/** Answers of the editor's own endpoints come in an envelope. */
function inEnvelope<T extends z.ZodTypeAny>(schema: T) {
	return z.object({ data: schema }).transform((envelope): z.output<T> => envelope.data as z.output<T>);
}

const UNFINISHED = new Set(['new', 'running', 'waiting', 'unknown']);
const PAGE_SIZE = 100;
const ACTIVATION_TIMEOUT_MS = 60_000;
// How long n8n may take to begin with a publication before we conclude that there is nothing to publish.
const PUBLICATION_START_MS = 3_000;
const POLL_MS = 50;
const HTTP_BAD_REQUEST = 400;

/** An answer of n8n that is no success. */
export class N8nApiError extends Error {
	override readonly name = 'N8nApiError';

	constructor(
		readonly status: number,
		request: string,
		body: string,
	) {
		super(`${request}: ${status} ${messageOf(body)}`);
	}
}

/** One signed-in user of one n8n. */
export class N8nClient {
	private cookie = '';
	private apiKey = '';
	private readonly isFirstLine: boolean;
	private nodeTypeList: Promise<NodeType[]> | undefined;

	/**
	 * `version`: n8n's, whose 1.x line is asked some things otherwise. `webhookBaseUrl`: where production
	 * webhooks are served, if another process does that.
	 */
	constructor(
		readonly baseUrl: string,
		version: string,
		private readonly webhookBaseUrl: string = baseUrl,
	) {
		this.isFirstLine = isFirstLine(version);
	}

	/** Creates the account of an n8n 1.x that has none yet; later ones take it from their environment. */
	async setUpOwner(owner: { email: string; password: string; firstName: string; lastName: string }): Promise<void> {
		if (!this.isFirstLine) return;
		try {
			await this.rest('POST', '/rest/owner/setup', z.unknown(), owner);
		} catch (error) {
			const isThere = error instanceof N8nApiError && error.status === HTTP_BAD_REQUEST;
			if (!isThere) throw error;
		}
	}

	/** Signs in and creates an API key with every scope that the user may have. */
	async connect(owner: { email: string; password: string }): Promise<void> {
		const response = await fetch(`${this.baseUrl}/rest/login`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ emailOrLdapLoginId: owner.email, password: owner.password }),
		});
		const body = await response.text();
		if (!response.ok) throw new N8nApiError(response.status, 'POST /rest/login', body);
		this.cookie = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');
		const scopes = await this.rest('GET', '/rest/api-keys/scopes', inEnvelope(z.array(z.string())));
		const request = { label: `harness ${Date.now()}`, expiresAt: null, scopes };
		const created = await this.rest('POST', '/rest/api-keys', inEnvelope(apiKeySchema), request);
		this.apiKey = created.rawApiKey;
	}

	/** Stores a credential and returns its id. */
	async createCredential(credential: CredentialDefinition): Promise<string> {
		// the public API of 1.x demands a field that n8n itself adds to every credential and shows to nobody
		if (this.isFirstLine) {
			return (await this.rest('POST', '/rest/credentials', inEnvelope(createdSchema), credential)).id;
		}
		return (await this.api('POST', '/credentials', createdSchema, credential)).id;
	}

	/** Runs the credential's own test request, as the editor does when a credential is saved. */
	async testCredential(id: string, credential: CredentialDefinition) {
		const body = { credentials: { id, ...credential } };
		return await this.rest('POST', '/rest/credentials/test', inEnvelope(credentialTestSchema), body);
	}

	/** Stores a workflow, inactive, and returns its id. */
	async createWorkflow(workflow: WorkflowDefinition): Promise<string> {
		return (await this.api('POST', '/workflows', createdSchema, this.writable(workflow))).id;
	}

	/** Replaces a workflow; an active one is published again, and answers with its new version after this. */
	async updateWorkflow(id: string, workflow: WorkflowDefinition): Promise<void> {
		const stored = await this.api('PUT', `/workflows/${id}`, workflowSchema, this.writable(workflow));
		if (stored.active) await this.waitUntilPublished(id);
	}

	/** The public API refuses properties it does not know: an exported workflow has some, and 1.x takes no pinned data. */
	private writable({ name, nodes, connections, settings = {}, pinData }: WorkflowDefinition) {
		const isPinned = pinData !== undefined && !this.isFirstLine;
		return { name, nodes, connections, settings, ...(isPinned && { pinData }) };
	}

	/** The query for executions with their data; later lines of n8n leave out what is large unless told. */
	private get withData(): Record<string, string> {
		return { includeData: 'true', ...(!this.isFirstLine && { ignoreDataSizeLimit: 'true' }) };
	}

	async getWorkflow(id: string): Promise<StoredWorkflow> {
		return await this.api('GET', `/workflows/${id}`, workflowSchema);
	}

	async deleteWorkflow(id: string): Promise<void> {
		await this.api('DELETE', `/workflows/${id}`, z.unknown());
	}

	/** Activates a workflow and waits until its production webhooks answer. */
	async activate(id: string): Promise<void> {
		await this.api('POST', `/workflows/${id}/activate`, z.unknown(), {});
		await this.waitUntilPublished(id);
	}

	/** Deactivates a workflow and waits until its production webhooks are gone. */
	async deactivate(id: string): Promise<void> {
		await this.api('POST', `/workflows/${id}/deactivate`, z.unknown(), {});
		if (this.isFirstLine) return;
		await until(
			`workflow ${id} to be unpublished`,
			async () => ((await this.publication(id)).status === 'not_published' ? true : undefined),
			{ timeoutMs: ACTIVATION_TIMEOUT_MS, everyMs: POLL_MS },
		);
	}

	/** Starts a manual run, as the editor's button does, and returns the id of the execution. */
	async runWorkflow(id: string, target: RunTarget): Promise<string> {
		const answer = await this.startRun(id, target);
		if (answer.executionId === undefined) {
			throw new Error('n8n waits for a test webhook: use listenForTestEvent() for a webhook trigger');
		}
		return answer.executionId;
	}

	/** Presses the editor's "Execute workflow" for a webhook trigger and returns the URL that now listens, once. */
	async listenForTestEvent(id: string, triggerName: string): Promise<string> {
		const answer = await this.startRun(id, { triggerName });
		if (!answer.waitingForWebhook) throw new Error(`"${triggerName}" is not a webhook trigger`);
		return [this.baseUrl, 'webhook-test', await this.webhookPath(id, triggerName)].join('/');
	}

	private async startRun(id: string, target: RunTarget) {
		const body =
			'triggerName' in target
				? { triggerToStartFrom: { name: target.triggerName } }
				: { destinationNode: { nodeName: target.destinationNode, mode: 'inclusive' } };
		// 1.x runs what the editor shows, later ones what is stored
		const workflowData = this.isFirstLine ? await this.getWorkflow(id) : undefined;
		return await this.rest('POST', `/rest/workflows/${id}/run`, inEnvelope(runSchema), { ...body, workflowData });
	}

	/** Presses the editor's "Stop". */
	async stopExecution(id: string): Promise<void> {
		await this.rest('POST', `/rest/executions/${id}/stop`, z.unknown());
	}

	/** An execution as it is now, with its data. */
	async getExecution(id: string): Promise<Execution> {
		const query = new URLSearchParams(this.withData);
		return await this.api('GET', `/executions/${id}?${query.toString()}`, executionSchema);
	}

	/** Waits until an execution is over, however it ended. */
	async waitForExecution(id: string, { timeoutMs = 60_000 } = {}): Promise<Execution> {
		return await until(
			`execution ${id} to end`,
			async () => {
				const query = 'includeData=false';
				const { status } = await this.api('GET', `/executions/${id}?${query}`, executionSchema);
				return UNFINISHED.has(status) ? undefined : await this.getExecution(id);
			},
			{ timeoutMs, everyMs: POLL_MS },
		);
	}

	/** All executions that match, newest first; n8n lists the running ones only when asked for that status. */
	async listExecutions({
		workflowId,
		status,
		includeData = false,
	}: { workflowId?: string; status?: string; includeData?: boolean } = {}): Promise<Execution[]> {
		const query = new URLSearchParams({
			limit: String(PAGE_SIZE),
			...(includeData ? this.withData : { includeData: 'false' }),
			...(workflowId && { workflowId }),
			...(status && { status }),
		});
		const executions: Execution[] = [];
		for (;;) {
			const page = await this.api('GET', `/executions?${query.toString()}`, executionPageSchema);
			executions.push(...page.data);
			if (!page.nextCursor) return executions;
			query.set('cursor', page.nextCursor);
		}
	}

	/**
	 * Waits until a workflow has at least `count` finished executions and returns all of them with their
	 * data, oldest first: for webhooks, whose callers learn no execution id.
	 */
	async waitForExecutions(
		workflowId: string,
		{ count = 1, timeoutMs = 30_000 } = {},
	): Promise<Execution[]> {
		await until(
			`${count} executions of workflow ${workflowId}`,
			async () => {
				const executions = await this.listExecutions({ workflowId });
				return executions.filter(({ status }) => !UNFINISHED.has(status)).length >= count || undefined;
			},
			{ timeoutMs, everyMs: POLL_MS },
		);
		return (await this.listExecutions({ workflowId, includeData: true })).reverse();
	}

	/** Every node type that this n8n knows. */
	async nodeTypes(): Promise<NodeType[]> {
		this.nodeTypeList ??= this.rest('GET', '/types/nodes.json', z.array(nodeTypeSchema));
		return await this.nodeTypeList;
	}

	/** The production URL of a workflow's webhook node. */
	async webhookUrl(workflowId: string, nodeName: string): Promise<string> {
		return [this.webhookBaseUrl, 'webhook', await this.webhookPath(workflowId, nodeName)].join('/');
	}

	private async webhookPath(workflowId: string, nodeName: string): Promise<string> {
		const { nodes } = await this.getWorkflow(workflowId);
		const node = nodes.find(({ name }) => name === nodeName);
		if (node === undefined) throw new Error(`Workflow ${workflowId} has no node "${nodeName}"`);
		const type = (await this.nodeTypes()).find(({ name }) => name === node.type);
		const webhook = type?.webhooks?.[0];
		if (webhook === undefined) throw new Error(`"${nodeName}" has no webhook`);
		// The only expression that webhook descriptions use here: the path is one of the node's parameters.
		const parameter = /^=\{\{\s*\$parameter\["(\w+)"\]\s*\}\}$/.exec(webhook.path)?.[1];
		const path = parameter === undefined ? webhook.path : String(node.parameters[parameter]);
		const parts = webhook.isFullPath ? [path] : [node.webhookId ?? node.id, path];
		return parts.filter((part) => part !== '').join('/');
	}

	/** n8n publishes in the background after it has answered: until then webhooks are not found. */
	private async waitUntilPublished(id: string): Promise<void> {
		// 1.x answers when it is done
		if (this.isFirstLine) return;
		const started = Date.now();
		const { status, triggers } = await until(
			`workflow ${id} to be published`,
			async () => {
				const publication = await this.publication(id);
				if (publication.status === 'in_progress') return undefined;
				const mayNotHaveBegun =
					publication.status === 'not_published' && Date.now() - started < PUBLICATION_START_MS;
				return mayNotHaveBegun ? undefined : publication;
			},
			{ timeoutMs: ACTIVATION_TIMEOUT_MS, everyMs: POLL_MS },
		);
		if (status === 'published') return;
		const reasons = triggers.map(({ errorMessage }) => errorMessage).filter(Boolean);
		throw new Error(`Workflow ${id} could not be activated (${status}): ${reasons.join('; ')}`);
	}

	/** How far the publication of a workflow is, and why a trigger could not be activated. */
	async publication(id: string) {
		const path = `/rest/workflows/${id}/publication-status`;
		return await this.rest('GET', path, inEnvelope(publicationSchema));
	}

	/** The public API. */
	private async api<T extends z.ZodTypeAny>(method: string, path: string, schema: T, body?: unknown) {
		return await this.request(method, `/api/v1${path}`, { 'x-n8n-api-key': this.apiKey }, schema, body);
	}

	/** The API that n8n's editor uses. */
	private async rest<T extends z.ZodTypeAny>(method: string, path: string, schema: T, body?: unknown) {
		return await this.request(method, path, { cookie: this.cookie }, schema, body);
	}

	private async request<T extends z.ZodTypeAny>(
		method: string,
		path: string,
		authentication: Record<string, string>,
		schema: T,
		body?: unknown,
	): Promise<z.output<T>> {
		const response = await fetch(`${this.baseUrl}${path}`, {
			method,
			headers: { ...authentication, ...(body !== undefined && { 'content-type': 'application/json' }) },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new N8nApiError(response.status, `${method} ${path}`, text);
		const parsed = schema.safeParse(text === '' ? undefined : JSON.parse(text));
		if (!parsed.success) throw new Error(`${method} ${path} answered unexpectedly: ${parsed.error.message}`);
		return parsed.data as z.output<T>;
	}
}

/** What a node put out, over all its runs: the items of one of its outputs. */
export function outputOf(execution: Execution, nodeName: string, output = 0): Item[] {
	const runs = execution.data?.resultData.runData[nodeName];
	if (runs === undefined) {
		const error = execution.data?.resultData.error?.message ?? 'no error';
		throw new Error(`"${nodeName}" did not run in execution ${execution.id} (${execution.status}, ${error})`);
	}
	return runs.flatMap((run) => run.data?.main?.[output] ?? []);
}

function messageOf(body: string): string {
	try {
		const parsed = errorAnswerSchema.safeParse(JSON.parse(body));
		if (parsed.success) return parsed.data.message;
	} catch {
		// Not JSON: an answer of some other layer, shown as it is.
	}
	return body.slice(0, 500);
}
