/** What goes wrong at the sandbox during a run, each kind with a probability and a seed of its own. */
import type { ActiveFault, FaultRule, Sandbox } from '../../../sandbox';
import { seededRandom } from '../../../sandbox/random';

interface NamedFault {
	/** As the table of the audit calls it. */
	name: string;
	probability: number;
	rule: FaultRule;
}

const submissions = { method: 'POST', path: '/task/' };
const reads = { method: 'GET', path: '/tasks/' };
const proxyPage = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';

const submissionFaults: NamedFault[] = [
	{ name: 'dropped before acceptance', probability: 0.03, rule: { kind: 'dropBefore' } },
	{ name: 'dropped after acceptance', probability: 0.03, rule: { kind: 'dropAfter' } },
	{ name: '429 with Retry-After', probability: 0.02, rule: { kind: 'status', code: 429, retryAfter: 1 } },
	{ name: '429 without Retry-After', probability: 0.02, rule: { kind: 'status', code: 429 } },
	{ name: '500', probability: 0.02, rule: { kind: 'status', code: 500 } },
	{ name: '502', probability: 0.02, rule: { kind: 'status', code: 502 } },
	{ name: '502 after acceptance', probability: 0.015, rule: { kind: 'status', code: 502, processed: true } },
	{ name: 'truncated JSON', probability: 0.015, rule: { kind: 'truncate' } },
	{ name: 'not JSON', probability: 0.01, rule: { kind: 'status', code: 200, rawBody: 'OK', contentType: 'text/plain' } },
	{ name: 'HTML page of a proxy', probability: 0.02, rule: { kind: 'status', code: 502, rawBody: proxyPage } },
	{
		name: 'HTML page of a proxy after acceptance',
		probability: 0.01,
		rule: { kind: 'status', code: 502, rawBody: proxyPage, processed: true },
	},
	{ name: 'HTTP 200, failing code 500', probability: 0.02, rule: { kind: 'failingEnvelope', code: 500 } },
	{ name: 'HTTP 200, failing code 422', probability: 0.005, rule: { kind: 'failingEnvelope', code: 422 } },
	{ name: 'slow body', probability: 0.02, rule: { kind: 'slowBody', ms: 1_500 } },
].map(({ rule, ...fault }) => ({ ...fault, rule: { ...submissions, ...rule } as FaultRule }));

const readFaults: NamedFault[] = [
	{ name: 'reads: dropped', probability: 0.03, rule: { ...reads, kind: 'dropBefore' } },
	{ name: 'reads: 500', probability: 0.03, rule: { ...reads, kind: 'status', code: 500 } },
	{ name: 'reads: HTML page', probability: 0.03, rule: { ...reads, kind: 'status', code: 502, rawBody: proxyPage } },
];

const callbackFaults: NamedFault[] = [
	{ name: 'callbacks: copies at once', probability: 0.08, rule: { kind: 'webhookDuplicate', times: 2, concurrent: true } },
	{ name: 'callbacks: copies in a row', probability: 0.05, rule: { kind: 'webhookDuplicate', times: 1 } },
	{ name: 'callbacks: late, out of order', probability: 0.1, rule: { kind: 'webhookDelay', ms: 3_000 } },
	{ name: 'callbacks: before the answer', probability: 0.05, rule: { kind: 'webhookEarly' } },
	{ name: 'callbacks: clock 250 s behind', probability: 0.03, rule: { kind: 'webhookSkew', ms: -250_000 } },
	{ name: 'callbacks: clock 250 s ahead', probability: 0.03, rule: { kind: 'webhookSkew', ms: 250_000 } },
	{ name: 'callbacks: clock 400 s behind', probability: 0.03, rule: { kind: 'webhookSkew', ms: -400_000 } },
	{ name: 'callbacks: clock 400 s ahead', probability: 0.03, rule: { kind: 'webhookSkew', ms: 400_000 } },
];

/** Puts all faults in force; the result tells how often each has struck. */
export function inject(sandbox: Sandbox, seed: number): () => Map<string, number> {
	const random = seededRandom(seed);
	const active = [...submissionFaults, ...readFaults, ...callbackFaults].map(
		({ name, probability, rule }): [string, ActiveFault] => {
			const ownSeed = Math.floor(random() * 2 ** 31);
			return [name, sandbox.addFault({ ...rule, probability, seed: ownSeed })];
		},
	);
	return () => new Map(active.map(([name, { hits }]) => [name, hits]));
}
