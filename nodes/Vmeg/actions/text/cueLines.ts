import type { Segment } from '../../api/contract';
import type { ScriptLine, SubtitleFile } from '../../subtitles/file';
import type { TextLine, TextSettings } from './request';

/** How many neighbours explain a cue where the user does not say (API contract §2). */
export const DEFAULT_CONTEXT_WINDOW = 5;

/** One text of a subtitle file, to be translated into one language. */
export interface CueLine extends TextLine {
	script: ScriptLine;
	/** All lines of the file, this one among them at `place`. */
	siblings: readonly CueLine[];
	place: number;
}

const segmentOf = ({ text, start, end, speaker }: ScriptLine): Segment => ({
	text,
	...(start === undefined ? {} : { start }),
	...(end === undefined ? {} : { end }),
	...(speaker === undefined ? {} : { speaker }),
});

/** The lines of a file as an item asks for them in one language. */
export function cueLinesOf(
	{ lines }: SubtitleFile,
	{ itemIndex, position }: { itemIndex: number; position: number },
	settings: TextSettings,
): CueLine[] {
	const siblings: CueLine[] = [];
	lines.forEach((script, place) => {
		const plan = { settings, segment: segmentOf(script) };
		siblings.push({ itemIndex, position, plan, script, siblings, place });
	});
	return siblings;
}

const around = <T>(list: readonly T[], place: number, window: number): T[] => [
	...list.slice(Math.max(0, place - window), place),
	...list.slice(place + 1, place + 1 + window),
];

/**
 * The segments of a request. VMEG looks at the neighbours of a cue in the request; where those are not
 * its neighbours in the file, because a request begins or ends there or holds another file as well, the
 * cue brings the right ones along (API contract §2: `context` beats `sourceContext`).
 */
export function segmentsWithContext(lines: CueLine[]): Segment[] {
	return lines.map(({ plan, siblings, place }, index) => {
		const window = plan.settings.options?.sourceContext?.contextWindow ?? DEFAULT_CONTEXT_WINDOW;
		const inFile = around(siblings, place, window);
		const inRequest = around(lines, index, window);
		const isSame =
			inFile.length === inRequest.length && inFile.every((line, at) => line === inRequest[at]);
		if (isSame) return plan.segment;
		return { ...plan.segment, context: inFile.map(({ script }) => script.text) };
	});
}
