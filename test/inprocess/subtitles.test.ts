import { Container } from '@n8n/di';
import iconv from 'iconv-lite';
import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const TRANSLATE = '/task/translate/create';

const parameters = (options: IDataObject = {}, others: INodeParameters = {}): INodeParameters => ({
	resource: 'text',
	operation: 'translateSubtitles',
	sourceLanguage: 'en-US',
	targetLanguage: 'de-DE',
	subtitleSource: 'binary',
	binaryPropertyName: 'data',
	outputFormat: 'same',
	options: options as INodeParameters,
	...others,
});
const fromText = (options: IDataObject = {}, others: INodeParameters = {}) =>
	parameters(options, { subtitleSource: 'text', subtitles: '={{ $json.srt }}', ...others });

const file = (content: string | Buffer, fileName = 'film.srt'): INodeExecutionData => ({
	json: { id: 7 },
	binary: {
		data: {
			data: Buffer.from(content).toString('base64'),
			mimeType: 'application/x-subrip',
			fileName,
		},
	},
});
async function contentOf(item: INodeExecutionData | undefined, field = 'data'): Promise<string> {
	const binary = item?.binary?.[field];
	if (binary === undefined) throw new Error(`there is no ${field}`);
	return (await Container.get(BinaryDataService).getAsBuffer(binary)).toString('utf8');
}

const time = (second: number) => new Date(second * 1000).toISOString().slice(11, 23).replace('.', ',');
const cue = (index: number, text: string) =>
	`${index}\n${time(index * 3)} --> ${time(index * 3 + 2)}\n${text}\n`;
const srt = (texts: string[]) => texts.map((text, index) => cue(index + 1, text)).join('\n');
const film = (count: number) => srt(Array.from({ length: count }, (_, index) => `Line ${index}`));

interface SentSegment {
	text: string;
	context?: string[];
	start?: number;
	end?: number;
	speaker?: string;
}
const requests = () =>
	vmeg.sandbox.journal
		.requests(TRANSLATE)
		.map(({ body }) => body as { segments: SentSegment[]; options: IDataObject; language: IDataObject });

