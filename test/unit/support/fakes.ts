import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
} from 'n8n-workflow';

import type { Session } from '../../../nodes/Vmeg/actions/common/session';
import type { VmegClient } from '../../../nodes/Vmeg/api/client';

/**
 * An object of which only the given members exist for the code under test: to touch any other one
 * fails the test with its name. That is what makes the type it claims an honest one.
 */
export function fake<T extends object>(members: Partial<T>): T {
	return new Proxy(members, {
		get(target, name) {
			const isAsked = name in target || typeof name === 'symbol' || name === 'then';
			if (!isAsked) throw new Error(`The test has no fake for "${name}"`);
			return Reflect.get(target, name);
		},
	}) as T;
}

export const node: INode = {
	id: '5f2a',
	name: 'VMEG',
	type: 'n8n-nodes-vmeg.vmeg',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** What the fake VMEG answers to one attempt; an error stands for a request without an answer. */
export type Reply = Error | { statusCode?: number; headers?: IDataObject; body: string };

/** An answer as VMEG gives it: HTTP status and `code` are the same (API contract §1). */
export const answer = (code: number, data: unknown = null, more: IDataObject = {}): Reply => ({
	statusCode: code,
	body: JSON.stringify({ code, message: more.message ?? '', data }),
	headers: (more.headers ?? {}) as IDataObject,
});

/** A request that failed before an answer came, as Node.js reports it. */
export const networkFault = (code: string): Error =>
	Object.assign(new Error(`failed: ${code}`), { code });

interface FakeVmegOptions {
	baseUrl?: string;
	/** The signal with which n8n cancels the execution. */
	cancelled?: AbortSignal;
	/** Runs at each attempt, before the answer. */
	onRequest?: (options: IHttpRequestOptions) => Promise<void> | void;
}

/** An n8n context whose HTTP helper plays VMEG: one reply an attempt, the last one for ever. */
export function fakeVmeg(replies: Reply[], { baseUrl, cancelled, onRequest }: FakeVmegOptions = {}) {
	/** Copies of the requests, with the moment at which each one was sent. */
	const requests: Array<IHttpRequestOptions & { atMs: number; credential: string }> = [];
	const helpers = fake<IExecuteFunctions['helpers']>({
		httpRequestWithAuthentication: async (credential: string, options: IHttpRequestOptions) => {
			requests.push({ ...structuredClone(options), credential, atMs: Date.now() });
			const reply = replies[Math.min(requests.length, replies.length) - 1];
			await onRequest?.(options);
			// n8n's own helper changes the options it is given
			options.headers = { Authorization: 'Bearer SECRET-KEY' };
			delete options.body;
			delete options.qs;
			if (reply === undefined || reply instanceof Error) throw reply ?? new Error('no reply');
			return { statusCode: 200, headers: {}, ...reply };
		},
	});
	const context = fake<IExecuteFunctions>({
		helpers,
		getCredentials: jest.fn().mockResolvedValue({
			apiKey: 'SECRET-KEY',
			baseUrl: baseUrl ?? 'https://api.vmeg.ai',
		}),
		...(cancelled && { getExecutionCancelSignal: () => cancelled }),
	});
	return { context, requests };
}

interface FakeContextOptions {
	/** By name; a list holds one value for each item. */
	parameters?: IDataObject;
	continueOnFail?: boolean;
	/** Settings of the node itself. */
	settings?: Pick<INode, 'onError' | 'retryOnFail'>;
}

/** An n8n context for code that reads parameters. */
export function fakeContext({
	parameters = {},
	continueOnFail = false,
	settings,
}: FakeContextOptions = {}): IExecuteFunctions {
	return fake<IExecuteFunctions>({
		getNode: () => ({ ...node, ...settings }),
		continueOnFail: () => continueOnFail,
		getNodeParameter: jest
			.fn()
			.mockImplementation((name: string, itemIndex: number, fallback?: unknown, how?: object): unknown => {
				const value = parameters[name];
				const isRaw = how !== undefined && 'rawExpressions' in how;
				// what differs from item to item can only be an expression
				if (isRaw && Array.isArray(value)) return '={{ $json }}';
				return (Array.isArray(value) ? value[itemIndex] : value) ?? fallback;
			}),
	});
}

/** The session of a run over `items`, for code that sends nothing through the client. */
export function fakeSession(
	items: INodeExecutionData[],
	{ context = fakeContext(), ...members }: Partial<Session> = {},
) {
	const accepted: Session['accepted'] = {
		get: jest.fn(),
		set: jest.fn(),
		taskIds: () => [],
		lostSince: () => undefined,
		setLost: jest.fn(),
		allLost: () => [],
		close: jest.fn(),
	};
	const stop = jest.fn();
	return fake<Session>({ context, items, accepted, stop, client: fake<VmegClient>({}), ...members });
}
