/** The processes of a cluster start with the package and do the work that is theirs. */
import { outputOf, VMEG_NODE, VMEG_TRIGGER_NODE } from '../harness/n8n';
import type { N8nCluster } from './cluster';
import { describeOnServices, startPackageInQueueMode, startPackageOnPostgres } from './handover';

describeOnServices('one process on PostgreSQL', () => {
	let n8n: N8nCluster;

	beforeAll(async () => {
		n8n = await startPackageOnPostgres();
	});

	afterAll(async () => await n8n?.stop());

	test('knows both nodes', async () => {
		const names = (await n8n.nodeTypes()).map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining([VMEG_NODE, VMEG_TRIGGER_NODE]));
	});
});

describeOnServices('queue mode', () => {
	let n8n: N8nCluster;

	beforeAll(async () => {
		n8n = await startPackageInQueueMode();
	});

	afterAll(async () => await n8n?.stop());

	const node = (name: string, type: string, index: number, parameters = {}) => ({
		id: `5c0de000-0000-4000-8000-00000000000${index}`,
		name,
		type,
		typeVersion: type.endsWith('.webhook') || type.endsWith('.code') ? 2 : 1,
		position: [index * 200, 0] as [number, number],
		parameters,
	});

	/** Which processes say that they executed something. */
	async function executedBy(executionId: string): Promise<string[]> {
		const logs = await Promise.all(
			[...n8n.processes].map(async ([name, server]) => ({
				name,
				log: await server.logTail(Number.MAX_SAFE_INTEGER),
			})),
		);
		const started = new RegExp(`Worker started execution ${executionId} `);
		return logs.filter(({ log }) => started.test(log)).map(({ name }) => name);
	}

	test('a manual execution is a worker\'s', async () => {
		const id = await n8n.createWorkflow({
			name: 'Manual',
			nodes: [
				node('Start Here', 'n8n-nodes-base.manualTrigger', 1),
				node('Say', 'n8n-nodes-base.code', 2, { jsCode: 'return [{ json: { said: 1 } }];' }),
			],
			connections: { 'Start Here': { main: [[{ node: 'Say', type: 'main', index: 0 }]] } },
		});
		const executionId = await n8n.runWorkflow(id, { triggerName: 'Start Here' });
		const execution = await n8n.waitForExecution(executionId);
		expect(outputOf(execution, 'Say')).toMatchObject([{ json: { said: 1 } }]);
		expect(execution.mode).toBe('manual');
		expect(await executedBy(executionId)).toEqual([expect.stringMatching(/^worker[12]$/)]);
	});

	test('production webhooks are the webhook processor\'s, their executions a worker\'s', async () => {
		const parameters = { httpMethod: 'POST', path: 'smoke', options: {} };
		const webhook = { ...node('Webhook', 'n8n-nodes-base.webhook', 1, parameters), webhookId: 'smoke' };
		const id = await n8n.createWorkflow({ name: 'Webhook', nodes: [webhook], connections: {} });
		await n8n.activate(id);
		const url = await n8n.webhookUrl(id, 'Webhook');
		expect(url.startsWith(n8n.process('webhook1').baseUrl)).toBe(true);
		expect((await fetch(url, { method: 'POST' })).status).toBe(200);
		const onMain = url.replace(n8n.process('webhook1').baseUrl, n8n.baseUrl);
		expect((await fetch(onMain, { method: 'POST' })).status).toBe(404);
		const [execution] = await n8n.waitForExecutions(id);
		expect(await executedBy(execution?.id ?? '')).toEqual([expect.stringMatching(/^worker[12]$/)]);
	});

	test('a killed worker leaves the work to the other, and comes back', async () => {
		await n8n.process('worker1').kill();
		const id = await n8n.createWorkflow({
			name: 'Manual',
			nodes: [node('Start Here', 'n8n-nodes-base.manualTrigger', 1)],
			connections: {},
		});
		const run = async () => {
			const executionId = await n8n.runWorkflow(id, { triggerName: 'Start Here' });
			await n8n.waitForExecution(executionId);
			return await executedBy(executionId);
		};
		expect(await run()).toEqual(['worker2']);
		await n8n.process('worker1').restart();
		await n8n.process('worker2').kill();
		expect(await run()).toEqual(['worker1']);
	});
});
