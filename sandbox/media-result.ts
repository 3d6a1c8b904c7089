import { extensionOf, type Material } from './materials';
import { mimeType } from './mime';
import { emptyMp4, png, wav, wavSize } from './samples';
import type { Settings } from './settings';
import type { ObjectStore } from './storage';
import type { Task, TaskFile } from './tasks';
import { pseudoTranslate } from './translate';
import type { JsonObject } from './types';

const secondsPerLine = 4;
const maxLines = 200;
const sampleSeconds = 1;
const frames = 2;
const plain = (text: string): string => text;
const sentences = [
	'Welcome back to the workshop.',
	'Today we build something small and useful.',
	'Thank you, I have been looking forward to this!',
	'First, let us look at the parts on the table.',
	'Which one comes first?',
	'The blue one, and then the two short ones.',
	'Careful: this edge is sharp.',
	'That was easier than I thought.',
];
const emotions = ['neutral', 'happy', 'surprised'];
const stems = ['sfx', 'music', 'vocal', 'speech', 'other', 'mns'];
const resolution = { width: 1920, height: 1080 };

export interface MediaJob {
	taskType: 'vt' | 'at';
	/** Absent for a source given by URL, which the sandbox does not fetch. */
	material: Material | undefined;
	durationMs: number;
	source: string;
	target: string;
	provider: string;
	mode: string;
}

interface Line {
	id: string;
	start: number;
	end: number;
	text: string;
	translated: string;
	speaker: string;
	gender: string;
	emotion: string;
	voiceId: string;
}

/** A complete `result` of a media translation and the files it names (API contract §3). Made when asked for. */
export class MediaResult {
	constructor(
		private readonly store: ObjectStore,
		private readonly settings: Settings,
		private readonly job: MediaJob,
	) {}

	json(task: Task): JsonObject {
		const { source, target, provider, mode, taskType } = this.job;
		const seconds = this.job.durationMs / 1000;
		const lines = this.lines(task);
		const url = (name: string): string =>
			this.store.presign(
				'GET',
				['results', task.taskId, name],
				this.settings.resultUrlTtlSeconds,
				{},
				// Counted from the end of the task, so that every look at a result is the same.
				Date.parse(task.updatedAt),
			);
		const sample = (name: string): JsonObject => ({
			url: url(name),
			duration: seconds,
			size: wavSize(sampleSeconds),
		});
		const video = (name: string, height: number): JsonObject => ({
			url: url(name),
			duration: seconds,
			size: this.mediaSize(),
			resolution: { width: Math.round((height * 16) / 9), height },
			fps: 25,
		});
		const track = (file: JsonObject): JsonObject => ({
			file,
			templateId: 'default',
			tracksTimes: lines.map(({ start, end }) => [start, end]),
			timeRange: [0, seconds],
			volumeScale: 1,
		});
		const name = `dubbed${this.extension()}`;
		return {
			...(taskType === 'vt' ? { compress: { '480p': video(`480p${this.extension()}`, 480) } } : {}),
			asrScripts: {
				asrResults: lines.map(({ id, start, end, text, speaker, gender, emotion }) => ({
					speaker, start, end, text, locale: source, emotion, name: speaker, gender, age: 'adult', id,
					textWithBracket: text, textWithBreak: text,
				})),
				monoAudio: url('mono.wav'),
				speakerNum: 2,
				language: { source, target },
				category: 'education',
				industry: 'general',
				keywords: ['workshop', 'parts'],
				ctcEnabled: false,
			},
			audioSeparation: Object.fromEntries(stems.map((stem) => [`${stem}Url`, url(`${stem}.wav`)])),
			translatedScripts: {
				result: lines.map(({ id, start, end, text, translated, speaker, gender, emotion, voiceId }) => ({
					start, end, sourceText: text, text: translated, speaker, locale: target, gender, id, voiceId, provider,
					speakerDisplayName: speaker, emotion, age: 'adult', sourceSyllable: text.split(' ').length,
					targetSyllable: translated.split(' ').length, mode,
				})),
			},
			voiceClone: { provider, mode, refAudio: url('vocal.wav') },
			voiceMatch: ['speaker_0', 'speaker_1'].map((speaker, index) => ({
				speaker,
				voiceId: voiceOf(task, index),
				provider,
				exampleLanguage: source,
				content: sentences[index] ?? '',
				audio: url(`${speaker}.wav`),
			})),
			tts: {
				result: lines.map(({ id, start, end, translated, voiceId }) => ({
					id,
					text: translated,
					ttsFile: url(`tts-${id}.wav`),
					provider,
					voiceId,
					duration: Number((end - start).toFixed(3)),
					cloneMode: mode,
				})),
			},
			alignment: {
				audio: [track(sample('aligned.wav'))],
				subtitle: [track({ url: url('subtitles.srt'), size: this.srt(task).length })],
				video: taskType === 'vt' ? [track(video(name, 1080))] : [],
			},
			build:
				taskType === 'vt'
					? {
							video: video(name, 1080),
							images: Array.from({ length: frames }, (_, i) => ({
								url: url(`thumbnail-${i}.png`),
								size: png(i * 90).length,
								resolution,
							})),
							audio: { ...sample('audio.wav'), fps: 0 },
						}
					: { audio: { url: url(name), duration: seconds, size: this.mediaSize(), fps: 0 } },
		};
	}

