import type { IDataObject } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { planMedia } from '../../../nodes/Vmeg/actions/media/request';
import { textPlanner } from '../../../nodes/Vmeg/actions/text/request';
import { fakeContext, fakeSession } from '../support/fakes';

const sessionWith = (parameters: IDataObject) =>
	fakeSession([{ json: {} }], { context: fakeContext({ parameters }) });

const textWith = (options: IDataObject = {}, parameters: IDataObject = {}) => {
	const plans = textPlanner(
		sessionWith({
			text: 'Hello',
			sourceLanguage: 'en-US',
			targetLanguage: 'de-DE',
			options,
			...parameters,
		}),
	);
	const [plan] = plans(0);
	if (plan === undefined) throw new Error('Nothing was planned');
	return plan;
};

const mediaWith = (options: IDataObject = {}, parameters: IDataObject = {}) =>
	planMedia(
		sessionWith({
			taskType: 'vt',
			materialSource: 'url',
			sourceUrl: 'https://example.com/a.mp4',
			sourceLanguage: 'auto',
			targetLanguage: 'de-DE',
			voiceCloneStyle: 'emotional',
			voiceCloneMode: 'role',
			options,
			...parameters,
		}),
		0,
	);

/** The message for a parameter that VMEG would not take. */
function refusalOf(act: () => unknown): string {
	try {
		act();
	} catch (thrown) {
		if (thrown instanceof NodeOperationError) return thrown.message;
		throw thrown;
	}
	return 'accepted';
}

describe('a text item', () => {
	test('asks for no more than the user did: VMEG has its own defaults', () => {
		expect(textWith()).toEqual({
			segment: { text: 'Hello' },
			settings: {
				language: { source: 'en-US', target: 'de-DE' },
				options: undefined,
				extraData: undefined,
				call: {},
				batchSize: 50,
			},
		});
	});

	test('asks for all that the user set', () => {
		const { segment, settings } = textWith({
			speaker: 'A',
			gender: 'male',
			locale: 'en_gb',
			start: 0,
			end: 1.5,
			context: 'before\n\n after \r\n',
			contextMode: 'provided_only',
			scene: 'subtitle',
			allowStutter: false,
			glossary: '{"sneaker": "Turnschuh"}',
			prompt: 'Informal',
			skipMissingTranslationCheck: true,
			extraData: '{"row": 1}',
			batchSize: 10,
		});
		expect(segment).toEqual({
			text: 'Hello',
			speaker: 'A',
			gender: 'male',
			locale: 'en-GB',
			start: 0,
			end: 1.5,
			context: ['before', ' after '],
		});
		expect(settings).toMatchObject({
			options: {
				sourceContext: { mode: 'provided_only' },
				sceneCustomized: { scene: 'subtitle', allowStutter: false },
				glossary: { sneaker: 'Turnschuh' },
				prompt: 'Informal',
				skipMissingTranslationCheck: true,
			},
			extraData: { row: 1 },
			batchSize: 10,
		});
	});

	test('with a context window alone means the mode that has one', () => {
		expect(textWith({ contextWindow: 3 }).settings.options).toEqual({
			sourceContext: { mode: 'neighbor', contextWindow: 3 },
		});
	});

	test('without a value in an option leaves the option out', () => {
		const empty = { speaker: '', gender: '', locale: '', context: ' \n', glossary: '{}', prompt: '' };
		expect(textWith(empty)).toEqual(textWith());
	});

	test('may hold a number, which is a text too', () => {
		expect(textWith({}, { text: 2026 }).segment.text).toBe('2026');
		expect(textWith({}, { text: undefined }).segment.text).toBe('');
	});

	test.each<[string, IDataObject, IDataObject, string]>([
		['an object', {}, { text: { a: 1 } }, 'Item 0: "Text" must be text, not an object'],
		['no language', {}, { targetLanguage: '' }, 'Item 0: "Target Language" is empty: choose a language'],
		['an automatic language', {}, { sourceLanguage: 'auto' }, 'Item 0: "Source Language" is "auto", which'],
		['a batch of none', { batchSize: 0 }, {}, 'Item 0: "Batch Size" must be 1 to 50'],
		['a batch too large', { batchSize: 51 }, {}, 'Item 0: "Batch Size" must be 1 to 50'],
		['an end alone', { end: 3 }, {}, 'Item 0: "End" needs a start'],
		['an end too early', { start: 4, end: 3 }, {}, 'Item 0: "End" is before the start'],
		['a window too wide', { contextWindow: 21 }, {}, 'Item 0: "Context Window" '],
		['an unknown scene', { scene: 'film' }, {}, 'Item 0: "Scene" '],
		['a glossary of numbers', { glossary: '{"one": 1}' }, {}, 'Item 0: "Glossary" '],
		['extra data that is no JSON', { extraData: '{' }, {}, 'Item 0: "Extra Data" is not valid JSON'],
	])('is refused by the name of its parameter: %s', (_, options, parameters, expected) => {
		expect(refusalOf(() => textWith(options, parameters))).toContain(expected);
	});

	// what comes from a spreadsheet or an expression is often of the other kind
	test.each<[string, IDataObject]>([
		['times written as text', { start: '1.5', end: '2' }],
		['a window written as text', { contextWindow: '3' }],
		['a speaker who is a number', { speaker: 1 }],
	])('may have %s', (_, options) => {
		expect(refusalOf(() => textWith(options))).toBe('accepted');
	});
});

