import path from 'node:path';

import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { startSandbox } from '../../sandbox';
import type { RequestEntry, Sandbox } from '../../sandbox';
import { runVmeg } from '../../test/inprocess/n8n';
import { isCut, steadier } from './steady';

const SAMPLE_VIDEO = path.resolve(__dirname, '../../examples/media/mountain-shop.mp4');
const SEED = 1;
/** Above the size up to which a file goes in one request. */
const LARGE_FILE_BYTES = 9 * 1024 * 1024;

/** What a run starts from, beside the operation itself. */
interface Start {
	parameters: INodeParameters;
	items?: Array<IDataObject | INodeExecutionData>;
}

type Run = (start: Start) => Promise<IDataObject[]>;

/** Brings about what the operation needs, and says how it is called. */
type Scene = (stage: { sandbox: Sandbox; run: Run }) => Start | Promise<Start>;

interface Scenes {
	/** One item comes out per this; for the overview. */
	per: string;
	/** The run that is shown. */
	shown: Scene;
	/** Further runs, for calls that the first does not make. */
	others?: Scene[];
}

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const file = (fileName: string, mimeType: string, bytes: Buffer | string): INodeExecutionData => ({
	json: {},
	binary: { data: { fileName, mimeType, data: Buffer.from(bytes).toString('base64') } },
});

const languages = { sourceLanguage: 'en-US', targetLanguage: 'de-DE' };
const fromField = { text: '={{ $json.title }}' };
const titles = [{ sku: 'MS-1003', title: 'Head torch with red light' }];
const sampleUrl = 'https://example.com/anna.wav';

const SUBTITLES = '1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n\n2\n00:00:04,000 --> 00:00:06,000\nANNA: Coffee?\n';

const submitText: Start = {
	parameters: { resource: 'text', operation: 'submit', ...languages, ...fromField },
	items: titles,
};
const submitVideo: Start = {
	parameters: {
		resource: 'media',
		operation: 'submit',
		...{ targetLanguage: 'de-DE', materialSource: 'url', sourceUrl: 'https://example.com/lesson-1.mp4' },
	},
};
const synthesize: Start = {
	parameters: { resource: 'speech', operation: 'synthesize', ...fromField, voiceId: byId('sv_0001') },
	items: titles,
};
const clone: Start = {
	parameters: { resource: 'voice', operation: 'clone', refAudio: sampleUrl, voiceName: 'Anna' },
};

const task = { taskId: byId('={{ $json.taskId }}') };
const material = { materialId: byId('={{ $json.materialId }}') };
const voice = { voiceId: byId('={{ $json.voiceId }}') };

async function only(field: string, run: Run, start: Start): Promise<IDataObject> {
	const [item] = await run(start);
	return { [field]: item?.[field] };
}

const addVideo = async ({ sandbox }: { sandbox: Sandbox }) => {
	const { materialId } = await sandbox.addMaterial({ name: 'mountain-shop.mp4', path: SAMPLE_VIDEO });
	return { materialId };
};

const dubFile: Scene = () => ({
	parameters: { targetLanguage: 'de-DE', materialSource: 'binary' },
	items: [file('clip.mp4', 'video/mp4', 'not really a video')],
});

const twoVoices = (start: Start): Start => ({
	parameters: { ...start.parameters, voiceId: byId('={{ $json.voiceId }}') },
	items: ['sv_0001', 'sv_0002'].map((voiceId) => ({ voiceId, title: 'Hello' })),
});
const submitSpeech: Start = {
	...synthesize,
	parameters: { ...synthesize.parameters, operation: 'submit' },
};

