import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';

import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';

import { DELIVERABLES, wantedFiles } from '../../nodes/Vmeg/actions/common/deliverables';
import { fieldPath, plainValueAt } from '../../nodes/Vmeg/actions/common/parameters';
import { createdAtMs, tasksSince } from '../../nodes/Vmeg/actions/common/recovery';
import { simplifyResult } from '../../nodes/Vmeg/actions/common/simplify';
import { endpoints } from '../../nodes/Vmeg/api/endpoints';
import { judge, retryAfterMs } from '../../nodes/Vmeg/api/envelope';
import { extensionOf, fileNameWith, mimeTypeOf, safeFileName, withoutExtension } from '../../nodes/Vmeg/api/fileName';
import { putBytes } from '../../nodes/Vmeg/api/storage';
import { encodeSubtitles, readSubtitles, SubtitleError, translatedFileName, writeSubtitles } from '../../nodes/Vmeg/subtitles/file';
import { toSubtitles } from '../../nodes/Vmeg/subtitles/format';
import { scriptsOf } from '../../nodes/Vmeg/subtitles/script';
import { EVENTS, parseEvent } from '../../nodes/Vmeg/trigger/event';
import { receive } from '../../nodes/Vmeg/trigger/receive';
import { fake } from '../unit/support/fakes';
import { mutatedBytes, mutatedJson, mutatedText, odd } from './mutate';
import { mayEnter, meaningOf } from './oracle';
import { answers, events, mediaResult, results } from './samples';

/** How a turn went. */
export interface Checked {
	failed: boolean;
	counterexample: unknown;
	counterexamplePath: string | null;
	errorInstance: unknown;
}

/** What is fuzzed: inputs, and what must hold for each. `execute` throws where it does not. */
export interface Target {
	name: string;
	/** Executions in one turn. */
	turn: number;
	check(seed: number, runs: number, execute: Execute, path?: string): Promise<Checked>;
}

/** Runs one execution under the watch of the engine. */
export type Execute = (body: () => Promise<void> | void) => Promise<void>;

const target = <T>(name: string, turn: number, input: fc.Arbitrary<T>, body: (input: T) => Promise<void> | void): Target => ({
	name,
	turn,
	check: async (seed, numRuns, execute, path) =>
		await fc.check(
			fc.asyncProperty(input, async (value) => await execute(async () => await body(value))),
			{ seed, numRuns, ...(path === undefined ? {} : { path }), interruptAfterTimeLimit: 20_000 },
		),
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const asBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');

// Callbacks

const SECRET = 'whsec-5d1f-never-to-be-seen';
const NOW_MS = 1_770_000_000_000;

const nested = fc
	.tuple(fc.integer({ min: 190, max: 210 }), fc.constantFrom('[]', '{}'))
	.map(([levels, [open]]) => (open === '[' ? `${'['.repeat(levels)}${']'.repeat(levels)}` : `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`))
	.map((deep) => Buffer.from(`${JSON.stringify(events[0]).slice(0, -1)},"more":${deep}}`));

const eventBytes = fc.oneof(
	{ weight: 4, arbitrary: mutatedJson(events).map(asBytes) },
	{ weight: 3, arbitrary: mutatedBytes(fc.constantFrom(...events).map(asBytes)) },
	{ weight: 1, arbitrary: nested },
	{ weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
);

const oddHeader = (sound: string): fc.Arbitrary<string | string[] | undefined> =>
	fc.oneof(
		mutatedText([sound], 2),
		fc.constantFrom(undefined, '', [sound], [sound, sound], ` ${sound}`, `${sound} `, `${sound}\n`, `+${sound}`, sound.toUpperCase(), `0${sound}`, `${sound}.0`, `sha256=${sound}`),
		fc.string({ unit: 'binary' }),
	);

const arrival = fc
	.record({
		body: eventBytes,
		offsetMs: fc.oneof(fc.integer({ min: -400_000, max: 400_000 }), fc.constantFrom(0, 300_000, 300_001, -300_000, -300_001, -NOW_MS, NOW_MS * 9)),
		secret: fc.oneof({ weight: 9, arbitrary: fc.constant(SECRET) }, { weight: 1, arbitrary: fc.constant('') }),
		signedWith: fc.oneof({ weight: 6, arbitrary: fc.constant(SECRET) }, { weight: 1, arbitrary: fc.constantFrom('', 'other', `${SECRET} `) }),
	})
	.chain(({ body, offsetMs, secret, signedWith }) => {
		const timestamp = String(NOW_MS + offsetMs);
		const signature = createHmac('sha256', signedWith).update(timestamp).update(body).digest('hex');
		const sound = fc.constant({ 'x-timestamp': timestamp, 'x-signature': signature });
		const headers: fc.Arbitrary<Record<string, string | string[] | undefined>> = fc.oneof(
			{ weight: 3, arbitrary: sound },
			{ weight: 1, arbitrary: oddHeader(timestamp).map((value) => ({ 'x-timestamp': value, 'x-signature': signature })) },
			{ weight: 1, arbitrary: oddHeader(signature).map((value) => ({ 'x-timestamp': timestamp, 'x-signature': value })) },
		);
		// the body may also be changed after it was signed
		const arrived = fc.oneof({ weight: 3, arbitrary: fc.constant(body) }, { weight: 1, arbitrary: mutatedBytes(fc.constant(body), 1) });
		return fc.record({ headers, body: arrived, secret: fc.constant(secret), nowMs: fc.constant(NOW_MS) });
	});

const wish = fc.record({
	events: fc.subarray([...EVENTS]),
	outcome: fc.constantFrom('all' as const, 'succeeded' as const, 'failed' as const),
	isKnown: fc.boolean(),
	hasBody: fc.boolean(),
});

const withoutPrototypeKeys = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutPrototypeKeys);
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (key === '__proto__' ? [] : [[key, withoutPrototypeKeys(inner)]])));
};