describe('a media item', () => {
	test('asks for no more than the user did', () => {
		expect(mediaWith()).toEqual({
			request: {
				taskType: 'vt',
				source: { sourceUrl: 'https://example.com/a.mp4' },
				language: { source: 'auto', target: 'de-DE' },
				options: { voiceClone: { style: 'emotional', mode: 'role' } },
			},
			call: {},
		});
	});

	test('asks for all that the user set', () => {
		const { request } = mediaWith(
			{
				voiceCloneProvider: 'V5',
				transcribeMode: 'normal',
				prompt: 'Keep names',
				separation: true,
				dynamicVideoLength: true,
				lipsync: false,
				text: '{"title": {"size": 12}}',
				selectedVoices: { voice: [{ provider: '', voiceId: 'cv_1' }] },
				speakerNum: 2,
				timbreMethod: 'clone',
				extraData: '{"row": 1}',
			},
			{ materialSource: 'materialId', materialId: ' m-1 ' },
		);
		expect(request).toEqual({
			taskType: 'vt',
			source: { materialId: 'm-1' },
			language: { source: 'auto', target: 'de-DE' },
			options: {
				voiceClone: { style: 'emotional', mode: 'role', provider: 'V5' },
				transcribe: { mode: 'normal', type: 'default' },
				translate: { mode: 'default', prompt: 'Keep names' },
				separation: { mode: 'auto' },
				dynamicVideoLength: { enable: true },
				lipsync: { enable: false },
				text: { title: { size: 12 } },
				voiceSpeakers: {
					selectedVoicesList: [{ voiceId: 'cv_1' }],
					speakerNum: '2',
					timbreMethod: 'clone',
				},
			},
			extraData: { row: 1 },
		});
	});

	test.each<[string, IDataObject, IDataObject, string]>([
		['an insecure address', {}, { sourceUrl: 'http://example.com/a.mp4' }, '"URL" must start with https://'],
		['no address', {}, { sourceUrl: '' }, '"URL" is not a URL'],
		['no material', {}, { materialSource: 'materialId', materialId: '' }, '"Material" is empty'],
		['an unknown source', {}, { materialSource: 'ftp' }, '"Source" is "ftp"; use'],
		['an unknown type', {}, { taskType: 'tts' }, '"Task Type" '],
		['an unknown style', {}, { voiceCloneStyle: 'calm' }, '"Voice Style" '],
		['an unknown mode', {}, { voiceCloneMode: 'all' }, '"Voice Mode" '],
		['no target', {}, { targetLanguage: '' }, '"Target Language" is empty'],
		['a voice without an ID', { selectedVoices: { voice: [{ provider: 'S1' }] } }, {}, '"Selected Voices" '],
		['speakers in words', { speakerNum: 'two' }, {}, '"Number of Speakers" must be "auto" or a number'],
		['styling that is no JSON', { text: '{' }, {}, '"Text Styling" is not valid JSON'],
	])('is refused by the name of its parameter: %s', (_, options, parameters, expected) => {
		expect(refusalOf(() => mediaWith(options, parameters))).toContain(`Item 0: ${expected}`);
	});
});
