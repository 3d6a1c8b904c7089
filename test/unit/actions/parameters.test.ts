import { NodeOperationError } from 'n8n-workflow';
import type { GenericValue, IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import {
	callOptionsOf,
	checked,
	fieldPath,
	isFixed,
	jsonObject,
	limitOf,
	locatorValue,
	parameterError,
	plainValueAt,
	withoutEmpty,
} from '../../../nodes/Vmeg/actions/common/parameters';
import { mediaRequest } from '../../../nodes/Vmeg/api/contract';
import { ownKey } from '../../../nodes/Vmeg/api/idempotency';
import { fakeContext } from '../support/fakes';

const context = fakeContext();

/** The error that something throws; it must be one that n8n shows with its item. */
function errorOf(act: () => unknown): NodeOperationError {
	try {
		act();
	} catch (thrown) {
		if (thrown instanceof NodeOperationError) return thrown;
		throw thrown;
	}
	throw new Error('nothing was thrown');
}

describe('a parameter that VMEG would not take', () => {
	test('is named with its item, and nothing was sent', () => {
		const error = parameterError(context, 4, 'Text', 'is empty');
		expect(error.message).toBe('Item 4: "Text" is empty');
		expect(error.description).toBe('Nothing was sent to VMEG for this item.');
		expect(error.context.itemIndex).toBe(4);
	});
});

describe('checking', () => {
	const schema = z.object({
		start: z.number().min(0, 'must be 0 or more'),
		sourceContext: z.object({ mode: z.enum(['a', 'b']) }).optional(),
		voices: z.array(z.object({ id: z.string() })).optional(),
	});
	const names = { start: 'Start', 'sourceContext.mode': 'Context Mode', voices: 'Selected Voices' };
	const messageOf = (value: unknown) =>
		errorOf(() => checked(context, 2, schema, value, names)).message;

	test('gives what the contract makes of the value', () => {
		expect(checked(context, 0, z.string().trim(), ' a ', {})).toBe('a');
	});

	test('names the parameter and the item', () => {
		expect(messageOf({ start: -1 })).toBe('Item 2: "Start" must be 0 or more');
	});

	test('names a parameter that fills a nested field', () => {
		expect(messageOf({ start: 0, sourceContext: { mode: 'c' } })).toMatch(/^Item 2: "Context Mode" /);
	});

	test('names the parameter that a deeper field belongs to', () => {
		expect(messageOf({ start: 0, voices: [{ id: 'x' }, {}] })).toMatch(/^Item 2: "Selected Voices" /);
	});

	test('names the field itself where no parameter is known for it', () => {
		const error = errorOf(() => checked(context, 0, schema, { start: 'x' }, {}));
		expect(error.message).toMatch(/^Item 0: "start" /);
	});

	test('has a name also for what has no field', () => {
		expect(messageOf('text')).toMatch(/^Item 2: "Parameters" /);
	});

	test('reads as one sentence', () => {
		const error = errorOf(() => checked(context, 0, schema, {}, names));
		expect(error.message).toBe('Item 0: "Start" required');
	});

	test('finds the culprit inside the alternative that fits best', () => {
		const either = z.object({ voice: z.union([z.string(), z.object({ id: z.string() })]) });
		const known = { voice: 'Voice', 'voice.id': 'Voice ID' };
		const error = errorOf(() => checked(context, 0, either, { voice: { id: 5 } }, known));
		expect(error.message).toBe('Item 0: "Voice ID" expected string, received number');
	});

	test.each([
		['http://example.com/a.mp4', '"URL" must start with https://'],
		['a.mp4', '"URL" is not a URL'],
		['', '"URL" is not a URL'],
	])('finds the culprit among alternatives: %s', (sourceUrl, expected) => {
		const request = {
			taskType: 'vt',
			source: { sourceUrl },
			language: { target: 'de-DE' },
			options: { voiceClone: { style: 'emotional', mode: 'role' } },
		};
		const known = { 'source.sourceUrl': 'URL', 'source.materialId': 'Material' };
		const error = errorOf(() => checked(context, 0, mediaRequest, request, known));
		expect(error.message).toBe(`Item 0: ${expected}`);
	});
});

describe('a JSON parameter', () => {
	const read = (value: unknown) => jsonObject(context, 1, 'Extra Data', value);

	test.each([
		['an object from an expression', { row: 1 }],
		['text', '{"row": 1}'],
		['text with spaces', '\n{ "row": 1 }\n'],
	])('may be %s', (_, value) => expect(read(value)).toEqual({ row: 1 }));

	test.each([[undefined], [null], [''], ['{}'], [{}]])('%p means that it is not set', (value) => {
		expect(read(value)).toBeUndefined();
	});

	test.each([['{row: 1}'], ['{"row": 1'], ['text'], ['   ']])('is refused where it is no JSON: %s', (value) => {
		expect(errorOf(() => read(value)).message).toBe('Item 1: "Extra Data" is not valid JSON');
	});

	test.each([['[1]'], [[1]], ['"text"'], ['5'], [5], [true], ['null']])(
		'is refused where it is no object: %p',
		(value) => {
			expect(errorOf(() => read(value)).message).toMatch(/^Item 1: "Extra Data" must be a JSON object/);
		},
	);

	test('cannot pollute the prototype of objects', () => {
		read('{"__proto__": {"polluted": true}, "row": 1}');
		expect({}).not.toHaveProperty('polluted');
	});
});

describe('the options of a call', () => {
	const read = (options: Record<string, string | number | boolean>) => callOptionsOf(context, 3, options);

	test('are left to the defaults where they are not set', () => {
		expect(read({})).toEqual({});
		expect(read({ idempotencyKey: '', requestId: '  ' })).toEqual({});
	});

	test('are read as they are, without spaces around', () => {
		const given = { idempotencyKey: ' row-1 ', requestId: ' mine ', timeout: 60, pollInterval: 5 };
		expect(read(given)).toEqual({
			idempotencyKey: 'row-1',
			requestId: 'mine',
			timeout: 60,
			pollInterval: 5,
		});
	});

	test('may be numbers written as text, as expressions give them', () => {
		expect(read({ timeout: '60', pollInterval: '0.5' })).toEqual({ timeout: 60, pollInterval: 0.5 });
	});

	test('take a key of 64 characters and no longer one', () => {
		expect(read({ idempotencyKey: 'k'.repeat(64) }).idempotencyKey).toHaveLength(64);
		expect(errorOf(() => read({ idempotencyKey: 'k'.repeat(65) })).message).toBe(
			'Item 3: "Idempotency Key" must have at most 64 characters',
		);
	});

	test.each([
		['timeout', 'Timeout'],
		['pollInterval', 'Poll Interval'],
	])('take no time of nothing: %s', (name, displayName) => {
		for (const value of [0, -1]) {
			expect(errorOf(() => read({ [name]: value })).message).toBe(
				`Item 3: "${displayName}" must be more than 0`,
			);
		}
		expect(errorOf(() => read({ [name]: 'soon' })).message).toContain(`"${displayName}"`);
	});

	test('may be numbers, such as the ID of a row', () => {
		expect(read({ idempotencyKey: 17, requestId: 18 })).toEqual({ idempotencyKey: '17', requestId: '18' });
	});

	// Node.js and n8n drop or refuse other characters in a header: two keys could become the same one
	test.each(['ключ-1', '注文-1', 'row\n1', 'row\u00001', 'naïve-1'])(
		'never let a key reach VMEG that a header cannot carry: %j',
		(idempotencyKey) => {
			let sent = 'refused';
			try {
				sent = ownKey(read({ idempotencyKey }).idempotencyKey ?? '', 0);
			} catch (thrown) {
				expect(thrown).toBeInstanceOf(NodeOperationError);
			}
			expect(sent).toMatch(/^[\x20-\x7e]+$/);
		},
	);
});

describe('fields that are not set', () => {
	test('are left out: empty text and nothing, but no other value', () => {
		expect(withoutEmpty({ a: '', b: undefined, c: 0, d: false, e: null })).toEqual({
			c: 0,
			d: false,
			e: null,
		});
	});

	test('leave nothing where all are empty', () => {
		expect(withoutEmpty({ a: '', b: undefined })).toBeUndefined();
		expect(withoutEmpty({})).toBeUndefined();
	});
});

describe('a resource locator', () => {
	const read = (taskId: string | number) =>
		locatorValue(fakeContext({ parameters: { taskId } }), 0, 'taskId', 'Task');

	test('gives the ID, without spaces around', () => {
		expect(read(' t-1 ')).toBe('t-1');
		expect(read(17)).toBe('17');
	});

	test.each(['', '  '])('must not be empty: "%s"', (value) => {
		expect(errorOf(() => read(value)).message).toBe('Item 0: "Task" is empty');
	});
});

describe('how many records are asked for', () => {
	const read = (parameters: Record<string, string | number | boolean>) =>
		limitOf(fakeContext({ parameters }), 0);

	test.each<[Record<string, string | number | boolean>, number]>([
		[{ returnAll: true }, Infinity],
		[{ returnAll: true, limit: 3 }, Infinity],
		[{ returnAll: false, limit: 3 }, 3],
		[{ limit: '7' }, 7],
		[{}, 50],
	])('%j are %p', (parameters, expected) => expect(read(parameters)).toBe(expected));

	test.each([0, -1, 1.5, 'many', 'Infinity'])('cannot be %p', (limit) => {
		expect(errorOf(() => read({ limit })).message).toBe(
			'Item 0: "Limit" must be a whole number of 1 or more',
		);
	});
});

describe('an expression that only names a field', () => {
	test.each<[string, string[]]>([
		['={{ $json.title }}', ['title']],
		['={{$json.a.b_2.$c}}', ['a', 'b_2', '$c']],
		['={{ $json["Text (EN)"] }}', ['Text (EN)']],
		["={{ $json['a'].b[\"c.d\"] }}", ['a', 'b', 'c.d']],
	])('%s has a path', (expression, path) => {
		expect(fieldPath(expression)).toEqual(path);
	});

	test.each([
		'title',
		'={{ $json }}',
		'={{ $json.title.trim() }}',
		'={{ $json.title + "!" }}',
		'={{ $json.title }} and more',
		'=Say {{ $json.title }}',
		'={{ $json.list[0] }}',
		'={{ $json[$json.name] }}',
		'={{ $json?.title }}',
		'={{ $json["a\\u0062"] }}',
		'={{ $("Other").item.json.title }}',
		undefined,
		5,
	])('%p is another one, which n8n reads', (expression) => {
		expect(fieldPath(expression)).toBeUndefined();
	});

	test.each<[unknown, string[], unknown]>([
		[{ title: 'Hi' }, ['title'], 'Hi'],
		[{ title: '' }, ['title'], ''],
		[{ price: 0 }, ['price'], 0],
		[{ a: { b: 'Hi' } }, ['a', 'b'], 'Hi'],
		// what is not a text or number of the item itself is left to n8n
		[{}, ['title'], undefined],
		[{ title: null }, ['title'], undefined],
		[{ title: true }, ['title'], undefined],
		[{ title: {} }, ['title'], undefined],
		[{ title: 'Hi' }, ['title', 'length'], undefined],
		[{}, ['constructor', 'name'], undefined],
		[{}, ['__proto__'], undefined],
		[undefined, ['title'], undefined],
	])('%j has at %j %p', (json, path, expected) => {
		expect(plainValueAt(json, path)).toBe(expected);
	});
});

describe('a parameter without an expression', () => {
	test.each<[GenericValue | IDataObject, boolean]>([
		['de-DE', true],
		[{ glossary: '{"a": "b"}', list: ['x'] }, true],
		[7, true],
		['={{ $json.to }}', false],
		[{ deep: { er: ['x', '={{ 1 }}'] } }, false],
	])('%j: %p', (value, expected) => {
		expect(isFixed(fakeContext({ parameters: { options: value } }), 'options')).toBe(expected);
	});
});
