import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const SPEAK = '/task/tts/create';
const SUBMIT = '/task/tts/create-async';
const VOICES = '/assets/voice/basic/list';

const parameters = (options: IDataObject = {}, more: INodeParameters = {}): INodeParameters => ({
	resource: 'speech',
	operation: 'synthesize',
	text: '={{ $json.text }}',
	voiceId: { __rl: true, mode: 'id', value: '={{ $json.voice }}' },
	options: options as INodeParameters,
	...more,
});

const lines = (voices: Array<string | undefined>) =>
	voices.map((voice, id) => ({ id, text: `Line ${id}`, ...(voice === undefined ? {} : { voice }) }));

interface Body {
	data: Array<{ text: string; voiceId?: string; timbreRefAudio?: string }>;
}
const bodies = (path: string) => vmeg.sandbox.journal.requests(path).map(({ body }) => body as Body);
/** What VMEG was asked to speak: the voices of each request. */
const voicesOfRequests = (path = SPEAK) =>
	bodies(path).map(({ data }) => data.map(({ voiceId, timbreRefAudio }) => voiceId ?? timbreRefAudio ?? '-'));
const sorted = (groups: string[][]) => groups.map((group) => group.join(' ')).sort();

/** Clones a voice, which then is one of the account's own. */
async function cloneVoice(): Promise<string> {
	const { json } = await vmeg.run({
		parameters: { resource: 'voice', operation: 'clone', refAudio: 'https://example.com/anna.wav' },
	});
	return String(json[0]?.voiceId);
}

