import type { z } from 'zod';

import {
	acceptedAnswer,
	mediaAnswer,
	mediaRequest,
	segment,
	taskDetail,
	taskIdRequest,
	taskListAnswer,
	taskListRequest,
	textAnswer,
	textOptions,
	textRequest,
	textSubmitRequest,
} from '../../../nodes/Vmeg/api/contract';
import { endpoints } from '../../../nodes/Vmeg/api/endpoints';

/** What a schema objects to, as "path: message"; empty where it accepts. */
const objections = (schema: z.ZodTypeAny, value: unknown): string[] => {
	const parsed = schema.safeParse(value);
	return parsed.success
		? []
		: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

const accepts = (schema: z.ZodTypeAny, value: unknown) =>
	expect(objections(schema, value)).toEqual([]);

const refuses = (schema: z.ZodTypeAny, value: unknown, at: string) =>
	expect(objections(schema, value)[0]).toMatch(new RegExp(`^${at}: `));

const language = { source: 'en-US', target: 'de-DE' };
const segments = (count: number) => Array.from({ length: count }, () => ({ text: 'Hi' }));

describe('a text to translate (§2)', () => {
	test.each([
		['text alone', { text: 'Hi' }],
		[
			'everything that VMEG documents',
			{
				text: 'Hi',
				gender: 'female',
				speaker: 'A',
				locale: 'en-GB',
				context: ['before', 'after'],
				start: 0,
				end: 1.5,
			},
		],
		['a start without an end', { text: 'Hi', start: 3 }],
		['an end that is the start', { text: 'Hi', start: 3, end: 3 }],
	])('may be %s', (_, value) => accepts(segment, value));

	test.each([
		['no text', {}, 'text'],
		['a number for a text', { text: 5 }, 'text'],
		['an unknown gender', { text: 'Hi', gender: 'other' }, 'gender'],
		['a language that VMEG does not know', { text: 'Hi', locale: 'xx' }, 'locale'],
		['the automatic language', { text: 'Hi', locale: 'auto' }, 'locale'],
		['context that is no list', { text: 'Hi', context: 'before' }, 'context'],
		['an end without a start', { text: 'Hi', end: 3 }, 'end'],
		['an end before the start', { text: 'Hi', start: 3, end: 2.9 }, 'end'],
		['a negative start', { text: 'Hi', start: -1 }, 'start'],
		['a field that VMEG does not have', { text: 'Hi', voice: 'x' }, ''],
	])('may not have %s', (_, value, at) => refuses(segment, value, at));

	test('says what is wrong with its times', () => {
		expect(objections(segment, { text: 'Hi', end: 3 })).toEqual(['end: needs a start']);
		expect(objections(segment, { text: 'Hi', start: 3, end: 2 })).toEqual([
			'end: is before the start',
		]);
	});
});

describe('the options of a text translation (§2)', () => {
	test.each([
		['none', {}],
		['each context mode', { sourceContext: { mode: 'independent' } }],
		['provided context', { sourceContext: { mode: 'provided_only' } }],
		['neighbours', { sourceContext: { mode: 'neighbor', contextWindow: 20 } }],
		['one neighbour', { sourceContext: { mode: 'neighbor', contextWindow: 1 } }],
		['a scene', { sceneCustomized: { scene: 'voiceover', allowStutter: false } }],
		['a scene without the stutter', { sceneCustomized: { scene: 'subtitle' } }],
		['a glossary', { glossary: { sneaker: 'Turnschuh' } }],
		['a prompt and no check', { prompt: 'Informal', skipMissingTranslationCheck: true }],
	])('may be %s', (_, value) => accepts(textOptions, value));

	test.each([
		['an unknown context mode', { sourceContext: { mode: 'all' } }, 'sourceContext.mode'],
		[
			'a window without neighbours',
			{ sourceContext: { mode: 'independent', contextWindow: 5 } },
			'sourceContext.contextWindow',
		],
		[
			'a window of none',
			{ sourceContext: { mode: 'neighbor', contextWindow: 0 } },
			'sourceContext.contextWindow',
		],
		[
			'a window of more than 20',
			{ sourceContext: { mode: 'neighbor', contextWindow: 21 } },
			'sourceContext.contextWindow',
		],
		[
			'half a neighbour',
			{ sourceContext: { mode: 'neighbor', contextWindow: 1.5 } },
			'sourceContext.contextWindow',
		],
		['an unknown scene', { sceneCustomized: { scene: 'film' } }, 'sceneCustomized.scene'],
		['a glossary of numbers', { glossary: { one: 1 } }, 'glossary.one'],
		['a glossary that is a list', { glossary: ['one'] }, 'glossary'],
		['a check that is no switch', { skipMissingTranslationCheck: 'yes' }, 'skipMissingTranslationCheck'],
		['an option that VMEG does not have', { formality: 'more' }, ''],
	])('may not be %s', (_, value, at) => refuses(textOptions, value, at));
});

describe('a request to translate text (§2)', () => {
	test.each([1, 50])('takes %i segments', (count) => {
		accepts(textRequest, { language, segments: segments(count) });
	});

	test.each([0, 51])('does not take %i segments', (count) => {
		refuses(textRequest, { language, segments: segments(count) }, 'segments');
	});

	test('needs both languages', () => {
		refuses(textRequest, { segments: segments(1) }, 'language');
		refuses(textRequest, { language: { source: 'en-US' }, segments: segments(1) }, 'language.target');
		refuses(textRequest, { language: { target: 'en-US' }, segments: segments(1) }, 'language.source');
	});

	test('does not find out the source language by itself', () => {
		const value = { language: { ...language, source: 'auto' }, segments: segments(1) };
		refuses(textRequest, value, 'language.source');
	});

	test('corrects the spelling of a language before it is sent', () => {
		const value = { language: { source: 'en_us', target: 'DE-de' }, segments: segments(1) };
		expect(textRequest.parse(value).language).toEqual(language);
	});

	test('has extra data only where it is asynchronous', () => {
		const value = { language, segments: segments(1), extraData: { row: 1 } };
		accepts(textSubmitRequest, value);
		refuses(textRequest, value, '');
	});

	test.each([[['a', 'list']], ['text'], [5], [null]])('has no %p as extra data', (extraData) => {
		refuses(textSubmitRequest, { language, segments: segments(1), extraData }, 'extraData');
	});
});

describe('the answer to a text request (§2)', () => {
	test('has one item for each segment, translated or failed', () => {
		accepts(textAnswer, {
			taskId: 't',
			items: [{ text: 'Hallo' }, { errorMessage: 'too long' }, { text: null }, {}],
			createdAt: '2026-01-01T00:00:00Z',
		});
	});

	test('may have new fields, which are kept', () => {
		const value = { taskId: 't', items: [{ text: 'a', score: 1 }], billed: { credits: 1 } };
		expect(textAnswer.parse(value)).toEqual(value);
	});

	test.each([
		['without a task', { items: [] }, 'taskId'],
		['with an empty task', { taskId: ' ', items: [] }, 'taskId'],
		['without items', { taskId: 't' }, 'items'],
		['with items that are no objects', { taskId: 't', items: ['Hallo'] }, 'items.0'],
		['that is nothing', null, ''],
	])('is not one %s', (_, value, at) => refuses(textAnswer, value, at));

	test('is a task and its time where it is asynchronous', () => {
		accepts(acceptedAnswer, { taskId: 't', createdAt: 1_767_225_600_000 });
		accepts(acceptedAnswer, { taskId: 't' });
		refuses(acceptedAnswer, { createdAt: 'now' }, 'taskId');
	});
});

const media = {
	taskType: 'vt',
	source: { sourceUrl: 'https://example.com/a.mp4' },
	language: { source: 'auto', target: 'de-DE' },
	options: { voiceClone: { style: 'emotional', mode: 'role' } },
};
const withOptions = (options: object) => ({ ...media, options: { ...media.options, ...options } });

describe('a request to translate media (§3)', () => {
	test.each([
		['a video', media],
		['an audio', { ...media, taskType: 'at' }],
		['an uploaded file', { ...media, source: { materialId: 'm-1' } }],
		['speech in a known language', { ...media, language: { source: 'en-US', target: 'de-DE' } }],
		['extra data', { ...media, extraData: { row: { id: 1 } } }],
		['a chosen engine', withOptions({ voiceClone: { style: 'consistent', mode: 'mix', provider: 'V5' } })],
		['a voice for each sentence', withOptions({ voiceClone: { style: 'consistent', mode: 'sentence' } })],
		['an exact transcription', withOptions({ transcribe: { mode: 'normal', type: 'default' } })],
		['machine translation', withOptions({ translate: { mode: 'machine', prompt: 'Keep names' } })],
		['separated sounds', withOptions({ separation: { mode: 'auto' } })],
		['an adapted length', withOptions({ dynamicVideoLength: { enable: true } })],
		['lip sync', withOptions({ lipsync: { enable: true } })],
		['styled text', withOptions({ text: { title: { size: 12 } } })],
		[
			'chosen voices',
			withOptions({
				voiceSpeakers: {
					selectedVoicesList: [{ provider: 'S7', voiceId: 'sv_1' }, { voiceId: 'cv_1' }],
					speakerNum: 'auto',
					timbreMethod: 'smart',
				},
			}),
		],
		['a number of speakers', withOptions({ voiceSpeakers: { speakerNum: '2' } })],
	])('may ask for %s', (_, value) => accepts(mediaRequest, value));

	test.each([
		['another task type', { ...media, taskType: 'tts' }, 'taskType'],
		['no source', { ...media, source: {} }, 'source.*'],
		['an empty material', { ...media, source: { materialId: ' ' } }, 'source.*'],
		[
			'two sources',
			{ ...media, source: { materialId: 'm', sourceUrl: 'https://example.com' } },
			'source.*',
		],
		['an unknown target', { ...media, language: { source: 'auto', target: 'xx' } }, 'language.target'],
		['an automatic target', { ...media, language: { source: 'en-US', target: 'auto' } }, 'language.target'],
		['no voice', { ...media, options: {} }, 'options.voiceClone'],
		[
			'an unknown voice style',
			withOptions({ voiceClone: { style: 'calm', mode: 'role' } }),
			'options.voiceClone.style',
		],
		[
			'an unknown voice mode',
			withOptions({ voiceClone: { style: 'emotional', mode: 'all' } }),
			'options.voiceClone.mode',
		],
		[
			'a system engine for cloning',
			withOptions({ voiceClone: { style: 'emotional', mode: 'role', provider: 'S1' } }),
			'options.voiceClone.provider',
		],
		[
			'an unknown transcription',
			withOptions({ transcribe: { mode: 'slow', type: 'default' } }),
			'options.transcribe.mode',
		],
		['a translation without a mode', withOptions({ translate: {} }), 'options.translate.mode'],
		['a switch that is text', withOptions({ lipsync: { enable: 'true' } }), 'options.lipsync.enable'],
		[
			'an unknown engine of a voice',
			withOptions({ voiceSpeakers: { selectedVoicesList: [{ provider: 'S8', voiceId: 'v' }] } }),
			'options.voiceSpeakers.selectedVoicesList.0.provider',
		],
		[
			'an engine without its voice',
			withOptions({ voiceSpeakers: { selectedVoicesList: [{ provider: 'S1' }] } }),
			'options.voiceSpeakers.selectedVoicesList.0.voiceId',
		],
		[
			'a number of speakers in words',
			withOptions({ voiceSpeakers: { speakerNum: 'two' } }),
			'options.voiceSpeakers.speakerNum',
		],
		['an option that VMEG does not have', withOptions({ watermark: true }), 'options'],
		['a field that VMEG does not have', { ...media, callbackUrl: 'https://example.com' }, ''],
	])('may not ask for %s', (_, value, at) => refuses(mediaRequest, value, at));

	test.each(['http://example.com/a.mp4', 'ftp://example.com/a.mp4', 'example.com/a.mp4', ''])(
		'takes only https addresses, not "%s"',
		(sourceUrl) => {
			refuses(mediaRequest, { ...media, source: { sourceUrl } }, 'source.sourceUrl');
		},
	);

	test('finds out the source language where none is given', () => {
		const { language: sent } = mediaRequest.parse({ ...media, language: { target: 'de-DE' } });
		expect(sent).toEqual({ source: 'auto', target: 'de-DE' });
	});

	test('is answered by a task, which may be of another type than asked for', () => {
		const value = { taskId: 't', taskType: 'vt', status: 'running', createdAt: 'now', queue: 3 };
		expect(mediaAnswer.parse(value)).toEqual(value);
		refuses(mediaAnswer, { taskType: 'vt' }, 'taskId');
	});
});

describe('tasks (§6)', () => {
	test.each(['vt', 'at', 'tts', 'cloneVoice', 'textTranslation'])('are listed by type %s', (taskType) => {
		accepts(taskListRequest, { taskType, currentPage: 1, pageSize: 20 });
	});

	test.each(['running', 'finished', 'failed'])('are listed by status %s', (status) => {
		accepts(taskListRequest, { status, currentPage: 1, pageSize: 20 });
	});

	test.each([
		['an unknown type', { taskType: 'video', currentPage: 1, pageSize: 20 }, 'taskType'],
		['an unknown status', { status: 'queued', currentPage: 1, pageSize: 20 }, 'status'],
		['a page before the first', { currentPage: 0, pageSize: 20 }, 'currentPage'],
		['an empty page', { currentPage: 1, pageSize: 0 }, 'pageSize'],
		['an endless page', { currentPage: 1, pageSize: Infinity }, 'pageSize'],
		['a filter that VMEG does not have', { currentPage: 1, pageSize: 1, since: 'now' }, ''],
	])('are not listed by %s', (_, value, at) => refuses(taskListRequest, value, at));

	test('come in pages whose total may be missing or written as text', () => {
		const records = [{ taskId: 't', taskType: 'vt', status: 'running', createdAt: 1, updatedAt: 'x' }];
		expect(taskListAnswer.parse({ records, total: '12' })).toEqual({ records, total: 12 });
		accepts(taskListAnswer, { records });
		accepts(taskListAnswer, { records: null, total: null });
		refuses(taskListAnswer, { records: [{ status: 'running' }] }, 'records.0.taskId');
	});

	test('are named by an ID that is not empty', () => {
		expect(taskIdRequest.parse({ taskId: ' t-1 ' })).toEqual({ taskId: 't-1' });
		refuses(taskIdRequest, { taskId: '' }, 'taskId');
		refuses(taskIdRequest, {}, 'taskId');
	});

	test('have a state, and a result of any shape', () => {
		accepts(taskDetail, { taskId: 't', taskType: 'vt', status: 'running' });
		accepts(taskDetail, { taskId: 't', status: 'finished', result: { build: null } });
		accepts(taskDetail, { taskId: 't', status: 'a state of a later API', result: [1] });
		refuses(taskDetail, { taskId: 't' }, 'status');
	});
});

describe('the calls of the API', () => {
	test('go where VMEG documents them', () => {
		const places = Object.values(endpoints).map(({ method, path }) => `${method} ${path}`);
		expect(places).toEqual(
			expect.arrayContaining([
				'GET /assets/material/list',
				'GET /tasks/detail',
				'GET /tasks/list',
				'POST /task/media-translation/create-async',
				'POST /task/translate/create',
				'POST /task/translate/create-async',
				'POST /tasks/delete',
			]),
		);
		expect(new Set(places).size).toBe(places.length);
	});

	test('carry an idempotency key where they change something, and never where they only read (§1)', () => {
		for (const { method, path, keyed } of Object.values(endpoints)) {
			const isRead = method === 'GET' || path.endsWith('/list');
			expect({ path, keyed }).toEqual({ path, keyed: !isRead });
		}
	});

	test('may be repeated after a lost answer only where there is no answer to miss', () => {
		for (const endpoint of Object.values(endpoints)) {
			if (!('doneWhenRepeated' in endpoint)) continue;
			expect(endpoint.path).toMatch(/\/(delete|update|abort)$/);
			expect(endpoint.answer.safeParse(null).success).toBe(true);
		}
	});
});
