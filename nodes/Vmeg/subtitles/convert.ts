import type { Cue } from './document';
import { SubtitleError } from './error';
import type { SubtitleFileFormat } from './format';
import type { Token } from './markup';
import { encode, eventsOf } from './markup';
import { writeTime } from './time';

/** A cue of another format: the parts of its text, one for each who speaks, and the breaks between. */
export interface ForeignCue {
	cue: Cue;
	parts: Token[][];
}

/** The tags that a format has, in its own words. */
const TAGS: Record<SubtitleFileFormat, ReadonlySet<string>> = {
	srt: new Set(['b', 'i', 's', 'u']),
	vtt: new Set(['b', 'i', 'u']),
	ass: new Set(['b', 'i', 's', 'u']),
	ssa: new Set(['b', 'i', 's', 'u']),
};

const isAss = (format: SubtitleFileFormat) => format === 'ass' || format === 'ssa';

const tagWriters = {
	html: { open: (tag: string) => `<${tag}>`, close: (tag: string) => `</${tag}>` },
	ass: { open: (tag: string) => `{\\${tag}1}`, close: (tag: string) => `{\\${tag}0}` },
};

/** Writes markup in another format: well nested, and closed at the end. */
function markupWriter(format: SubtitleFileFormat) {
	const write = isAss(format) ? tagWriters.ass : tagWriters.html;
	let open: string[] = [];
	const close = (tag: string) => {
		const at = open.lastIndexOf(tag);
		if (at < 0) return '';
		const above = open.slice(at + 1);
		open = [...open.slice(0, at), ...above];
		return `${[...above].reverse().map(write.close).join('')}${write.close(tag)}${above.map(write.open).join('')}`;
	};
	const closeAll = () => {
		const closed = [...open].reverse().map(write.close).join('');
		open = [];
		return closed;
	};
	const mark = (raw: string) =>
		eventsOf(raw)
			.map((event) => {
				if (event.kind === 'reset') return closeAll();
				if (event.kind === 'align' || !TAGS[format].has(event.tag)) return '';
				if (event.kind === 'close') return close(event.tag);
				if (open.includes(event.tag)) return '';
				open = [...open, event.tag];
				return write.open(event.tag);
			})
			.join('');
	return { mark, closeAll };
}

// as on the keys of a numeric keypad
const BOTTOM_CENTRE = 2;

function alignmentIn(parts: readonly Token[][]): number {
	for (const { kind, raw } of parts.flat()) {
		if (kind !== 'mark') continue;
		for (const event of eventsOf(raw)) if (event.kind === 'align') return event.value;
	}
	return BOTTOM_CENTRE;
}

function vttSettings(alignment: number): string {
	const line = alignment > 6 ? ' line:0' : alignment > 3 ? ' line:50%' : '';
	const align = alignment % 3 === 1 ? ' align:left' : alignment % 3 === 0 ? ' align:right' : '';
	return `${line}${align}`;
}

/** The nearest of the nine places; a line counted from the bottom is at the bottom. */
function alignmentOf(settings: string): number {
	const [, line = '', unit = ''] = /(?:^|\s)line:(-?\d+(?:\.\d+)?)(%?)/.exec(settings) ?? [];
	const align = /(?:^|\s)align:(\w+)/.exec(settings)?.[1] ?? 'center';
	const column = { start: 1, left: 1, end: 3, right: 3 }[align] ?? 2;
	if (line === '' || line.startsWith('-')) return column;
	const value = Number(line);
	// of about fifteen lines that a picture has
	const share = unit === '%' ? value / 100 : value / 15;
	if (share < 1 / 3) return column + 6;
	return share < 2 / 3 ? column + 3 : column;
}

interface Written {
	text: string;
	alignment: number;
	name: string;
}

/** Tokens with neighbouring texts as one: only together may they look like markup. */
function withWholeTexts(tokens: readonly Token[]): Token[] {
	const whole: Token[] = [];
	for (const token of tokens) {
		const last = whole.at(-1);
		if (token.kind !== 'text' || last?.kind !== 'text') whole.push({ ...token });
		else last.text += token.text;
	}
	return whole;
}

const oneLineName = (name: string) => name.replace(/[\s,<>]+/g, ' ').trim();

