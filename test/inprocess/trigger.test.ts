import { HookContext, WebhookContext } from 'n8n-core';
import type { IDataObject, INode, IWebhookData } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

import type { VmegTrigger } from '../../nodes/Vmeg/VmegTrigger.node';
import { additionalDataFor, loadPackage } from './n8n';
import type { Credential } from './n8n';
import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const node: INode = {
	id: '5f0f5c0e-0000-4000-8000-000000000003',
	name: 'VMEG Trigger',
	type: 'n8n-nodes-vmeg.vmegTrigger',
	typeVersion: 1,
	position: [0, 0],
	parameters: {
		events: ['openapi-clone-voice', 'openapi-media-translation', 'openapi-translate', 'openapi-tts'],
		outcome: 'all',
	},
	credentials: { vmegApi: { id: '1', name: 'VMEG' } },
	webhookId: '5f0f5c0e-0000-4000-8000-000000000004',
};

const webhookData = {
	httpMethod: 'POST',
	node: node.name,
	path: 'webhook',
	webhookDescription: { name: 'default', httpMethod: 'POST', path: 'webhook' },
	workflowId: '1',
} as unknown as IWebhookData;

const triggerType = async () => (await loadPackage()).getNode('vmegTrigger').type as VmegTrigger;

async function contextFor(credential: Credential, parameters: IDataObject = {}) {
	const type = await triggerType();
	const own: INode = { ...node, parameters: { ...node.parameters, ...(parameters as INode['parameters']) } };
	const workflow = new Workflow({
		id: '1',
		nodes: [own],
		connections: {},
		active: false,
		nodeTypes: {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		},
	});
	return { type, own, workflow, additionalData: additionalDataFor(credential, '1') };
}

const credentialOf = (webhookSecret?: string): Credential => ({
	apiKey: vmeg.sandbox.apiKey,
	baseUrl: vmeg.sandbox.url,
	webhookSecret,
});

interface Reply {
	status: number;
	items: IDataObject[];
}

/** Calls `webhook()` with a request as n8n would, and tells what it answers and emits. */
async function call(
	request: { headers: Record<string, string>; body: string },
	{ secret = vmeg.sandbox.webhookSecret as string | undefined, parameters = {} as IDataObject } = {},
): Promise<Reply> {
	const { type, own, workflow, additionalData } = await contextFor(credentialOf(secret), parameters);
	let status = 0;
	const response = {
		status(code: number) {
			status = code;
			return response;
		},
		json: () => response,
	};
	const headers = Object.fromEntries(
		Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
	);
	Object.assign(additionalData, {
		httpRequest: { headers, rawBody: Buffer.from(request.body), params: {}, query: {} },
		httpResponse: response,
	});
	const context = new WebhookContext(workflow, own, additionalData, 'webhook', webhookData, [], null);
	const result = await type.webhook.call(context);
	const items = (result.workflowData ?? []).flat().map(({ json }) => json);
	return { status: items.length > 0 ? 200 : status, items };
}

const event = (fields: IDataObject = {}) =>
	JSON.stringify({
		code: 200,
		version: 'v1',
		event: 'openapi-translate',
		pipelineKey: 'a1b2c3d4e5f6789012345678901234ab',
		message: '',
		extraData: { row: 1 },
		data: { taskId: 't-1', items: [{ text: 'Hallo' }], createdAt: 'now' },
		...fields,
	});

const genuine = (fields?: IDataObject) => vmeg.sandbox.signedRequest(event(fields));

describe('VMEG Trigger: a callback', () => {
	it('becomes one item, with flat fields beside the untouched data', async () => {
		const { status, items } = await call(genuine());
		expect(status).toBe(200);
		expect(items).toEqual([
			{
				event: 'openapi-translate',
				succeeded: true,
				code: 200,
				message: '',
				version: 'v1',
				pipelineKey: 'a1b2c3d4e5f6789012345678901234ab',
				taskId: 't-1',
				extraData: { row: 1 },
				translations: ['Hallo'],
				data: { taskId: 't-1', items: [{ text: 'Hallo' }], createdAt: 'now' },
			},
		]);
	});

	it('of a failed task is emitted too', async () => {
		const { items } = await call(genuine({ code: 500, message: 'No speech found' }));
		expect(items[0]).toMatchObject({ succeeded: false, code: 500, message: 'No speech found' });
	});

	it('passes only the events and outcomes that are chosen', async () => {
		expect(await call(genuine(), { parameters: { outcome: 'failed' } })).toEqual({ status: 200, items: [] });
		expect(await call(genuine(), { parameters: { events: ['openapi-tts'] } })).toEqual({
			status: 200,
			items: [],
		});
		expect((await call(genuine({ code: 422 }), { parameters: { outcome: 'failed' } })).items).toHaveLength(1);
	});

	it('is refused without, or with another, or with a stale signature', async () => {
		const { headers, body } = genuine();
		const stale = vmeg.sandbox.signedRequest(event(), { timestamp: Date.now() - 301_000 });
		const forged = vmeg.sandbox.signedRequest(event(), { secret: 'guess' });
		for (const request of [
			{ headers: {}, body },
			{ headers: { ...headers, 'X-Signature': 'a'.repeat(64) }, body },
			{ headers, body: `${body} ` },
			stale,
			forged,
		]) {
			expect(await call(request)).toEqual({ status: 401, items: [] });
		}
	});

	it('is refused as long as no secret is configured', async () => {
		expect(await call(genuine(), { secret: '' })).toEqual({ status: 401, items: [] });
		const emptySecret = vmeg.sandbox.signedRequest(event(), { secret: '' });
		expect(await call(emptySecret, { secret: '' })).toEqual({ status: 401, items: [] });
	});

	it('that is a signed connectivity test is welcomed, and starts nothing', async () => {
		expect(await call(vmeg.sandbox.signedRequest('{"ping": true}'))).toEqual({ status: 200, items: [] });
	});

	it('that is signed and is no completion is refused as such', async () => {
		for (const body of ['[]', '"x"', '{"event": "openapi-tts"}', '{not json']) {
			expect(await call(vmeg.sandbox.signedRequest(body))).toEqual({ status: 400, items: [] });
		}
	});
});

describe('VMEG Trigger: activation', () => {
	async function activate(credential: Credential): Promise<boolean> {
		const { type, own, workflow, additionalData } = await contextFor(credential);
		const context = () => new HookContext(workflow, own, additionalData, 'trigger', 'activate', webhookData);
		const { checkExists, create, delete: remove } = type.webhookMethods.default;
		const done = (await checkExists.call(context())) || (await create.call(context()));
		expect(await remove.call(context())).toBe(true);
		return done;
	}

	it('works with key and secret', async () => {
		expect(await activate(credentialOf('secret'))).toBe(true);
	});

	it('fails without a secret, and says where it is', async () => {
		await expect(activate(credentialOf(''))).rejects.toThrow(
			'The VMEG credential has no Webhook Secret: copy it from https://www.vmeg.ai/open-api-setting',
		);
	});

	it('fails when VMEG refuses the key', async () => {
		await expect(activate({ ...credentialOf('secret'), apiKey: 'wrong' })).rejects.toThrow(
			'VMEG did not accept the API key',
		);
	});

	it('does not fail for a fault that may pass', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: '/tasks/list', code: 500 });
		expect(await activate(credentialOf('secret'))).toBe(true);
		expect(await activate({ ...credentialOf('secret'), baseUrl: 'http://127.0.0.1:9' })).toBe(true);
	});
});
