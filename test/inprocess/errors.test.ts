import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const CREATE = '/task/translate/create';
const parameters: INodeParameters = {
	resource: 'text',
	operation: 'translate',
	sourceLanguage: 'en-US',
	targetLanguage: 'de-DE',
	text: '={{ $json.text }}',
};
const items = [{ text: 'One' }, { text: 'Two' }];

describe('what the user reads when VMEG does not do it', () => {
	it('401: check the key', async () => {
		const { error } = await vmeg.run({
			parameters,
			items,
			credential: { apiKey: 'wrong-key', baseUrl: vmeg.sandbox.url },
		});
		expect(error?.message).toBe('Items 0 to 1: VMEG did not accept the API key');
		expect(error?.description).toContain('https://www.vmeg.ai/open-api-setting');
		expect(vmeg.sandbox.journal.requests(CREATE)).toHaveLength(1);
		expect(JSON.stringify(error)).not.toContain('wrong-key');
	});

	it('402: add credits, with the page', async () => {
		vmeg.sandbox.setCredits(0);
		const { error } = await vmeg.run({ parameters, items });
		vmeg.sandbox.setCredits(1_000_000);
		expect(error?.message).toContain('no credits left');
		expect(error?.description).toContain('https://www.vmeg.ai/pricing');
	});

	it('409 at once: the key was used before', async () => {
		const once = { ...parameters, options: { idempotencyKey: 'only-once' } };
		await vmeg.run({ parameters: once, items });
		const { error } = await vmeg.run({ parameters: once, items, executionId: '2' });
		expect(error?.message).toContain('VMEG has already accepted this submission');
		expect(error?.description).toContain('only-once');
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
	});

	it.each([
		[400, 'VMEG refused the request (code 400): Odd', 'Correct the parameter', 1],
		// the two texts are tried one by one
		[413, 'too large for VMEG', 'smaller Batch Size', 3],
		[422, 'cannot process it: Odd', 'Change the input', 1],
	])('%i: not repeated, and what to change', async (code, message, description, count) => {
		vmeg.sandbox.addFault({ kind: 'failingEnvelope', path: CREATE, code, message: 'Odd' });
		const { error } = await vmeg.run({ parameters, items });
		expect(error?.message).toContain(message);
		expect(error?.description).toContain(description);
		const keys = vmeg.sandbox.journal.requests(CREATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(new Set(keys).size).toBe(count);
		expect(keys).toHaveLength(count);
	});

	it('a passing 500, 502, throttling and a broken answer are not seen at all', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: CREATE, nth: 1, code: 500 });
		vmeg.sandbox.addFault({ kind: 'status', path: CREATE, nth: 1, code: 429, retryAfter: 1 });
		vmeg.sandbox.addFault({
			kind: 'status',
			path: CREATE,
			nth: 1,
			code: 502,
			rawBody: '<html>Bad gateway</html>',
		});
		const { json, error } = await vmeg.run({ parameters, items });
		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual(['[de-DE] One', '[de-DE] Two']);
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
	}, 30_000);

	it('lasting 500: the request ID for support', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: CREATE, code: 500, message: 'Boom' });
		const { error } = await vmeg.run({
			parameters: { ...parameters, options: { requestId: 'req-77' } },
			items,
		});
		expect(error?.message).toBe(
			'Items 0 to 1: VMEG had a problem of its own (code 500): Boom (5 attempts)',
		);
		expect(error?.description).toContain('req-77');
		expect(vmeg.sandbox.journal.requests(CREATE)).toHaveLength(5);
	}, 30_000);

	it('nobody there: check network and Base URL', async () => {
		const { error } = await vmeg.run({
			parameters,
			items,
			credential: { apiKey: 'k', baseUrl: 'http://127.0.0.1:9' },
		});
		expect(error?.message).toContain('VMEG could not be reached');
		expect(error?.description).toContain('Base URL');
		expect(error?.description).toContain('the server refused the connection');
		expect(error?.description).not.toContain('may have accepted');
	}, 30_000);

	it('unknown extra fields in the answer change nothing', async () => {
		vmeg.sandbox.addFault({ kind: 'extraFields' });
		const { json, error } = await vmeg.run({ parameters, items });
		expect(error).toBeUndefined();
		expect(json[1]?.translation).toBe('[de-DE] Two');
	});
});
