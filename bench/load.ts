/** How long the package takes to load, and how large it is. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

import { PACKAGE_NAME } from '../test/e2e/harness/n8n';
import { median } from './lib/figures';
import type { Section } from './lib/report';
import type { Kit } from './lib/stage';

const TIMES = 15;
const runFile = promisify(execFile);

const manifest = z.object({
	n8n: z.object({ nodes: z.array(z.string()), credentials: z.array(z.string()) }),
});

/** Loads what the manifest names and makes an instance of each class, as n8n does at its start. */
const LOADER = `
const [shared, ...files] = process.argv.slice(1);
for (const name of shared.split(',').filter(Boolean)) require(name);
const started = performance.now();
for (const file of files) for (const made of Object.values(require(file))) new made();
console.log(performance.now() - started);
`;

async function loadTimes(kit: Kit, folder: string, files: string[], shared: string): Promise<number> {
	const times: number[] = [];
	for (let time = 0; time < TIMES; time++) {
		const { stdout } = await runFile(kit.host.node, ['-e', LOADER, shared, ...files], { cwd: folder });
		times.push(Number(stdout));
	}
	return median(times);
}

async function unpackedSize(tarball: string): Promise<number> {
	const { stdout } = await runFile('tar', ['-tvzf', tarball]);
	return stdout
		.trim()
		.split('\n')
		.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2]), 0);
}

/** Time to load the packed package in a fresh process, and its size. */
export async function benchLoad(kit: Kit): Promise<Section> {
	const folder = await mkdtemp(path.join(tmpdir(), 'vmeg-load-'));
	try {
		const modules = path.join(folder, 'node_modules');
		const directory = path.join(modules, PACKAGE_NAME);
		await mkdir(directory, { recursive: true });
		await runFile('tar', ['-xzf', kit.tarball, '-C', directory, '--strip-components=1']);
		for (const name of ['n8n-workflow', 'zod']) {
			await symlink(path.join(kit.host.dir, 'node_modules', name), path.join(modules, name));
		}
		const { n8n } = manifest.parse(JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')));
		const files = [...n8n.credentials, ...n8n.nodes].map((file) => path.join(directory, file));
		const inN8n = await loadTimes(kit, folder, files, 'n8n-workflow,zod');
		const cold = await loadTimes(kit, folder, files, '');
		const packed = (await stat(kit.tarball)).size;
		const unpacked = await unpackedSize(kit.tarball);
		return {
			title: 'The package',
			notes: [
				`Loading the packed package in a fresh process of n8n's Node, an instance of each class made: median of ${TIMES}. n8n itself has loaded n8n-workflow and zod long before.`,
			],
			rows: [
				{ what: 'load time, n8n-workflow and zod already loaded', figure: inN8n, unit: 'ms' },
				{ what: 'load time, they included', figure: cold, unit: 'ms' },
				{ what: 'tarball', figure: packed / 1000, unit: 'kB' },
				{ what: 'unpacked', figure: unpacked / 1000, unit: 'kB' },
			],
			targets: [
				{ what: 'load time in n8n, ms', measured: inN8n, atMost: 40 },
				{ what: 'tarball, kB', measured: packed / 1000, atMost: 250 },
			],
		};
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
