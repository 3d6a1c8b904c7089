/**
 * `node .github/scripts/check-release.mjs v1.2.3`: fails unless the tag is that of the version in package.json
 * and package-lock.json, and the changelog has a dated section for it with something in it. Tells the workflow
 * the npm tag to publish under: `next` for a pre-release, otherwise `latest`.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = process.cwd();
const read = (file) => readFileSync(path.join(root, file), 'utf8');
const [tag = ''] = process.argv.slice(2);

const { version } = JSON.parse(read('package.json'));
const { version: locked } = JSON.parse(read('package-lock.json'));
const escaped = version.replace(/[.+]/g, '\\$&');
const section = new RegExp(`^## ${escaped} - \\d{4}-\\d{2}-\\d{2}$\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm');
const changes = section.exec(read('CHANGELOG.md'))?.[1] ?? '';

const problems = [
	tag === `v${version}` ? '' : `The tag is "${tag}", but package.json says ${version}: the tag must be v${version}`,
	locked === version ? '' : `package-lock.json says ${locked}, package.json says ${version}: run npm install`,
	/^- /m.test(changes) ? '' : `CHANGELOG.md has no section "## ${version} - YYYY-MM-DD" with an entry in it`,
].filter((problem) => problem !== '');

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

const distTag = version.includes('-') ? 'next' : 'latest';
if (problems.length === 0) console.log(`${version}, to be published as ${distTag}`);
if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `dist-tag=${distTag}\n`);
