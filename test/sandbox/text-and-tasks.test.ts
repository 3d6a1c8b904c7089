import { startSandbox, type Sandbox } from '../../sandbox';
import { call, media, text, until } from './helpers';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ textTaskMs: 300, mediaTaskMs: 40 });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

const sync = '/task/translate/create';
const async_ = '/task/translate/create-async';

describe('text translation', () => {
	it('answers aligned items, plainly fake', async () => {
		const answer = await call(sandbox, 'POST', sync, text('Hello', 'x {{fail}}', 'Bye'));
		expect(answer).toMatchObject({ status: 200, code: 200 });
		expect(answer.data).toEqual({
			taskId: expect.stringMatching(/^[0-9a-f]{24}$/),
			items: [{ text: '[de-DE] Hello' }, { errorMessage: expect.any(String) }, { text: '[de-DE] Bye' }],
			createdAt: expect.any(String),
		});
	});

	it('replaces glossary terms, longest first, once', async () => {
		const answer = await call(sandbox, 'POST', sync, {
			...text('open source source $&'),
			options: { glossary: { source: 'Quelle', 'open source': 'offene source', '$&': 'x' } },
		});
		expect(answer.data['items']).toEqual([{ text: '[de-DE] offene source Quelle x' }]);
	});

	it('runs asynchronous tasks to their end', async () => {
		const { data } = await call(sandbox, 'POST', async_, { ...text('Hello'), extraData: { a: 1 } });
		expect(Object.keys(data)).toEqual(['taskId', 'createdAt']);
		const detail = async () => (await call(sandbox, 'GET', `/tasks/detail?taskId=${String(data['taskId'])}`)).data;
		expect(await detail()).toMatchObject({ taskType: 'textTranslation', status: 'running', result: null });
		await until(async () => (await detail())['status'] === 'finished');
		expect(await detail()).toMatchObject({ result: { items: [{ text: '[de-DE] Hello' }] } });
	});

	it('fails a task whose extraData says so', async () => {
		await call(sandbox, 'POST', async_, { ...text('Hello'), extraData: { note: '{{fail}}' } });
		await until(() => sandbox.tasks()[0]?.status === 'failed');
	});
});

describe('refusals of text translation', () => {
	const good = text('Hello');
	const segment = (extra: object) => ({ ...good, segments: [{ text: 'Hello', ...extra }] });
	const options = (value: object) => ({ ...good, options: value });
	it.each<[string, unknown]>([
		['no language', { segments: good.segments }],
		['no target', { ...good, language: { source: 'en-US' } }],
		['auto as source', { ...good, language: { source: 'auto', target: 'de-DE' } }],
		['unknown locale', { ...good, language: { source: 'en', target: 'de-DE' } }],
		['source-only locale as target', { ...good, language: { source: 'en-US', target: 'ar-IL' } }],
		['no segments', { ...good, segments: [] }],
		['51 segments', text(...Array.from({ length: 51 }, () => 'x'))],
		['unknown field', { ...good, provider: 'x' }],
		['unknown segment field', segment({ id: 1 })],
		['text not a string', { ...good, segments: [{ text: 5 }] }],
		['blank text', text(' ')],
		['gender', segment({ gender: 'other' })],
		['context not a list', segment({ context: 'x' })],
		['start not a number', segment({ start: '1' })],
		['end without start', segment({ end: 1 })],
		['end before start', segment({ start: 2, end: 1 })],
		['locale', segment({ locale: 'xx-XX' })],
		['context mode', options({ sourceContext: { mode: 'near' } })],
		['contextWindow without neighbor', options({ sourceContext: { contextWindow: 5 } })],
		['contextWindow with another mode', options({ sourceContext: { mode: 'independent', contextWindow: 5 } })],
		['contextWindow 0', options({ sourceContext: { mode: 'neighbor', contextWindow: 0 } })],
		['contextWindow 21', options({ sourceContext: { mode: 'neighbor', contextWindow: 21 } })],
		['scene', options({ sceneCustomized: { scene: 'film' } })],
		['glossary value', options({ glossary: { a: 1 } })],
		['unknown option', options({ temperature: 1 })],
		['extraData on sync', { ...good, extraData: {} }],
		['null', null],
	])('%s', async (_name, body) => {
		const answer = await call(sandbox, 'POST', sync, body);
		expect(answer).toMatchObject({ status: 400, code: 400 });
		expect(answer.message).not.toBe('');
		expect(sandbox.charged).toBe(0);
	});

	it('accepts everything the contract allows', async () => {
		const answer = await call(sandbox, 'POST', `${async_}?req_id=abc`, {
			language: { source: 'ar-IL', target: 'de-DE' },
			segments: [
				{ text: 'x', gender: 'male', speaker: 'A', locale: 'en-US', context: ['y'], start: 0, end: 0 },
			],
			options: {
				sourceContext: { mode: 'neighbor', contextWindow: 20 },
				sceneCustomized: { scene: 'subtitle', allowStutter: false },
				glossary: { a: 'b' },
				prompt: 'p',
				skipMissingTranslationCheck: true,
			},
			extraData: { any: ['thing'] },
		});
		expect(answer.message).toBe('success');
	});

	it('422 for {{refuse}}', async () => {
		expect(await call(sandbox, 'POST', sync, text('{{refuse}}'))).toMatchObject({ status: 422, code: 422 });
	});
});

