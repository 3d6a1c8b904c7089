import { judge, retryAfterMs } from '../../../nodes/Vmeg/api/envelope';

const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

const judged = (body: unknown, { statusCode = 200, headers = {} } = {}) =>
	judge(
		{ statusCode, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
		NOW_MS,
	);

describe('Retry-After', () => {
	test.each([
		['whole seconds', '2', 2_000],
		['no pause at all', '0', 0],
		['a number', 3, 3_000],
		['more than nine seconds', '120', 120_000],
		['an HTTP date of the day, however it starts', '01 Jan 2026 12:00:05 GMT', 5_000],
		['seconds with spaces around them', ' 7 ', 7_000],
		['an HTTP date to come', 'Thu, 01 Jan 2026 12:00:05 GMT', 5_000],
		['an HTTP date that is over', 'Thu, 01 Jan 2026 11:59:00 GMT', 0],
	])('%s', (_, header, expected) => {
		expect(retryAfterMs(header, NOW_MS)).toBe(expected);
	});

	test.each([
		['missing', undefined],
		['null', null],
		['empty', ''],
		['blank', '   '],
		['a word', 'soon'],
		['no date', 'Thu, 99 Foo 2026'],
	])('means nothing where it is %s', (_, header) => {
		expect(retryAfterMs(header, NOW_MS)).toBeUndefined();
	});

	test.each(['-5', '1.5', '1e3', '0x10', 'Infinity', 'NaN'])(
		'never asks for a negative or unknown time, as "%s" might',
		(header) => {
			const ms = retryAfterMs(header, NOW_MS);
			expect(ms === undefined || ms >= 0).toBe(true);
		},
	);
});

describe('a successful answer', () => {
	test('is one whose code is 200', () => {
		expect(judged({ code: 200, message: 'ok', data: { taskId: 't' } })).toEqual({
			ok: true,
			data: { taskId: 't' },
		});
	});

	test('is judged by its code, not by the HTTP status', () => {
		expect(judged({ code: 200, data: 1 }, { statusCode: 500 })).toEqual({ ok: true, data: 1 });
	});

	test.each([
		['a code written as text', { code: '200', message: '', data: 1 }],
		['no message', { code: 200, data: 1 }],
		['null as message', { code: 200, message: null, data: 1 }],
		['fields that nobody knows', { code: 200, message: '', data: 1, traceId: 'x', cost: { a: 1 } }],
	])('may have %s', (_, body) => {
		expect(judged(body)).toEqual({ ok: true, data: 1 });
	});

	test('tells the clock of the server, where it does', () => {
		const headers = { date: 'Thu, 01 Jan 2026 12:00:05 GMT' };
		expect(judged({ code: 200, data: 1 }, { headers })).toEqual({ ok: true, data: 1, serverTimeMs: NOW_MS + 5_000 });
		expect(judged({ code: 200, data: 1 }, { headers: { date: 'soon' } })).toEqual({ ok: true, data: 1 });
	});

	test('may have no data', () => {
		expect(judged({ code: 200 })).toEqual({ ok: true, data: undefined });
		expect(judged({ code: 200, data: null })).toEqual({ ok: true, data: null });
	});
});

describe('a refusal', () => {
	test('may come with HTTP 200', () => {
		expect(judged({ code: 402, message: 'No credits', data: null })).toMatchObject({
			ok: false,
			kind: 'refused',
			code: 402,
			message: 'No credits',
		});
	});

	test('has an empty message where VMEG gives none', () => {
		expect(judged({ code: 400, message: null })).toMatchObject({ code: 400, message: '' });
	});

	test('carries the pause that VMEG asks for', () => {
		const answer = judged(
			{ code: 409, message: 'Idempotency key already used' },
			{ statusCode: 409, headers: { 'retry-after': '2' } },
		);
		expect(answer).toMatchObject({ kind: 'refused', code: 409, retryAfterMs: 2_000 });
	});
});

describe('an answer that is no envelope', () => {
	test.each([
		['an HTML page', '<html><body>502 Bad Gateway</body></html>'],
		['JSON cut short', '{"code":200,"data":{"taskId":"t'],
		['empty', ''],
		['null', 'null'],
		['a list', '[{"code":200}]'],
		['a number', '200'],
		['text', '"200"'],
		['an object without a code', '{"message":"Unauthorized"}'],
		['an object whose code is a word', '{"code":"ok"}'],
	])('is unreadable: %s', (_, body) => {
		expect(judged(body, { statusCode: 502 })).toMatchObject({
			ok: false,
			kind: 'unreadable',
			statusCode: 502,
		});
	});

	test('is quoted in one line of at most 120 characters', () => {
		const answer = judged(`<html>\n\t<h1>Down</h1>\r\n${'x'.repeat(500)}`);
		if (answer.ok || answer.kind !== 'unreadable') throw new Error('must be unreadable');
		expect(answer.excerpt).toMatch(/^<html> <h1>Down<\/h1> x+$/);
		expect(answer.excerpt).toHaveLength(120);
		expect(judged('  down\n ')).toMatchObject({ excerpt: 'down' });
	});

	test.each(['Bearer SECRET-KEY', 'bearer \t SECRET-KEY'])('is quoted without the API key, which an echo may hold: %s', (sent) => {
		expect(judged(`<p>${sent}</p>`)).toMatchObject({ excerpt: '<p>Bearer …</p>' });
		expect(judged({ code: 400, message: `got ${sent}` })).toMatchObject({ message: 'got Bearer …' });
	});

	test('carries the pause that the proxy asks for', () => {
		const answer = judged('slow down', { statusCode: 429, headers: { 'retry-after': '4' } });
		expect(answer).toMatchObject({ kind: 'unreadable', statusCode: 429, retryAfterMs: 4_000 });
	});

	test('is one whose code is null: there is no code 0', () => {
		expect(judged({ code: null, message: 'x' })).toMatchObject({ kind: 'unreadable' });
	});

	test('is one whose code is a list', () => {
		expect(judged({ code: [200], data: 1 })).toMatchObject({ kind: 'unreadable' });
	});

	test('is one whose code is an object, even one that cannot be made a number', () => {
		expect(judged('{"code":{"toString":1}}')).toMatchObject({ kind: 'unreadable' });
	});
});

test('a refusal that repeats the API key does not bring it into the error', () => {
	const body = JSON.stringify({ code: 401, message: 'bad header: Bearer sk-secret-1', data: null });
	expect(judge({ statusCode: 401, headers: {}, body }, 0)).toMatchObject({ message: 'bad header: Bearer …' });
});