/** How each operation is shown: every one of the node must be here, and a test says so. */
export const scenes: Record<string, Record<string, Scenes>> = {
	text: {
		translate: {
			per: 'item and language',
			shown: () => ({ parameters: { ...languages, ...fromField }, items: titles }),
		},
		translateSubtitles: {
			per: 'item and language',
			shown: () => ({
				parameters: { ...languages },
				items: [file('film.srt', 'application/x-subrip', SUBTITLES)],
			}),
		},
		submit: { per: 'task (up to 50 items)', shown: () => submitText },
	},
	media: {
		submit: {
			per: 'item',
			shown: () => submitVideo,
			others: [dubFile],
		},
		submitAndWait: {
			per: 'item',
			shown: async (stage) => ({
				parameters: { targetLanguage: 'de-DE', materialSource: 'materialId', ...material },
				items: [await addVideo(stage)],
			}),
			others: [
				dubFile,
				async (stage) => ({
					parameters: {
						targetLanguage: 'de-DE',
						materialSource: 'materialId',
						...material,
						options: { download: ['video'] },
					},
					items: [await addVideo(stage)],
				}),
			],
		},
	},
	speech: {
		synthesize: {
			per: 'item',
			shown: () => synthesize,
			others: [
				() => twoVoices(synthesize),
				() => ({ ...synthesize, parameters: { ...synthesize.parameters, download: true } }),
			],
		},
		submit: {
			per: 'task (up to 50 items)',
			shown: () => submitSpeech,
			others: [() => twoVoices(submitSpeech)],
		},
	},
	voice: {
		clone: { per: 'item', shown: () => clone },
		submitClone: {
			per: 'item',
			shown: () => ({ ...clone, parameters: { ...clone.parameters, operation: 'submitClone' } }),
		},
		getAll: {
			per: 'voice',
			shown: () => ({
				parameters: { voiceType: 'system', limit: 1, filters: { locale: 'en-US', gender: 'female' } },
			}),
			others: [
				async ({ run }) => {
					await run(clone);
					return { parameters: { voiceType: 'cloned' } };
				},
			],
		},
		rename: {
			per: 'item',
			shown: async ({ run }) => ({
				parameters: { ...voice, voiceName: 'Anna, narrator' },
				items: [await only('voiceId', run, clone)],
			}),
		},
		delete: {
			per: 'item',
			shown: async ({ run }) => ({ parameters: voice, items: [await only('voiceId', run, clone)] }),
		},
	},
	material: {
		upload: {
			per: 'item',
			shown: () => ({ parameters: {}, items: [file('lesson-1.mp4', 'video/mp4', 'not really a video')] }),
			others: [
				() => ({
					parameters: {},
					items: [file('film.mp4', 'video/mp4', Buffer.alloc(LARGE_FILE_BYTES))],
				}),
				({ sandbox }) => {
					sandbox.addFault({ kind: 'status', method: 'PUT', path: '/storage', code: 400 });
					return {
						parameters: {},
						items: [file('film.mp4', 'video/mp4', Buffer.alloc(LARGE_FILE_BYTES, 1))],
					};
				},
			],
		},
		getAll: {
			per: 'material',
			shown: async (stage) => {
				await addVideo(stage);
				return { parameters: {} };
			},
		},
		delete: {
			per: 'item',
			shown: async (stage) => ({ parameters: material, items: [await addVideo(stage)] }),
		},
	},
	task: {
		get: {
			per: 'item',
			shown: async ({ run }) => {
				const items = [await only('taskId', run, submitText)];
				await run({ parameters: { resource: 'task', operation: 'wait', ...task }, items });
				return { parameters: task, items };
			},
		},
		getAll: {
			per: 'task',
			shown: async ({ run }) => {
				const items = [await only('taskId', run, submitText)];
				await run({ parameters: { resource: 'task', operation: 'wait', ...task }, items });
				return { parameters: { filters: { taskType: 'textTranslation' } } };
			},
		},
		wait: {
			per: 'item',
			shown: async ({ run }) => ({ parameters: task, items: [await only('taskId', run, submitText)] }),
		},
		downloadResult: {
			per: 'item',
			shown: async ({ run }) => {
				const items = [await only('taskId', run, submitVideo)];
				await run({ parameters: { resource: 'task', operation: 'wait', ...task }, items });
				return { parameters: { ...task, deliverables: ['subtitles', 'video'] }, items };
			},
		},
		delete: {
			per: 'item',
			shown: async ({ run }) => ({ parameters: task, items: [await only('taskId', run, submitText)] }),
		},
	},
};