describe('rules for every call', () => {
	it.each([[undefined], ['Bearer wrong'], ['sandbox-key']])('401 for %s', async (Authorization) => {
		const response = await fetch(`${sandbox.url}/openapi/v1/tasks/list`, {
			headers: Authorization === undefined ? {} : { Authorization },
		});
		expect(response.status).toBe(401);
		expect(await response.text()).toBe('{"code":401,"message":"Invalid or missing API Key","data":null}');
	});

	it('404, 405, 413, bad JSON, content type and query', async () => {
		expect((await call(sandbox, 'GET', '/task/nothing')).status).toBe(404);
		expect((await call(sandbox, 'GET', sync)).status).toBe(405);
		expect((await call(sandbox, 'GET', '/tasks/detail?taskId=no')).status).toBe(404);
		expect((await call(sandbox, 'POST', sync, text('x'.repeat(1024 * 1024)))).status).toBe(413);
		expect((await call(sandbox, 'POST', sync, '{"a":')).status).toBe(400);
		expect((await call(sandbox, 'POST', sync, text('x'), { 'Content-Type': 'text/plain' })).status).toBe(400);
		expect((await call(sandbox, 'POST', `${sync}?page=1`, text('x'))).status).toBe(400);
		expect((await call(sandbox, 'GET', '/tasks/list?page=1')).status).toBe(400);
		expect((await call(sandbox, 'GET', '/tasks/list?pageSize=0')).status).toBe(400);
		expect((await call(sandbox, 'GET', '/tasks/list?taskType=text')).status).toBe(400);
		expect((await call(sandbox, 'GET', '/tasks/list?status=done')).status).toBe(400);
	});
});

describe('idempotency', () => {
	it.each([[undefined], [''], ['   '], ['k'.repeat(65)]])('refuses the key %j', async (key) => {
		const answer = await call(sandbox, 'POST', sync, text('x'), { 'X-Idempotency-Key': key });
		expect(answer.status).toBe(400);
	});

	it('accepts a key once per path', async () => {
		const key = { 'X-Idempotency-Key': 'k'.repeat(64) };
		expect((await call(sandbox, 'POST', sync, text('x'), key)).status).toBe(200);
		const again = await call(sandbox, 'POST', sync, text('y'), key);
		expect(again).toMatchObject({ status: 409, code: 409, data: {} });
		expect(again.message).toContain('Idempotency key already used');
		expect(again.headers.get('retry-after')).toBe('2');
		expect((await call(sandbox, 'POST', async_, text('x'), key)).status).toBe(200);
		expect(sandbox.tasks()).toHaveLength(2);
	});

	it('does not use up the key of a refused request', async () => {
		const key = { 'X-Idempotency-Key': 'once' };
		expect((await call(sandbox, 'POST', sync, text('{{refuse}}'), key)).status).toBe(422);
		expect((await call(sandbox, 'POST', sync, text(' '), key)).status).toBe(400);
		expect((await call(sandbox, 'POST', sync, text('x'), key)).status).toBe(200);
	});

	it('accepts one of two requests at the same moment', async () => {
		sandbox.settings.latencyMs = 10;
		const key = { 'X-Idempotency-Key': 'race' };
		const both = await Promise.all([1, 2].map(() => call(sandbox, 'POST', sync, text('x'), key)));
		sandbox.settings.latencyMs = 0;
		expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
	});

	it('forgets a key after its time', async () => {
		const key = { 'X-Idempotency-Key': 'old' };
		sandbox.settings.idempotencyTtlMs = 10;
		await call(sandbox, 'POST', sync, text('x'), key);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect((await call(sandbox, 'POST', sync, text('x'), key)).status).toBe(200);
		sandbox.settings.idempotencyTtlMs = 24 * 3600 * 1000;
	});
});

