import {
	deliveryKey,
	EVENTS,
	hasSucceeded,
	isWanted,
	outcomeOf,
	parseEvent,
	toItem,
} from '../../../nodes/Vmeg/trigger/event';
import type { Completion } from '../../../nodes/Vmeg/trigger/event';
import { textCompletion } from '../support/callbacks';

const parse = (body: unknown) =>
	parseEvent(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

const completionOf = (body: unknown): Completion => {
	const parsed = parse(body);
	if (parsed.kind !== 'completion') throw new Error(`is ${parsed.kind}`);
	return parsed.completion;
};
const itemOf = (body: unknown) => toItem(completionOf(body));
const { pipelineKey, ...keyless } = textCompletion;

describe('a completion', () => {
	test.each([...EVENTS])('is a body with the event %s', (event) => {
		expect(parse({ ...textCompletion, event })).toMatchObject({ kind: 'completion', completion: { event } });
	});

	test('has the four events of the API', () => {
		expect([...EVENTS].sort()).toEqual([
			'openapi-clone-voice',
			'openapi-media-translation',
			'openapi-translate',
			'openapi-tts',
		]);
	});

	test.each([
		['fields that nobody knows', { ...textCompletion, region: 'eu', usage: { credits: 1 } }],
		['data that nobody knows', { ...textCompletion, data: { taskId: 't', shape: [1, { a: null }] } }],
		['no message, version or extra data', { event: 'openapi-tts', code: 200, pipelineKey, data: {} }],
		[
			'null for all that may be missing',
			{ ...textCompletion, message: null, version: null, extraData: null, data: null },
		],
		['extra data of any kind', { ...textCompletion, extraData: ['a', 1] }],
		['no data, as a failed task may', { ...textCompletion, code: 500, data: undefined }],
		['no pipelineKey but a task, as in the oldest API', keyless],
		['an odd pipelineKey but a task', { ...textCompletion, pipelineKey: 5 }],
		['a blank pipelineKey but a task', { ...textCompletion, pipelineKey: ' ' }],
	])('may have %s', (_, body) => {
		expect(parse(body).kind).toBe('completion');
	});

	test.each([
		['a code that is missing', { ...textCompletion, code: undefined }, 'code'],
		['a code that is a word', { ...textCompletion, code: 'ok' }, 'code'],
		['data that is a list', { ...textCompletion, data: [1] }, 'data'],
		['data that is text', { ...textCompletion, data: 'x' }, 'data'],
		['neither a pipelineKey nor a task', { ...keyless, data: {} }, 'neither pipelineKey nor'],
		['neither a pipelineKey nor data', { ...keyless, data: null }, 'neither pipelineKey nor'],
	])('cannot have %s', (_, body, reason) => {
		expect(parse(body)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) });
	});

	// a completion that is refused is billed and lost: what is not needed must not decide
	test.each([
		['a version that is a number', { ...textCompletion, version: 1 }],
		['a message that is an object', { ...textCompletion, message: { en: 'ok' } }],
		['a code written as text', { ...textCompletion, code: '200' }],
	])('may have %s', (_, body) => {
		expect(parse(body).kind).toBe('completion');
	});

	test.each([{}, true, null, '', '  '])(
		'cannot have a task that is no ID (%p) and no pipelineKey: all such would be one',
		(taskId) => {
			expect(parse({ ...keyless, data: { taskId } }).kind).toBe('invalid');
		},
	);

	test('may be known by a task whose ID is a number alone', () => {
		expect(parse({ ...keyless, data: { taskId: 17 } }).kind).toBe('completion');
	});

	test('says by its path what is wrong with it', () => {
		const reason = 'Not a completion event: data Expected object, received string';
		expect(parse({ ...textCompletion, data: 'x' })).toEqual({ kind: 'invalid', reason });
	});
});

