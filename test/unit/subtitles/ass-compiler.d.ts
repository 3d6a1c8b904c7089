/** The part of `ass-compiler` that the tests use, from its build for CommonJS. */
declare module 'ass-compiler/dist/ass-compiler.js' {
	export function parse(text: string): {
		events: { dialogue: Array<{ Start: number; End: number; Text: { combined: string; parsed: Array<{ text: string }> } }> };
	};
}