const webhook = target('webhook: receive', 200, fc.tuple(arrival, fc.oneof(fc.constant(undefined), wish)), async ([arrived, wished]) => {
	const { headers, body, nowMs, secret } = arrived;
	const { events: wanted, outcome, isKnown, hasBody } = wished ?? { events: [...EVENTS], outcome: 'all', isKnown: false, hasBody: true };
	const verdict = await receive({
		headers,
		rawBody: hasBody ? body : undefined,
		nowMs,
		secret: async () => secret,
		filter: () => ({ events: wanted, outcome }),
		wasEmitted: () => isKnown,
	});
	if (!body.includes(SECRET)) assert(!JSON.stringify(verdict).includes(SECRET), 'the secret is in the answer');
	if (!hasBody || !mayEnter(arrived)) {
		assert.equal(verdict.statusCode, 401, 'a forgery was accepted');
		assert.equal(verdict.item, undefined, 'a forgery was emitted');
		return;
	}
	const meaning = meaningOf(body);
	assert.equal(verdict.statusCode, meaning.is === 'spoilt' ? 400 : 200, `answers ${verdict.statusCode} to what is ${meaning.is}`);
	if (meaning.is !== 'completion') return assert.equal(verdict.item, undefined);
	const { event, code, data } = meaning.body;
	const succeeded = Number(code) === 200;
	const isWanted = wanted.some((name) => name === event) && (outcome === 'all' || (outcome === 'succeeded') === succeeded);
	assert.equal(verdict.item !== undefined, isWanted && !isKnown, 'emitted against the wish of the user, or not emitted');
	if (verdict.item === undefined) return;
	assert.equal(verdict.item.event, event);
	assert.equal(verdict.item.succeeded, succeeded);
	assert(isDeepStrictEqual(withoutPrototypeKeys(verdict.item.data), withoutPrototypeKeys(data ?? null)), 'data is not what VMEG sent');
	JSON.stringify(verdict.item);
});

const event = target('event: parseEvent', 300, eventBytes, (body) => {
	const kinds = { completion: 'completion', other: 'other', spoilt: 'invalid' };
	assert.equal(parseEvent(body).kind, kinds[meaningOf(body).is]);
});

// Answers

const API_KEY = 'vmeg-key-31ab94-never-to-be-seen';
const echoes = [`Authorization: Bearer ${API_KEY}`, `{"authorization":"Bearer ${API_KEY}"}`, `<b>bearer\t${API_KEY}</b>`, `Bearer  ${API_KEY}, more`];

const envelopes = answers.map((data) => ({ code: 200, message: 'ok', data }));
const refusals = [400, 401, 402, 409, 429, 500].map((code) => ({ code, message: 'no', data: null }));

