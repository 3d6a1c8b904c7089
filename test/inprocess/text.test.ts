import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const TRANSLATE = '/task/translate/create';
const parameters = (options: IDataObject = {}): INodeParameters => ({
	resource: 'text',
	operation: 'translate',
	sourceLanguage: 'en-US',
	targetLanguage: 'de-DE',
	text: '={{ $json.text }}',
	options: options as INodeParameters,
});
const rows = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ id: index, text: `Line ${index}` }));

describe('Text > Translate', () => {
	it('sends exactly what the contract asks for', async () => {
		const { error } = await vmeg.run({
			parameters: {
				...parameters({
					speaker: 'Anna',
					gender: 'female',
					locale: 'en-GB',
					context: 'A shop\nA sale',
					start: 1.5,
					end: 3,
					contextMode: 'neighbor',
					contextWindow: 7,
					scene: 'subtitle',
					allowStutter: false,
					glossary: '{"sale": "Ausverkauf"}',
					prompt: 'Informal',
					skipMissingTranslationCheck: true,
					requestId: 'my-request',
				}),
			},
			items: [{ text: 'The sale starts' }],
		});

		expect(error).toBeUndefined();
		const [request] = vmeg.sandbox.journal.requests(TRANSLATE);
		expect(request?.query).toEqual({ req_id: 'my-request' });
		expect(request?.authorization).toBe('present');
		expect(request?.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
		expect(request?.body).toEqual({
			language: { source: 'en-US', target: 'de-DE' },
			segments: [
				{
					text: 'The sale starts',
					gender: 'female',
					speaker: 'Anna',
					locale: 'en-GB',
					context: ['A shop', 'A sale'],
					start: 1.5,
					end: 3,
				},
			],
			options: {
				sourceContext: { mode: 'neighbor', contextWindow: 7 },
				sceneCustomized: { scene: 'subtitle', allowStutter: false },
				glossary: { sale: 'Ausverkauf' },
				prompt: 'Informal',
				skipMissingTranslationCheck: true,
			},
		});
	});

	it('adds translation, task and index to each item, and keeps order, fields and binary data', async () => {
		const binary = { data: { data: 'aGk=', mimeType: 'text/plain' } };
		const { output } = await vmeg.run({
			parameters: parameters(),
			items: rows(3).map((json) => ({ json, binary })),
		});

		const taskId = vmeg.sandbox.tasks()[0]?.taskId;
		expect(output.map(({ json }) => json)).toEqual([
			{ id: 0, text: 'Line 0', translation: '[de-DE] Line 0', taskId, segmentIndex: 0 },
			{ id: 1, text: 'Line 1', translation: '[de-DE] Line 1', taskId, segmentIndex: 1 },
			{ id: 2, text: 'Line 2', translation: '[de-DE] Line 2', taskId, segmentIndex: 2 },
		]);
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(output[2]?.binary?.data?.mimeType).toBe('text/plain');
	});

	it('puts 120 items into three requests of 50, 50 and 20, at most four at once', async () => {
		const { json } = await vmeg.run({ parameters: parameters(), items: rows(120) });

		const sizes = vmeg.sandbox.journal
			.requests(TRANSLATE)
			.map(({ body }) => (body as { segments: unknown[] }).segments.length)
			.sort((a, b) => b - a);
		expect(sizes).toEqual([50, 50, 20]);
		expect(json.map(({ id, translation }) => [id, translation])).toEqual(
			rows(120).map(({ id, text }) => [id, `[de-DE] ${text}`]),
		);
		expect(vmeg.sandbox.journal.maxInFlight).toBeLessThanOrEqual(4);
	});

	it('groups items by settings that come from expressions, and puts them back in order', async () => {
		const languages = ['de-DE', 'fr-FR', 'ja-JP'];
		const items = rows(9).map((row) => ({ ...row, to: languages[row.id % 3] ?? '' }));
		const { json } = await vmeg.run({
			parameters: { ...parameters(), targetLanguage: '={{ $json.to }}' },
			items,
		});

		expect(vmeg.sandbox.journal.requests(TRANSLATE)).toHaveLength(3);
		expect(json.map(({ translation }) => translation)).toEqual(
			items.map(({ to, text }) => `[${to}] ${text}`),
		);
	});

	it('lets empty texts through without a request', async () => {
		const { json } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: '' }, { text: ' \n' }, { other: 1 }],
		});

		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
		expect(json).toEqual([
			{ text: '', translation: '', taskId: null, segmentIndex: null },
			{ text: ' \n', translation: ' \n', taskId: null, segmentIndex: null },
			{ other: 1, translation: '', taskId: null, segmentIndex: null },
		]);
	});

	it('carries emoji, quotes and surrogate pairs unharmed, into a field of one\'s own name', async () => {
		const text = '👩‍👩‍👧 "naïve" \\ \u0000 𝕏 שלום';
		const { json } = await vmeg.run({
			parameters: parameters({ outputField: 'deutsch' }),
			items: [{ text }],
		});
		expect(json[0]?.deutsch).toBe(`[de-DE] ${text}`);
	});

	it('takes spelling variants of a language, and refuses others before anything is sent', async () => {
		const good = await vmeg.run({
			parameters: { ...parameters(), sourceLanguage: 'en_us', targetLanguage: 'DE-de' },
			items: [{ text: 'Hi' }],
		});
		expect(good.json[0]?.translation).toBe('[de-DE] Hi');

		await vmeg.sandbox.reset();
		const bad = await vmeg.run({
			parameters: { ...parameters(), targetLanguage: '={{ $json.to }}' },
			items: [{ text: 'Hi', to: 'de-DE' }, { text: 'Hi', to: 'de' }],
		});
		expect(bad.error?.message).toBe(
			'Item 1: "Target Language" is "de", which VMEG does not take as a target language. Did you mean de-AT, de-DE, de-CH?',
		);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it.each([
		[{ contextWindow: 21 }, '"Context Window"'],
		[{ contextMode: 'independent', contextWindow: 3 }, '"Context Window"'],
		[{ end: 2 }, '"End" needs a start'],
		[{ start: 3, end: 2 }, '"End" is before the start'],
		[{ glossary: '{not json' }, '"Glossary" is not valid JSON'],
		[{ glossary: '{"a": 1}' }, '"Glossary"'],
		[{ glossary: '[1]' }, '"Glossary" must be a JSON object'],
		[{ batchSize: 51 }, '"Batch Size" must be 1 to 50'],
		[{ idempotencyKey: 'x'.repeat(65) }, '"Idempotency Key" must have at most 64 characters'],
		[{ locale: 'xx' }, '"Segment Language"'],
	])('refuses %j, naming parameter and item', async (options, message) => {
		const { error } = await vmeg.run({ parameters: parameters(options), items: [{ text: 'Hi' }] });
		expect(error?.message).toContain('Item 0: ');
		expect(error?.message).toContain(message);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});

	it('gives an error of one text to its own item and keeps the others', async () => {
		const { json, output } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: 'One' }, { text: 'Two {{fail}}' }, { text: 'Three' }],
			settings: { onError: 'continueRegularOutput' },
		});

		expect(json[0]?.translation).toBe('[de-DE] One');
		expect(json[1]?.error).toContain('Item 1: VMEG could not translate this text');
		expect(json[1]).toMatchObject({ text: 'Two {{fail}}', details: { taskId: json[0]?.taskId } });
		expect(json[2]?.translation).toBe('[de-DE] Three');
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	it('sends failed items to the error output', async () => {
		const { json, errors } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: 'One' }, { text: 'Two {{fail}}' }],
			settings: { onError: 'continueErrorOutput' },
		});
		expect(json.map(({ text }) => text)).toEqual(['One']);
		expect(errors).toHaveLength(1);
		expect(errors[0]?.json).toMatchObject({
			text: 'Two {{fail}}',
			error: expect.stringContaining('Item 1'),
			details: { taskId: json[0]?.taskId },
		});
	});

	it('fails only the items of a refused request', async () => {
		const items = rows(4).map((row) => ({ ...row, text: row.id === 1 ? 'No {{refuse}}' : row.text }));
		const { json } = await vmeg.run({
			parameters: parameters({ batchSize: 2 }),
			items,
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ error }) => error !== undefined)).toEqual([true, true, false, false]);
		expect(json[0]?.error).toContain('Items 0 to 1: VMEG understood the request but cannot process it');
	});

	it('does not pay twice when Retry On Fail runs the node again', async () => {
		// the second request fails for good, after the first was translated and billed
		vmeg.sandbox.addFault({ kind: 'status', path: TRANSLATE, nth: 2, code: 422, message: 'Odd day' });
		const { json, error } = await vmeg.run({
			parameters: parameters({ batchSize: 2, maxConcurrency: 1 }),
			items: rows(4),
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});

		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual(rows(4).map(({ text }) => `[de-DE] ${text}`));
		// two batches: one sent once, one refused and sent again
		expect(vmeg.sandbox.journal.requests(TRANSLATE)).toHaveLength(3);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});

	it('says what was lost when VMEG accepted a request whose answer never came', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path: TRANSLATE, nth: 1 });
		const { error } = await vmeg.run({ parameters: parameters(), items: rows(2) });

		expect(error?.message).toBe(
			'Items 0 to 1: VMEG accepted this submission, but its answer was lost on the way',
		);
		expect(error?.description).toContain('will not be billed twice');
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
		const keys = vmeg.sandbox.journal.requests(TRANSLATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(new Set(keys).size).toBe(1);
	});

	it('derives one key for each request from a key of the user', async () => {
		await vmeg.run({
			parameters: parameters({ batchSize: 1, idempotencyKey: 'row-7' }),
			items: rows(3),
		});
		const keys = vmeg.sandbox.journal.requests(TRANSLATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(keys.sort()).toEqual(['row-7', 'row-7-2', 'row-7-3']);
	});
});

describe('Text > Submit', () => {
	const submit = (options: IDataObject = {}): INodeParameters => ({
		...parameters(options),
		operation: 'submit',
	});

	it('makes one task of many items and pairs it to all of them', async () => {
		const { output } = await vmeg.run({
			parameters: submit({ extraData: '{"job": 7}' }),
			items: rows(52),
		});

		expect(output).toHaveLength(2);
		expect(output[0]?.json).toEqual({
			taskId: expect.stringMatching(/.+/),
			taskType: 'textTranslation',
			createdAt: expect.anything(),
			segmentCount: 50,
			idempotencyKey: expect.stringMatching(/^[0-9a-f]{64}$/),
			extraData: { job: 7 },
		});
		expect(output[1]?.pairedItem).toEqual([{ item: 50 }, { item: 51 }]);
		const [request] = vmeg.sandbox.journal.requests('/task/translate/create-async');
		expect(request?.body).toMatchObject({ extraData: { job: 7 } });
	});

	it('refuses an empty text, since a task of nothing would be billed', async () => {
		const { error } = await vmeg.run({ parameters: submit(), items: [{ text: 'a' }, { text: '' }] });
		expect(error?.message).toBe('Item 1: "Text" is empty');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});
