import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';

import type { Turn } from './engine';
import { takeTurn } from './engine';
import { targets } from './targets';

/**
 * Fuzzes every reader of outside bytes, target by target in turn, until the time is up.
 *
 *     npm run fuzz -- --seconds 300
 *     npm run fuzz -- --seed 7 --target 'file names'
 *
 * The work is done in a child process, so that also an endless loop is found and named. What fails in
 * the same way again is counted but not printed again. Exit code 1 where anything failed.
 */

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '60' },
		seed: { type: 'string' },
		target: { type: 'string', default: '' },
		worker: { type: 'boolean', default: false },
	},
});

/** Longest time without a sign of life, in milliseconds: a turn takes less than a second. */
const SILENCE_MS = 45_000;
const SEED_RANGE = 0x7fff_ffff;

type Message = { kind: 'begin'; target: string; seed: number } | { kind: 'end'; turn: Turn };

const print = (line: string) => process.stdout.write(`${line}\n`);

async function work(firstSeed: number, endMs: number): Promise<void> {
	// waits until the message has left, since the turn after it may never end
	const tell = async (message: Message) => await new Promise((resolve) => process.send?.(message, resolve));
	const chosen = targets.filter(({ name }) => name.includes(values.target));
	for (let round = 0; chosen.length > 0; round++) {
		const seed = (firstSeed + round) % SEED_RANGE;
		for (const target of chosen) {
			if (Date.now() >= endMs) return;
			await tell({ kind: 'begin', target: target.name, seed });
			const turn = await takeTurn(target, seed);
			await tell({ kind: 'end', turn });
		}
	}
}

async function watch(seed: number, seconds: number): Promise<number> {
	const counts = new Map<string, number>();
	const seen = new Set<string>();
	let failures = 0;
	let now = { target: '', seed };
	print(`seed ${seed}, ${seconds} s`);
	const args = ['--worker', '--seed', String(seed), '--seconds', String(seconds), '--target', values.target];
	const worker = fork(__filename, args, { execArgv: process.execArgv });
	const hang = () => {
		failures += 1;
		print(`\nHANG in ${now.target}: --seed ${now.seed} --target '${now.target}'`);
		worker.kill('SIGKILL');
	};
	let alarm = setTimeout(hang, SILENCE_MS);
	worker.on('message', (message: Message) => {
		clearTimeout(alarm);
		alarm = setTimeout(hang, SILENCE_MS);
		if (message.kind === 'begin') {
			now = message;
			return;
		}
		const { target, executions, failure } = message.turn;
		counts.set(target, (counts.get(target) ?? 0) + executions);
		if (failure === undefined) return;
		failures += 1;
		const kind = `${target} ${failure.reason.split('\n')[0]}`;
		if (seen.has(kind)) return;
		seen.add(kind);
		print(`\nFAILED ${target}: --seed ${failure.seed} --target '${target}'\n  input: ${failure.input.slice(0, 4_000)}\n  ${failure.reason}`);
	});
	const code = await new Promise<number | null>((resolve) => worker.on('exit', resolve));
	clearTimeout(alarm);
	if (code !== 0 && failures === 0) {
		failures += 1;
		print(`\nThe process ended with ${code} in ${now.target}: --seed ${now.seed} --target '${now.target}'`);
	}
	for (const [target, count] of counts) print(`${String(count).padStart(9)}  ${target}`);
	const sum = [...counts.values()].reduce((total, count) => total + count, 0);
	print(`${String(sum).padStart(9)}  executions, ${failures} failures of ${seen.size} kinds`);
	return failures === 0 ? 0 : 1;
}

const seed = values.seed === undefined ? Math.floor(Math.random() * SEED_RANGE) : Number(values.seed);
const seconds = Number(values.seconds);

if (values.worker) {
	void work(seed, Date.now() + seconds * 1_000).then(
		() => process.exit(0),
		(error: unknown) => {
			process.stderr.write(`${String(error)}\n`);
			process.exit(2);
		},
	);
} else {
	void watch(seed, seconds).then((code) => process.exit(code));
}