describe('a body that is no completion', () => {
	test.each([
		['a connectivity test', { test: true }],
		['an empty object', {}],
		['an event of a later API', { ...textCompletion, event: 'openapi-lipsync' }],
		['an event that is no text', { ...textCompletion, event: { name: 'openapi-tts' } }],
		['an event that only objects have', { ...textCompletion, event: 'constructor' }],
	])('starts nothing: %s', (_, body) => {
		expect(parse(body)).toEqual({ kind: 'other' });
	});

	test.each([
		['nothing', '', 'The body is not JSON'],
		['text', 'hello', 'The body is not JSON'],
		['JSON cut short', '{"event":"openapi-tts"', 'The body is not JSON'],
		['a form', 'event=openapi-tts&code=200', 'The body is not JSON'],
		['a list', '[]', 'The body is not a JSON object'],
		['null', 'null', 'The body is not a JSON object'],
		['a number', '200', 'The body is not a JSON object'],
	])('is invalid: %s', (_, body, reason) => {
		expect(parse(body)).toEqual({ kind: 'invalid', reason });
	});

	test('cannot pretend to be one through its prototype', () => {
		const text = `{"__proto__": ${JSON.stringify(textCompletion)}}`;
		expect(parse(text)).toEqual({ kind: 'other' });
		expect({}).not.toHaveProperty('event');
	});
});

describe('the item of a completion', () => {
	test('has all that VMEG sent, the data untouched', () => {
		expect(itemOf(textCompletion)).toEqual({
			event: 'openapi-translate',
			succeeded: true,
			code: 200,
			message: '',
			version: 'v1',
			pipelineKey,
			taskId: 'task-1',
			extraData: { rowId: 7 },
			translations: ['Hallo'],
			data: textCompletion.data,
		});
	});

	test('has every field also where VMEG sent little', () => {
		expect(itemOf({ event: 'openapi-tts', code: 500, pipelineKey })).toEqual({
			event: 'openapi-tts',
			succeeded: false,
			code: 500,
			message: '',
			version: null,
			pipelineKey,
			taskId: null,
			extraData: null,
			data: null,
		});
	});

	test('has the deliverables of media from its result', () => {
		const data = {
			taskId: 't',
			taskType: 'vt',
			status: 'finished',
			result: { build: { video: { url: 'https://cdn.example.com/v.mp4' } } },
		};
		const item = itemOf({ ...textCompletion, event: 'openapi-media-translation', data });
		expect(item).toMatchObject({ videoUrl: 'https://cdn.example.com/v.mp4', data });
	});

	test('has the files of speech, and the voice of a clone', () => {
		const speech = { ...textCompletion, event: 'openapi-tts', data: { taskId: 't', results: [{ uri: 'u' }] } };
		expect(itemOf(speech)).toMatchObject({ audioUrl: 'u', audioUrls: ['u'] });
		const clone = { ...textCompletion, event: 'openapi-clone-voice', data: { taskId: 't', voiceId: 'cv_1' } };
		expect(itemOf(clone)).toMatchObject({ voiceId: 'cv_1' });
	});

	test('says why a task failed', () => {
		const item = itemOf({ ...textCompletion, code: 422, message: 'no speech found', data: { taskId: 't' } });
		expect(item).toMatchObject({ succeeded: false, code: 422, message: 'no speech found', taskId: 't' });
	});

	test('has a message that is an object as its JSON', () => {
		expect(itemOf({ ...textCompletion, message: { en: 'ok' } }).message).toBe('{"en":"ok"}');
	});

	test('has its pipelineKey without blanks around it', () => {
		expect(itemOf({ ...textCompletion, pipelineKey: ` ${pipelineKey} ` }).pipelineKey).toBe(pipelineKey);
	});

	test('of a media translation that failed has no deliverables', () => {
		const event = 'openapi-media-translation';
		expect(itemOf({ event, code: 500, pipelineKey })).toMatchObject({ event, succeeded: false, data: null });
	});

	test('has the task ID as text', () => {
		expect(itemOf({ ...textCompletion, data: { taskId: 17 } }).taskId).toBe('17');
	});
});