describe('credits and the journal', () => {
	it('charges per started 100 characters, at least one, and refuses with 402', async () => {
		await call(sandbox, 'POST', sync, text('x'));
		expect(sandbox.charged).toBe(1);
		await call(sandbox, 'POST', sync, text('x'.repeat(60), 'y'.repeat(41)));
		expect(sandbox.charged).toBe(3);
		sandbox.setCredits(1);
		const poor = await call(sandbox, 'POST', sync, text('x'.repeat(101)));
		expect(poor).toMatchObject({ status: 402, code: 402 });
		expect(sandbox.balance).toBe(1);
		sandbox.setCredits(1_000_000);
		expect(sandbox.journal.requests('translate').map(({ credits }) => credits)).toEqual([1, 2, 0]);
	});

	it('charges media per started minute, and lip sync on top', async () => {
		const { materialId } = await sandbox.addMaterial({
			name: 'a.mp4',
			bytes: Buffer.from('not really'),
			durationSeconds: 61,
		});
		const path = '/task/media-translation/create-async';
		await call(sandbox, 'POST', path, media(materialId));
		expect(sandbox.charged).toBe(120);
		const body = media(materialId);
		await call(sandbox, 'POST', path, { ...body, options: { ...body.options, lipsync: { enable: true } } });
		expect(sandbox.charged).toBe(360);
	});

	it('journals what arrived, without the key', async () => {
		await call(sandbox, 'POST', `${sync}?req_id=r1`, text('x'), { 'X-Idempotency-Key': 'j' });
		expect([...sandbox.journal]).toEqual([
			expect.objectContaining({
				type: 'request',
				method: 'POST',
				path: `/openapi/v1${sync}`,
				query: { req_id: 'r1' },
				authorization: 'present',
				idempotencyKey: 'j',
				body: text('x'),
				code: 200,
				credits: 1,
				accepted: true,
				taskId: sandbox.tasks()[0]?.taskId,
			}),
		]);
		expect(JSON.stringify([...sandbox.journal])).not.toContain(sandbox.apiKey);
	});

	it('keeps counts only, when told so', async () => {
		const counting = await startSandbox({ journal: 'counts' });
		await call(counting, 'POST', sync, text('x'));
		expect(counting.journal).toHaveLength(0);
		expect(Object.fromEntries(counting.journal.counts)).toEqual({ [`POST /openapi/v1${sync} 200`]: 1 });
		await counting.close();
	});
});

describe('tasks', () => {
	it('lists newest first, by type and status, in pages, and deletes', async () => {
		for (const word of ['a', 'b', 'c']) await call(sandbox, 'POST', sync, text(word));
		await call(sandbox, 'POST', async_, text('d'));
		const ids = sandbox.tasks().map(({ taskId }) => taskId);
		const list = async (query: string) => (await call(sandbox, 'GET', `/tasks/list?${query}`)).data;
		expect(await list('currentPage=2&pageSize=3')).toMatchObject({ records: [{ taskId: ids[3] }], total: 4 });
		expect(await list('taskType=textTranslation&status=running')).toMatchObject({ total: 1 });
		expect(await list('taskType=vt')).toEqual({ records: [], total: 0 });
		expect((await call(sandbox, 'POST', '/tasks/delete', { taskId: ids[0] })).data).toEqual({});
		expect(await list('')).toMatchObject({ records: [{ taskId: ids[1] }, {}, {}], total: 3 });
		expect((await call(sandbox, 'POST', '/tasks/delete', { taskId: ids[0] })).status).toBe(404);
	});
});
