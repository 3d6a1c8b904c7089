import type { ICredentialDataDecryptedObject, IHookFunctions, Logger } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { checkConfiguration } from '../../../nodes/Vmeg/trigger/activation';
import { answer, fake, fakeVmeg, networkFault, node } from '../support/fakes';
import type { Reply } from '../support/fakes';
import { withoutWaiting } from '../support/time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** An n8n that activates the trigger, before a VMEG that gives these replies. */
function activation(replies: Reply[], credential: ICredentialDataDecryptedObject = {}) {
	const { context: vmeg, requests } = fakeVmeg(replies);
	const warn = jest.fn();
	const context = fake<IHookFunctions>({
		helpers: fake<IHookFunctions['helpers']>({
			httpRequestWithAuthentication: vmeg.helpers.httpRequestWithAuthentication,
		}),
		getNode: () => node,
		getCredentials: jest.fn().mockResolvedValue({ baseUrl: 'https://api.vmeg.ai', webhookSecret: 's', ...credential }),
		logger: fake<Logger>({ warn }),
	});
	return { check: async () => await withoutWaiting(checkConfiguration(context)), requests, warn };
}

const taken = answer(200, { records: [], total: 0 });

describe('activating the trigger', () => {
	test('succeeds where a secret is set and VMEG takes the key, with one short look', async () => {
		const { check, requests, warn } = activation([taken]);
		await expect(check()).resolves.toBeUndefined();
		expect(requests).toHaveLength(1);
		expect(requests[0]).toMatchObject({
			method: 'GET',
			url: 'https://api.vmeg.ai/openapi/v1/tasks/list',
			qs: { currentPage: 1, pageSize: 1 },
			timeout: 10_000,
		});
		expect(warn).not.toHaveBeenCalled();
	});

	test.each([[''], ['  '], [undefined], [null], [7]])('fails without a secret (%p), and asks VMEG nothing', async (webhookSecret) => {
		const { check, requests } = activation([taken], { webhookSecret: webhookSecret as string });
		const error: unknown = await check().catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({
			message: expect.stringContaining('has no Webhook Secret: copy it from https://www.vmeg.ai/open-api-setting'),
			description: expect.stringContaining('every event would be refused'),
		});
		expect(requests).toHaveLength(0);
	});

	test('fails where VMEG refuses the key, and says what to do', async () => {
		const { check, warn } = activation([answer(401, null, { message: 'Invalid or missing API Key' })]);
		const error: unknown = await check().catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(NodeApiError);
		expect(error).toMatchObject({
			message: 'VMEG did not accept the API key',
			description: expect.stringContaining('paste the API key'),
		});
		expect(warn).not.toHaveBeenCalled();
	});

	test.each([
		['a network fault', networkFault('ECONNRESET'), 2],
		['an answer that is not from VMEG', { statusCode: 502, body: '<html>' }, 2],
		['another refusal', answer(402), 1],
	])('goes on after %s, which may pass, and logs it', async (_, reply, attempts) => {
		const { check, requests, warn } = activation([reply]);
		await expect(check()).resolves.toBeUndefined();
		expect(requests).toHaveLength(attempts);
		expect(warn).toHaveBeenCalledTimes(1);
		expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^VMEG Trigger could not check the API key: \S+.*\. \S+/));
		expect(warn).not.toHaveBeenCalledWith(expect.stringContaining('SECRET-KEY'));
	});

	test('does not keep the user waiting: the second look comes within a second', async () => {
		const { check, requests } = activation([networkFault('ECONNRESET')]);
		await check();
		const [first, second] = requests.map(({ atMs }) => atMs);
		expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(250);
		expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(1_000);
	});
});
