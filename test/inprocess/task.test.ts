import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox({ mediaTaskMs: 300 });

const taskOperation = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'task',
	operation,
	taskId: { __rl: true, mode: 'id', value: '={{ $json.taskId }}' },
	...more,
});

/** Makes text tasks, one for each item. */
async function makeTasks(count: number): Promise<string[]> {
	const { json } = await vmeg.run({
		parameters: {
			resource: 'text',
			operation: 'submit',
			sourceLanguage: 'en-US',
			targetLanguage: 'de-DE',
			text: '={{ $json.text }}',
			options: { batchSize: 1, maxConcurrency: 10 },
		},
		items: Array.from({ length: count }, (_, index) => ({ text: `Text ${index}` })),
	});
	return json.map(({ taskId }) => String(taskId));
}

describe('Task > Get', () => {
	it('gets state and translations', async () => {
		const [taskId = ''] = await makeTasks(1);
		await vmeg.run({ parameters: taskOperation('wait'), items: [{ taskId }] });
		const { json } = await vmeg.run({ parameters: taskOperation('get'), items: [{ taskId }] });
		expect(json).toEqual([
			{ taskId, taskType: 'textTranslation', status: 'finished', translations: ['[de-DE] Text 0'] },
		]);
	});

	it('gives the result as VMEG does without Simplify', async () => {
		const [taskId = ''] = await makeTasks(1);
		await vmeg.run({ parameters: taskOperation('wait'), items: [{ taskId }] });
		const { json } = await vmeg.run({
			parameters: taskOperation('get', { simplify: false }),
			items: [{ taskId }],
		});
		expect(json[0]).toMatchObject({ result: { items: [{ text: '[de-DE] Text 0' }] } });
	});

	it('says that it is not there, and why that may be', async () => {
		const { error } = await vmeg.run({ parameters: taskOperation('get'), items: [{ taskId: 'nope' }] });
		expect(error?.message).toContain('Item 0, task nope: VMEG does not know it');
		expect(error?.description).toContain('made through the API');
	});

	it('names the item whose task is missing', async () => {
		const { error } = await vmeg.run({
			parameters: taskOperation('get'),
			items: [{ taskId: 'a' }, { other: 1 }],
		});
		expect(error?.message).toBe('Item 1: "Task" is empty');
	});
});

describe('Task > Get Many', () => {
	const list = (more: INodeParameters): INodeParameters => ({ resource: 'task', operation: 'getAll', ...more });

	it('gives as many as the limit says, the newest first, with one request', async () => {
		const ids = await makeTasks(5);
		const { json } = await vmeg.run({ parameters: list({ limit: 3 }) });
		expect(json).toHaveLength(3);
		expect(ids).toEqual(expect.arrayContaining(json.map(({ taskId }) => taskId)));
		expect(vmeg.sandbox.journal.requests('/tasks/list')).toHaveLength(1);
	});

	it('gives all of them over several pages', async () => {
		const ids = await makeTasks(230);
		const { json } = await vmeg.run({ parameters: list({ returnAll: true }) });
		expect(json.map(({ taskId }) => taskId).sort()).toEqual(ids.sort());
	}, 30_000);

	it('filters by type and state', async () => {
		await makeTasks(2);
		const { json } = await vmeg.run({
			parameters: list({ returnAll: true, filters: { taskType: 'tts', status: 'finished' } }),
		});
		expect(json).toEqual([]);
		expect(vmeg.sandbox.journal.requests('/tasks/list')[0]?.query).toMatchObject({
			taskType: 'tts',
			status: 'finished',
		});
	});

	it('refuses a limit that is none', async () => {
		const { error } = await vmeg.run({ parameters: list({ limit: 0 }) });
		expect(error?.message).toBe('Item 0: "Limit" must be a whole number of 1 or more');
	});
});

describe('Task > Wait', () => {
	it('waits for each item and keeps their order', async () => {
		const ids = await makeTasks(3);
		const { json } = await vmeg.run({
			parameters: taskOperation('wait'),
			items: ids.map((taskId) => ({ taskId })),
		});
		expect(json.map(({ translations }) => translations)).toEqual([
			['[de-DE] Text 0'],
			['[de-DE] Text 1'],
			['[de-DE] Text 2'],
		]);
	});

	it('ends at once for a task that VMEG does not know', async () => {
		const { error } = await vmeg.run({
			parameters: taskOperation('wait'),
			items: [{ taskId: 'gone' }],
		});
		expect(error?.message).toContain('task gone');
		expect(vmeg.sandbox.journal.requests('/tasks/detail')).toHaveLength(1);
	});
});

describe('Task > Delete', () => {
	it('deletes the task', async () => {
		const [taskId = ''] = await makeTasks(1);
		const { json } = await vmeg.run({ parameters: taskOperation('delete'), items: [{ taskId }] });
		expect(json).toEqual([{ deleted: true, taskId }]);
		const { error } = await vmeg.run({ parameters: taskOperation('get'), items: [{ taskId }] });
		expect(error?.message).toContain('VMEG does not know it');
	});

	it('counts as done when only the answer was lost', async () => {
		const [taskId = ''] = await makeTasks(1);
		vmeg.sandbox.addFault({ kind: 'dropAfter', path: '/tasks/delete', nth: 1 });
		const { json } = await vmeg.run({ parameters: taskOperation('delete'), items: [{ taskId }] });
		expect(json).toEqual([{ deleted: true, taskId }]);
	});
});