const answerBody = fc.oneof(
	mutatedJson([...envelopes, ...refusals]).map((value) => JSON.stringify(value) ?? ''),
	mutatedBytes(fc.constantFrom(...envelopes, ...refusals).map(asBytes)).map(String),
	fc.tuple(fc.constantFrom(...echoes), mutatedText(['<html><body>502 Bad Gateway</body></html>', 'no']), fc.nat({ max: 140 })).map(([echo, page, at]) => `${page.slice(0, at)} ${echo} ${page.slice(at)}`),
	fc.string({ unit: 'binary' }),
);

const DATES = ['Wed, 21 Oct 2026 07:28:00 GMT', 'Sat, 06 Nov 1994 08:49:37 GMT', '120', '0', '2026-01-01T00:00:00Z', '-5', '1.5', '1e3', 'Infinity'];
const headerValue: fc.Arbitrary<unknown> = fc.oneof(
	mutatedText(DATES, 2),
	fc.nat().map(String),
	fc.nat(),
	fc.array(mutatedText(DATES, 1), { maxLength: 3 }),
	fc.constantFrom(undefined, null, '', ' ', '9'.repeat(400)),
	fc.string({ unit: 'binary' }),
);

const codeIn = (text: string): number | undefined => {
	try {
		const body: unknown = JSON.parse(text);
		const code = isRecord(body) ? body.code : undefined;
		const message = isRecord(body) ? body.message : undefined;
		if (message !== undefined && message !== null && typeof message !== 'string') return undefined;
		if (typeof code === 'number') return code;
		return typeof code === 'string' && /^[0-9]+$/.test(code) ? Number(code) : undefined;
	} catch {
		return undefined;
	}
};

const envelope = target(
	'answer: judge',
	300,
	fc.record({ body: answerBody, statusCode: fc.integer({ min: 100, max: 599 }), retryAfter: headerValue, date: headerValue }),
	({ body, statusCode, retryAfter, date }) => {
		const judged = judge({ statusCode, body, headers: { 'retry-after': retryAfter, date } }, NOW_MS);
		const code = codeIn(body);
		assert.equal(judged.ok, code === 200, 'success is the code 200 and nothing else');
		if (judged.ok) return assert(judged.serverTimeMs === undefined || Number.isFinite(judged.serverTimeMs), 'a clock that says nothing');
		assert.equal(judged.kind, code === undefined ? 'unreadable' : 'refused');
		assert((judged.retryAfterMs ?? 0) >= 0, 'a pause below nothing');
		if (judged.kind === 'refused') return assert.equal(judged.code, code);
		assert(judged.excerpt.length <= 120, 'a long excerpt');
		assert(!judged.excerpt.includes(API_KEY.slice(0, 12)), 'the API key is in the excerpt');
	},
);

const schemas = [...new Set(Object.values(endpoints).map(({ answer }) => answer))];

const { translateText, submitText, synthesizeSpeech, submitMedia, cloneVoice, getTask } = endpoints;
/** Answers that are nothing without the task that they name. */
const ofTasks = new Set<unknown>([translateText, submitText, synthesizeSpeech, submitMedia, cloneVoice, getTask].map(({ answer }) => answer));

const shapes = target('answer: schemas and readers', 60, fc.oneof(mutatedJson(answers, 6), odd), (data) => {
	for (const schema of schemas) {
		const parsed = schema.safeParse(data);
		if (!parsed.success) continue;
		const found: unknown = parsed.data;
		JSON.stringify(found);
		if (ofTasks.has(schema)) assert(isRecord(found) && typeof found.taskId === 'string' && found.taskId.trim() !== '', 'a task without ID');
		if (schema !== endpoints.presignParts.answer) continue;
		for (const { url, partNumber } of endpoints.presignParts.answer.parse(data).urls) {
			assert(URL.canParse(url));
			assert(Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= 10_000);
		}
	}
});

const result = target('result: simplify, deliverables, script', 60, fc.oneof({ weight: 5, arbitrary: mutatedJson([...results, mediaResult], 6) }, { weight: 1, arbitrary: odd }), (found) => {
	assert(!Object.values(simplifyResult(found)).includes(undefined));
	const { files } = wantedFiles(found, DELIVERABLES);
	for (const file of files) {
		assert(/^\w+$/.test(file.property), `the name of a binary field is ${file.property}`);
		if ('url' in file) assert(typeof file.url === 'string' && file.url !== '');
	}
	for (const { lines } of Object.values(scriptsOf(found))) {
		for (const format of ['srt', 'vtt'] as const) {
			for (const speakers of [true, false]) {
				const text = toSubtitles(lines, format, { speakers });
				if (text === '') continue;
				try {
					readSubtitles(text);
				} catch (error) {
					// times of more than any subtitle has are not read
					if (!(error instanceof SubtitleError)) throw error;
				}
			}
		}
	}
});

