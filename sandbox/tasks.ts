import { ApiError } from './errors';
import type { Log } from './log';
import type { Ids } from './random';
import type { CompletionEvent, Json, JsonObject, TaskStatus, TaskType } from './types';

/** What a route says about the task it starts. */
export interface NewTask {
	taskType: TaskType;
	/** How long it runs; `undefined` for a synchronous call, which is finished when it is answered. */
	runsMs?: number;
	/** The completion event; absent on synchronous calls, which have none. */
	event?: CompletionEvent;
	extraData?: JsonObject;
	/** Why it will fail, if it was told to. */
	failure?: string;
	/** `result` of `tasks/detail`. */
	result: (task: Task) => JsonObject;
	/** `data` of the completion webhook. */
	completionData: (task: Task) => JsonObject;
	/** Called once, when the task ends by itself. */
	ended?: (task: Task) => void;
	/** Files it can serve, by name, once it has finished. */
	files?: TaskFiles;
	/** Called when the task is deleted: its files are no longer served. */
	released?: () => void;
}

/** A file of a finished task: bytes made when asked for, or a file on disk. */
export type TaskFile = { type: string; bytes: () => Buffer } | { type: string; path: string; etag: string };
export type TaskFiles = (name: string) => TaskFile | undefined;

export interface Task {
	readonly taskId: string;
	readonly taskType: TaskType;
	status: TaskStatus;
	readonly createdAt: string;
	updatedAt: string;
	readonly pipelineKey: string;
	readonly spec: NewTask;
	deleted: boolean;
}

/** What others may see of a task. */
export interface TaskSnapshot {
	taskId: string;
	taskType: TaskType;
	status: TaskStatus;
	createdAt: string;
	updatedAt: string;
	pipelineKey: string;
	extraData: JsonObject | null;
}

/** Who hears of the end of an asynchronous task. */
export interface CompletionListener {
	/** Whether this completion goes out before the create call is answered. */
	isEarly(event: CompletionEvent): boolean;
	/** Resolves after the first attempt. Never rejects. */
	completed(task: Task): Promise<void>;
}

const maxTasks = 100_000;
const mediaStages: ReadonlyArray<[number, string]> = [
	[0.25, 'transcribed'],
	[0.5, 'translated'],
	[0.75, 'voices cloned'],
];

/** Every task of the account, and the clock that ends them (API contract §6). */
export class Tasks {
	private readonly byId = new Map<string, Task>();
	/** In order of creation; deleted ones stay until they are swept. */
	private order: Task[] = [];
	private readonly totals = new Map<string, number>();
	private readonly timers = new Map<Task, NodeJS.Timeout[]>();

	constructor(
		private readonly ids: Ids,
		private readonly listener: CompletionListener,
		private readonly log: Log,
	) {}

	/** Starts a task. Resolves at once, unless a fault sends its completion before the answer. */
	async create(spec: NewTask): Promise<Task> {
		const now = new Date().toISOString();
		const task: Task = {
			taskId: this.ids.next(),
			taskType: spec.taskType,
			status: 'running',
			createdAt: now,
			updatedAt: now,
			pipelineKey: this.ids.next(32),
			spec,
			deleted: false,
		};
		this.byId.set(task.taskId, task);
		this.order.push(task);
		this.addToTotals(task, 1);
		this.forgetOldest();
		if (spec.runsMs === undefined) {
			this.end(task);
		} else if (spec.event !== undefined && this.listener.isEarly(spec.event)) {
			this.end(task);
			await this.listener.completed(task);
		} else {
			this.schedule(task, spec.runsMs);
		}
		return task;
	}

	find(taskId: string): Task | undefined {
		return this.byId.get(taskId);
	}

	get(taskId: string): Task {
		const task = this.byId.get(taskId);
		if (!task) throw new ApiError(404, `Task not found: ${taskId}`);
		return task;
	}

