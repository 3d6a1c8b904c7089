import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeProperties,
} from 'n8n-workflow';
import pLimit from 'p-limit';
import { z } from 'zod';

import type { TaskDetail } from '../../api/contract';
import { downloadToBinary, storedSize } from '../../api/download';
import { endpoints } from '../../api/endpoints';
import { fileNameWith, withoutExtension } from '../../api/fileName';
import { SUBTITLE_MIME_TYPES, toSubtitles } from '../../subtitles/format';
import type { SubtitleFormat } from '../../subtitles/format';
import { DELIVERABLES, deliverableOptions, wantedFiles } from './deliverables';
import type { RemoteFile } from './deliverables';
import { checked } from './parameters';
import type { Session } from './session';

/** Items whose files are fetched at the same time. */
const DOWNLOADS_AT_ONCE = 3;

const formatOptions = [
	{ name: 'SRT', value: 'srt', description: 'SubRip: read by nearly everything' },
	{ name: 'WebVTT', value: 'vtt', description: 'For players in web pages' },
];

/** What to fetch; empty means nothing. */
export const deliverablesField: INodeProperties = {
	displayName: 'Deliverables',
	name: 'deliverables',
	type: 'multiOptions',
	options: deliverableOptions,
	default: ['audio', 'subtitles', 'video'],
	description:
		'Which files to fetch. Each one becomes a binary field of the item: video, video_480p, audio, thumbnail, thumbnail_2, vocals, speech, music, soundEffects, musicAndEffects, otherSounds, subtitles and sourceSubtitles. What the task does not have is skipped and listed in "missing".',
};

export const subtitleFormatField: INodeProperties = {
	displayName: 'Subtitle Format',
	name: 'subtitleFormat',
	type: 'options',
	options: formatOptions,
	default: 'srt',
	description: 'The format of subtitles, where they are fetched',
};

/** Options of everything that fetches files. */
export const downloadOptionFields: INodeProperties[] = [
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. film',
		description: 'What the names of the files begin with; language and extension are added. Left empty, the name of the source or the task ID.',
	},
	{
		displayName: 'Speaker Names',
		name: 'speakerNames',
		type: 'boolean',
		default: false,
		description: 'Whether each subtitle says who speaks',
	},
	{
		displayName: 'Subtitles As',
		name: 'subtitlesAs',
		type: 'options',
		options: [
			{ name: 'Binary File', value: 'binary', description: 'A binary field of the item' },
			{ name: 'Text', value: 'text', description: 'A JSON field: srt or vtt, and sourceSrt or sourceVtt' },
		],
		default: 'binary',
		description: 'How subtitles come, where they are fetched',
	},
];

// an expression may give one value, or several with commas
const listed = (value: unknown) =>
	typeof value === 'string' ? value.split(',').map((one) => one.trim()).filter(Boolean) : (value ?? []);

const planSchema = z.object({
	deliverables: z.preprocess(listed, z.array(z.enum(DELIVERABLES))),
	subtitleFormat: z.enum(['srt', 'vtt']).default('srt'),
	subtitlesAs: z.enum(['binary', 'text']).default('binary'),
	speakerNames: z.boolean().default(false),
	fileName: z
		.union([z.string(), z.number().transform(String)])
		.nullish()
		.transform((name) => (name ?? '').trim()),
});

/** What to fetch of a finished task, and how. */
export type DownloadPlan = z.output<typeof planSchema>;

/** Checks what an item asks to fetch. */
export function planDownload(
	session: Session,
	itemIndex: number,
	{ deliverables, subtitleFormat, subtitlesAs, speakerNames, fileName }: IDataObject,
	name: string,
): DownloadPlan {
	const { context } = session;
	const given = { deliverables, subtitleFormat, subtitlesAs, speakerNames, fileName };
	const plan = checked(context, itemIndex, planSchema, given, {
		deliverables: name,
		subtitleFormat: 'Subtitle Format',
		subtitlesAs: 'Subtitles As',
		speakerNames: 'Speaker Names',
		fileName: 'File Name',
	});
	return { ...plan, deliverables: [...new Set(plan.deliverables)] };
}

