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
const range = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, index) => from + index);
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
		expect(json.map(({ error }) => error !== undefined)).toEqual([false, true, false, false]);
		expect(json[1]?.error).toContain('Item 1: VMEG understood the request but cannot process it');
	});

	it.each([
		['={{ $json.text }}'],
		['={{ $json["text"] }}'],
		['={{ $json.text?.toString() }}'],
		['={{ $json?.text }}'],
	])('reads %s alike, whatever stands in the field', async (expression) => {
		const odd = ['Hi', '', 7, 0, null, undefined, '={{ 1 + 1 }}', '{{ $json.id }}'];
		const { json, error } = await vmeg.run({
			parameters: { ...parameters(), text: expression },
			items: odd.map((text, id) => ({ id, ...(text === undefined ? {} : { text }) })),
		});
		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual([
			'[de-DE] Hi', '', '[de-DE] 7', '[de-DE] 0', '', '', '[de-DE] ={{ 1 + 1 }}', '[de-DE] {{ $json.id }}',
		]);
	});

	it('carries half a surrogate pair and a text of a million characters', async () => {
		const long = 'Ein Satz. '.repeat(100_000);
		const { json } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: 'half \ud83d' }, { text: long }],
		});
		expect(json[0]?.translation).toBe('[de-DE] half \ud83d');
		expect(json[1]?.translation).toBe(`[de-DE] ${long}`);
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

	it('derives one key for each request from a key of the user', async () => {
		await vmeg.run({
			parameters: parameters({ batchSize: 1, idempotencyKey: 'row-7' }),
			items: rows(3),
		});
		const keys = vmeg.sandbox.journal.requests(TRANSLATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(keys.sort()).toEqual(['row-7', 'row-7-2', 'row-7-3']);
	});
});

describe('Text > Translate, refused requests', () => {
	const BAD = { onError: 'continueRegularOutput' } as const;
	const withBad = (count: number, isBad: (id: number) => boolean) =>
		rows(count).map((row) => ({ ...row, text: isBad(row.id) ? `No {{refuse}} ${row.id}` : row.text }));

	it('saves all good texts of a request that is refused for one of them', async () => {
		const items = withBad(50, (id) => id === 17);
		const { json } = await vmeg.run({ parameters: parameters(), items, settings: BAD });

		expect(json.map(({ id }) => id)).toEqual(range(0, 49));
		expect(json.filter(({ error }) => error !== undefined).map(({ id }) => id)).toEqual([17]);
		expect(json[17]?.error).toBe(
			'Item 17: VMEG understood the request but cannot process it: A segment contains {{refuse}}',
		);
		expect(json[49]?.translation).toBe('[de-DE] Line 49');
		// 50, then twice 25 and so on down to the one
		expect(vmeg.sandbox.journal.requests(TRANSLATE).length).toBeLessThanOrEqual(13);
		const keys = vmeg.sandbox.journal.requests(TRANSLATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(new Set(keys).size).toBe(keys.length);
	});

	it('stops looking for good texts where a whole request had none', async () => {
		const items = withBad(200, () => true);
		const { json } = await vmeg.run({
			parameters: parameters(),
			items,
			settings: BAD,
		});
		expect(json.filter(({ error }) => error !== undefined)).toHaveLength(200);
		// 99 for the first, from 50 down to each one, and one for each of the other three
		expect(vmeg.sandbox.journal.requests(TRANSLATE)).toHaveLength(99 + 3);
		expect(vmeg.sandbox.charged).toBe(0);
	});

	it('sends once and fails at once where the node is not set to continue', async () => {
		const { error } = await vmeg.run({ parameters: parameters(), items: withBad(50, (id) => id === 1) });
		expect(error?.message).toContain('Items 0 to 49: VMEG understood the request');
		expect(vmeg.sandbox.journal.requests(TRANSLATE)).toHaveLength(1);
	});

	it('halves a request that is too large, whatever the node is set to', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: TRANSLATE, nth: 1, code: 413, message: 'Too large' });
		const { json, error } = await vmeg.run({
			parameters: parameters({ idempotencyKey: 'row-7' }),
			items: rows(10),
		});
		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual(rows(10).map(({ text }) => `[de-DE] ${text}`));
		const keys = vmeg.sandbox.journal.requests(TRANSLATE).map(({ idempotencyKey }) => idempotencyKey);
		expect(keys.sort()).toEqual(['row-7', 'row-7-1a', 'row-7-1b']);
	});
});

