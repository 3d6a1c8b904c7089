import type { IBinaryKeyData, IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { TranslatedItem } from '../../api/contract';
import { vmegError } from '../../api/failure';
import { binarySource } from '../../api/source';
import {
	encodeSubtitles,
	readSubtitles,
	SubtitleError,
	translatedFileName,
	writeSubtitles,
} from '../../subtitles/file';
import type { SubtitleFile, SubtitleFileFormat } from '../../subtitles/file';
import { SUBTITLE_FILE_MIME_TYPES } from '../../subtitles/format';
import { binaryPropertyField, binaryPropertyOf } from '../common/binaryField';
import { optionsField } from '../common/fields';
import { asNodeError, besideInput, conclude, prepareItems } from '../common/items';
import type { NodeError, Settled } from '../common/items';
import { optionsOf, parameterError, textValue } from '../common/parameters';
import type { Session } from '../common/session';
import type { Operation } from '../types';
import { cueLinesOf, DEFAULT_CONTEXT_WINDOW, segmentsWithContext } from './cueLines';
import type { CueLine } from './cueLines';
import { isMapped, languageOutputOption } from './languages';
import { sharedOptionFields } from './options';
import { settingsOf } from './request';
import { byItem, partlyFailed, translateLines } from './translation';

/** Larger files are no subtitles: a film of three hours has some 200 kB. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const DEFAULT_OUTPUT_FIELD = 'translation';
/** Asks to keep what stands for the markup inside a cue. */
const MARKS_PROMPT = 'Keep marks such as <1> and <2>, each exactly once, where they belong in the translation.';

const ENCODINGS: Array<[label: string, name: string]> = [
	['big5', 'Big5 (Traditional Chinese)'],
	['euc-jp', 'EUC-JP (Japanese)'],
	['euc-kr', 'EUC-KR (Korean)'],
	['gb18030', 'GB18030 (Simplified Chinese)'],
	['koi8-r', 'KOI8-R (Russian)'],
	['shift_jis', 'Shift JIS (Japanese)'],
	['utf-16be', 'UTF-16 BE'],
	['utf-16le', 'UTF-16 LE'],
	['utf-8', 'UTF-8'],
	['windows-1250', 'Windows-1250 (Central European)'],
	['windows-1251', 'Windows-1251 (Cyrillic)'],
	['windows-1252', 'Windows-1252 (Western European)'],
	['windows-1253', 'Windows-1253 (Greek)'],
	['windows-1254', 'Windows-1254 (Turkish)'],
	['windows-1255', 'Windows-1255 (Hebrew)'],
	['windows-1256', 'Windows-1256 (Arabic)'],
	['windows-1257', 'Windows-1257 (Baltic)'],
	['windows-1258', 'Windows-1258 (Vietnamese)'],
	['windows-874', 'Windows-874 (Thai)'],
];

const SUBTITLES = 'Subtitles';

const fields: INodeProperties[] = [
	{
		displayName: 'Subtitles From',
		name: 'subtitleSource',
		type: 'options',
		options: [
			{ name: 'Binary File', value: 'binary', description: 'A subtitle file that comes with the item' },
			{ name: 'Text', value: 'text', description: 'The content of a subtitle file, as text' },
		],
		default: 'binary',
		description: 'Where the subtitles come from. SRT, WebVTT, ASS and SSA are recognised by their content.',
	},
	{ ...binaryPropertyField, displayOptions: { show: { subtitleSource: ['binary'] } } },
	{
		displayName: SUBTITLES,
		name: 'subtitles',
		type: 'string',
		typeOptions: { rows: 6 },
		required: true,
		default: '',
		placeholder: 'e.g. {{ $json.subtitles }}',
		displayOptions: { show: { subtitleSource: ['text'] } },
		description: 'The content of a subtitle file, in SRT, WebVTT, ASS or SSA',
	},
	{
		displayName: 'Output Format',
		name: 'outputFormat',
		type: 'options',
		options: [
			{ name: 'ASS', value: 'ass' },
			{ name: 'Same as Input', value: 'same' },
			{ name: 'SRT', value: 'srt' },
			{ name: 'WebVTT', value: 'vtt' },
		],
		default: 'same',
		description: 'The format of the translated subtitles. In the format of the input everything but the words stays as it is.',
	},
	optionsField([
		...sharedOptionFields,
		languageOutputOption,
		{
			displayName: 'Bilingual',
			name: 'bilingual',
			type: 'options',
			options: [
				{ name: 'Off', value: 'off', description: 'Only the translation' },
				{ name: 'Original Above', value: 'originalAbove', description: 'The translation below the original' },
				{ name: 'Original Below', value: 'originalBelow', description: 'The translation above the original' },
			],
			default: 'originalBelow',
			description: 'Whether each subtitle shows the original beside the translation',
		},
		{
			displayName: 'Encoding',
			name: 'encoding',
			type: 'options',
			options: [
				{ name: 'Detect', value: 'auto' },
				...ENCODINGS.map(([value, name]) => ({ name, value })),
			],
			default: 'auto',
			description: 'The character set of the file. Choose it where the translation comes from garbled text. The output is always UTF-8.',
		},
		{
			displayName: 'Fail on Untranslated Lines',
			name: 'failOnUntranslated',
			type: 'boolean',
			default: false,
			description: 'Whether the item fails where VMEG could not translate some of its lines. Otherwise they stay as they are and are listed in untranslatedCues.',
		},
		{
			displayName: 'Output Field',
			name: 'outputField',
			type: 'string',
			default: DEFAULT_OUTPUT_FIELD,
			description: 'Name of the field that the translated subtitles are written to, where they came as text',
		},
		{
			displayName: 'Put Output File in Field',
			name: 'outputBinaryField',
			type: 'string',
			default: 'data',
			description: 'Name of the binary field that the translated file is put in. Left out, it takes the place of the input file.',
		},
	]),
];

/** What one item asks for. */
interface SubtitlePlan {
	file: SubtitleFile;
	/** Its name, where it came as a file. */
	fileName?: string;
	/** The binary field that the output goes into; the JSON field where it came as text. */
	output: { kind: 'binary' | 'text'; field: string };
	format?: SubtitleFileFormat;
	bilingual?: 'originalBelow' | 'originalAbove';
	failOnUntranslated: boolean;
	/** For each target language all lines. */
	languages: Array<{ target: string; lines: CueLine[] }>;
}

const chosen = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
	values.find((one) => one === value);

/** Reads the subtitles of an item, or says which parameter they cannot be read from. */
async function readSource(
	session: Session,
	itemIndex: number,
	reading: { encoding?: string; language: string },
): Promise<Pick<SubtitlePlan, 'file' | 'fileName' | 'output'>> {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const isText = context.getNodeParameter('subtitleSource', itemIndex) === 'text';
	const parsed = (parameter: string, source: Uint8Array | string, name = 'the text') => {
		try {
			return readSubtitles(source, reading);
		} catch (error) {
			const problem = error instanceof SubtitleError ? error.message : String(error);
			throw parameterError(context, itemIndex, parameter, `cannot be read (${name}). ${problem}`);
		}
	};
	if (isText) {
		const text = textValue(context, itemIndex, 'subtitles', SUBTITLES);
		const field = String(options.outputField ?? '').trim() || DEFAULT_OUTPUT_FIELD;
		return { file: parsed(SUBTITLES, text), output: { kind: 'text', field } };
	}
	const property = binaryPropertyOf(session, itemIndex);
	const { displayName } = binaryPropertyField;
	const { fileName, size, open } = await binarySource(context, itemIndex, property, undefined);
	if (size > MAX_FILE_BYTES) {
		const problem = `holds ${fileName}, which with ${Math.round(size / 1024 / 1024)} MB is no subtitle file`;
		throw parameterError(context, itemIndex, displayName, problem);
	}
	const pieces: Uint8Array[] = [];
	for await (const piece of await open()) pieces.push(piece);
	const field = String(options.outputBinaryField ?? '').trim() || property;
	const file = parsed(displayName, Buffer.concat(pieces), fileName);
	return { file, fileName, output: { kind: 'binary', field } };
}

async function planSubtitles(session: Session, itemIndex: number): Promise<SubtitlePlan> {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const settings = settingsOf(session, itemIndex, {
		contextMode: 'neighbor',
		contextWindow: DEFAULT_CONTEXT_WINDOW,
		scene: 'subtitle',
	});
	const encoding = options.encoding === 'auto' ? undefined : options.encoding;
	const source = await readSource(session, itemIndex, {
		encoding: encoding ? String(encoding) : undefined,
		language: settings[0]?.language.source ?? '',
	});
	const hasMarks = source.file.lines.some((line) => line.hasMarks);
	const languages = settings.map((one, position) => {
		const prompt = [one.options?.prompt, hasMarks ? MARKS_PROMPT : ''].filter(Boolean).join('\n');
		const own = { ...one, options: { ...one.options, ...(prompt === '' ? {} : { prompt }) } };
		return {
			target: one.language.target,
			lines: cueLinesOf(source.file, { itemIndex, position }, own),
		};
	});
	return {
		...source,
		languages,
		format: chosen(['srt', 'vtt', 'ass'], context.getNodeParameter('outputFormat', itemIndex, 'same')),
		bilingual: chosen(['originalBelow', 'originalAbove'], options.bilingual),
		failOnUntranslated: options.failOnUntranslated === true,
	};
}

/** What became of a line; without `text` where VMEG could not translate it. */
type Done = { line: CueLine } & (
	| { ok: true; taskId: string; text?: string; reason?: string }
	| { ok: false; error: (itemIndex: number) => NodeError }
);

/** A translated file, and what there is to say about it. */
interface Written {
	target: string;
	text: string;
	fileName: string;
	mimeType: string;
	/** How many lines stayed as they were. */
	untranslated: number;
	facts: IDataObject;
}

const taskIdsOf = (done: Done[]) => [
	...new Set(done.flatMap((one) => (one.ok ? [one.taskId] : []))),
];

/** The lines that VMEG could not translate, by the numbers of their cues. */
const untranslatedOf = (done: Done[]) =>
	done
		.filter((one) => one.ok && one.text === undefined)
		.map((one) => ({
			cue: one.line.script.cue,
			line: one.line.script.line,
			text: one.line.script.text,
			reason: one.ok ? (one.reason ?? null) : null,
		}));

/** Writes the file of one language; throws the error of the item where it cannot be had. */
function write(
	session: Session,
	itemIndex: number,
	plan: SubtitlePlan,
	{ target, lines }: SubtitlePlan['languages'][number],
	done: Done[],
): Written {
	const failed = done.find((one) => !one.ok);
	if (failed !== undefined && !failed.ok) throw failed.error(itemIndex);

	const taskIds = taskIdsOf(done);
	const untranslatedCues = untranslatedOf(done);
	const [first] = untranslatedCues;
	if (first && (plan.failOnUntranslated || untranslatedCues.length === lines.length)) {
		throw vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: VMEG could not translate ${untranslatedCues.length} of ${lines.length} lines into ${target}; the first is cue ${first.cue} (line ${first.line}): ${first.reason ?? 'no reason given'}`,
			description: `The other lines were translated and billed (tasks ${taskIds.join(', ')}). Without Fail on Untranslated Lines in the options the file is made all the same, with these lines as they were.`,
			itemIndex,
			facts: { taskId: taskIds[0], status: 'failed' },
		});
	}
	const texts = new Map(done.map((one) => [one.line, one.ok ? one.text : undefined]));
	const { file, format, bilingual } = plan;
	const translations = lines.map((line) => texts.get(line));
	const written = writeSubtitles(file, translations, { target, format, bilingual });
	const fileName = translatedFileName(plan.fileName, {
		source: lines[0]?.plan.settings.language.source ?? '',
		target,
		format: written.format,
		bilingual: bilingual !== undefined,
	});
	return {
		target,
		text: written.text,
		fileName,
		mimeType: SUBTITLE_FILE_MIME_TYPES[written.format],
		untranslated: untranslatedCues.length,
		facts: {
			targetLanguage: target,
			fileName,
			format: written.format,
			cueCount: written.cueCount,
			untranslatedCues,
			tagsMoved: written.marksMoved,
			taskIds,
		},
	};
}

const binaryFieldFor = (field: string, target: string) => `${field}_${target.replace(/-/g, '_')}`;

/** The binary fields of written files; none where they go out as text. */
async function binaryOf(
	{ context }: Session,
	{ file, output }: SubtitlePlan,
	files: Array<[field: string, written: Written]>,
): Promise<IBinaryKeyData> {
	const binary: IBinaryKeyData = {};
	if (output.kind === 'text') return binary;
	for (const [field, { text, fileName, mimeType }] of files) {
		const bytes = encodeSubtitles(text, file);
		binary[field] = await context.helpers.prepareBinaryData(bytes, fileName, mimeType);
	}
	return binary;
}

async function outputOne(session: Session, itemIndex: number, plan: SubtitlePlan, written: Written) {
	const { kind, field } = plan.output;
	const text = kind === 'text' ? { [field]: written.text } : {};
	const binary = await binaryOf(session, plan, [[field, written]]);
	return besideInput(session, itemIndex, { ...text, ...written.facts }, binary);
}

async function outputMapped(session: Session, itemIndex: number, plan: SubtitlePlan, all: Written[]) {
	const { kind, field } = plan.output;
	const files = Object.fromEntries(all.map((one) => [one.target, one.facts]));
	const texts = Object.fromEntries(all.map(({ target, text }) => [target, text]));
	const json = kind === 'text' ? { [field]: texts, files } : { files };
	const fields = all.map((one): [string, Written] => [binaryFieldFor(field, one.target), one]);
	return besideInput(session, itemIndex, json, await binaryOf(session, plan, fields));
}

/** Ends an item: an output or an error for each language, or one for all of them. */
async function settleItem(
	session: Session,
	itemIndex: number,
	plan: SubtitlePlan,
	done: Done[],
): Promise<Settled[]> {
	const good: Written[] = [];
	const failed: Array<{ target: string; error: NodeError }> = [];
	const settled: Settled[] = [];
	const settle = (position: number, output: INodeExecutionData): Settled => ({
		ok: true,
		itemIndex,
		position,
		output: [output],
	});

	const isOne = plan.languages.length > 1 && isMapped(session.context, itemIndex);
	for (const [position, language] of plan.languages.entries()) {
		const { target } = language;
		const ofLanguage = done.filter(({ line }) => line.position === position);
		try {
			const written = write(session, itemIndex, plan, language, ofLanguage);
			good.push(written);
			if (!isOne) settled.push(settle(position, await outputOne(session, itemIndex, plan, written)));
		} catch (thrown) {
			const error = asNodeError(session, thrown, itemIndex);
			failed.push({ target, error });
			if (!isOne) settled.push({ ok: false, itemIndex, position, error });
		}
	}
	hintAt(session, good);
	if (!isOne) return settled;

	const [cause] = failed;
	if (cause === undefined) return [settle(0, await outputMapped(session, itemIndex, plan, good))];
	const translations = Object.fromEntries(good.map(({ target, text }) => [target, text]));
	const languages = failed.map(({ target }) => target);
	return [{ ok: false, itemIndex, error: partlyFailed(cause.error, languages, translations) }];
}

function settleLine(line: CueLine, { text, errorMessage }: TranslatedItem, taskId: string): Done {
	if (!errorMessage && typeof text === 'string' && text.trim() !== '') {
		return { line, ok: true, taskId, text };
	}
	return { line, ok: true, taskId, reason: errorMessage || 'VMEG returned no text' };
}

/** Says from time to time how many lines are done. */
function progressOf(session: Session, total: number): () => void {
	const step = Math.max(50, Math.ceil(total / 20));
	let count = 0;
	return () => {
		count += 1;
		if (count % step === 0 || count === total) session.progress(`${count} of ${total} subtitle lines translated`);
	};
}

/** Says in the panel of the node that lines were left as they are. */
function hintAt(session: Session, files: Written[]): void {
	const lines = files.reduce((sum, { untranslated }) => sum + untranslated, 0);
	if (lines === 0) return;
	session.context.addExecutionHints({
		message: `VMEG could not translate ${lines} ${lines === 1 ? 'line' : 'lines'}, which stayed in the source language. They are listed in untranslatedCues.`,
		location: 'outputPane',
	});
}

/** Translates subtitle files: the words change, everything else stays (API contract §2). */
export const translateSubtitles: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = await prepareItems(session, async (itemIndex) =>
			await planSubtitles(session, itemIndex),
		);
		const lines = prepared.flatMap(({ plan }) => plan.languages.flatMap((one) => one.lines));
		const report = progressOf(session, lines.length);
		const translated = await translateLines<CueLine, Done>(session, lines, {
			operation: 'text.translateSubtitles',
			segmentsOf: segmentsWithContext,
			settle: (line, answer, { taskId }) => {
				report();
				return settleLine(line, answer, taskId);
			},
			fail: (line, error) => ({ line, ok: false, error }),
		});
		const done = byItem(translated);
		const plans = new Map(prepared.map(({ itemIndex, plan }) => [itemIndex, plan]));
		const settled: Settled[] = [];
		// those with a failure first, then the rest, among them those with nothing to translate
		for (const itemIndex of new Set([...done.keys(), ...plans.keys()])) {
			const plan = plans.get(itemIndex);
			if (plan === undefined) continue;
			settled.push(...(await settleItem(session, itemIndex, plan, done.get(itemIndex) ?? [])));
		}
		return conclude(session, [...failed, ...settled]);
	},
};