describe('Speech > Synthesize', () => {
	it('sends exactly what the contract asks for', async () => {
		const { error } = await vmeg.run({
			parameters: parameters(
				{
					outputFormat: 'wav',
					trim: true,
					duration: 2.5,
					emoWeight: 0.4,
					emoPrompt: 'Cheerful',
					emoRefAudio: 'https://example.com/mood.wav',
					requestId: 'my-request',
				},
				{ targetLanguage: 'de_de' },
			),
			items: [{ text: 'Hallo', voice: 'sv_0001' }],
		});

		expect(error).toBeUndefined();
		const [request] = vmeg.sandbox.journal.requests(SPEAK);
		expect(request?.query).toEqual({ req_id: 'my-request' });
		expect(request?.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
		expect(request?.body).toEqual({
			language: { target: 'de-DE' },
			data: [
				{
					text: 'Hallo',
					voiceId: 'sv_0001',
					duration: 2.5,
					emoWeight: 0.4,
					emoPrompt: 'Cheerful',
					emoRefAudio: 'https://example.com/mood.wav',
				},
			],
			trim: true,
			outputFormat: 'wav',
		});
	});

	it('leaves out what is not set, and takes numbers that expressions give as text', async () => {
		await vmeg.run({
			parameters: parameters(
				{ duration: 0, emoWeight: '={{ "0" }}', timbreRefAudio: ' https://example.com/me.wav ' },
				{ targetLanguage: '={{ $json.language }}' },
			),
			items: [{ text: 'Hello' }],
		});
		expect(bodies(SPEAK)).toEqual([
			{ data: [{ text: 'Hello', timbreRefAudio: 'https://example.com/me.wav', emoWeight: 0 }] },
		]);
	});

	it('adds address, duration, task and index to each item, and keeps order, fields and binary data', async () => {
		const binary = { cover: { data: 'aGk=', mimeType: 'text/plain' } };
		const { output } = await vmeg.run({
			parameters: parameters(),
			items: lines(['sv_0001', 'sv_0001']).map((json) => ({ json, binary })),
		});

		const taskId = vmeg.sandbox.tasks()[0]?.taskId;
		expect(output.map(({ json }) => json)).toEqual(
			lines(['sv_0001', 'sv_0001']).map((row, segmentIndex) => ({
				...row,
				audioUrl: expect.stringContaining(`${segmentIndex}.m4a`),
				duration: 0.5,
				taskId,
				segmentIndex,
			})),
		);
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(output[1]?.binary).toEqual({ cover: expect.objectContaining({ mimeType: 'text/plain' }) });
	});

	it('puts 120 lines into three requests of 50, 50 and 20, and looks nothing up', async () => {
		const items = lines(Array.from({ length: 120 }, () => 'sv_0001'));
		const { json } = await vmeg.run({ parameters: parameters(), items });

		const sizes = bodies(SPEAK).map(({ data }) => data.length);
		expect(sizes.sort((a, b) => b - a)).toEqual([50, 50, 20]);
		expect(json.map(({ id, segmentIndex }) => [id, segmentIndex])).toEqual(
			items.map(({ id }) => [id, id % 50]),
		);
		expect(new Set(json.map(({ audioUrl }) => audioUrl)).size).toBe(120);
		expect(vmeg.sandbox.journal.requests(VOICES)).toHaveLength(0);
	});

	it('keeps apart lines with other settings', async () => {
		const items = lines(Array.from({ length: 6 }, () => 'sv_0001')).map((row) => ({
			...row,
			to: row.id % 2 === 0 ? 'de-DE' : 'fr-FR',
		}));
		const { json } = await vmeg.run({
			parameters: parameters({ batchSize: 2 }, { targetLanguage: '={{ $json.to }}' }),
			items,
		});
		expect(bodies(SPEAK).map(({ data }) => data.map(({ text }) => text).join()).sort()).toEqual([
			'Line 0,Line 2',
			'Line 1,Line 3',
			'Line 4',
			'Line 5',
		]);
		expect(json.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it.each<[IDataObject, INodeParameters, string]>([
		[{}, { text: ' ' }, '"Text" is empty: there is nothing to speak'],
		[{}, { text: '={{ $json }}' }, '"Text" must be text, not an object'],
		[{}, { targetLanguage: 'de' }, '"Language" is "de", which VMEG does not take'],
		[{ emoWeight: 1.5 }, {}, '"Emotion Weight"'],
		[{ duration: -1 }, {}, '"Duration" must be more than 0'],
		[{ emoRefAudio: 'http://example.com/a.wav' }, {}, '"Emotion Sample URL" must start with https://'],
		[{ timbreRefAudio: 'https://example.com/a.wav' }, {}, '"Voice Sample URL" goes only without a voice'],
		[{ outputFormat: 'ogg' }, {}, '"Output Format"'],
		[{ batchSize: 51 }, {}, '"Batch Size" must be 1 to 50'],
	])('refuses %j %j, naming parameter and item', async (options, more, message) => {
		const { error } = await vmeg.run({
			parameters: parameters(options, more),
			items: [{ text: 'Hello', voice: 'sv_0001' }],
		});
		expect(error?.message).toContain(`Item 0: ${message}`);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('names the item that has nothing to speak, and speaks the others', async () => {
		const items = [{ text: 'One' }, { text: '' }, { text: 'Three' }];
		const failing = await vmeg.run({ parameters: parameters(), items });
		expect(failing.error?.message).toBe('Item 1: "Text" is empty: there is nothing to speak');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);

		const { json } = await vmeg.run({
			parameters: parameters(),
			items,
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ segmentIndex }) => segmentIndex)).toEqual([0, undefined, 1]);
		expect(json[1]?.error).toContain('Item 1');
	});

	it('gives an error of one line to its own item and keeps the others', async () => {
		const { json, output } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: 'One' }, { text: 'Two {{fail}}' }, { text: 'Three' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json[0]?.audioUrl).toContain('/0.m4a');
		expect(json[1]?.error).toBe(
			'Item 1: VMEG could not speak this text: Speech could not be made for this text',
		);
		expect(json[1]).toMatchObject({ text: 'Two {{fail}}', details: { taskId: json[0]?.taskId } });
		expect(json[2]?.audioUrl).toContain('/2.m4a');
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	it('saves the good texts of a refused request', async () => {
		const { json } = await vmeg.run({
			parameters: parameters({ batchSize: 2 }),
			items: [{ text: 'One' }, { text: 'No {{refuse}}' }, { text: 'Three' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ error }) => error !== undefined)).toEqual([false, true, false]);
		expect(json[1]?.error).toContain('Item 1: VMEG understood the request but cannot process it');
	});
});

describe('Speech > Synthesize with Download Audio', () => {
	const download = (more: INodeParameters = {}, options: IDataObject = {}) =>
		parameters(options, { download: true, ...more });

	it('puts the sound of each line beside what the item has', async () => {
		const cover = { data: 'aGk=', mimeType: 'text/plain' };
		const { output, error } = await vmeg.run({
			parameters: download({ binaryPropertyName: 'voice' }, { outputFormat: 'wav' }),
			items: [{ json: { text: 'One' }, binary: { cover } }, { json: { text: 'Two' } }],
		});
		expect(error).toBeUndefined();
		expect(output[0]?.binary).toMatchObject({
			cover: { mimeType: 'text/plain' },
			voice: { mimeType: 'audio/wav', fileExtension: 'wav' },
		});
		const { taskId } = output[1]?.json ?? {};
		expect(output[1]?.binary?.voice?.fileName).toBe(`speech-${String(taskId)}-1.wav`);
		expect(output[1]?.json).toMatchObject({ audioUrl: expect.stringContaining('1.wav') });
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	it('takes the field "data", and fetches nothing for a line that was not spoken', async () => {
		const { output } = await vmeg.run({
			parameters: download(),
			items: [{ text: 'One' }, { text: 'Two {{fail}}' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(Object.keys(output[0]?.binary ?? {})).toEqual(['data']);
		expect(output[1]?.json.error).toContain('Item 1: VMEG could not speak this text');
		expect(vmeg.sandbox.journal.requests('/results/')).toHaveLength(1);
	});

	it('asks for a new address where one has expired', async () => {
		vmeg.sandbox.addFault({ kind: 'expired', path: /results/, nth: 1 });
		const { output, error } = await vmeg.run({ parameters: download(), items: [{ text: 'One' }] });
		expect(error).toBeUndefined();
		expect(output[0]?.binary?.data?.fileSize).toBeDefined();
		expect(vmeg.sandbox.journal.requests('/tasks/detail')).toHaveLength(1);
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
	});

	it('says that the speech was made where it cannot be fetched, and fails only this item', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: /results.*1[.]m4a/, code: 404 });
		const { json } = await vmeg.run({
			parameters: download(),
			items: [{ text: 'One' }, { text: 'Two' }],
			settings: { onError: 'continueRegularOutput' },
		});
		const { taskId } = json[0] ?? {};
		expect(json[1]?.error).toContain('Item 1: Downloading ');
		expect(json[1]?.details).toMatchObject({
			taskId,
			description: expect.stringContaining(`The speech was made: VMEG > Task > Get with the task ID ${String(taskId)}`),
		});
	});

	it('does not pay twice where Retry On Fail repeats only the download', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: /results/, code: 404, nth: 1 });
		const { output, error } = await vmeg.run({
			parameters: download(),
			items: [{ text: 'One' }],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		expect(error).toBeUndefined();
		expect(output[0]?.binary?.data).toBeDefined();
		expect(vmeg.sandbox.journal.requests(SPEAK)).toHaveLength(1);
	});

	it('refuses a field without a name before anything is sent', async () => {
		const { error } = await vmeg.run({
			parameters: download({ binaryPropertyName: '={{ $json.none }}' }),
			items: [{ text: 'One' }],
		});
		expect(error?.message).toBe('Item 0: "Put Output File in Field" is empty');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});

describe('The voices of a request', () => {
	it('are of one kind and, where they are system voices, of one engine', async () => {
		const mine = await cloneVoice();
		// engines: sv_0001 and sv_0008 are S1, sv_0002 is S2
		const voices = [mine, 'sv_0001', 'sv_0002', undefined, 'sv_0008', mine, 'sv_0001', undefined];
		const { json, output, error } = await vmeg.run({ parameters: parameters(), items: lines(voices) });

		expect(error).toBeUndefined();
		expect(sorted(voicesOfRequests())).toEqual(
			sorted([[mine, mine], ['sv_0001', 'sv_0008', 'sv_0001'], ['sv_0002'], ['-', '-']]),
		);
		expect(json.map(({ id, voice }) => [id, voice])).toEqual(voices.map((voice, id) => [id, voice]));
		expect(json.map(({ segmentIndex }) => segmentIndex)).toEqual([0, 0, 0, 0, 1, 1, 2, 1]);
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual(voices.map((_, item) => ({ item })));

		const lookUps = vmeg.sandbox.journal.requests(VOICES);
		expect(lookUps.map(({ body }) => (body as IDataObject).voiceId).sort()).toEqual([
			'sv_0001',
			'sv_0002',
			'sv_0008',
		]);
		expect(lookUps.map(({ idempotencyKey }) => idempotencyKey ?? null)).toEqual([null, null, null]);
	});

	it('are all taken as they come where each one has a request of its own', async () => {
		const voices = ['sv_0001', 'sv_0002', 'sv_0003'];
		const { error } = await vmeg.run({ parameters: parameters({ batchSize: 1 }), items: lines(voices) });
		expect(error).toBeUndefined();
		expect(vmeg.sandbox.journal.requests(VOICES)).toHaveLength(0);
	});

	it('never meet one that is given as a sample, nor a line without any', async () => {
		const sample = 'https://example.com/me.wav';
		const { error } = await vmeg.run({
			parameters: parameters({ timbreRefAudio: '={{ $json.sample }}' }),
			items: [
				{ text: 'a', voice: 'sv_0001' },
				{ text: 'b', sample },
				{ text: 'c' },
				{ text: 'd', sample },
			],
		});
		expect(error).toBeUndefined();
		expect(sorted(voicesOfRequests())).toEqual(sorted([['sv_0001'], [sample, sample], ['-']]));
	});

	it('of every engine, many lines each, are refused nowhere', async () => {
		const mine = await cloneVoice();
		const voices = Array.from({ length: 130 }, (_, index) =>
			index % 5 === 4 ? mine : `sv_${String((index % 21) + 1).padStart(4, '0')}`,
		);
		const { json, error } = await vmeg.run({ parameters: parameters(), items: lines(voices) });
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(voices.map((_, id) => id));
		// one for each of seven engines, one for the cloned voice
		expect(vmeg.sandbox.journal.requests(SPEAK)).toHaveLength(8);
		expect(vmeg.sandbox.journal.requests(VOICES)).toHaveLength(21);
	});

	it('each get requests of their own where their engines cannot be looked up', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: VOICES, code: 403 });
		const { json, error } = await vmeg.run({
			parameters: parameters(),
			items: lines(['sv_0001', 'sv_0008', 'sv_0001']),
		});
		expect(error).toBeUndefined();
		expect(sorted(voicesOfRequests())).toEqual(sorted([['sv_0001', 'sv_0001'], ['sv_0008']]));
		expect(json.map(({ id }) => id)).toEqual([0, 1, 2]);
	});

	it('that VMEG does not know fail only their own items', async () => {
		const { json } = await vmeg.run({
			parameters: parameters(),
			items: lines(['sv_0001', 'sv_9999', 'Anna', 'sv_0008']),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ error }) => error !== undefined)).toEqual([false, true, true, false]);
		expect(json[1]?.error).toContain('Item 1');
	});
});

describe('Speech under Retry On Fail', () => {
	const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

	it('does not pay twice', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: SPEAK, nth: 2, code: 422, message: 'Odd day' });
		const { json, error } = await vmeg.run({
			parameters: parameters({ batchSize: 2, maxConcurrency: 1 }),
			items: lines(Array.from({ length: 4 }, () => 'sv_0001')),
			settings,
		});
		expect(error).toBeUndefined();
		expect(json.map(({ segmentIndex }) => segmentIndex)).toEqual([0, 1, 0, 1]);
		expect(vmeg.sandbox.journal.requests(SPEAK)).toHaveLength(3);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});

	it('makes the same requests again, although the voices can be looked up only now', async () => {
		// the look-ups of the first try fail, and one of its requests
		vmeg.sandbox.addFault({ kind: 'status', path: VOICES, code: 403, count: 2 });
		vmeg.sandbox.addFault({ kind: 'status', path: SPEAK, nth: 2, code: 422, message: 'Odd day' });
		const { json, error } = await vmeg.run({
			parameters: parameters({ maxConcurrency: 1 }),
			items: lines(['sv_0001', 'sv_0008', 'sv_0001']),
			settings,
		});
		expect(error).toBeUndefined();
		expect(voicesOfRequests()).toEqual([['sv_0001', 'sv_0001'], ['sv_0008'], ['sv_0008']]);
		expect(json.map(({ segmentIndex }) => segmentIndex)).toEqual([0, 0, 1]);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});
});

