import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

const ROOT = path.resolve(__dirname, '../..');
const FOLDER = path.join(ROOT, '.github/workflows');
const workflows = readdirSync(FOLDER).map((name) => ({
	name,
	text: readFileSync(path.join(FOLDER, name), 'utf8'),
}));
const textOf = (name: string) => workflows.find((one) => one.name === name)?.text ?? '';
const { scripts } = z
	.object({ scripts: z.record(z.string()) })
	.parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));

/** The text of a job: from its name to the next one. */
function jobOf(workflow: string, name: string): string {
	const jobs = workflow.split(/^jobs:$/m)[1] ?? '';
	return new RegExp(`^  ${name}:\\n(?:(?! {2}\\S).*\\n?)*`, 'm').exec(jobs)?.[0] ?? '';
}

describe('GitHub workflows', () => {
	it.each(workflows)('$name pins every action to a commit, and says which version it is', ({ text }) => {
		const uses = text.split('\n').filter((line) => /^\s*-?\s*uses:/.test(line));
		expect(uses).not.toEqual([]);
		expect(uses.filter((line) => !/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
	});

	it.each(workflows)('$name runs only npm scripts that exist', ({ text }) => {
		const run = [...text.matchAll(/npm run ([\w:]+)/g), ...text.matchAll(/^\s+script: (\S+)$/gm)];
		expect(run.map(([, script = '']) => script).filter((script) => !(script in scripts))).toEqual([]);
	});

	it.each(workflows)('$name leaves no token in the checkout', ({ text }) => {
		const checkouts = text.split('actions/checkout@').slice(1);
		expect(checkouts.filter((rest) => !/^.*\n\s+with:\n\s+persist-credentials: false/.test(rest))).toEqual([]);
	});

	it('test on all versions of Node that n8n runs on', () => {
		expect(textOf('ci.yml')).toContain("node: ['20.19', '22', '24']");
	});

	it('give an identity only to the job that publishes, which runs none of our code', () => {
		const publish = textOf('publish.yml');
		expect(publish).toMatch(/^permissions: \{\}$/m);
		expect(workflows.map(({ text }) => text.split('id-token: write').length - 1).reduce((a, b) => a + b)).toBe(1);
		const job = jobOf(publish, 'publish');
		expect(job).toContain('id-token: write');
		expect(job).toContain('npm publish ./package/*.tgz --provenance --access public');
		expect(job).not.toMatch(/checkout@|npm run|npm ci|npm install|npx|node /);
		expect(jobOf(publish, 'pack')).toMatch(/check-release[\s\S]*npm run lint[\s\S]*npm test/);
	});
});

describe('The check of a release', () => {
	const SCRIPT = path.join(ROOT, '.github/scripts/check-release.mjs');
	const folders: string[] = [];
	afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

	async function check(
		tag: string,
		files: { version?: string; locked?: string; changelog?: string } = {},
	): Promise<{ code: number; text: string; output: string }> {
		const { version = '1.2.3', locked = version } = files;
		const { changelog = `## Unreleased\n\n## ${version} - 2026-01-31\n\n### Added\n\n- A thing.\n` } = files;
		const folder = mkdtempSync(path.join(tmpdir(), 'vmeg-release-'));
		folders.push(folder);
		const output = path.join(folder, 'output');
		writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version }));
		writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ version: locked }));
		writeFileSync(path.join(folder, 'CHANGELOG.md'), changelog);
		const env = { ...process.env, GITHUB_OUTPUT: output };
		const ended = promisify(execFile)(process.execPath, [SCRIPT, tag], { cwd: folder, env });
		const failed = z.object({ code: z.number(), stderr: z.string() });
		const { code, text } = await ended.then(
			({ stdout }) => ({ code: 0, text: stdout }),
			(error: unknown) => {
				const { code, stderr } = failed.parse(error);
				return { code, text: stderr };
			},
		);
		return { code, text, output: readFileSync(output, 'utf8') };
	}

	it('passes where tag, versions and changelog agree', async () => {
		expect(await check('v1.2.3')).toMatchObject({ code: 0, output: 'dist-tag=latest\n' });
	});

	it('keeps a pre-release from becoming the version that everyone gets', async () => {
		expect(await check('v1.3.0-beta.1', { version: '1.3.0-beta.1' })).toMatchObject({ code: 0, output: 'dist-tag=next\n' });
	});

	it.each([
		['another tag', 'v1.2.4', {}, 'the tag must be v1.2.3'],
		['a tag without its v', '1.2.3', {}, 'the tag must be v1.2.3'],
		['a lock file that was forgotten', 'v1.2.3', { locked: '1.2.2' }, 'package-lock.json says 1.2.2'],
		['no section', 'v1.2.3', { changelog: '## Unreleased\n\n- A thing.\n' }, 'no section "## 1.2.3'],
		['a section without a date', 'v1.2.3', { changelog: '## 1.2.3\n\n- A thing.\n' }, 'no section "## 1.2.3'],
		['an empty section', 'v1.2.3', { changelog: '## 1.2.3 - 2026-01-31\n\n## 1.2.2 - 2026-01-01\n\n- Old.\n' }, 'with an entry'],
		['a version that only looks alike', 'v1.2.3', { changelog: '## 1.2x3 - 2026-01-31\n\n- A thing.\n' }, 'no section'],
	])('stops at %s', async (_what, tag, files, message) => {
		const { code, text } = await check(tag, files);
		expect(code).toBe(1);
		expect(text).toContain(message);
	});
});