const retry = target('header: retryAfterMs', 1_000, fc.tuple(headerValue, fc.integer({ min: 0, max: 8e15 })), ([header, nowMs]) => {
	const ms = retryAfterMs(header, nowMs);
	assert(ms === undefined || ms >= 0, `a pause of ${ms} ms`);
	const text = String(header ?? '').trim();
	if (/^[0-9]+$/.test(text)) assert.equal(ms, Number(text) * 1_000);
});

// Storage

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const storageAnswer: fc.Arbitrary<unknown> = fc.oneof(
	fc.record({
		statusCode: fc.oneof(fc.constantFrom(200, 204, 301, 400, 401, 403, 408, 412, 429, 500, 503), fc.integer({ min: 0, max: 999 })),
		headers: fc.oneof(
			fc.record({ etag: fc.oneof(mutatedText([`"${MD5}"`, `W/"${MD5}"`, '"abc-12"', MD5.toUpperCase()], 2), odd) }),
			fc.constant({}),
		),
	}),
	mutatedJson([{ statusCode: 200, headers: { etag: `"${MD5}"` }, body: '' }]),
);

const storage = target('storage: presigned PUT and ETag', 200, fc.tuple(storageAnswer, mutatedText(['https://s3.example/x?X-Amz-Signature=1'], 2)), async ([answer, url]) => {
	const stop = new AbortController();
	const context = fake<IExecuteFunctions>({
		helpers: fake<IExecuteFunctions['helpers']>({
			httpRequest: async (options) => {
				assert(!JSON.stringify(options.headers).toLowerCase().includes('authorization'));
				// one attempt: the pauses before others are not what is looked at
				stop.abort();
				return answer;
			},
		}),
	});
	const put = await putBytes(context, { url: async () => url, bytes: Buffer.alloc(0), md5: MD5, stallMs: 1, signal: stop.signal });
	const status = isRecord(answer) ? answer.statusCode : undefined;
	const isSound = typeof status === 'number' && status >= 200 && status < 300;
	if (put.ok) assert(isSound && !put.eTag.includes('"'), 'an ETag in quotes, or of a PUT that failed');
	else assert(put.reason === 'cancelled' || put.detail !== '');
});

// File names