	/** A running task that is deleted is cancelled: it never completes. */
	delete(taskId: string): void {
		const task = this.get(taskId);
		this.stopTimers(task);
		this.byId.delete(taskId);
		this.addToTotals(task, -1);
		task.deleted = true;
		task.spec.released?.();
		if (this.order.length > 1000 && this.byId.size < this.order.length / 2) {
			this.order = this.order.filter((other) => !other.deleted);
		}
	}

	/** Newest first. */
	list(
		filter: { taskType?: string; status?: string },
		currentPage: number,
		pageSize: number,
	): { records: Task[]; total: number } {
		const records: Task[] = [];
		let skip = (currentPage - 1) * pageSize;
		for (let i = this.order.length - 1; i >= 0 && records.length < pageSize; i -= 1) {
			const task = this.order[i];
			if (!task || task.deleted) continue;
			if (filter.taskType !== undefined && task.taskType !== filter.taskType) continue;
			if (filter.status !== undefined && task.status !== filter.status) continue;
			if (skip > 0) skip -= 1;
			else records.push(task);
		}
		const total = this.totals.get(totalsKey(filter.taskType, filter.status)) ?? 0;
		return { records, total };
	}

	snapshot(limit = Number.POSITIVE_INFINITY): TaskSnapshot[] {
		return this.list({}, 1, limit === Number.POSITIVE_INFINITY ? this.order.length + 1 : limit).records.map(
			({ taskId, taskType, status, createdAt, updatedAt, pipelineKey, spec }) => ({
				taskId,
				taskType,
				status,
				createdAt,
				updatedAt,
				pipelineKey,
				extraData: spec.extraData ?? null,
			}),
		);
	}

	clear(): void {
		for (const timers of this.timers.values()) timers.forEach(clearTimeout);
		this.timers.clear();
		this.byId.clear();
		this.order = [];
		this.totals.clear();
	}

	/** Keeps memory bounded in long runs. */
	private forgetOldest(): void {
		if (this.byId.size <= maxTasks) return;
		const [oldest] = this.byId.values();
		if (oldest && oldest.status !== 'running') this.delete(oldest.taskId);
	}

	private schedule(task: Task, ms: number): void {
		const timers = [
			setTimeout(() => {
				this.end(task);
				void this.listener.completed(task);
			}, ms),
		];
		if (this.log.on) {
			this.log.task(task.taskId, task.taskType, 'running');
			if (task.spec.event === 'openapi-media-translation') {
				for (const [share, stage] of mediaStages) {
					timers.push(
						setTimeout(() => this.log.task(task.taskId, task.taskType, `${share * 100} % ${stage}`), ms * share),
					);
				}
			}
		}
		this.timers.set(task, timers);
	}

	private stopTimers(task: Task): void {
		this.timers.get(task)?.forEach(clearTimeout);
		this.timers.delete(task);
	}

	private end(task: Task): void {
		this.stopTimers(task);
		this.addToTotals(task, -1);
		task.status = task.spec.failure === undefined ? 'finished' : 'failed';
		task.updatedAt = new Date().toISOString();
		this.addToTotals(task, 1);
		task.spec.ended?.(task);
		if (task.spec.runsMs !== undefined) this.log.task(task.taskId, task.taskType, task.status);
	}

	private addToTotals(task: Task, by: number): void {
		for (const key of [
			totalsKey(),
			totalsKey(task.taskType),
			totalsKey(undefined, task.status),
			totalsKey(task.taskType, task.status),
		]) {
			this.totals.set(key, (this.totals.get(key) ?? 0) + by);
		}
	}
}

function totalsKey(taskType = '*', status = '*'): string {
	return `${taskType} ${status}`;
}

/** `data` of `tasks/detail`: a result only when there is one. */
export function taskDetail(task: Task): Json {
	const { taskId, taskType, status } = task;
	return { taskId, taskType, status, result: status === 'finished' ? task.spec.result(task) : null };
}
