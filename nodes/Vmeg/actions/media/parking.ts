import { randomBytes } from 'node:crypto';
import type {
	IDataObject,
	IExecuteFunctions,
	IRunExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';
import { z } from 'zod';

import { CREDENTIAL } from '../../api/client';
import { errorFacts, vmegError } from '../../api/failure';
import { isRecord } from '../../api/record';
import { callWaiting, instanceName, wakeAddress } from '../../trigger/wake';
import type { NodeError } from '../common/items';
import { isToolRun } from '../common/parameters';
import type { Session } from '../common/session';
import { parseTicket } from '../common/submissionTie';
import type { Ticket } from '../common/submissionTie';

/**
 * Waiting without a worker. n8n keeps a waiting execution in its database: its stack of what is to
 * run, and context data of the node, where this node keeps its jobs. When n8n wakes an execution, by
 * a call or by its clock, it marks the entry on top of the stack as disabled, so that what waited does
 * not wait anew but passes its data on. So the node leaves two entries: one on top that has nothing
 * to pass on, and below it itself. It thus runs again, finds what it kept, and goes on where it was:
 * it makes its output or fails as ever, or waits once more.
 */

const job = z.object({
	itemIndex: z.number(),
	taskId: z.string(),
	idempotencyKey: z.string(),
	/** What the source is called, where that is known. */
	name: z.string().optional(),
});
/** A job that VMEG accepted. */
export type Job = z.infer<typeof job>;

const STORE = 'vmegWaiting';
/** How long an execution waits before it looks itself, should no call come. */
const LOOK_AGAIN_MS = 600_000;

const refusal = z.object({
	itemIndex: z.number(),
	message: z.string(),
	description: z.string().nullish(),
	facts: errorFacts,
});

const waiting = z.object({
	execution: z.string(),
	runIndex: z.number(),
	/** What a call must bring along. */
	key: z.string().min(1),
	sinceMs: z.number(),
	/** When the last of its jobs is given up, in milliseconds since 1970. */
	deadlineMs: z.number(),
	jobs: z.array(job),
	/** Items that VMEG took no job for. */
	refusals: z.array(refusal),
});
/** What a waiting execution keeps. */
export type Waiting = z.infer<typeof waiting>;

/** Reads what was kept in n8n's context data of the node. */
export const waitingIn = (store: IDataObject): Waiting | undefined =>
	waiting.safeParse(store[STORE]).data;

const isRunData = (value: unknown): boolean =>
	isRecord(value) &&
	isRecord(value.executionData) &&
	isRecord(value.executionData.contextData) &&
	Array.isArray(value.executionData.nodeExecutionStack);

const withRunData = z.object({ runExecutionData: z.custom<IRunExecutionData>(isRunData) });

/**
 * The state of an execution as n8n stores it. n8n's contexts have it, though their interfaces do not
 * name it: undefined in an n8n where they do not.
 */
export const runDataOf = (
	context: IExecuteFunctions | IWebhookFunctions,
): IRunExecutionData | undefined => withRunData.safeParse(context).data?.runExecutionData;

const runIndexOf = (context: IExecuteFunctions) =>
	Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);

/** What this run of the node kept when it was put to wait; undefined in a run that is at its beginning. */
export function keptWaiting({ context }: Session): Waiting | undefined {
	const kept = waitingIn(context.getContext('node'));
	if (kept === undefined) return undefined;
	const isOurs = kept.execution === context.getExecutionId() && kept.runIndex === runIndexOf(context);
	return isOurs ? kept : undefined;
}

/** Forgets what was kept. */
export function forgetWaiting({ context }: Session): void {
	delete context.getContext('node')[STORE];
}

/** The errors of items that VMEG took no job for, as they were before the execution waited. */
export const refusalsOf = ({ context }: Session, { refusals }: Waiting) =>
	refusals.map(({ itemIndex, message, description, facts }) => ({
		itemIndex,
		error: vmegError(context.getNode(), { message, description: description ?? '', itemIndex, facts }),
	}));

const asRefusal = ({ itemIndex, error }: { itemIndex: number; error: NodeError }) => ({
	itemIndex,
	message: error.message,
	description: error.description,
	facts: refusal.shape.facts.catch({}).parse(error.context.vmeg),
});

/** The address at which n8n wakes this execution, and what signs it; undefined where it is not signed. */
function resumeUrlOf(context: IExecuteFunctions): { url: string; signature: string } | undefined {
	const shape = z.object({ $execution: z.object({ resumeUrl: z.string().url() }) });
	const url = shape.safeParse({ $execution: context.getWorkflowDataProxy(0).$execution }).data
		?.$execution.resumeUrl;
	const signature = url === undefined ? null : new URL(url).searchParams.get('signature');
	return url === undefined || signature === null ? undefined : { url, signature };
}

