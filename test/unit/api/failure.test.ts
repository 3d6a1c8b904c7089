import { NodeApiError } from 'n8n-workflow';

import {
	API_CONFIGURATION_URL,
	explain,
	PRICING_URL,
	toNodeError,
	vmegError,
} from '../../../nodes/Vmeg/api/failure';
import type { Failure } from '../../../nodes/Vmeg/api/failure';
import { node } from '../support/fakes';

const base = { requestId: 'req-7', idempotencyKey: 'key-9', attempts: 1, mayBeAccepted: false };
const refused = (code: number, message = 'VMEG says why'): Failure => ({
	...base,
	kind: 'refused',
	code,
	message,
});
const network = (code: string, mayBeAccepted = false): Failure => ({
	...base,
	kind: 'network',
	code,
	mayBeAccepted,
});

/** One failure of each kind, and of each code that VMEG documents (API contract §1). */
const failures: Array<[string, Failure]> = [
	...[400, 401, 402, 403, 404, 409, 413, 422, 500, 502, 503].map(
		(code): [string, Failure] => [`refused with ${code}`, refused(code)],
	),
	['throttled', { ...base, kind: 'throttled', message: 'slow', waitSeconds: 30 }],
	['throttled without a time', { ...base, kind: 'throttled', message: '' }],
	['a key used before', { ...base, kind: 'keyUsed' }],
	['a lost answer', { ...base, kind: 'answerLost' }],
	['unreadable', { ...base, kind: 'unreadable', statusCode: 502, excerpt: '<html>' }],
	['unexpected', { ...base, kind: 'unexpected', detail: 'taskId: Required' }],
	['no network', network('ECONNREFUSED')],
	['no answer', network('ECONNRESET', true)],
	['cancelled', { ...base, kind: 'cancelled' }],
	['cancelled on the way', { ...base, kind: 'cancelled', mayBeAccepted: true }],
	['throttled after a lost answer', { ...base, kind: 'throttled', message: '', mayBeAccepted: true }],
];

// n8n puts a text of its own in place of a message that contains one of these
const CODES_THAT_N8N_REPLACES = [
	'ECONNREFUSED',
	'ECONNRESET',
	'ENOTFOUND',
	'ETIMEDOUT',
	'ERRADDRINUSE',
	'EADDRNOTAVAIL',
	'ECONNABORTED',
	'EHOSTUNREACH',
	'EAI_AGAIN',
	'ENOENT',
	'EISDIR',
	'ENOTDIR',
	'EACCES',
	'EEXIST',
	'EPERM',
	'GETADDRINFO',
];

