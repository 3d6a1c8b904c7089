import { NO_SECRET, receive } from '../../../nodes/Vmeg/trigger/receive';
import {
	callback,
	NOW_MS,
	SECRET,
	signatureOf,
	signed,
	textCompletion,
	verdictOn,
} from '../support/callbacks';

const BODY = JSON.stringify(textCompletion);

describe('a genuine completion', () => {
	test('is answered with 200 and emitted', async () => {
		await expect(verdictOn(BODY)).resolves.toEqual({
			statusCode: 200,
			message: 'Received',
			item: expect.objectContaining({
				event: 'openapi-translate',
				taskId: 'task-1',
				data: textCompletion.data,
			}),
		});
	});

	test('is emitted also where its task failed', async () => {
		const body = JSON.stringify({ ...textCompletion, code: 500, message: 'no speech' });
		await expect(verdictOn(body)).resolves.toMatchObject({
			statusCode: 200,
			item: { succeeded: false, message: 'no speech' },
		});
	});

	test('that was emitted before is answered with 200 and not emitted', async () => {
		const wasEmitted = jest.fn().mockReturnValue(true);
		const verdict = await verdictOn(BODY, undefined, { wasEmitted });
		expect(verdict).toEqual({ statusCode: 200, message: 'Received before' });
		expect(wasEmitted).toHaveBeenCalledWith(textCompletion.pipelineKey);
	});

	test.each([
		['another event', { events: ['openapi-tts'], outcome: 'all' as const }],
		['failures only', { events: ['openapi-translate'], outcome: 'failed' as const }],
	])('that nobody wants is answered with 200 and not emitted: %s', async (_, filter) => {
		const verdict = await verdictOn(BODY, undefined, { filter: () => filter });
		expect(verdict).toEqual({ statusCode: 200, message: 'Filtered out' });
	});
});

describe('a signed body that is no completion', () => {
	test.each([
		['a connectivity test', '{"ping":true}'],
		['an event of a later API', '{"event":"openapi-lipsync","code":200}'],
	])('is answered with 200 and starts nothing: %s', async (_, body) => {
		const verdict = await verdictOn(body);
		expect(verdict).toEqual({ statusCode: 200, message: expect.stringContaining('verified') });
	});

	test.each([
		['no JSON', 'hello'],
		['nothing', ''],
		['no object', '[1]'],
		['an event without its code', '{"event":"openapi-tts"}'],
	])('is answered with 400 and a reason: %s', async (_, body) => {
		const verdict = await verdictOn(body);
		expect(verdict).toEqual({ statusCode: 400, message: expect.stringMatching(/\S/) });
	});
});

describe('a body that is not proven to come from VMEG', () => {
	const refused = (message: string) => ({ statusCode: 401, message: expect.stringContaining(message) });

	test.each([
		['without headers', {}, 'missing'],
		['without a signature', { ...signed(BODY), 'x-signature': undefined }, 'missing'],
		['without a timestamp', { ...signed(BODY), 'x-timestamp': undefined }, 'missing'],
		['that is stale', signed(BODY, { timestamp: String(NOW_MS - 300_001) }), '300 s'],
		['from the future', signed(BODY, { timestamp: String(NOW_MS + 300_001) }), '300 s'],
		['signed with another secret', signed(BODY, { secret: 'other' }), 'does not match'],
		['signed for another body', signed(`${BODY} `), 'does not match'],
		['signed in uppercase', { ...signed(BODY), 'x-signature': signatureOf(BODY, String(NOW_MS)).toUpperCase() }, 'lowercase'],
	])('is answered with 401: one %s', async (_, headers, message) => {
		await expect(verdictOn(BODY, headers)).resolves.toEqual(refused(message));
	});

	test('is answered with 401 where no secret is set, even if it is signed with none', async () => {
		const verdict = await verdictOn(BODY, signed(BODY, { secret: '' }), { secret: async () => '' });
		expect(verdict).toEqual({ statusCode: 401, message: NO_SECRET });
	});

	test('is answered with 401 where its bytes are not known', async () => {
		const verdict = await verdictOn(BODY, undefined, { rawBody: undefined });
		expect(verdict).toEqual(refused('could not be read'));
	});

	test('is not looked at: what it says does not change the answer', async () => {
		const forged = signed(BODY, { secret: 'other' });
		const answers = await Promise.all([BODY, 'hello', '{}'].map(async (body) => await verdictOn(body, forged)));
		for (const answer of answers) expect(answer).toEqual(refused('does not match'));
	});

	test('says nothing of the secret', async () => {
		const verdict = await verdictOn(BODY, signed(BODY, { secret: 'other' }));
		expect(JSON.stringify(verdict)).not.toContain(SECRET);
		expect(JSON.stringify(verdict)).not.toContain(signatureOf(BODY, String(NOW_MS)));
	});
});

describe('the webhook secret', () => {
	async function readsFor(...parts: Parameters<typeof callback>): Promise<number> {
		const secret = jest.fn().mockResolvedValue(SECRET);
		await receive({ ...callback(...parts), secret });
		return secret.mock.calls.length;
	}

	test('is read once for a request that could be genuine', async () => {
		await expect(readsFor(BODY)).resolves.toBe(1);
		await expect(readsFor(BODY, signed(BODY, { secret: 'other' }))).resolves.toBe(1);
	});

	test.each([
		['without headers', {}],
		['that is stale', signed(BODY, { timestamp: '1000000000000' })],
		['with a signature of the wrong form', { ...signed(BODY), 'x-signature': 'abc' }],
		['with two signatures', { ...signed(BODY), 'x-signature': ['a', 'b'] }],
	])('is not read for a request %s', async (_, headers) => {
		await expect(readsFor(BODY, headers)).resolves.toBe(0);
	});

	test('is not read for a request whose bytes are not known', async () => {
		await expect(readsFor(BODY, undefined, { rawBody: undefined })).resolves.toBe(0);
	});
});