/** A file among the fields of an item. */
interface ExampleFile {
	field: string;
	fileName: string;
	mimeType: string;
}

/** What an operation took and gave when it was run, made the same for every run. */
export interface Example {
	/** Without resource, operation and what stands at its default. */
	parameters: INodeParameters;
	input: { json: IDataObject; files: ExampleFile[] };
	output: { json: IDataObject; files: ExampleFile[]; isCut: boolean };
	/** `METHOD path` of all requests of all runs, in the order in which they were first made. */
	calls: string[];
}

const isItem = (item: IDataObject | INodeExecutionData): item is INodeExecutionData =>
	'json' in item && typeof item.json === 'object';

const filesOf = (item: INodeExecutionData | undefined): ExampleFile[] =>
	Object.entries(item?.binary ?? {}).map(([field, { fileName = '', mimeType }]) => ({
		field,
		fileName,
		mimeType,
	}));

export const STORAGE = 'of the storage (presigned, without the API key)';

const callOf = ({ method, path: called }: RequestEntry) =>
	called.startsWith('/storage/') ? `${method} ${STORAGE}` : `${method} ${called}`;

/** Runs one scene on a sandbox of its own. */
async function play(resource: string, operation: string, scene: Scene, mayFail: boolean) {
	const sandbox = await startSandbox({ seed: SEED, textTaskMs: 0, mediaTaskMs: 0 });
	const credential = { apiKey: sandbox.apiKey, baseUrl: sandbox.url };
	try {
		const run: Run = async (start) => {
			const { json, error } = await runVmeg({ credential, ...start });
			if (error !== undefined) throw new Error(error.message);
			return json;
		};
		const start = await scene({ sandbox, run });
		sandbox.journal.clear();
		const parameters = { ...start.parameters, resource, operation };
		const result = await runVmeg({ credential, ...start, parameters });
		if (result.error !== undefined && !mayFail) {
			throw new Error(`${resource}.${operation}: ${result.error.message}`);
		}
		return { start, result, calls: sandbox.journal.requests().map(callOf) };
	} finally {
		await sandbox.close();
	}
}

const unknown = (resource: string, operation: string) =>
	new Error(`scripts/docs/examples.ts has no scene for ${resource}.${operation}: add one`);

/** Runs an operation of the built package in n8n's engine, against the sandbox. */
export async function exampleOf(resource: string, operation: string): Promise<Example> {
	const found = scenes[resource]?.[operation];
	if (found === undefined) throw unknown(resource, operation);
	const { shown, others = [] } = found;

	const { start, result, calls } = await play(resource, operation, shown, false);
	const all = [...calls];
	for (const scene of others) all.push(...(await play(resource, operation, scene, true)).calls);

	const [given = {}] = start.items ?? [];
	const item = isItem(given) ? given : { json: given };
	const [output] = result.output;
	const { resource: _resource, operation: _operation, ...parameters } = start.parameters;
	const steady = steadier();
	const json = (value: unknown) => steady(value) as IDataObject;
	return {
		parameters: json(parameters) as INodeParameters,
		input: { json: json(item.json), files: filesOf(item) },
		output: {
			json: json(output?.json ?? {}),
			files: json(filesOf(output)) as unknown as ExampleFile[],
			isCut: isCut(output?.json),
		},
		calls: [...new Set(all)],
	};
}

/** What one item comes out per, for the overview. */
export function outputPer(resource: string, operation: string): string {
	const found = scenes[resource]?.[operation];
	if (found === undefined) throw unknown(resource, operation);
	return found.per;
}