const NAMES = ['film.en.srt', 'My Film (2024).mp4', '..\\..\\secret.txt', '/etc/passwd', 'a'.repeat(200), `${'a'.repeat(178)}. .b.mp4`, 'фильм.ru.srt', '👩‍👩‍👧.mov', 'film.zh_TW.vtt', ' . ', ''];
const anyName = fc.oneof(mutatedText(NAMES), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

const names = target('file names', 200, fc.record({ name: anyName, url: fc.oneof(mutatedText(['https://cdn.example/a.mp4?x=1#y']), anyName), type: anyName }), ({ name, url, type }) => {
	const extension = extensionOf(url, type);
	mimeTypeOf(extension ?? name);
	const translated = translatedFileName(name, { source: 'en-US', target: 'de-DE', format: 'srt', bilingual: name.length % 2 === 0 });
	for (const safe of [safeFileName(name), fileNameWith(name, extension), translated]) {
		assert(safe !== '' && safe === safe.trim(), 'an empty name, or blanks around it');
		assert(!/[\\/<>:"|?*\p{Cc}]/u.test(safe), 'a character that a file name must not have');
		assert(!safe.startsWith('.') && !safe.endsWith('.'), 'a dot at an end of the name');
		assert(Buffer.byteLength(safe) <= 255, 'too long for a file system');
	}
	assert.equal(safeFileName(safeFileName(name)), safeFileName(name), 'a safe name is changed again');
	assert(name.startsWith(withoutExtension(name)));
});

// Subtitle files

const CORPUS = join(__dirname, '../corpus/subtitles');
const files = readdirSync(CORPUS)
	.filter((file) => /\.(srt|vtt|ass|ssa)$/.test(file))
	.map((file) => readFileSync(join(CORPUS, file)));

const subtitles = target(
	'subtitle files',
	10,
	fc.record({
		bytes: mutatedBytes(fc.constantFrom(...files)),
		format: fc.constantFrom(undefined, 'srt' as const, 'vtt' as const, 'ass' as const, 'ssa' as const),
		bilingual: fc.constantFrom(undefined, 'originalBelow' as const, 'originalAbove' as const),
		translation: mutatedText(['Hallo <1>Welt</1>', '1', '00:00:01,000 --> 00:00:02,000', '{\\an8}Ja\\N-->', 'NOTE\n\nx']),
		language: fc.constantFrom(undefined, 'en-US', 'ja-JP', 'ar-SA', 'ru-RU'),
	}),
	({ bytes, format, bilingual, translation, language }) => {
		try {
			const file = readSubtitles(bytes, language === undefined ? {} : { language });
			const none = file.lines.map(() => undefined);
			const same = writeSubtitles(file, none, { target: 'de-DE' });
			const again = readSubtitles(encodeSubtitles(same.text, file));
			assert.equal(again.cueCount, file.cueCount);
			const all = file.lines.map(() => translation);
			const written = writeSubtitles(file, all, { target: 'de-DE', ...(format && { format }), ...(bilingual && { bilingual }) });
			assert.equal(written.cueCount, file.cueCount);
		} catch (error) {
			if (!(error instanceof SubtitleError)) throw error;
		}
	},
);

// Expressions

const EXPRESSIONS = ['={{ $json.title }}', '={{$json["a b"].c}}', "={{ $json['x'][\"y\"] }}", '={{ $json.__proto__ }}', '={{ $json.constructor.name }}', '={{ $json.a.b.c }}', '={{ $json["__proto__"].a }}', '={{ $json.length }}'];
const SIMPLE = '={{ $json.title }}';
const fields = fc.tuple(
	fc.oneof(mutatedText(EXPRESSIONS, 3), fc.constant(SIMPLE)),
	mutatedJson([{ title: 'Hi', 'a b': { c: 1 }, x: { y: 'z' }, a: { b: { c: 'd' } } }, JSON.parse('{"__proto__":{"a":"own"},"title":2}'), [1], 'text']),
);

const expressions = target('expressions: field paths', 500, fields, ([expression, json]) => {
	const path = fieldPath(expression);
	if (path === undefined) return;
	const value = plainValueAt(json, path);
	if (value === undefined) return;
	assert(typeof value === 'string' || typeof value === 'number');
	const script = expression.slice(3, expression.lastIndexOf('}}'));
	// a raw line break in a quoted name is no JavaScript; a `}}` in one ends n8n's expression
	if (/[\r\n]/.test(script)) return;
	assert(isDeepStrictEqual(runInNewContext(`(${script})`, { $json: json }), value), 'JavaScript reads another value there');
});

// Recovery of tasks

const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T08:00:00+08:00', '2026-01-01 00:00:00', '1767225600000', '1767225600', 'Thu, 01 Jan 2026 00:00:00 GMT'];
const time: fc.Arbitrary<string | number | null | undefined> = fc.oneof(
	mutatedText(TIMES, 1),
	fc.integer({ min: 1_767_000_000, max: 1_768_000_000 }),
	fc.integer({ min: 1_767_000_000_000, max: 1_768_000_000_000 }),
	fc.double(),
	fc.constantFrom(null, undefined, ''),
);
const SINCE_MS = 1_767_225_600_000;

const recovery = target(
	'recovery: createdAt and task list',
	300,
	fc.record({ times: fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1_767_225_500, max: 1_767_225_700 }) }, { weight: 1, arbitrary: time })), more: fc.nat({ max: 3 }), one: time }),
	({ times, more, one }) => {
		const ms = createdAtMs(one);
		assert(ms === undefined || Number.isFinite(ms), 'a time that is no number');
		if (typeof one === 'string' && one.trim() === '') assert.equal(ms, undefined, 'a blank time was read as 1970');
		const records = times.map((createdAt, index) => ({ taskId: `t${index}`, createdAt }));
		const found = tasksSince(records, records.length + more, SINCE_MS);
		if (found === undefined) return;
		const made = times.map(createdAtMs);
		assert(!made.includes(undefined), 'a list with a time that says nothing was taken');
		assert.deepEqual(found, records.filter((_, index) => (made[index] ?? 0) >= SINCE_MS));
		// where the list is not whole, a task may be hidden unless it goes back further than that
		if (more > 0) assert(Math.min(...made.map((at) => at ?? 0)) < SINCE_MS, 'a task may be hidden on the next page');
	},
);

export const targets: Target[] = [webhook, event, envelope, shapes, result, retry, storage, names, subtitles, expressions, recovery];