describe('Text > Translate, the same text again', () => {
	const SIZES = ['XS', 'S', 'M', 'S', 'XS', 'S'];
	const items = SIZES.map((text, id) => ({ id, text }));
	const sent = () =>
		vmeg.sandbox.journal
			.requests(TRANSLATE)
			.map(({ body }) => Object(body).segments.map(({ text }: { text: string }) => text));

	it('is translated once and given to every item that has it', async () => {
		const { json, output } = await vmeg.run({ parameters: parameters(), items });
		expect(sent()).toEqual([['XS', 'S', 'M']]);
		expect(json.map(({ id, translation }) => [id, translation])).toEqual(
			SIZES.map((text, id) => [id, `[de-DE] ${text}`]),
		);
		expect(json.map(({ segmentIndex }) => segmentIndex)).toEqual([0, 1, 2, 1, 0, 1]);
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual(range(0, 5).map((item) => ({ item })));
	});

	it.each<[string, IDataObject]>([
		['neighbours explain it', { contextMode: 'neighbor' }],
		['its speaker is another one', { speaker: '={{ $json.id }}' }],
		['its language is another one', { moreTargetLanguages: '={{ $json.id % 2 ? ["fr-FR"] : ["it-IT"] }}', targetLanguage: '' }],
	])('is translated anew where %s', async (_, options) => {
		const { json } = await vmeg.run({ parameters: parameters(options), items: items.slice(3) });
		expect(new Set(sent().flat())).toEqual(new Set(['S', 'XS']));
		expect(sent().flat().length).toBeGreaterThanOrEqual(3);
		expect(json[0]).toMatchObject({ id: 3, translation: '[de-DE] S' });
	});

	it('fails for every item that has it', async () => {
		const { json } = await vmeg.run({
			parameters: parameters(),
			items: [{ text: 'a {{fail}}' }, { text: 'b' }, { text: 'a {{fail}}' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ error }) => error !== undefined)).toEqual([true, false, true]);
		expect(json[2]?.error).toContain('Item 2: ');
	});
});

