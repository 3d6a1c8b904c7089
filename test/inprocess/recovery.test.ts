import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { NODE } from './n8n';
import { useSandbox } from './sandboxed';
import { DUBBING } from '../dubbing';

const vmeg = useSandbox();

const texts = [{ text: 'One' }, { text: 'Two' }];
const text = { resource: 'text', sourceLanguage: 'en-US', targetLanguage: 'de-DE', text: '={{ $json.text }}' };
const speech = { resource: 'speech', text: '={{ $json.text }}' };
const voice = { resource: 'voice', refAudio: 'https://example.com/anna.wav', voiceName: 'Anna' };
const media = {
	...DUBBING,
};

/** Each billed call, with what its output must hold. */
const CALLS: Array<[string, string, INodeParameters, IDataObject[]]> = [
	['Text > Translate', '/task/translate/create', { ...text, operation: 'translate' }, [{ translation: '[de-DE] One' }, { translation: '[de-DE] Two' }]],
	['Text > Submit', '/task/translate/create-async', { ...text, operation: 'submit' }, [{ segmentCount: 2 }]],
	['Media > Submit', '/task/media-translation/create-async', { ...media, operation: 'submit' }, [{ taskType: 'vt' }]],
	['Media > Submit and Wait', '/task/media-translation/create-async', { ...media, operation: 'submitAndWait' }, [{ status: 'finished' }]],
	['Speech > Synthesize', '/task/tts/create', { ...speech, operation: 'synthesize' }, [{ segmentIndex: 0 }, { segmentIndex: 1 }]],
	['Speech > Submit', '/task/tts/create-async', { ...speech, operation: 'submit' }, [{ segmentCount: 2 }]],
	['Voice > Clone', '/task/clone-voice/create', { ...voice, operation: 'clone' }, [{ voiceId: expect.stringMatching(/^cv_/) }]],
	['Voice > Submit Clone', '/task/clone-voice/create-async', { ...voice, operation: 'submitClone' }, [{ taskType: 'cloneVoice' }]],
];
const itemsOf = (parameters: INodeParameters) => ('text' in parameters ? texts : [{}]);

/** Lets VMEG accept another job of the same kind, as another workflow of the account would. */
async function anotherJob(path: string, parameters: INodeParameters): Promise<void> {
	const others = [{ text: 'Something else' }];
	const { error } = await vmeg.run({
		parameters: { ...parameters, ...(parameters.operation === 'submitAndWait' ? { operation: 'submit' } : {}) },
		items: 'text' in parameters ? others : [{}],
		executionId: 'another',
	});
	expect(error).toBeUndefined();
	expect(vmeg.sandbox.journal.requests(path)).toHaveLength(1);
}

describe.each(CALLS)('%s, when VMEG accepted it and the answer got lost', (_, path, parameters, expected) => {
	it('finds its task, and is billed once', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		const { json, error } = await vmeg.run({ parameters, items: itemsOf(parameters) });

		expect(error).toBeUndefined();
		const [task, ...others] = vmeg.sandbox.tasks();
		expect(others).toEqual([]);
		expect(json).toMatchObject(expected.map((one) => ({ ...one, taskId: task?.taskId })));
	});

	it('names no task where it could be another one, and says how to find it', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 2 });
		await anotherJob(path, parameters);
		const { error } = await vmeg.run({ parameters, items: itemsOf(parameters) });

		expect(error?.message).toMatch(/: VMEG accepted this submission, but its answer was lost on the way$/);
		expect(error?.description).toContain('will not be billed twice');
		expect(error?.description).toContain('To find it, use VMEG > Task > Get Many');
		const { body } = vmeg.sandbox.journal.requests(path)[1] ?? {};
		const submissionId: unknown = Object(Object(Object(body).extraData).vmegSubmission).id;
		if (path.endsWith('-async')) expect(error?.description).toContain(`vmegSubmission.id is ${String(submissionId)}`);
		expect(vmeg.sandbox.tasks()).toHaveLength(2);
		const keys = vmeg.sandbox.journal.requests(path).map(({ idempotencyKey }) => idempotencyKey);
		expect(new Set(keys).size).toBe(2);
	}, 20_000);
});