describe('Speech > Submit', () => {
	const submit = (options: IDataObject = {}) => parameters(options, { operation: 'submit' });

	it('makes one task of many items and pairs it to all of them', async () => {
		const { output } = await vmeg.run({
			parameters: submit({ extraData: '{"job": 7}', outputFormat: 'mp3' }),
			items: lines(Array.from({ length: 52 }, () => 'sv_0001')),
		});
		expect(output).toHaveLength(2);
		expect(output[0]?.json).toEqual({
			taskId: expect.stringMatching(/.+/),
			taskType: 'tts',
			createdAt: expect.anything(),
			segmentCount: 50,
			idempotencyKey: expect.stringMatching(/^[0-9a-f]{64}$/),
			extraData: {
				job: 7,
				vmegSubmission: {
					id: expect.stringMatching(/^[0-9a-f]{32}$/),
					total: 52,
					items: Array.from({ length: 50 }, (_, index) => index),
				},
			},
		});
		expect(output[1]?.pairedItem).toEqual([{ item: 50 }, { item: 51 }]);
		expect(vmeg.sandbox.journal.requests(SUBMIT)[0]?.body).toMatchObject({
			extraData: { job: 7 },
			outputFormat: 'mp3',
		});
	});

	it('makes tasks that VMEG takes of voices that may not meet', async () => {
		const { output, error } = await vmeg.run({
			parameters: submit(),
			items: lines(['sv_0001', 'sv_0002', 'sv_0001']),
		});
		expect(error).toBeUndefined();
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([
			[{ item: 0 }, { item: 2 }],
			[{ item: 1 }],
		]);
	});

	it('keeps apart items with other extra data', async () => {
		await vmeg.run({
			parameters: submit({ extraData: '={{ { row: $json.id } }}' }),
			items: lines(['sv_0001', 'sv_0001']),
		});
		expect(bodies(SUBMIT)).toHaveLength(2);
	});

	it('sends extra data only with the call that takes it', async () => {
		const { error } = await vmeg.run({
			parameters: parameters({ extraData: '{"left": "over"}' }),
			items: lines(['sv_0001']),
		});
		expect(error).toBeUndefined();
		expect(bodies(SPEAK)[0]).not.toHaveProperty('extraData');
	});

	it('derives one key for each request from a key of the user', async () => {
		await vmeg.run({
			parameters: submit({ idempotencyKey: 'row-7', batchSize: 1 }),
			items: lines(['sv_0001', 'sv_0001']),
		});
		const keys = vmeg.sandbox.journal.requests(SUBMIT).map(({ idempotencyKey }) => idempotencyKey);
		expect(keys.sort()).toEqual(['row-7', 'row-7-2']);
	});

	it('refuses an empty text', async () => {
		const { error } = await vmeg.run({ parameters: submit(), items: [{ text: 'a' }, { text: '' }] });
		expect(error?.message).toBe('Item 1: "Text" is empty: there is nothing to speak');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});
