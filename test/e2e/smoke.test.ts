/** The packed package loads in a real n8n: the first thing to look at when other journeys fail. */
import { startN8nWithPackage } from './harness/handover';
import { PACKAGE_NAME, VMEG_CREDENTIAL, VMEG_NODE, VMEG_TRIGGER_NODE, type N8n } from './harness/n8n';

let n8n: N8n;

beforeAll(async () => {
	n8n = await startN8nWithPackage();
});

afterAll(async () => {
	await n8n?.stop();
});

test('n8n knows both nodes under the names that saved workflows use', async () => {
	const names = (await n8n.nodeTypes()).map(({ name }) => name);
	expect(names).toEqual(expect.arrayContaining([VMEG_NODE, VMEG_TRIGGER_NODE]));
});

test('n8n loads the package without a complaint', async () => {
	// n8n names a package in its log only to say what is wrong with it.
	expect(await n8n.logTail(Number.MAX_SAFE_INTEGER)).not.toContain(PACKAGE_NAME);
});

test('n8n accepts a credential', async () => {
	const id = await n8n.createCredential({
		name: 'VMEG',
		type: VMEG_CREDENTIAL,
		data: { apiKey: 'key', webhookSecret: 'secret', baseUrl: 'http://127.0.0.1:9' },
	});
	expect(id).not.toBe('');
});
