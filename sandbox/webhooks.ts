import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ApiError } from './errors';
import { withExtraFields, type Faults, type FaultRule } from './faults';
import type { DeliveryEntry, Journal } from './journal';
import type { Log } from './log';
import type { Settings } from './settings';
import { signatureHeaders } from './signature';
import type { CompletionListener, Task } from './tasks';
import type { CompletionEvent, Json } from './types';

const maxConcurrent = 64;
const longestPauseMs = 60_000;
/** Characters of an answer that are kept. */
const answerLength = 120;

type DeliveryOutcome = Pick<DeliveryEntry, 'status' | 'error' | 'answer'>;

interface RecordOptions {
	headers?: Record<string, string>;
	ms?: number;
	forgotten?: boolean;
}

/** Delivers completions, signed, until the receiver answers 2xx (API contract §9). */
export class Webhooks implements CompletionListener {
	private readonly httpAgent = new HttpAgent({ keepAlive: true });
	private readonly httpsAgent = new HttpsAgent({ keepAlive: true });
	private readonly timers = new Set<NodeJS.Timeout>();
	private readonly waiting: Array<() => void> = [];
	private active = 0;
	/** Rises with every reset, so that what was begun before has no effect after it. */
	private generation = 0;

	constructor(
		public url: string | undefined,
		public secret: string,
		private readonly settings: Settings,
		private readonly faults: Faults,
		private readonly journal: Journal,
		private readonly log: Log,
	) {}

	isEarly(event: CompletionEvent): boolean {
		return this.url !== undefined && this.faults.forWebhook(event, true).length > 0;
	}

	async completed(task: Task): Promise<void> {
		const { event } = task.spec;
		if (event === undefined) return;
		if (this.url === undefined) {
			this.log.note(`task ${task.taskId}  no webhook URL is set: completion not delivered`);
			return;
		}
		const faults = this.faults.forWebhook(event, false);
		const body = completionBody(task, event, faults);
		if (faults.some((fault) => fault.kind === 'webhookLose')) {
			this.record(task, event, body, this.url, 1, { status: 0, error: 'lost by a fault' });
			return;
		}
		const generation = this.generation;
		for (const fault of faults) {
			if (fault.kind === 'webhookDelay') await this.pause(fault.ms ?? 1000);
		}
		if (generation !== this.generation) return;
		await this.copies(task, event, body, faults);
		const skewMs = faults.find((fault) => fault.kind === 'webhookSkew')?.ms ?? 0;
		await this.deliver(task, event, body, { attempt: 1, skewMs });
	}

	/** Delivers the completion of an ended task once more: same pipelineKey, fresh signature, no retries. */
	async redeliver(task: Task): Promise<DeliveryEntry> {
		const { event } = task.spec;
		if (event === undefined) throw new ApiError(422, 'A synchronous task has no completion event');
		if (task.status === 'running') throw new ApiError(422, 'The task is still running');
		if (this.url === undefined) throw new ApiError(422, 'No webhook URL is set');
		return await this.attempt(task, event, completionBody(task, event, []), 1);
	}

	/** Forgets all retries and pauses. */
	cancel(): void {
		this.generation += 1;
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
	}

	close(): void {
		this.cancel();
		this.url = undefined;
		this.httpAgent.destroy();
		this.httpsAgent.destroy();
	}

	private async copies(
		task: Task,
		event: CompletionEvent,
		body: string,
		faults: FaultRule[],
	): Promise<void> {
		for (const fault of faults) {
			if (fault.kind !== 'webhookDuplicate') continue;
			const copies = Array.from({ length: fault.times ?? 1 }, () => () => this.attempt(task, event, body, 1));
			if (fault.concurrent === true) {
				// Not awaited: they travel together with the real one.
				for (const copy of copies) void copy();
			} else {
				for (const copy of copies) await copy();
			}
		}
	}