	/** A file of the result by its name. */
	file(name: string): TaskFile | undefined {
		const picture = /^thumbnail-(\d)\.png$/.exec(name);
		if (picture) return { type: 'image/png', bytes: () => png(Number(picture[1]) * 90) };
		if (name === `dubbed${this.extension()}` || name === `480p${this.extension()}`) return this.media();
		if (name.endsWith('.wav')) return { type: 'audio/wav', bytes: () => wav(sampleSeconds) };
		if (name === 'subtitles.srt') return { type: 'application/x-subrip', bytes: () => this.srt() };
		return undefined;
	}

	/** The "dubbed" file: the source's own bytes, or a placeholder when the sandbox does not have them. */
	private media(): TaskFile {
		const { material, taskType } = this.job;
		if (material) return { type: material.mimeType, path: material.file.path, etag: material.file.md5 };
		const brand = taskType === 'vt' ? 'isom' : 'M4A ';
		return { type: mimeType(`x${this.extension()}`), bytes: () => emptyMp4(brand) };
	}

	private mediaSize(): number {
		return this.job.material?.filesize ?? emptyMp4('isom').length;
	}

	private extension(): string {
		const { material, taskType } = this.job;
		if (material) return extensionOf(material.name);
		return taskType === 'vt' ? '.mp4' : '.m4a';
	}

	private lines(task?: Task): Line[] {
		const seconds = this.job.durationMs / 1000;
		const count = Math.max(2, Math.min(maxLines, Math.floor(seconds / secondsPerLine)));
		const step = seconds / count;
		return Array.from({ length: count }, (_, i) => {
			const text = sentences[i % sentences.length] ?? '';
			const translation = pseudoTranslate(text, this.job.target, plain);
			return {
				id: String(i + 1),
				start: Number((i * step).toFixed(3)),
				end: Number((i * step + step * 0.9).toFixed(3)),
				text,
				translated: 'text' in translation ? translation.text : '',
				speaker: `speaker_${i % 2}`,
				gender: i % 2 === 0 ? 'female' : 'male',
				emotion: emotions[i % emotions.length] ?? 'neutral',
				voiceId: task ? voiceOf(task, i % 2) : '',
			};
		});
	}

	private srt(task?: Task): Buffer {
		const cues = this.lines(task).map(
			({ id, start, end, translated }) => `${id}\n${srtTime(start)} --> ${srtTime(end)}\n${translated}\n`,
		);
		return Buffer.from(cues.join('\n'));
	}
}

function voiceOf(task: Task, speaker: number): string {
	return `cv_${task.taskId.slice(0, 12)}${speaker}`;
}

function srtTime(seconds: number): string {
	const time = new Date(Math.round(seconds * 1000)).toISOString();
	return time.slice(11, 23).replace('.', ',');
}