describe('Text > Translate Subtitles', () => {
	it('translates a file, keeps its times and numbers, and names the language', async () => {
		const { output, error } = await vmeg.run({
			parameters: parameters(),
			items: [file(srt(['Hello', '<i>Good bye</i>']))],
		});

		expect(error).toBeUndefined();
		expect(await contentOf(output[0])).toBe(srt(['[de-DE] Hello', '<i>[de-DE] Good bye</i>']));
		expect(output[0]?.binary?.data).toMatchObject({
			fileName: 'film.de-DE.srt',
			mimeType: 'application/x-subrip',
		});
		expect(output[0]?.json).toEqual({
			id: 7,
			targetLanguage: 'de-DE',
			fileName: 'film.de-DE.srt',
			format: 'srt',
			cueCount: 2,
			untranslatedCues: [],
			tagsMoved: 0,
			taskIds: [vmeg.sandbox.tasks()[0]?.taskId],
		});
		expect(output[0]?.pairedItem).toEqual({ item: 0 });
	});

	it('sends times, speakers, the scene and the context that VMEG is to look at', async () => {
		await vmeg.run({
			parameters: parameters({ prompt: 'Informal', glossary: { sale: 'Ausverkauf' }, contextWindow: 3 }),
			items: [file(srt(['ANNA: Hello', 'Good <i>bye</i> now']))],
		});
		expect(requests()).toEqual([
			{
				language: { source: 'en-US', target: 'de-DE' },
				segments: [
					{ text: 'Hello', start: 3, end: 5, speaker: 'ANNA' },
					{ text: 'Good <1>bye<2> now', start: 6, end: 8 },
				],
				options: {
					sourceContext: { mode: 'neighbor', contextWindow: 3 },
					sceneCustomized: { scene: 'subtitle' },
					glossary: { sale: 'Ausverkauf' },
					prompt: expect.stringMatching(/^Informal\nKeep marks such as <1>/),
				},
			},
		]);
	});

	it('gives the cues at the borders of a request the neighbours that are not in it', async () => {
		const { json } = await vmeg.run({ parameters: parameters(), items: [file(film(120))] });

		const sent = requests().sort((a, b) => Number(a.segments[0]?.start) - Number(b.segments[0]?.start));
		expect(sent.map(({ segments }) => segments.length)).toEqual([50, 50, 20]);
		const contexts = sent.map(({ segments }) => segments.map(({ context }) => context));
		// inside a request its own neighbours are the right ones
		expect(contexts[0]?.slice(0, 45)).toEqual(Array.from({ length: 45 }, () => undefined));
		expect(contexts[0]?.[49]).toEqual(
			[44, 45, 46, 47, 48, 50, 51, 52, 53, 54].map((line) => `Line ${line}`),
		);
		expect(contexts[1]?.[0]).toEqual(
			[45, 46, 47, 48, 49, 51, 52, 53, 54, 55].map((line) => `Line ${line}`),
		);
		expect(contexts[2]?.[19]).toBeUndefined();
		expect(json[0]).toMatchObject({ cueCount: 120, taskIds: [expect.any(String), expect.any(String), expect.any(String)] });
	});

	it('lets several files share a request, and no file explain another', async () => {
		const { output } = await vmeg.run({
			parameters: parameters(),
			items: [file(srt(['One', 'Two']), 'a.srt'), file(srt(['Three']), 'b.srt')],
		});
		expect(requests()).toHaveLength(1);
		expect(requests()[0]?.segments.map(({ text, context }) => [text, context])).toEqual([
			['One', ['Two']],
			['Two', ['One']],
			['Three', []],
		]);
		expect(output.map(({ json }) => json.fileName)).toEqual(['a.de-DE.srt', 'b.de-DE.srt']);
		expect(await contentOf(output[1])).toBe(srt(['[de-DE] Three']));
	});

	it('takes text and gives text', async () => {
		const { json, output } = await vmeg.run({
			parameters: fromText({ outputField: 'deutsch' }),
			items: [{ srt: srt(['Hello']) }],
		});
		expect(json[0]).toMatchObject({ deutsch: srt(['[de-DE] Hello']), fileName: 'subtitles.de-DE.srt' });
		expect(output[0]?.binary).toBeUndefined();
	});

	it('writes another format where the user wants one', async () => {
		const { output } = await vmeg.run({
			parameters: parameters({ outputBinaryField: 'captions' }, { outputFormat: 'vtt' }),
			items: [file(srt(['<b>Hello</b>']))],
		});
		expect((await contentOf(output[0], 'captions')).trim()).toBe(
			'WEBVTT\n\n1\n00:00:03.000 --> 00:00:05.000\n<b>[de-DE] Hello</b>',
		);
		expect(output[0]?.binary?.captions).toMatchObject({ fileName: 'film.de-DE.vtt', mimeType: 'text/vtt' });
		expect(output[0]?.binary?.data?.fileName).toBe('film.srt');
	});

	it('shows both languages where the user wants that', async () => {
		const { output } = await vmeg.run({
			parameters: parameters({ bilingual: 'originalBelow' }),
			items: [file(srt(['Hello']))],
		});
		expect(await contentOf(output[0])).toBe(srt(['[de-DE] Hello\nHello']));
	});

	it('reads old encodings, and writes UTF-8', async () => {
		const windows1251 = iconv.encode(srt(['Привет, мир']), 'windows-1251');
		const { output } = await vmeg.run({
			parameters: parameters({}, { sourceLanguage: 'ru-RU' }),
			items: [file(windows1251)],
		});
		expect(await contentOf(output[0])).toContain('[de-DE] Привет, мир');
	});

	it('gives one item for each language, or one with all of them', async () => {
		const items = [file(srt(['Hello']))];
		const moreTargetLanguages = ['fr-FR'];
		const single = await vmeg.run({ parameters: parameters({ moreTargetLanguages }), items });
		expect(await Promise.all(single.output.map(async (item) => await contentOf(item)))).toEqual([
			srt(['[de-DE] Hello']),
			srt(['[fr-FR] Hello']),
		]);

		await vmeg.sandbox.reset();
		const mapped = await vmeg.run({
			parameters: parameters({ moreTargetLanguages, languageOutput: 'map' }),
			items,
		});
		expect(mapped.output).toHaveLength(1);
		expect(await contentOf(mapped.output[0], 'data_fr_FR')).toBe(srt(['[fr-FR] Hello']));
		expect(mapped.json[0]?.files).toMatchObject({
			'de-DE': { fileName: 'film.de-DE.srt', cueCount: 1 },
			'fr-FR': { fileName: 'film.fr-FR.srt', cueCount: 1 },
		});
	});

	it('keeps a line that VMEG could not translate, and says which', async () => {
		const { output, run } = await vmeg.run({
			parameters: parameters(),
			items: [file(srt(['Hello', 'Odd {{fail}}', 'Bye']))],
		});
		expect(await contentOf(output[0])).toBe(srt(['[de-DE] Hello', 'Odd {{fail}}', '[de-DE] Bye']));
		expect(output[0]?.json.untranslatedCues).toEqual([
			{ cue: 2, line: 7, text: 'Odd {{fail}}', reason: 'Translation failed for this segment' },
		]);
		const hints = run.data.resultData.runData.VMEG?.[0]?.hints ?? [];
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('could not translate 1 line'),
		]);
	});

	it('fails for such a line where the user wants that', async () => {
		const { error } = await vmeg.run({
			parameters: parameters({ failOnUntranslated: true }),
			items: [file(srt(['Hello', 'Odd {{fail}}']))],
		});
		expect(error?.message).toBe(
			'Item 0: VMEG could not translate 1 of 2 lines into de-DE; the first is cue 2 (line 7): Translation failed for this segment',
		);
	});

	it('sends nothing for a file without words', async () => {
		const { output } = await vmeg.run({ parameters: parameters(), items: [file(srt(['♪', '...']))] });
		expect(requests()).toHaveLength(0);
		expect(await contentOf(output[0])).toBe(srt(['♪', '...']));
		expect(output[0]?.json).toMatchObject({ cueCount: 2, taskIds: [] });
	});

	it('pays nothing twice when Retry On Fail runs the node again', async () => {
		vmeg.sandbox.addFault({ kind: 'status', path: TRANSLATE, nth: 2, code: 422, message: 'Odd day' });
		const { output, error } = await vmeg.run({
			parameters: parameters({ maxConcurrency: 1 }),
			items: [file(film(120))],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		});
		expect(error).toBeUndefined();
		expect(output[0]?.json.cueCount).toBe(120);
		expect(vmeg.sandbox.tasks()).toHaveLength(3);
	});

	it('fails only the file whose line VMEG refuses, where the node is set to continue', async () => {
		const { json } = await vmeg.run({
			parameters: parameters(),
			items: [file(srt(['One', 'No {{refuse}}'])), file(srt(['Two'])), file('no subtitles')],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(json.map(({ error }) => error !== undefined)).toEqual([true, false, true]);
		expect(json[0]?.error).toContain('Item 0: VMEG understood the request but cannot process it');
	});

	it.each<[string, INodeExecutionData, INodeParameters, string]>([
		['a file that is none', file('Hello\nthere', 'notes.txt'), {}, 'Item 0: "Input Binary Field" cannot be read (notes.txt). Line 1'],
		['a time that is none', file('1\n00:00:0x,000 --> 00:00:02,000\nHi\n'), {}, '(film.srt). Line 2'],
		['a field without a file', { json: {} }, {}, 'Item 0: "Input Binary Field" is "data", but the item has no file'],
		['a language that is none', file(film(1)), { targetLanguage: 'xx' }, 'Item 0: "Target Language" is "xx"'],
		['a window too wide', file(film(1)), { options: { contextWindow: 21 } }, 'Item 0: "Context Window"'],
		['a text that is none', { json: {} }, { subtitleSource: 'text', subtitles: '={{ " " }}' }, 'Item 0: "Subtitles" cannot be read (the text)'],
	])('refuses %s before anything is sent', async (_, item, others, message) => {
		const { error } = await vmeg.run({ parameters: parameters({}, others), items: [item] });
		expect(error?.message).toContain(message);
		expect(vmeg.sandbox.journal.requests()).toHaveLength(0);
	});
});
