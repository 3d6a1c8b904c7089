/** Numbers and how they are shown. */

/** The middle of the sorted values; NaN of none. */
export const median = (values: readonly number[]): number => percentile(values, 50);

/** The smallest value that at least `percent` of all values do not exceed; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
}

/** The middle of the ratios of figures that were measured in the same rounds: what else the machine did cancels out. */
export const medianRatio = (of: readonly number[], to: readonly number[]): number =>
	median(of.map((value, round) => value / (to[round] ?? NaN)));

/** Three significant digits, and all digits before the point. */
export function short(value: number): string {
	if (!Number.isFinite(value)) return '';
	const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
	return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) });
}

export const MiB = 1024 * 1024;

/** Milliseconds that work took, with what it returned. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
	const started = performance.now();
	const result = await work();
	return { result, ms: performance.now() - started };
}
