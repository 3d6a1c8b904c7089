import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { operations } from '../../nodes/Vmeg/actions/router';
import { endpoints } from '../../nodes/Vmeg/api/endpoints';
import { scenes } from '../../scripts/docs/examples';
import { between, makePages } from '../../scripts/docs/pages';
import type { Pages } from '../../scripts/docs/pages';

const ROOT = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const namesOf = (tree: Record<string, object>) =>
	Object.entries(tree).flatMap(([resource, all]) => Object.keys(all).map((name) => `${resource}.${name}`));

const GENERATED = [
	...Object.keys(operations).map((resource) => `docs/${resource}.md`),
	'docs/trigger.md',
	'docs/languages.md',
	'docs/README.md',
	'README.md',
];

describe('Pages that are made from the code', () => {
	let pages: Pages;

	beforeAll(async () => {
		pages = await makePages(read('README.md'));
	}, 180_000);

	it('exist for every resource and the trigger', () => {
		expect(Object.keys(pages).sort()).toEqual([...GENERATED].sort());
	});

	it.each(GENERATED)('%s is current (otherwise: npm run docs)', (file) => {
		expect(existsSync(path.join(ROOT, file)) ? read(file) : '').toBe(pages[file]);
	});

	it('show a run of every operation', () => {
		expect(namesOf(scenes).sort()).toEqual(namesOf(operations).sort());
	});

	it('name every call of the API that the package makes', () => {
		const all = Object.keys(operations)
			.map((resource) => pages[`docs/${resource}.md`])
			.join('\n');
		const silent = Object.values(endpoints).filter(({ method, path: called }) => !all.includes(`\`${method} ${called}\``));
		expect(silent).toEqual([]);
	});

	it('hold nothing that another machine or day would make different', () => {
		const all = Object.values(pages).join('\n');
		expect(all).not.toMatch(/127\.0\.0\.1:\d|\/tmp\//);
		expect(all.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g)?.filter((time) => !time.startsWith('2026-01-15T09:30'))).toEqual([]);
	});
});

describe('The table of operations in the README', () => {
	it('goes between its marks and leaves the rest as it is', () => {
		const file = 'before\n<!-- operations -->\nold\n<!-- /operations -->\nafter\n';
		expect(between(file, 'new')).toBe('before\n<!-- operations -->\nnew\n<!-- /operations -->\nafter\n');
	});

	it('is missed where its marks are gone', () => {
		expect(() => between('nothing', 'new')).toThrow('<!-- operations -->');
	});
});

const sources = readdirSync(path.join(ROOT, 'nodes'), { recursive: true, encoding: 'utf8' })
	.filter((name) => name.endsWith('.ts'))
	.map((name) => read(path.join('nodes', name)))
	.join('\n');

describe('Messages in the list of what can go wrong', () => {
	const [list = ''] = read('docs/troubleshooting.md').split(/^## /m);
	const messages = [...list.matchAll(/^\| (.+?) \|/gm)].map(([, message = '']) => message).slice(2);

	it.each(messages)('%s is one that the nodes have', (message) => {
		const pieces = message
			.replace(/^\(.*?\) /, '')
			// what stands for the rest, and where the code puts a message together
			.split(/…|"|,| but |\(HTTP |\) /)
			.map((piece) => piece.trim())
			.filter((piece) => piece.length > 3);
		expect(pieces).not.toEqual([]);
		expect(pieces.filter((piece) => !sources.includes(piece))).toEqual([]);
	});
});

/** A heading as GitHub makes an anchor of it; a second one of the same name gets a number. */
function anchorsOf(markdown: string): Set<string> {
	const counts = new Map<string, number>();
	const anchors = new Set<string>();
	const withoutCode = markdown.replace(/^```[\s\S]*?^```/gm, '');
	for (const [, heading = ''] of withoutCode.matchAll(/^#{1,6} (.+)$/gm)) {
		const name = heading
			.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replace(/ /g, '-');
		const before = counts.get(name) ?? 0;
		counts.set(name, before + 1);
		anchors.add(before === 0 ? name : `${name}-${before}`);
	}
	return anchors;
}

const markdownIn = (folder: string) =>
	readdirSync(path.join(ROOT, folder))
		.filter((name) => name.endsWith('.md'))
		.map((name) => path.join(folder, name));

const DOCUMENTS = ['.', 'docs', '.github', 'sandbox', 'bench'].flatMap(markdownIn);

describe('Links between documents', () => {
	it.each(DOCUMENTS)('of %s lead to something that is there', (file) => {
		const text = read(file).replace(/^```[\s\S]*?^```/gm, '');
		const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
			.map(([, target = '']) => target)
			.filter((target) => !/^(https?|mailto):/.test(target))
			.filter((target) => {
				const [relative = '', anchor] = target.split('#');
				const found = relative === '' ? file : path.join(path.dirname(file), relative);
				if (!existsSync(path.join(ROOT, found))) return true;
				return anchor !== undefined && !anchorsOf(read(found)).has(anchor);
			});
		expect(broken).toEqual([]);
	});
});
