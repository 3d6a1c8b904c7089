import type { DeliveryEntry, RequestEntry } from './journal';

type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'grey';
const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, blue: 36, grey: 90 };

/** One line per request, delivery and step of a task, for a person to follow. */
export class Log {
	readonly on: boolean;

	constructor(
		private readonly write: ((line: string) => void) | undefined,
		private readonly colours: boolean,
	) {
		this.on = write !== undefined;
	}

	request(entry: RequestEntry): void {
		if (!this.on) return;
		const colour = entry.code === 0 || entry.code >= 500 ? 'red' : entry.code >= 400 ? 'yellow' : 'green';
		const parts = [
			`${entry.method} ${entry.path.replace('/openapi/v1', '')}`,
			this.paint(entry.code === 0 ? 'dropped' : String(entry.code), colour),
			this.paint(`${entry.ms} ms`, 'grey'),
		];
		if (entry.credits > 0) parts.push(`${entry.credits} credits`);
		if (entry.taskId !== undefined) parts.push(`task ${entry.taskId}`);
		if (entry.faults.length > 0) parts.push(this.paint(`fault ${entry.faults.join(', ')}`, 'red'));
		if (entry.message !== undefined) parts.push(this.paint(entry.message, 'grey'));
		this.line(parts.join('  '));
	}

	delivery(entry: DeliveryEntry): void {
		if (!this.on) return;
		const good = entry.status >= 200 && entry.status < 300;
		const outcome = entry.status === 0 ? (entry.error ?? 'no answer') : String(entry.status);
		this.line(
			`webhook ${entry.event}  ${this.paint(outcome, good ? 'green' : 'red')}  ` +
				`attempt ${entry.attempt}  task ${entry.taskId}  ${this.paint(entry.url, 'grey')}`,
		);
	}

	task(taskId: string, taskType: string, what: string): void {
		if (!this.on) return;
		const colour = what === 'failed' ? 'red' : what === 'finished' ? 'green' : 'blue';
		this.line(`task ${taskId}  ${taskType}  ${this.paint(what, colour)}`);
	}

	note(text: string): void {
		if (this.on) this.line(text);
	}

	private line(text: string): void {
		this.write?.(`${this.paint(new Date().toISOString().slice(11, 23), 'grey')}  ${text}`);
	}

	private paint(text: string, colour: Colour): string {
		return this.colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
	}
}