	private async deliver(
		task: Task,
		event: CompletionEvent,
		body: string,
		{ attempt, skewMs }: { attempt: number; skewMs: number },
	): Promise<void> {
		const generation = this.generation;
		const { status } = await this.attempt(task, event, body, attempt, skewMs);
		if (status >= 200 && status < 300) return;
		if (attempt >= this.settings.webhookMaxAttempts || generation !== this.generation) return;
		const pauseMs = Math.min(this.settings.webhookRetryMs * 2 ** (attempt - 1), longestPauseMs);
		this.later(pauseMs, () => void this.deliver(task, event, body, { attempt: attempt + 1, skewMs: 0 }));
	}

	private async attempt(
		task: Task,
		event: CompletionEvent,
		body: string,
		attempt: number,
		skewMs = 0,
	): Promise<DeliveryEntry> {
		if (this.active >= maxConcurrent) await new Promise<void>((go) => this.waiting.push(go));
		this.active += 1;
		try {
			const { url } = this;
			if (url === undefined) {
				return this.record(task, event, body, '', attempt, { status: 0, error: 'no webhook URL is set' });
			}
			const started = Date.now();
			const { generation } = this;
			const headers = signatureHeaders(body, this.secret, String(started + skewMs));
			const outcome = await this.post(url, headers, body);
			return this.record(task, event, body, url, attempt, outcome, {
				headers,
				ms: Date.now() - started,
				// What was on its way when the sandbox was reset belongs to the past.
				forgotten: generation !== this.generation,
			});
		} finally {
			this.active -= 1;
			this.waiting.shift()?.();
		}
	}

	private async post(
		url: string,
		headers: Record<string, string>,
		body: string,
	): Promise<DeliveryOutcome> {
		if (!URL.canParse(url)) return { status: 0, error: `not a URL: ${url}` };
		return await new Promise((resolve) => {
			const timeoutMs = this.settings.webhookTimeoutMs;
			const secure = url.startsWith('https:');
			const request = (secure ? httpsRequest : httpRequest)(url, {
				method: 'POST',
				headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)), 'User-Agent': 'vmeg-sandbox' },
				agent: secure ? this.httpsAgent : this.httpAgent,
			});
			const timer = setTimeout(
				() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
				timeoutMs,
			);
			request.on('response', (response) => {
				let answer = '';
				response.setEncoding('utf8');
				response.on('data', (text: string) => (answer = `${answer}${text}`.slice(0, answerLength)));
				response.on('error', () => undefined);
				response.on('close', () => {
					clearTimeout(timer);
					resolve({ status: response.statusCode ?? 0, answer });
				});
			});
			request.on('error', (error) => {
				clearTimeout(timer);
				resolve({ status: 0, error: error.message });
			});
			request.end(body);
		});
	}

	private record(
		task: Task,
		event: CompletionEvent,
		body: string,
		url: string,
		attempt: number,
		outcome: DeliveryOutcome,
		{ headers = {}, ms = 0, forgotten = false }: RecordOptions = {},
	): DeliveryEntry {
		const parsed: unknown = JSON.parse(body);
		const entry: DeliveryEntry = {
			type: 'delivery',
			seq: this.journal.nextSeq(),
			time: new Date().toISOString(),
			url,
			event,
			taskId: task.taskId,
			pipelineKey: task.pipelineKey,
			attempt,
			...outcome,
			headers,
			body: parsed,
			ms,
		};
		if (forgotten) return entry;
		this.journal.delivered(entry);
		this.log.delivery(entry);
		return entry;
	}

	private async pause(ms: number): Promise<void> {
		await new Promise<void>((resolve) => this.later(ms, resolve));
	}

	private later(ms: number, what: () => void): void {
		const timer = setTimeout(() => {
			this.timers.delete(timer);
			what();
		}, ms);
		this.timers.add(timer);
	}
}

function completionBody(task: Task, event: CompletionEvent, faults: FaultRule[]): string {
	const { failure, extraData, completionData } = task.spec;
	const body: Json = {
		code: failure === undefined ? 200 : 500,
		version: 'v1',
		event,
		pipelineKey: task.pipelineKey,
		message: failure ?? '',
		extraData: extraData ?? {},
		data: completionData(task),
	};
	const strange = faults.some((fault) => fault.kind === 'webhookExtraFields');
	return JSON.stringify(strange ? withExtraFields(body) : body);
}