describe('A lost answer', () => {
	const path = '/task/translate/create';
	const parameters = { ...text, operation: 'translate' };

	it('of one request of many is found beside the others, which are known', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 2 });
		const items = Array.from({ length: 170 }, (_, index) => ({ text: `Line ${index}` }));
		const { json, error } = await vmeg.run({ parameters, items });

		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual(items.map((item) => `[de-DE] ${item.text}`));
		expect(vmeg.sandbox.tasks()).toHaveLength(4);
	});

	it('is found by the next try of Retry On Fail, where the first could not look', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		vmeg.sandbox.addFault({ kind: 'status', path: '/tasks/list', nth: 1, code: 403, message: 'Not now' });
		const { json, error } = await vmeg.run({
			parameters,
			items: texts,
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});

		expect(error).toBeUndefined();
		expect(json.map(({ translation }) => translation)).toEqual(['[de-DE] One', '[de-DE] Two']);
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
	});

	it('of an earlier try is told, whatever the next try fails of', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		vmeg.sandbox.addFault({ kind: 'status', path: '/tasks/list', code: 403, message: 'Not now' });
		vmeg.sandbox.addFault({ kind: 'status', path, nth: 4, code: 402, message: 'Empty' });
		const { error } = await vmeg.run({
			parameters: { ...parameters, options: { batchSize: 1, maxConcurrency: 1 } },
			items: texts,
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		const [lost] = vmeg.sandbox.journal.requests(path);
		const accepted = vmeg.sandbox.tasks().map(({ taskId }) => taskId);
		expect(accepted).toHaveLength(2);
		expect(error?.message).toBe('Item 0: The VMEG account has no credits left for this');
		expect(error?.description).toContain(`whose answers are missing: ${lost?.idempotencyKey}.`);
		expect(accepted.filter((taskId) => error?.description?.includes(taskId))).toHaveLength(1);
	});

	it('to a worker that was lost is not looked for, but how to find it is said when n8n runs the execution again', async () => {
		const submit = { ...text, operation: 'submit' };
		const path = '/task/translate/create-async';
		await vmeg.run({ parameters: submit, items: texts, executionId: '7' });
		const { error } = await vmeg.run({ parameters: submit, items: texts, executionId: '7' });
		const { body } = vmeg.sandbox.journal.requests(path)[0] ?? {};
		const submissionId: unknown = Object(Object(Object(body).extraData).vmegSubmission).id;
		expect(error?.message).toBe('Items 0 to 1: VMEG has already accepted this submission');
		expect(error?.description).toContain(`There extraData.vmegSubmission.id is ${String(submissionId)}.`);
		expect(vmeg.sandbox.tasks()).toHaveLength(1);
	});

	it('of an earlier execution is not looked for: its key says only that it was accepted', async () => {
		const own = { ...parameters, options: { idempotencyKey: 'row-7' } };
		await vmeg.run({ parameters: own, items: texts });
		const { error } = await vmeg.run({ parameters: own, items: texts, executionId: '2' });
		expect(error?.message).toBe('Items 0 to 1: VMEG has already accepted this submission');
		expect(vmeg.sandbox.journal.requests('/tasks/list')).toHaveLength(0);
	});

	it('whose task failed brings the ID of the task', async () => {
		vmeg.sandbox.addFault({ kind: 'dropAfter', path, nth: 1 });
		vmeg.sandbox.addFault({ kind: 'status', path: '/tasks/detail', code: 404, message: 'Gone' });
		const { json } = await vmeg.run({
			parameters,
			items: texts,
			settings: { name: NODE, onError: 'continueRegularOutput' },
		});
		const { taskId } = vmeg.sandbox.tasks()[0] ?? {};
		expect(json[0]).toMatchObject({
			error: 'Items 0 to 1: VMEG accepted this submission, but its answer was lost on the way',
			details: { taskId, description: expect.stringContaining(`It is task ${taskId}`) },
		});
	});
});
