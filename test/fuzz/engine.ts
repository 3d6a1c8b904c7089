import fc from 'fast-check';

import type { Execute, Target } from './targets';

/** Longest time that one execution may take of the processor, in milliseconds. */
const HANG_MS = 1_000;

const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const shapeOf = () => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length).join();

/** What one turn of a target found. */
export interface Turn {
	target: string;
	executions: number;
	/** Why it failed, with what repeats it; undefined where all held. */
	failure?: { seed: number; path: string; input: string; reason: string };
}

/** Runs a target once round: `runs` inputs that follow from the seed. */
export async function takeTurn(target: Target, seed: number, runs = target.turn, path?: string): Promise<Turn> {
	let executions = 0;
	const before = shapeOf();
	const execute: Execute = async (body) => {
		executions += 1;
		const start = process.cpuUsage();
		await body();
		const { user, system } = process.cpuUsage(start);
		if ((user + system) / 1_000 > HANG_MS) throw new Error(`hangs: ${Math.round((user + system) / 1_000)} ms`);
		if (shapeOf() !== before) throw new Error('a prototype was changed');
	};
	const details = await target.check(seed, runs, execute, path);
	if (!details.failed) return { target: target.name, executions };
	const error = details.errorInstance;
	return {
		target: target.name,
		executions,
		failure: {
			seed,
			path: details.counterexamplePath ?? '',
			input: fc.stringify(details.counterexample),
			reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
		},
	};
}
