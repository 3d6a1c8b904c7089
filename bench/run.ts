/**
 * The benchmarks of texts, memory, the trigger and the package itself, in one run and one report:
 * `npm run bench`. See README.md beside this file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ensureHost } from '../test/e2e/harness/n8n';
import { timed } from './lib/figures';
import { toMarkdown } from './lib/report';
import type { Section } from './lib/report';
import { startServer } from './lib/server';
import { cpuName, dropKit, makeKit } from './lib/stage';
import type { Kit } from './lib/stage';
import { benchLoad } from './load';
import { benchMemory } from './memory';
import { benchOverhead, benchText } from './text';
import { benchTrigger } from './trigger';

const { values } = parseArgs({
	options: {
		only: { type: 'string', default: 'load,text,overhead,memory,trigger' },
		rows: { type: 'string' },
		rounds: { type: 'string', default: '5' },
		quick: { type: 'boolean', default: false },
		full: { type: 'boolean', default: false },
		readme: { type: 'boolean', default: false },
	},
});

const rounds = Number(values.rounds);
const numbers = (quick: number[], usual: number[]): number[] =>
	values.rows?.split(',').map(Number) ?? (values.quick ? quick : usual);

const sections: Record<string, (kit: Kit) => Promise<Section[]>> = {
	load: async (kit) => [await benchLoad(kit)],
	text: async (kit) => [await benchText(kit, { counts: numbers([200], [1_000, 10_000]), rounds, full: values.full })],
	overhead: async (kit) => [await benchOverhead(kit, { counts: numbers([1_000], [1_000, 10_000]), rounds })],
	memory: async (kit) => [await benchMemory(kit, { counts: numbers([1_000], [1_000, 10_000, 100_000]) })],
	trigger: async (kit) => await benchTrigger(kit, { events: values.quick ? 60 : 400, rounds, floodMs: values.quick ? 1_000 : 5_000 }),
};

const README = path.join(__dirname, 'README.md');
const MEASURED = /(<!-- measured -->\n)[\s\S]*(<!-- \/measured -->)/;

async function main(): Promise<void> {
	const log = (line: string) => console.log(line);
	const host = await ensureHost({ log });
	const server = await startServer();
	const kit = await makeKit(host, server, log);
	const found: Section[] = [];
	try {
		for (const name of values.only.split(',')) {
			const bench = sections[name];
			if (bench === undefined) throw new Error(`There is no benchmark "${name}": ${Object.keys(sections).join(', ')}`);
			log(`${name}:`);
			const { result, ms } = await timed(async () => await bench(kit));
			log(`  done in ${Math.round(ms / 1000)} s`);
			found.push(...result);
		}
	} finally {
		server.close();
		await dropKit(kit);
	}
	const machine = `n8n ${host.version}, ${os.cpus().length} cores of ${await cpuName()}, ${new Date().toISOString().slice(0, 10)}`;
	const report = [`${machine}. Every run was checked: count, order and pairing of the items.`, '', ...found.map(toMarkdown)].join('\n');
	log(`\n${report}`);
	if (values.readme) {
		const text = await readFile(README, 'utf8');
		await writeFile(README, text.replace(MEASURED, (_, before: string, after: string) => `${before}${report}${after}`));
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