/** The name of a binary field that n8n's other nodes find, its file, and how large it is. */
interface FileFacts extends IDataObject {
	property: string;
	fileName: string | null;
	mimeType: string;
	fileSize: number;
}

export interface Downloaded {
	binary: IBinaryKeyData;
	/** `files`, `missing`, and subtitles that come as text. */
	json: { files: FileFacts[]; missing: string[] } & IDataObject;
}

const textFields: Record<string, Record<SubtitleFormat, string>> = {
	subtitles: { srt: 'srt', vtt: 'vtt' },
	sourceSubtitles: { srt: 'sourceSrt', vtt: 'sourceVtt' },
};

async function storeText(
	context: IExecuteFunctions,
	text: string,
	fileName: string,
	format: SubtitleFormat,
): Promise<IBinaryData> {
	const name = fileNameWith(fileName, format);
	return await context.helpers.prepareBinaryData(Buffer.from(text), name, SUBTITLE_MIME_TYPES[format]);
}

/** Fetches the files of tasks for the items of a run, some items at a time. */
export function downloader(session: Session) {
	const { context, client } = session;
	const limit = pLimit(DOWNLOADS_AT_ONCE);

	async function fetchFile(
		itemIndex: number,
		taskId: string,
		{ property, url, size }: RemoteFile,
		fileName: string,
	): Promise<IBinaryData> {
		session.progress(`Item ${itemIndex}, task ${taskId}: downloading ${property}`);
		return await downloadToBinary(context, url, {
			fileName,
			expectedSize: size,
			signal: client.signal,
			itemIndex,
			facts: { taskId },
			advice: `The task itself is finished: VMEG > Task > Download Result fetches the files of task ${taskId} again, at no cost.`,
			renewUrl: async () => {
				const answer = await client.send(endpoints.getTask, { taskId });
				if (!answer.ok) return undefined;
				const { files } = wantedFiles(answer.data.result, DELIVERABLES);
				const renewed = files.find((one) => one.property === property);
				return renewed !== undefined && 'url' in renewed ? renewed.url : undefined;
			},
		});
	}

	async function download(
		itemIndex: number,
		{ taskId, result }: TaskDetail,
		plan: DownloadPlan,
		sourceName: string | undefined,
	): Promise<Downloaded> {
		const { subtitleFormat: format, subtitlesAs, speakerNames: speakers } = plan;
		const { files: wanted, missing } = wantedFiles(result, plan.deliverables);
		const base = withoutExtension(plan.fileName || sourceName || taskId);
		const binary: IBinaryKeyData = {};
		const texts: IDataObject = {};
		const files: FileFacts[] = [];
		// one after the other: a connection each is enough, and memory stays flat
		for (const file of wanted) {
			const { property, labels } = file;
			const fileName = [base, ...labels].join('.');
			const text = 'script' in file ? toSubtitles(file.script.lines, format, { speakers }) : '';
			if ('script' in file && subtitlesAs === 'text') {
				texts[textFields[property]?.[format] ?? property] = text;
				continue;
			}
			const data =
				'url' in file
					? await fetchFile(itemIndex, taskId, file, fileName)
					: await storeText(context, text, fileName, format);
			binary[property] = data;
			const fileSize = await storedSize(context, data);
			files.push({ property, fileName: data.fileName ?? null, mimeType: data.mimeType, fileSize });
		}
		return { binary, json: { ...texts, files, missing } };
	}

	return async (
		itemIndex: number,
		task: TaskDetail,
		plan: DownloadPlan,
		sourceName?: string,
	): Promise<Downloaded> =>
		await limit(async () => await download(itemIndex, task, plan, sourceName));
}
