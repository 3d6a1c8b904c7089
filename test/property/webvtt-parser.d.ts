/** The part of `webvtt-parser` that the tests use; it comes without types. */
declare module 'webvtt-parser' {
	interface TextNode {
		type: 'text' | 'object' | 'timestamp';
		name?: string;
		value?: string;
		children: TextNode[];
	}

	export class WebVTTParser {
		constructor(entities: Record<string, string>);
		parse(
			file: string,
			mode: string,
		): {
			cues: Array<{ startTime: number; endTime: number; tree: { children: TextNode[] } }>;
			errors: Array<{ message: string; line: number }>;
		};
	}
}
