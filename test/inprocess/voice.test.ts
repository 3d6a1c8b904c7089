import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const vmegSubmission = { id: expect.stringMatching(/^[0-9a-f]{32}$/), total: 1, items: [0] };

const CLONE = '/task/clone-voice/create';
const SYSTEM_LIST = '/assets/voice/basic/list';
const CLONED_LIST = '/assets/voice/clone/list';

const voiceOperation = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'voice',
	operation,
	...more,
});
const byId = (value: string): INodeParameters => ({ voiceId: { __rl: true, mode: 'id', value } });
const lastBody = (path: string) => vmeg.sandbox.journal.requests(path).at(-1)?.body;

/** Clones voices with these names and gives their IDs. */
async function cloneVoices(...names: string[]): Promise<string[]> {
	const { json } = await vmeg.run({
		parameters: voiceOperation('clone', {
			refAudio: 'https://example.com/voice.wav',
			voiceName: '={{ $json.name }}',
		}),
		items: names.map((name) => ({ name })),
	});
	return json.map(({ voiceId }) => String(voiceId));
}

describe('Voice > Clone', () => {
	const clone = (options: IDataObject = {}, more: INodeParameters = {}) =>
		voiceOperation('clone', {
			refAudio: 'https://example.com/anna.wav',
			voiceName: 'Anna',
			options: options as INodeParameters,
			...more,
		});

	it('sends exactly what the contract asks for and gives the voice', async () => {
		const { json, output } = await vmeg.run({
			parameters: clone({
				provider: 'V2',
				sampleLanguage: 'de-DE',
				sampleText: 'Guten Tag',
				requestId: 'my-request',
			}),
		});
		const [request] = vmeg.sandbox.journal.requests(CLONE);
		expect(request?.query).toEqual({ req_id: 'my-request' });
		expect(request?.body).toEqual({
			voiceName: 'Anna',
			provider: 'V2',
			refAudio: 'https://example.com/anna.wav',
			sampleLanguage: 'de-DE',
			sampleText: 'Guten Tag',
		});
		expect(json).toEqual([
			{
				voiceId: expect.stringMatching(/^cv_/),
				taskId: vmeg.sandbox.tasks()[0]?.taskId,
				createdAt: expect.anything(),
				idempotencyKey: request?.idempotencyKey,
			},
		]);
		expect(output[0]?.pairedItem).toEqual({ item: 0 });
	});

	it('leaves out what is not set', async () => {
		await vmeg.run({ parameters: clone({ extraData: '{"left": "over"}' }, { voiceName: '' }) });
		expect(lastBody(CLONE)).toEqual({ refAudio: 'https://example.com/anna.wav' });
	});

	it.each<[INodeParameters, IDataObject, string]>([
		[{ refAudio: '={{ $json.none }}' }, {}, '"Sample URL" is empty: there is no voice to clone'],
		[{ refAudio: 'anna.wav' }, {}, '"Sample URL" is not a URL'],
		[{ refAudio: 'http://example.com/anna.wav' }, {}, '"Sample URL" must start with https://'],
		[{}, { provider: 'V9' }, '"Engine"'],
		[{}, { sampleLanguage: 'xx' }, '"Sample Language"'],
	])('refuses %j %j, naming parameter and item', async (more, options, message) => {
		const { error } = await vmeg.run({ parameters: clone(options, more) });
		expect(error?.message).toContain(`Item 0: ${message}`);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('gives an error to its own item', async () => {
		const { json } = await vmeg.run({
			parameters: clone({}, { voiceName: '={{ $json.name }}' }),
			items: [{ name: 'Anna' }, { name: 'sandbox-fail' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json[0]?.voiceId).toMatch(/^cv_/);
		expect(json[1]?.error).toContain('Item 1: ');
	});

	it('does not clone twice when Retry On Fail runs the node again', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: CLONE, nth: 2, code: 422 });
		const { json, error } = await vmeg.run({
			parameters: clone({ maxConcurrency: 1 }),
			items: [{}, {}],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		expect(error).toBeUndefined();
		expect(new Set(json.map(({ voiceId }) => voiceId)).size).toBe(2);
		expect(vmeg.sandbox.journal.requests(CLONE)).toHaveLength(3);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});
});

describe('Voice > Submit Clone', () => {
	it('starts a task whose completion brings the voice', async () => {
		const { json } = await vmeg.run({
			parameters: voiceOperation('submitClone', {
				refAudio: 'https://example.com/anna.wav',
				options: { extraData: '{"row": 3}' },
			}),
		});
		expect(lastBody(`${CLONE}-async`)).toEqual({
			refAudio: 'https://example.com/anna.wav',
			extraData: { row: 3, vmegSubmission },
		});
		expect(json).toEqual([
			{
				taskId: vmeg.sandbox.tasks()[0]?.taskId,
				taskType: 'cloneVoice',
				voiceId: expect.stringMatching(/^cv_/),
				createdAt: expect.anything(),
				idempotencyKey: expect.stringMatching(/^[0-9a-f]{64}$/),
				extraData: { row: 3, vmegSubmission },
			},
		]);
	});

	it('asks for the sample too', async () => {
		const { error } = await vmeg.run({
			parameters: voiceOperation('submitClone', { refAudio: '={{ $json.none }}' }),
		});
		expect(error?.message).toBe('Item 0: "Sample URL" is empty: there is no voice to clone');
	});
});

describe('Voice > Get Many', () => {
	const list = (more: INodeParameters = {}) => voiceOperation('getAll', more);

	it('gives system voices in few fields', async () => {
		const { json } = await vmeg.run({ parameters: list({ limit: 2 }) });
		expect(lastBody(SYSTEM_LIST)).toEqual({ currentPage: 1, pageSize: 2 });
		expect(json).toHaveLength(2);
		expect(json[0]).toEqual({
			voiceId: 'sv_0001',
			name: 'Anna (English (United Kingdom))',
			locale: 'en-GB',
			language: 'English (United Kingdom)',
			gender: 'female',
			provider: 'S1',
			style: 'narration',
			description: expect.stringContaining('female'),
			previewUrl: expect.stringContaining('http'),
		});
	});

	it('gives all of them, and the records as VMEG does without Simplify', async () => {
		const { json } = await vmeg.run({ parameters: list({ returnAll: true, simplify: false }) });
		expect(json).toHaveLength(60);
		expect(json[0]).toMatchObject({ localName: 'Anna', isHd: 1, scenarioList: expect.any(Array) });
	});

	it('filters and orders system voices', async () => {
		const filters = {
			age: 'adult',
			category: 'audiobook',
			emotionPrompt: 'exclude',
			topIds: 'sv_0003, sv_0004',
			gender: 'female',
			locale: 'de_de',
			searchName: 'a',
			quality: 'high',
			voiceId: 'sv_0001',
		};
		const { error } = await vmeg.run({
			parameters: list({ filters, options: { orderBy: 'is_preferred', order: 'desc' } }),
		});
		expect(error).toBeUndefined();
		expect(lastBody(SYSTEM_LIST)).toEqual({
			...filters,
			topIds: ['sv_0003', 'sv_0004'],
			locale: 'de-DE',
			orderBy: 'is_preferred',
			order: 'desc',
			currentPage: 1,
			pageSize: 50,
		});

		await vmeg.run({ parameters: list({ filters: { topIds: '', searchName: '' } }) });
		expect(lastBody(SYSTEM_LIST)).toEqual({ currentPage: 1, pageSize: 50 });
	});

	it('gives cloned voices, filtered and ordered', async () => {
		const [anna = '', , bernd = ''] = await cloneVoices('Anna', 'Clara', 'Bernd');
		const { json } = await vmeg.run({
			parameters: list({
				voiceType: 'cloned',
				filters: { voiceIds: `={{ ['${anna}', '${bernd}'] }}`, searchName: 'n' },
				options: { orderBy: 'name', order: 'desc' },
			}),
		});
		expect(lastBody(CLONED_LIST)).toEqual({
			voiceIds: [anna, bernd],
			searchName: 'n',
			orderBy: 'name',
			order: 'desc',
			currentPage: 1,
			pageSize: 50,
		});
		expect(json).toEqual([
			expect.objectContaining({ voiceId: bernd, name: 'Bernd', locale: 'en-US', provider: 'V1' }),
			expect.objectContaining({ voiceId: anna, name: 'Anna' }),
		]);
	});

	it('gives all cloned voices over several pages', async () => {
		await cloneVoices(...Array.from({ length: 130 }, (_, index) => `Voice ${index}`));
		const { json } = await vmeg.run({ parameters: list({ voiceType: 'cloned', returnAll: true }) });
		expect(new Set(json.map(({ name }) => name)).size).toBe(130);
		expect(vmeg.sandbox.journal.requests(CLONED_LIST)).toHaveLength(2);
	}, 30_000);

	it.each<[INodeParameters, string]>([
		[{ filters: { locale: 'de' } }, '"Language" is "de", which VMEG does not take as a language'],
		[{ filters: { age: 'old' } }, '"Age"'],
		[{ options: { orderBy: 'name' } }, '"Order By"'],
		[{ voiceType: '={{ "mine" }}' }, '"Voice Type" is "mine"; use system or cloned'],
		[{ limit: 0 }, '"Limit" must be a whole number of 1 or more'],
	])('refuses %j', async (more, message) => {
		const { error } = await vmeg.run({ parameters: list(more) });
		expect(error?.message).toContain(`Item 0: ${message}`);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});

describe('Voice > Rename', () => {
	const rename = (id: string, voiceName: string) =>
		voiceOperation('rename', { ...byId(id), voiceName });

	it('gives a cloned voice another name', async () => {
		const [voiceId = ''] = await cloneVoices('Anna');
		const { json } = await vmeg.run({ parameters: rename(voiceId, ' Bella ') });
		expect(json).toEqual([{ success: true, voiceId, voiceName: 'Bella' }]);
		expect(lastBody('/assets/voice/clone/update')).toEqual({ voiceId, voiceName: 'Bella' });
	});

	it.each([
		['={{ $json.none }}', 'Bella', '"Voice" is empty'],
		['cv_1', ' ', '"New Name" is empty'],
		['sv_0001', 'Bella', '"Voice" is the system voice sv_0001'],
	])('refuses voice "%s" and name "%s"', async (id, voiceName, message) => {
		const { error } = await vmeg.run({ parameters: rename(id, voiceName) });
		expect(error?.message).toContain(`Item 0: ${message}`);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('says which voice is not there', async () => {
		const { error } = await vmeg.run({ parameters: rename('cv_gone', 'Bella') });
		expect(error?.message).toContain('Item 0, voice cv_gone: VMEG does not know it');
	});
});

describe('Voice > Delete', () => {
	it('deletes the voice of each item', async () => {
		const ids = await cloneVoices('Anna', 'Bernd');
		const { json } = await vmeg.run({
			parameters: voiceOperation('delete', byId('={{ $json.voiceId }}')),
			items: ids.map((voiceId) => ({ voiceId })),
		});
		expect(json).toEqual(ids.map((voiceId) => ({ deleted: true, voiceId })));
		const left = await vmeg.run({ parameters: voiceOperation('getAll', { voiceType: 'cloned' }) });
		expect(left.json).toEqual([]);
	});

	it('counts as done when only the answer was lost', async () => {
		const [voiceId = ''] = await cloneVoices('Anna');
		vmeg.sandbox.addFault({ kind: 'dropAfter', path: '/assets/voice/clone/delete', nth: 1 });
		const { json } = await vmeg.run({ parameters: voiceOperation('delete', byId(voiceId)) });
		expect(json).toEqual([{ deleted: true, voiceId }]);
	});
});