describe('every failure', () => {
	test.each(failures)('says what happened and what to do: %s', (_, failure) => {
		const { message, description } = explain(failure);
		expect(message).toMatch(/^(VMEG|The) /);
		expect(message.length).toBeGreaterThan(20);
		expect(description.length).toBeGreaterThan(20);
		expect(description).not.toBe(message);
		expect(`${message} ${description}`).not.toMatch(/undefined|null|NaN|\[object|\s\s|\.\./);
	});

	test.each(failures)('is shown by n8n in our words: %s', (_, failure) => {
		const error = toNodeError(node, failure, { subject: 'Item 3', itemIndex: 3 });
		expect(error).toBeInstanceOf(NodeApiError);
		expect(error.message).toBe(`Item 3: ${explain(failure).message}`);
		expect(error.description).toBe(explain(failure).description);
	});
});

describe('a refusal', () => {
	test('for the key leads to the API Configuration page', () => {
		const { message, description } = explain(refused(401, 'Invalid or missing API Key'));
		expect(message).toContain('API key');
		expect(description).toContain(API_CONFIGURATION_URL);
		expect(description).toContain('credential');
		expect(description).toContain('Invalid or missing API Key');
		expect(API_CONFIGURATION_URL).toBe('https://www.vmeg.ai/open-api-setting');
	});

	test('for want of credits leads to the pricing page and says that nothing was charged', () => {
		const { message, description } = explain(refused(402));
		expect(message).toContain('credits');
		expect(description).toContain(PRICING_URL);
		expect(description).toMatch(/nothing was charged/i);
	});

	test('of an unknown ID says what a key can see', () => {
		const { message, description } = explain(refused(404, 'task not found'));
		expect(message).toContain('task not found');
		expect(description).toMatch(/ID/);
		expect(description).toContain('never those made on the website');
	});

	test('of too much says to send less', () => {
		expect(explain(refused(413)).description).toMatch(/shorter texts|smaller Batch Size/);
	});

	test('of an input that cannot be processed says not to send it again', () => {
		const { message, description } = explain(refused(422, 'no speech found'));
		expect(message).toContain('no speech found');
		expect(description).toContain('will not help');
		expect(description).toContain('req-7');
	});

	test.each([400, 403])('with code %i gives the reason of VMEG and the request ID', (code) => {
		const { message, description } = explain(refused(code, 'segments is too long'));
		expect(message).toContain(String(code));
		expect(message).toContain('segments is too long');
		expect(description).toMatch(/^Correct the parameter.*req-7/);
	});

	test.each([500, 502, 503])('with code %i is for the support, who need the request ID', (code) => {
		const { message, description } = explain(refused(code));
		expect(message).toContain(String(code));
		expect(description).toMatch(/try again/i);
		expect(description).toMatch(/support/);
		expect(description).toContain('req-7');
	});

	test('is told with the number of attempts where there were several', () => {
		expect(explain({ ...refused(500), attempts: 5 }).message).toContain('(5 attempts)');
		expect(explain(refused(500)).message).not.toContain('attempt');
	});

	test.each([400, 401, 404, 413, 422, 500])('without a reason ends well: code %i', (code) => {
		const { message, description } = explain(refused(code, ''));
		expect(message).toMatch(/[^:\s]$/);
		expect(message).not.toContain(': ');
		expect(description).not.toContain(': .');
		if (code === 401) expect(description).toMatch(/VMEG said nothing more\.$/);
	});
});

describe('throttling', () => {
	test('says to try later where VMEG names no time', () => {
		expect(explain({ ...base, kind: 'throttled', message: '' }).description).toMatch(/^Try again later, or lower/);
	});

	test('says how long to wait, and how to ask for less at once', () => {
		const { description } = explain({ ...base, kind: 'throttled', message: '', waitSeconds: 90 });
		expect(description).toMatch(/^Wait 90 seconds and run again/);
		expect(explain({ ...base, kind: 'throttled', message: '', waitSeconds: 1 }).description).toMatch(/^Wait 1 second and/);
		expect(description).toContain('Max Concurrency');
	});
});

describe('a submission whose task is unknown', () => {
	const findIt = /Task > Get Many.*VMEG Trigger/;

	test('was accepted before: nothing is billed twice, and how to submit it again on purpose', () => {
		const { message, description } = explain({ ...base, kind: 'keyUsed' });
		expect(message).toContain('already accepted');
		expect(description).toContain('key-9');
		expect(description).toMatch(/nothing was started or billed a second time/);
		expect(description).toMatch(findIt);
		expect(description).toContain('another Idempotency Key');
	});

	test('was accepted now: its answer was lost, and it is not billed twice', () => {
		const { message, description } = explain({ ...base, kind: 'answerLost' });
		expect(message).toContain('lost');
		expect(description).toContain('key-9');
		expect(description).toContain('not be billed twice');
		expect(description).toMatch(findIt);
		expect(description).toContain('req-7');
	});

	test.each(['keyUsed', 'answerLost'] as const)('is found by its ID where that is known: %s', (kind) => {
		const { description } = explain({ ...base, kind, taskId: 't-77', submissionId: 'sub-5' });
		expect(description).toContain('It is task t-77: use VMEG > Task > Wait');
		expect(description).not.toContain('Get Many');
		expect(description).not.toContain('unknown');
	});

	test.each(['keyUsed', 'answerLost'] as const)('is found by its completion where that carries an ID: %s', (kind) => {
		const { description } = explain({ ...base, kind, submissionId: 'sub-5' });
		expect(description).toMatch(findIt);
		expect(description).toContain('extraData.vmegSubmission.id is sub-5');
	});

	test('may be one of several, which is why its ID is not given', () => {
		expect(explain({ ...base, kind: 'answerLost' }).description).toContain('other tasks were made at the same time');
	});

	test('may have been accepted: Retry On Fail is safe', () => {
		const lost: Failure[] = [
			network('ECONNRESET', true),
			{ ...refused(402), mayBeAccepted: true },
			{ ...base, kind: 'throttled', message: '', mayBeAccepted: true },
		];
		for (const { description } of lost.map(explain)) {
			expect(description).toContain('may have accepted');
			expect(description).toContain('Retry On Fail is safe');
			expect(description).toContain('key-9');
			expect(description).toMatch(findIt);
			expect(description).not.toMatch(/nothing was charged/i);
		}
	});

	test('was under way when the execution was cancelled', () => {
		expect(explain({ ...base, kind: 'cancelled', mayBeAccepted: true }).description).toMatch(findIt);
		expect(explain({ ...base, kind: 'cancelled' }).description).not.toMatch(findIt);
	});
});

describe('a network failure', () => {
	test('says nothing of an accepted request where none can have arrived', () => {
		expect(explain(network('ECONNREFUSED')).description).not.toContain('accepted');
	});

	test.each([
		['ECONNREFUSED', 'refused'],
		['ETIMEDOUT', 'in time'],
		['ENOTFOUND', 'no such host'],
		['CERT_HAS_EXPIRED', 'expired'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed'],
		['ANYTHING_ELSE', 'the connection failed'],
	])('%s is put in words', (code, words) => {
		expect(explain(network(code)).description).toContain(words);
		expect(explain(network(code)).description).toContain('Base URL');
	});

	test.each(CODES_THAT_N8N_REPLACES)('%s does not stand in the message', (code) => {
		const { message } = explain(network(code, true));
		expect(message.toUpperCase()).not.toContain(code);
		const error = toNodeError(node, network(code), { subject: 'Item 0', itemIndex: 0 });
		expect(error.message).toBe('Item 0: VMEG could not be reached');
	});
});

describe('an answer that is not from VMEG', () => {
	test('names the status, the Base URL and what came', () => {
		const { message, description } = explain({
			...base,
			kind: 'unreadable',
			statusCode: 503,
			excerpt: '<html> nginx',
		});
		expect(message).toContain('503');
		expect(description).toContain('Base URL');
		expect(description).toContain('<html> nginx');
	});
});

describe('the error of an item', () => {
	const subject = { subject: 'Items 0 to 49', itemIndex: 12 };
	const factsOf = ({ context }: NodeApiError) => context.vmeg;

	test('belongs to the item', () => {
		const error = toNodeError(node, refused(422), subject);
		expect(error.context.itemIndex).toBe(12);
		expect(error.httpCode).toBe('422');
	});

	test('carries the facts that a workflow can act on, and no others', () => {
		const facts = { taskId: 't-1', status: 'running', taskType: undefined };
		expect(factsOf(toNodeError(node, refused(422), { ...subject, facts }))).toStrictEqual({
			code: 422,
			idempotencyKey: 'key-9',
			requestId: 'req-7',
			taskId: 't-1',
			status: 'running',
		});
	});

	test('says where it may have been accepted, and which task it is', () => {
		const lost: Failure = { ...base, kind: 'answerLost', mayBeAccepted: true, taskId: 't-77' };
		expect(factsOf(toNodeError(node, lost, subject))).toStrictEqual({
			idempotencyKey: 'key-9',
			requestId: 'req-7',
			taskId: 't-77',
			mayBeAccepted: true,
		});
	});

	test('has the status of an answer that is not from VMEG only in its words', () => {
		const unreadable: Failure = { ...base, kind: 'unreadable', statusCode: 503, excerpt: '' };
		const error = toNodeError(node, unreadable, subject);
		expect(factsOf(error)).toStrictEqual({ idempotencyKey: 'key-9', requestId: 'req-7' });
		const network: Failure = { ...base, kind: 'network', code: 'ECONNRESET' };
		expect(factsOf(toNodeError(node, network, subject))).not.toHaveProperty('code');
	});

	test('has no code where VMEG gave none', () => {
		const { idempotencyKey, ...unkeyed } = base;
		const error = toNodeError(node, { ...unkeyed, kind: 'unexpected', detail: 'x' }, subject);
		expect(idempotencyKey).toBe('key-9');
		expect(factsOf(error)).toStrictEqual({ requestId: 'req-7' });
	});

	test('ends with what there is to add', () => {
		const also = 'Task t-1 goes on.';
		const { description } = toNodeError(node, refused(500), { ...subject, also });
		expect(description).toBe(`${explain(refused(500)).description} ${also}`);
	});

	test.each([
		['an upstream fault', refused(502, 'connect ECONNREFUSED 10.0.0.7:443')],
		['a word that happens to contain a code', refused(422, 'the preexisting clip is too short')],
	])('stays ours where VMEG tells of %s', (_, failure) => {
		const { message } = toNodeError(node, failure, { subject: 'Item 3', itemIndex: 3 });
		expect(message).toMatch(/^Item 3: VMEG/);
	});

	test('can be made from plain words', () => {
		const error = vmegError(node, {
			message: 'Item 1: no',
			description: 'Do this',
			itemIndex: 1,
			facts: { taskId: 't', code: undefined },
		});
		expect(error).toMatchObject({ message: 'Item 1: no', description: 'Do this' });
		expect(factsOf(error)).toStrictEqual({ taskId: 't' });
	});
});
