/** The workflows that submit, and how they are run one after another while n8n may be away. */
import { seededRandom } from '../../../sandbox/random';
import { VMEG_CREDENTIAL, VMEG_NODE, VMEG_TRIGGER_NODE } from '../harness/n8n';
import type { Execution, N8nClient, WorkflowDefinition } from '../harness/n8n';
import { sleep, until } from '../harness/process';
import { DUBBING } from '../../dubbing';

/** The node that is watched in every submitting workflow. */
export const SUBMITTER = 'VMEG';
export const TRIGGER = 'VMEG Trigger';

export interface Credential {
	id: string;
	name: string;
}

/** One submitting workflow. */
export interface Variant {
	name: string;
	/** How many items each execution has. */
	items: number;
	/** How often it is chosen, compared with the others. */
	weight: number;
	parameters: Record<string, unknown>;
	/** On Error, Retry On Fail. */
	settings?: Record<string, unknown>;
}

const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 };
const goOn = { onError: 'continueRegularOutput' };
const toErrorOutput = { onError: 'continueErrorOutput' };

const options = { maxConcurrency: 8 };
const text = { resource: 'text', sourceLanguage: 'en-US', targetLanguage: 'de-DE', text: '={{ $json.line }}' };
const media = {
	...DUBBING,
	sourceUrl: '={{ $json.url }}',
};
const submitTexts = { ...text, operation: 'submit', options: { ...options, batchSize: 1 } };
const translateTexts = { ...text, operation: 'translate', options: { ...options, batchSize: 3 } };
const voice = { resource: 'voice', operation: 'submitClone', refAudio: '={{ $json.url }}', voiceName: '={{ $json.line }}', options };
const speech = { resource: 'speech', operation: 'submit', text: '={{ $json.line }}', options: { ...options, batchSize: 2 } };

/** All of them; each item of an execution is one line that is found again in VMEG's journal. */
export const variants: Variant[] = [
	{ name: 'texts, go on', items: 40, weight: 6, parameters: submitTexts, settings: goOn },
	{ name: 'texts, retry', items: 40, weight: 5, parameters: submitTexts, settings: retry },
	{ name: 'texts, retry and go on', items: 40, weight: 3, parameters: submitTexts, settings: { ...retry, ...goOn } },
	{ name: 'texts, stop', items: 40, weight: 3, parameters: submitTexts },
	{ name: 'translate, retry', items: 24, weight: 2, parameters: translateTexts, settings: retry },
	{ name: 'translate, error output', items: 24, weight: 2, parameters: translateTexts, settings: toErrorOutput },
	{ name: 'media, go on', items: 8, weight: 2, parameters: { ...media, operation: 'submit', options }, settings: goOn },
	{ name: 'media, stop', items: 8, weight: 1, parameters: { ...media, operation: 'submit', options } },
	{
		name: 'media and wait, retry',
		items: 5,
		weight: 2,
		parameters: { ...media, operation: 'submitAndWait', options: { ...options, pollInterval: 2, timeout: 60 } },
		settings: retry,
	},
	{ name: 'speech, go on', items: 16, weight: 2, parameters: speech, settings: goOn },
	{ name: 'speech, retry', items: 16, weight: 2, parameters: speech, settings: retry },
	{ name: 'voices, go on', items: 6, weight: 2, parameters: voice, settings: goOn },
];

/** One submission that cannot arrive. */
export const unreachable: Variant = { name: 'unreachable', items: 2, weight: 0, parameters: submitTexts };

const node = (index: number, name: string, type: string, typeVersion: number, parameters: object) => ({
	id: `c4a05000-0000-4000-8000-00000000000${index}`,
	name,
	type,
	typeVersion,
	position: [index * 200, 0] as [number, number],
	parameters: { ...parameters },
});

/** A line names its execution and its place: `x<execution>x<item>x`. */
const makeItems = (count: number) => `return Array.from({ length: ${count} }, (_, index) => {
	const line = 'x' + $execution.id + 'x' + index + 'x';
	return { json: { line, url: 'https://example.com/' + line + '.mp4' } };
});`;

/** A submitting workflow as n8n takes it. */
export const submitter = ({ name, items, parameters, settings }: Variant, credential: Credential): WorkflowDefinition => ({
	name,
	nodes: [
		node(1, 'Start Here', 'n8n-nodes-base.manualTrigger', 1, {}),
		node(2, 'Items', 'n8n-nodes-base.code', 2, { jsCode: makeItems(items) }),
		{ ...node(3, SUBMITTER, VMEG_NODE, 1, parameters), ...settings, credentials: { [VMEG_CREDENTIAL]: credential } },
	],
	connections: {
		'Start Here': { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
		Items: { main: [[{ node: SUBMITTER, type: 'main', index: 0 }]] },
	},
});

/** The workflow that receives the completions. */
export const receiver = (credential: Credential): WorkflowDefinition => ({
	name: 'Receive completions',
	nodes: [
		{
			...node(4, TRIGGER, VMEG_TRIGGER_NODE, 1, {
				events: ['openapi-clone-voice', 'openapi-media-translation', 'openapi-translate', 'openapi-tts'],
				outcome: 'all',
			}),
			credentials: { [VMEG_CREDENTIAL]: credential },
			webhookId: 'c4a05000-0000-4000-8000-0000000000aa',
		},
	],
	connections: {},
});

/** Asks n8n until it answers: it may be down at the moment. */
export async function persistently<T>(what: string, ask: () => Promise<T>, timeoutMs = 180_000): Promise<T> {
	return await until(what, async () => await ask().catch(() => undefined), { timeoutMs, everyMs: 500 });
}

/** Starts one execution and waits until it is over, across crashes of n8n. */
export async function runToItsEnd(n8n: N8nClient, workflowId: string): Promise<Execution> {
	const target = { triggerName: 'Start Here' };
	const id = await persistently('n8n to start an execution', async () => await n8n.runWorkflow(workflowId, target));
	const wait = async () => await n8n.waitForExecution(id, { timeoutMs: 400_000 });
	return await persistently(`execution ${id} to end`, wait, 400_000);
}

/** Runs workflows of a seeded sequence, some at once, until enough is done. */
export async function keepRunning(
	workflows: Array<{ id: string; weight: number }>,
	seed: number,
	{ concurrency, isEnough, run }: { concurrency: number; isEnough: () => boolean; run: (id: string) => Promise<unknown> },
): Promise<void> {
	const random = seededRandom(seed);
	const total = workflows.reduce((sum, { weight }) => sum + weight, 0);
	// every workflow once, then as the dice fall
	const first = workflows.map(({ id }) => id).values();
	const next = (): string => {
		const { value } = first.next();
		if (value !== undefined) return value;
		let left = random() * total;
		const chosen = workflows.find(({ weight }) => (left -= weight) < 0);
		return chosen?.id ?? workflows[0]?.id ?? '';
	};
	const lane = async (index: number) => {
		await sleep(index * 300);
		while (!isEnough()) await run(next());
	};
	await Promise.all(Array.from({ length: concurrency }, (_, index) => lane(index)));
}