describe('Text > Translate, several languages', () => {
	const several = (options: IDataObject = {}) =>
		parameters({ moreTargetLanguages: ['fr-FR', 'ja-JP'], ...options });

	it('gives one item for each language, in the order of the languages', async () => {
		const { json, output } = await vmeg.run({ parameters: several(), items: rows(60) });

		expect(json).toHaveLength(180);
		expect(json.slice(0, 4).map(({ id, targetLanguage, translation }) => [id, targetLanguage, translation])).toEqual([
			[0, 'de-DE', '[de-DE] Line 0'],
			[0, 'fr-FR', '[fr-FR] Line 0'],
			[0, 'ja-JP', '[ja-JP] Line 0'],
			[1, 'de-DE', '[de-DE] Line 1'],
		]);
		expect(output[179]?.pairedItem).toEqual({ item: 59 });
		expect(vmeg.sandbox.journal.requests(TRANSLATE)).toHaveLength(6);
	});

	it('gives one item with all languages where the user wants that', async () => {
		const { json } = await vmeg.run({
			parameters: several({ languageOutput: 'map', outputField: 'texts' }),
			items: [{ id: 7, text: 'Hi' }, { id: 8, text: '' }],
		});
		expect(json).toEqual([
			{
				id: 7,
				text: 'Hi',
				texts: { 'de-DE': '[de-DE] Hi', 'fr-FR': '[fr-FR] Hi', 'ja-JP': '[ja-JP] Hi' },
				taskIds: {
					'de-DE': expect.any(String),
					'fr-FR': expect.any(String),
					'ja-JP': expect.any(String),
				},
			},
			{
				id: 8,
				text: '',
				texts: { 'de-DE': '', 'fr-FR': '', 'ja-JP': '' },
				taskIds: { 'de-DE': null, 'fr-FR': null, 'ja-JP': null },
			},
		]);
	});

	it.each([
		['a list', '={{ ["de-DE", "fr-FR"] }}'],
		['a list as text, as a cell of a sheet has it', 'de-DE, fr-FR'],
		['a list that names one twice', '={{ ["de-DE", "fr-FR", "de-DE"] }}'],
	])('takes %s as Target Language', async (_, targetLanguage) => {
		const { json } = await vmeg.run({ parameters: { ...parameters(), targetLanguage }, items: [{ text: 'Hi' }] });
		expect(json.map((item) => item.targetLanguage)).toEqual(['de-DE', 'fr-FR']);
	});

	it('keeps what there is of an item of which one language failed', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: TRANSLATE, nth: 2, code: 402, message: 'No credits' });
		const { json } = await vmeg.run({
			parameters: several({ languageOutput: 'map', maxConcurrency: 1 }),
			items: [{ text: 'Hi' }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json).toEqual([
			{
				text: 'Hi',
				error: 'Item 0: The VMEG account has no credits left for this (fr-FR)',
				details: expect.objectContaining({
					failedLanguages: ['fr-FR'],
					translations: { 'de-DE': '[de-DE] Hi', 'ja-JP': '[ja-JP] Hi' },
				}),
			},
		]);
	});

	it('refuses a language that is none, naming the parameter and the item', async () => {
		const { error } = await vmeg.run({
			parameters: { ...parameters(), targetLanguage: 'de-DE, klingon' },
			items: [{ text: 'Hi' }],
		});
		expect(error?.message).toContain('Item 0: "Target Language" is "klingon"');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});

describe('Text > Translate, glossary', () => {
	const TERMS = { terms: [{ source: 'sneaker', translation: 'Turnschuh' }, { source: '', translation: '' }] };
	it.each<[string, IDataObject, IDataObject]>([
		['an object', { glossary: { sale: 'Ausverkauf' } }, { sale: 'Ausverkauf' }],
		['pairs', { glossary: '[["sale", "Ausverkauf"]]' }, { sale: 'Ausverkauf' }],
		['terms', { glossaryTerms: TERMS }, { sneaker: 'Turnschuh' }],
		[
			'both, of which the terms go first',
			{ glossary: { sneaker: 'Sneaker', sale: 'Ausverkauf' }, glossaryTerms: TERMS },
			{ sneaker: 'Turnschuh', sale: 'Ausverkauf' },
		],
	])('may be %s', async (_, options, glossary) => {
		const { json } = await vmeg.run({ parameters: parameters(options), items: [{ text: 'A sneaker on sale' }] });
		const [request] = vmeg.sandbox.journal.requests(TRANSLATE);
		expect(Object(request?.body).options).toEqual({ glossary });
		expect(json[0]?.translation).toContain(Object.values(glossary)[0]);
	});

	it('says which term lacks a translation', async () => {
		const { error } = await vmeg.run({
			parameters: parameters({ glossaryTerms: { terms: [{ source: 'sneaker', translation: '' }] } }),
			items: [{ text: 'Hi' }],
		});
		expect(error?.message).toBe('Item 0: "Glossary Terms" has no translation for "sneaker"');
	});
});

describe('Text > Submit', () => {
	const SUBMIT = '/task/translate/create-async';
	const submission = (items: number[]) => ({
		id: expect.stringMatching(/^[0-9a-f]{32}$/),
		total: 52,
		items,
		targetLanguage: 'de-DE',
	});
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
			extraData: { job: 7, vmegSubmission: submission(range(0, 49)) },
		});
		expect(output[1]?.json.extraData).toEqual({ job: 7, vmegSubmission: submission([50, 51]) });
		expect(output[1]?.pairedItem).toEqual([{ item: 50 }, { item: 51 }]);
		const sent = vmeg.sandbox.journal.requests(SUBMIT).map(({ body }) => body);
		expect(sent).toContainEqual(expect.objectContaining({ extraData: output[0]?.json.extraData }));
	});

	it('ties the tasks of one run together, and those of another run not to them', async () => {
		const ids = async (executionId: string) => {
			const { json } = await vmeg.run({ parameters: submit(), items: rows(101), executionId });
			return json.map(({ extraData }) => Object(Object(extraData).vmegSubmission).id);
		};
		const [first, second] = [await ids('11'), await ids('12')];
		expect(first).toHaveLength(3);
		expect(new Set(first).size).toBe(1);
		expect(second[0]).not.toBe(first[0]);
	});

	it('makes a task for each language', async () => {
		const { json } = await vmeg.run({
			parameters: submit({ moreTargetLanguages: ['fr-FR'] }),
			items: rows(2),
		});
		expect(json.map(({ extraData }) => extraData)).toEqual([
			{ vmegSubmission: { ...submission([0, 1]), total: 4 } },
			{ vmegSubmission: { ...submission([0, 1]), total: 4, targetLanguage: 'fr-FR' } },
		]);
	});

	it('saves the good texts of a refused request where the node is set to continue', async () => {
		const items = rows(5).map((row) => ({ ...row, text: row.id === 3 ? 'No {{refuse}}' : row.text }));
		const { json } = await vmeg.run({
			parameters: submit(),
			items,
			settings: { onError: 'continueRegularOutput' },
		});
		const carried = json.flatMap(({ extraData }) => Object(Object(extraData).vmegSubmission).items ?? []);
		expect(carried).toEqual([0, 1, 2, 4]);
		expect(json.filter(({ error }) => error !== undefined)).toHaveLength(1);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
	});

	it('refuses an empty text, since a task of nothing would be billed', async () => {
		const { error } = await vmeg.run({ parameters: submit(), items: [{ text: 'a' }, { text: '' }] });
		expect(error?.message).toBe('Item 1: "Text" is empty');
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});