describe('success', () => {
	test.each([
		[200, true],
		[0, false],
		[201, false],
		[500, false],
	])('code %i: %s', (code, expected) => {
		expect(hasSucceeded(completionOf({ ...textCompletion, code }))).toBe(expected);
	});
});

describe('the filter', () => {
	const good = completionOf(textCompletion);
	const bad = completionOf({ ...textCompletion, code: 500 });
	const events = ['openapi-translate'];

	test.each([
		['all' as const, true, true],
		['succeeded' as const, true, false],
		['failed' as const, false, true],
	])('%s lets a success through: %s, a failure: %s', (outcome, success, failure) => {
		expect(isWanted(good, { events, outcome })).toBe(success);
		expect(isWanted(bad, { events, outcome })).toBe(failure);
	});

	test('lets no event through that was not asked for', () => {
		expect(isWanted(good, { events: ['openapi-tts'], outcome: 'all' })).toBe(false);
		expect(isWanted(good, { events: [], outcome: 'all' })).toBe(false);
	});

	test.each([undefined, null, '', 'success', 1])('that is odd (%p) lets all through', (value) => {
		expect(outcomeOf(value)).toBe('all');
	});

	test.each(['all', 'succeeded', 'failed'])('%s is one', (value) => {
		expect(outcomeOf(value)).toBe(value);
	});
});

describe('what a completion is known by', () => {
	test('is its pipelineKey', () => {
		expect(deliveryKey(itemOf(textCompletion))).toBe(pipelineKey);
	});

	test('is its event and task where there is none', () => {
		expect(deliveryKey(itemOf(keyless))).toBe('openapi-translate:task-1');
		expect(deliveryKey(itemOf({ ...textCompletion, pipelineKey: '' }))).toBe('openapi-translate:task-1');
	});

	test('is its event and task where the item has an empty one', () => {
		expect(deliveryKey({ event: 'openapi-tts', taskId: 't', pipelineKey: '' })).toBe('openapi-tts:t');
	});

	test('tells two events of one task apart', () => {
		const other = itemOf({ ...keyless, event: 'openapi-tts' });
		expect(deliveryKey(other)).not.toBe(deliveryKey(itemOf(keyless)));
	});
});

describe('nesting', () => {
	const event = (extraData: string) =>
		Buffer.from(
			`{"code":200,"event":"openapi-tts","pipelineKey":"k","extraData":${extraData},"data":{"taskId":"t"}}`,
		);

	it('far beyond any event is refused, since n8n could not store it', () => {
		const deep = event(`${'['.repeat(300)}${']'.repeat(300)}`);
		expect(parseEvent(deep)).toEqual({ kind: 'invalid', reason: 'The body is nested too deeply' });
	});

	test.each([
		['lists', '[', ']'],
		['objects', '{"a":', '}'],
	])('is measured by what is open at once: 200 levels of %s', (_, open, close) => {
		// the event itself is the first level
		const levels = (count: number) => event(`${open.repeat(count)}${open === '[' ? '' : '1'}${close.repeat(count)}`);
		expect(parseEvent(levels(199)).kind).toBe('completion');
		expect(parseEvent(levels(200)).kind).toBe('invalid');
	});

	it('is not mistaken for many brackets beside each other, or for many other characters', () => {
		expect(parseEvent(event(`[${'[],{},'.repeat(300)}0]`)).kind).toBe('completion');
		expect(parseEvent(event(`[${'1,'.repeat(300)}0]`)).kind).toBe('completion');
	});

	it('is not mistaken for brackets in a text', () => {
		expect(parseEvent(event(`"\\"${'[{'.repeat(300)}"`)).kind).toBe('completion');
		expect(parseEvent(event(`"${'\\\\'.repeat(3)}"`)).kind).toBe('completion');
	});
});
