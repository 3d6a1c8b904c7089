import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import { simplifyResult } from '../actions/common/simplify';
import { withoutTicket } from '../actions/common/submissionTie';
import { numeric } from '../api/envelope';
import { isRecord } from '../api/record';

/** The completion events of the API (API contract §9). */
export const EVENTS = [
	'openapi-clone-voice',
	'openapi-media-translation',
	'openapi-translate',
	'openapi-tts',
] as const;
export type EventName = (typeof EVENTS)[number];

export const OUTCOMES = ['all', 'succeeded', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The parameter `outcome`; anything unknown lets every event pass rather than lose one. */
export const outcomeOf = (value: unknown): Outcome => z.enum(OUTCOMES).catch('all').parse(value);

const isTaskId = (value: unknown) =>
	typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');

const completion = z
	.object({
		event: z.enum(EVENTS),
		code: numeric,
		version: z.union([z.string(), z.number().transform(String)]).nullish().catch(undefined),
		pipelineKey: z.string().trim().min(1).nullish().catch(undefined),
		message: z
			.string()
			.nullish()
			.catch(({ input }) => JSON.stringify(input)),
		extraData: z.unknown(),
		data: z.record(z.unknown()).nullish(),
	})
	.passthrough()
	.refine(({ pipelineKey, data }) => pipelineKey || isTaskId(data?.taskId), {
		message: 'neither pipelineKey nor data.taskId',
	});
export type Completion = z.infer<typeof completion>;

/** What a signed body turns out to be. */
export type Parsed =
	| { kind: 'completion'; completion: Completion }
	/** Signed, and of no event we know: VMEG's connectivity test, or an event of a later API. */
	| { kind: 'other' }
	| { kind: 'invalid'; reason: string };

const isKnown = (event: unknown): event is EventName => EVENTS.some((name) => name === event);

/** Far more levels than any event has; n8n itself cannot store data of thousands of levels. */
const MAX_DEPTH = 200;

/** Whether JSON text opens more brackets inside one another than the limit. */
function isTooDeep(text: string): boolean {
	let depth = 0;
	let inString = false;
	for (let index = 0; index < text.length; index++) {
		const character = text[index];
		if (inString) {
			if (character === '\\') index++;
			else if (character === '"') inString = false;
		} else if (character === '"') inString = true;
		else if (character === '{' || character === '[') depth++;
		else if (character === '}' || character === ']') depth--;
		if (depth > MAX_DEPTH) return true;
	}
	return false;
}

/** Reads the raw bytes of a signed callback; unknown fields are tolerated. */
export function parseEvent(rawBody: Buffer): Parsed {
	const text = rawBody.toString('utf8');
	if (isTooDeep(text)) return { kind: 'invalid', reason: 'The body is nested too deeply' };
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		return { kind: 'invalid', reason: 'The body is not JSON' };
	}
	if (!isRecord(body)) return { kind: 'invalid', reason: 'The body is not a JSON object' };
	if (!isKnown(body.event)) return { kind: 'other' };
	const parsed = completion.safeParse(body);
	if (parsed.success) return { kind: 'completion', completion: parsed.data };
	const issue = parsed.error.issues[0];
	return {
		kind: 'invalid',
		reason: `Not a completion event: ${[...(issue?.path ?? []), issue?.message].join(' ')}`,
	};
}

/** A task succeeded if and only if its code is 200 (API contract §9). */
export const hasSucceeded = ({ code }: Completion): boolean => code === 200;

/** Whether the user of this trigger asked for such an event. */
export function isWanted(
	event: Completion,
	{ events, outcome }: { events: readonly string[]; outcome: Outcome },
): boolean {
	if (!events.includes(event.event)) return false;
	return outcome === 'all' || (outcome === 'succeeded') === hasSucceeded(event);
}

/** What a completion is known by: its `pipelineKey`, on the oldest API its event and task. */
export function deliveryKey(event: IDataObject): string {
	if (typeof event.pipelineKey === 'string' && event.pipelineKey !== '') return event.pipelineKey;
	return `${String(event.event)}:${String(event.taskId)}`;
}

/** The task that is over; null where the event names none. */
export function taskIdOf({ data }: Completion): string | null {
	const taskId = data?.taskId;
	return typeof taskId === 'string' || typeof taskId === 'number' ? String(taskId) : null;
}

/**
 * The item that the trigger emits: flat fields first, VMEG's own `data` untouched beside them, and
 * no ticket.
 */
export function toItem(event: Completion): IDataObject {
	const { code, message, version, pipelineKey, extraData, data } = event;
	const result = event.event === 'openapi-media-translation' ? data?.result : data;
	return {
		event: event.event,
		succeeded: hasSucceeded(event),
		code,
		message: message ?? '',
		version: version ?? null,
		pipelineKey: pipelineKey ?? null,
		taskId: taskIdOf(event),
		extraData: (withoutTicket(extraData) ?? null) as IDataObject | null,
		...simplifyResult(result),
		data: (data ?? null) as IDataObject | null,
	};
}
