import type { INodePropertyOptions } from 'n8n-workflow';
import { z } from 'zod';

import { alphabetical } from '../../api/alphabetical';
import { toSubtitles } from '../../subtitles/format';
import { scriptsOf } from '../../subtitles/script';
import type { Script } from '../../subtitles/script';

/** What can be fetched from a result, by the value of the parameter (API contract §3, §4). */
const NAMES = {
	audio: ['Audio', 'The dubbed sound, or the speech of a text-to-speech task'],
	compressedVideo: ['Compressed Video', 'Smaller versions of the dubbed video'],
	music: ['Music', 'The music of the source alone'],
	musicAndEffects: ['Music and Sound Effects', 'Everything of the source but its speech'],
	otherSounds: ['Other Sounds', 'What is neither speech nor music nor an effect'],
	soundEffects: ['Sound Effects', 'The sound effects of the source alone'],
	sourceSubtitles: ['Source Subtitles', 'Subtitles in the language that is spoken'],
	speech: ['Speech', 'The speech of the source alone'],
	thumbnails: ['Thumbnails', 'Pictures from the video'],
	subtitles: ['Translated Subtitles', 'Subtitles in the target language'],
	video: ['Video', 'The dubbed video'],
	vocals: ['Vocals', 'The voices of the source alone'],
} as const;

export type Deliverable = keyof typeof NAMES;

/** Every deliverable, as the values of the parameter. */
export const DELIVERABLES = Object.keys(NAMES) as [Deliverable, ...Deliverable[]];

/** The choices of the parameter, sorted by name. */
export const deliverableOptions: INodePropertyOptions[] = DELIVERABLES.map((value) => {
	const [name, description] = NAMES[value];
	return { name, value, description };
}).sort((a, b) => alphabetical(a.name, b.name));

export const deliverableName = (deliverable: Deliverable): string => NAMES[deliverable][0];

/** Something that becomes a binary field of an item. */
interface Wanted {
	/** The name of the binary field. */
	property: string;
	/** What tells the name of the file from those of the others, such as `de-DE` or `vocals`. */
	labels: string[];
}

/** A file to fetch. */
export interface RemoteFile extends Wanted {
	url: string;
	size?: number;
}

/** Subtitles to write from a script. */
export interface ScriptFile extends Wanted {
	script: Script;
}

const lenient = <T extends z.ZodTypeAny>(schema: T) => schema.optional().catch(undefined);

const file = lenient(z.object({ url: z.string().min(1), size: lenient(z.number()) }));
const url = lenient(z.string().min(1));

const resultFiles = z
	.object({
		build: lenient(z.object({ video: file, audio: file, images: lenient(z.array(file)) })),
		compress: lenient(z.record(file)),
		audioSeparation: lenient(
			z.object({
				sfxUrl: url,
				musicUrl: url,
				vocalUrl: url,
				speechUrl: url,
				otherUrl: url,
				mnsUrl: url,
			}),
		),
		results: lenient(z.array(lenient(z.object({ uri: url })))),
	})
	.catch({});

const numbered = (property: string, index: number) =>
	index === 0 ? property : `${property}_${index + 1}`;

/** Which files of a result were chosen, and what of the choice the result does not have. */
export function wantedFiles(
	result: unknown,
	chosen: readonly Deliverable[],
): { files: Array<RemoteFile | ScriptFile>; missing: string[] } {
	const { build, compress, audioSeparation: stems, results } = resultFiles.parse(result);
	const { source, translated } = scriptsOf(result);
	const target = translated.locale === undefined ? [] : [translated.locale];

	const single = (
		property: string,
		found: { url: string; size?: number } | string | undefined,
		labels: string[],
	): RemoteFile[] => {
		if (found === undefined) return [];
		return [{ property, labels, ...(typeof found === 'string' ? { url: found } : found) }];
	};
	const subtitles = (property: string, script: Script): ScriptFile[] => {
		const labels = script.locale === undefined ? [] : [script.locale];
		return toSubtitles(script.lines, 'srt') === '' ? [] : [{ property, labels, script }];
	};
	const find: Record<Deliverable, () => Array<RemoteFile | ScriptFile>> = {
		audio: () => [
			...single('audio', build?.audio, target),
			...(results ?? []).flatMap((spoken, index) =>
				single(numbered('audio', index), spoken?.uri, index === 0 ? [] : [String(index + 1)]),
			),
		],
		compressedVideo: () =>
			Object.entries(compress ?? {}).flatMap(([size, found]) =>
				single(`video_${size.replace(/\W/g, '_')}`, found, [...target, size]),
			),
		music: () => single('music', stems?.musicUrl, ['music']),
		musicAndEffects: () => single('musicAndEffects', stems?.mnsUrl, ['music-and-effects']),
		otherSounds: () => single('otherSounds', stems?.otherUrl, ['other']),
		soundEffects: () => single('soundEffects', stems?.sfxUrl, ['sound-effects']),
		sourceSubtitles: () => subtitles('sourceSubtitles', source),
		speech: () => single('speech', stems?.speechUrl, ['speech']),
		subtitles: () => subtitles('subtitles', translated),
		thumbnails: () =>
			(build?.images ?? []).flatMap((image, index) =>
				single(numbered('thumbnail', index), image, [numbered('thumbnail', index)]),
			),
		video: () => single('video', build?.video, target),
		vocals: () => single('vocals', stems?.vocalUrl, ['vocals']),
	};

	const found = chosen.map((deliverable) => ({ deliverable, files: find[deliverable]() }));
	// lines of a text-to-speech task that could not be spoken, beside others that could
	const silent = chosen.includes('audio')
		? (results ?? []).flatMap((spoken, index) => (spoken?.uri ? [] : [numbered('audio', index)]))
		: [];
	const missing = found.filter(({ files }) => files.length === 0).map(({ deliverable }) => deliverable);
	return {
		files: found.flatMap(({ files }) => files),
		missing: [...new Set([...missing, ...silent])],
	};
}