function textOf({ cue, parts }: ForeignCue, from: SubtitleFileFormat, to: SubtitleFileFormat): Written {
	const { mark, closeAll } = markupWriter(to);
	const speakers = parts.flat().flatMap(({ kind, text }) => (kind === 'speaker' ? [text] : []));
	const names = speakers.length === 0 && cue.name !== undefined ? [cue.name] : speakers;
	const isEachs = speakers.length === 0 || parts.every((tokens) => tokens.some(({ kind }) => kind === 'speaker'));
	const isField = isAss(to) && isEachs && new Set(names).size === 1;
	const speaker = (name: string) => {
		if (isField) return '';
		return to === 'vtt' ? `<v ${encode.vtt(oneLineName(name))}>` : `${encode[to](oneLineName(name))}: `;
	};
	const pieces = parts.map((tokens, at) => {
		const voices = tokens.filter(({ kind }) => kind === 'speaker').length;
		const first = at === 0 && speakers.length === 0 && cue.name !== undefined && voices === 0 ? speaker(cue.name) : '';
		const said = withWholeTexts(tokens)
			.map(({ kind, raw, text }) => {
				if (kind === 'mark') return mark(raw);
				if (kind === 'speaker') return speaker(text);
				return kind === 'break' ? '\n' : encode[to](text);
			})
			.join('');
		// several who speak in one cue must not be within one another
		const isVoiced = to === 'vtt' && voices > 0 && parts.length > 1;
		return `${first}${said}${isVoiced ? '</v>' : ''}`;
	});
	const lines = `${pieces.join('\n')}${closeAll()}`.split('\n').filter((line) => line.trim() !== '');
	const inText = alignmentIn(parts);
	return {
		text: lines.join(isAss(to) ? '\\N' : '\n'),
		alignment: from === 'vtt' ? alignmentOf(cue.settings) : inText,
		name: isField ? oneLineName(names[0] ?? '') : '',
	};
}

const HEADERS: Record<SubtitleFileFormat, string> = {
	srt: '',
	vtt: 'WEBVTT\n\n',
	ass: `[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
`,
	ssa: `[Script Info]
ScriptType: v4.00
PlayResX: 384
PlayResY: 288

[V4 Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, TertiaryColour, BackColour, Bold, Italic, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, AlphaLevel, Encoding
Style: Default,Arial,16,16777215,65535,0,0,0,0,1,1,0,2,10,10,10,0,1

[Events]
Format: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
`,
};

const alignCode = (alignment: number) => (alignment === BOTTOM_CENTRE ? '' : `{\\an${alignment}}`);

const row = (first: string) => (start: string, end: string, { name, alignment, text }: Written) =>
	`Dialogue: ${first},${start},${end},Default,${name},0,0,0,,${alignCode(alignment)}${text}\n`;

const cueWriters: Record<SubtitleFileFormat, (start: string, end: string, written: Written, index: number) => string> = {
	srt: (start, end, { text, alignment }, index) =>
		`${index}\n${start} --> ${end}\n${text === '' ? '' : alignCode(alignment)}${text}\n\n`,
	vtt: (start, end, { text, alignment }, index) =>
		`${index}\n${start} --> ${end}${vttSettings(alignment)}\n${text}\n\n`,
	ass: row('0'),
	ssa: row('Marked=0'),
};

/**
 * Writes cues of one format as a file of another: times, texts, who speaks, bold, italic, underlined
 * and the place on the screen. Fonts, colours and effects do not go along.
 *
 * @param safe makes a text harmless that looks like the times of a cue
 * @throws SubtitleError with the line of a negative time, which only SRT can hold
 */
export function convertSubtitles(
	cues: readonly ForeignCue[],
	from: SubtitleFileFormat,
	to: SubtitleFileFormat,
	safe: (text: string) => string,
): string {
	const written = cues.map((foreign, at) => {
		const { start, end, line } = foreign.cue;
		if (to !== 'srt' && Math.min(start, end) < 0) {
			throw new SubtitleError(`a negative time cannot be written as ${to.toUpperCase()}`, line);
		}
		const said = textOf(foreign, from, to);
		return cueWriters[to](writeTime[to](start), writeTime[to](end), { ...said, text: safe(said.text) }, at + 1);
	});
	return `${HEADERS[to]}${written.join('')}`;
}