async function hasWebhookSecret(context: IExecuteFunctions): Promise<boolean> {
	const { webhookSecret } = await context.getCredentials(CREDENTIAL);
	return typeof webhookSecret === 'string' && webhookSecret.trim() !== '';
}

/** Whether this execution can be put to wait, with the ticket for its completions, or why it cannot. */
export type Parking = { ok: true; ticket: Ticket } | { ok: false; reason: string };

const not = (reason: string): Parking => ({ ok: false, reason });

/** An execution that no n8n has. */
const NOBODY = '0';

/** Why n8n cannot call itself at its own address, where it has to be woken; undefined where it can. */
async function selfCallProblem(context: IExecuteFunctions, resumeUrl: string): Promise<string | undefined> {
	const address = wakeAddress(resumeUrl, { execution: NOBODY, signature: '' });
	if (address === undefined) return 'n8n gives this execution no address at which it could be woken';
	const { status, text } = await callWaiting(context, address, { key: '' });
	// n8n says of an execution that it does not know: The execution "0" does not exist.
	if (status === 404 && /execution \\?"0/.test(text)) return undefined;
	const { origin, pathname } = new URL(address);
	const came = status === 0 ? 'no answer came' : `HTTP ${status} came`;
	return `n8n cannot reach itself at its own address ${origin}${pathname} (${came}): check WEBHOOK_URL and the proxy`;
}

/** Finds out whether this execution can be woken. */
export async function findParking({ context }: Session): Promise<Parking> {
	if (isToolRun(context)) return not('an AI agent that uses the node as a tool waits for the answer itself');
	if (!context.getWorkflow().id) return not('n8n can only wake executions of workflows that are saved');
	if (context.getWorkflowSettings().executionOrder !== 'v1') {
		return not("the workflow has n8n's old execution order: choose v1 in its settings");
	}
	if (!(await hasWebhookSecret(context))) {
		return not('the VMEG credential has no Webhook Secret, without which the VMEG Trigger accepts no completion');
	}
	const resume = resumeUrlOf(context);
	if (resume === undefined || runDataOf(context) === undefined) {
		return not('this version of n8n does not sign the addresses at which executions are woken, so others could wake it too');
	}
	const ticket = parseTicket({
		instance: instanceName(context.getInstanceId()),
		execution: context.getExecutionId(),
		signature: resume.signature,
		key: randomBytes(16).toString('hex'),
	});
	if (ticket === undefined) return not('n8n names this execution, or signs its address, in a form that is not known');
	const problem = await selfCallProblem(context, resume.url);
	return problem === undefined ? { ok: true, ticket } : not(problem);
}

/** Says why the node polls, in n8n's log and beside its output. */
export function tellWhyPolling({ context }: Session, reason: string): void {
	const message = `Wait Using Webhook is not possible here, so the node polls: ${reason}.`;
	context.logger.warn(`VMEG: ${message}`);
	if ('addExecutionHints' in context) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
}

/** A run that has submitted its jobs. */
interface Submitted {
	ticket: Ticket;
	sinceMs: number;
	deadlineMs: number;
	jobs: Job[];
	refused: Array<{ itemIndex: number; error: NodeError }>;
}

/** What a run keeps while it waits for its jobs. */
export const toKeep = (
	{ context }: Session,
	{ ticket, refused, ...submitted }: Submitted,
): Waiting => ({
	...submitted,
	execution: context.getExecutionId(),
	runIndex: runIndexOf(context),
	key: ticket.key,
	refusals: refused.map(asRefusal),
});

/** Puts the execution to wait for its jobs, so that the node runs again when n8n wakes it. */
export async function park(session: Session, kept: Waiting): Promise<void> {
	const { context } = session;
	const stack = runDataOf(context)?.executionData?.nodeExecutionStack;
	if (stack === undefined) throw new Error('n8n has no stack of this execution');
	context.getContext('node')[STORE] = kept;

	const entry = context.getExecuteData();
	stack.unshift({ ...entry, runIndex: kept.runIndex });
	// n8n puts this one on top; an item of its own would go on to the next node
	entry.node = { ...entry.node, alwaysOutputData: false };
	entry.data = { main: [[]] };

	const untilMs = Math.min(kept.deadlineMs, Date.now() + LOOK_AGAIN_MS);
	session.progress(
		`execution ${kept.execution} waits for ${kept.jobs.length} tasks, without a worker, and looks by itself at ${new Date(untilMs).toISOString()}`,
	);
	await context.putExecutionToWait(new Date(untilMs));
}
