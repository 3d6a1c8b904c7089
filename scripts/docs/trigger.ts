import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject } from 'n8n-workflow';

import { EVENTS } from '../../nodes/Vmeg/trigger/event';
import type { EventName } from '../../nodes/Vmeg/trigger/event';
import { NO_SECRET, receive } from '../../nodes/Vmeg/trigger/receive';
import type { Callback } from '../../nodes/Vmeg/trigger/receive';
import { TIMESTAMP_WINDOW_MS } from '../../nodes/Vmeg/trigger/signature';
import { startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { steadier } from './steady';

/** What the trigger answers to a kind of request, and why. */
export interface Answer {
	when: string;
	statusCode: number;
	message: string;
	starts: boolean;
}

/** An item of the trigger, by what happened. */
export interface TriggerExample {
	event: EventName;
	succeeded: boolean;
	item: IDataObject;
}

type Received = Pick<Callback, 'headers' | 'rawBody'>;

/** A receiver of callbacks that keeps what it gets. */
async function startReceiver() {
	const received: Received[] = [];
	let notify = () => {};
	const server = createServer((request, response) => {
		const pieces: Buffer[] = [];
		request.on('data', (piece: Buffer) => pieces.push(piece));
		request.on('end', () => {
			received.push({ headers: request.headers, rawBody: Buffer.concat(pieces) });
			response.end('{}');
			notify();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/`,
		/** The next callback that comes. */
		async next(): Promise<Received> {
			while (received.length === 0) await new Promise<void>((resolve) => (notify = resolve));
			const [first] = received.splice(0, 1);
			if (first === undefined) throw new Error('No callback came');
			return first;
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

const extraData = { row: 7 };

/** How each kind of job is started at VMEG, straight at its API. */
const JOBS: Record<EventName, [path: string, body: object]> = {
	'openapi-media-translation': [
		'/task/media-translation/create-async',
		{
			taskType: 'vt',
			source: { sourceUrl: 'https://example.com/lesson-1.mp4' },
			language: { source: 'auto', target: 'de-DE' },
			options: { voiceClone: { mode: 'role' } },
		},
	],
	'openapi-translate': [
		'/task/translate/create-async',
		{ language: { source: 'en-US', target: 'de-DE' }, segments: [{ text: 'Head torch with red light' }] },
	],
	'openapi-tts': ['/task/tts/create-async', { data: [{ text: 'Hello', voiceId: 'sv_0001' }] }],
	'openapi-clone-voice': [
		'/task/clone-voice/create-async',
		{ refAudio: 'https://example.com/anna.wav', voiceName: 'Anna' },
	],
};

async function submit(sandbox: Sandbox, event: EventName, own: object): Promise<void> {
	const [path, body] = JOBS[event];
	const response = await fetch(`${sandbox.url}/openapi/v1${path}`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${sandbox.apiKey}`,
			'Content-Type': 'application/json',
			'X-Idempotency-Key': `${event} ${JSON.stringify(own)}`.slice(0, 64),
		},
		body: JSON.stringify({ ...body, extraData: own }),
	});
	if (!response.ok) throw new Error(`The sandbox refused ${event}: ${await response.text()}`);
}

/** Each kind of completion as the sandbox delivers it and the trigger emits it, `data` left out. */
export async function triggerExamples(): Promise<{ examples: TriggerExample[]; answers: Answer[] }> {
	const receiver = await startReceiver();
	const sandbox = await startSandbox({
		seed: 1,
		textTaskMs: 0,
		mediaTaskMs: 0,
		webhookUrl: receiver.url,
	});
	const judge = async (callback: Received, changed: Partial<Callback> = {}) =>
		await receive({
			...callback,
			nowMs: Date.now(),
			secret: async () => sandbox.webhookSecret,
			filter: () => ({ events: EVENTS, outcome: 'all' }),
			wasEmitted: () => false,
			...changed,
		});
	try {
		const examples: TriggerExample[] = [];
		const add = async (event: EventName, own: object): Promise<Received> => {
			await submit(sandbox, event, own);
			const callback = await receiver.next();
			const { item } = await judge(callback);
			if (item === undefined) throw new Error(`The trigger did not take ${event}`);
			const shown = { ...item, data: '…' };
			examples.push({
				event,
				succeeded: item.succeeded === true,
				item: steadier()(shown) as IDataObject,
			});
			return callback;
		};
		for (const event of EVENTS) await add(event, extraData);
		const genuine = await add('openapi-media-translation', { ...extraData, note: '{{fail}}' });

		const signed = (body: string): Received => {
			const { headers } = sandbox.signedRequest(body);
			const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
			return { headers: Object.fromEntries(lower), rawBody: Buffer.from(body) };
		};
		const altered = { ...genuine, rawBody: Buffer.from('{}') };
		const cases: Array<[when: string, callback: Received, changed?: Partial<Callback>]> = [
			['A genuine completion', genuine],
			['The same completion again', genuine, { wasEmitted: () => true }],
			[
				'A genuine completion that *Events* or *Outcome* leaves out',
				genuine,
				{ filter: () => ({ events: [], outcome: 'all' }) },
			],
			['Signed, but no completion, such as a connectivity test', signed('{"event":"ping"}')],
			['A signature header is missing', { ...genuine, headers: {} }],
			['The body or the signature was altered', altered],
			[
				'An old request is sent again',
				genuine,
				{ nowMs: Date.now() + TIMESTAMP_WINDOW_MS + 60_000 },
			],
			['The credential has no webhook secret', genuine, { secret: async () => '' }],
			['Signed, and named a completion, but not of its form', signed('{"event":"openapi-tts"}')],
		];
		const answers: Answer[] = [];
		for (const [when, callback, changed] of cases) {
			const { statusCode, message, item } = await judge(callback, changed);
			const shown = message === NO_SECRET ? 'No webhook secret is set…' : message;
			answers.push({ when, statusCode, message: shown, starts: item !== undefined });
		}
		return { examples, answers };
	} finally {
		await sandbox.close();
		await receiver.close();
	}
}
