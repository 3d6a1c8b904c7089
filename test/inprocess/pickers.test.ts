import { LoadOptionsContext } from 'n8n-core';
import type { INodeListSearchResult, INodeType } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

import { additionalDataFor, loadPackage, NODE } from './n8n';
import { useSandbox } from './sandboxed';

const vmeg = useSandbox();

const SYSTEM_LIST = '/assets/voice/basic/list';
const CLONED_LIST = '/assets/voice/clone/list';

type Search = 'searchVoices' | 'searchClonedVoices' | 'searchMaterials' | 'searchTasks';

/** Calls a search as the editor does. */
async function pick(search: Search, filter?: string, token?: string, apiKey?: string) {
	const loader = await loadPackage();
	const type = loader.getNode('vmeg').type as INodeType;
	const node = {
		id: '1',
		name: NODE,
		type: 'n8n-nodes-vmeg.vmeg',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
		credentials: { vmegApi: { id: '1', name: 'VMEG' } },
	};
	const nodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	};
	const settings = { timezone: 'Asia/Tokyo' };
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes, settings });
	const credential = { apiKey: apiKey ?? vmeg.sandbox.apiKey, baseUrl: vmeg.sandbox.url };
	const context = new LoadOptionsContext(workflow, node, additionalDataFor(credential, '1'), '');
	const found = await type.methods?.listSearch?.[search]?.call(context, filter, token);
	if (found === undefined) throw new Error(`There is no ${search}`);
	return found;
}

const values = ({ results }: INodeListSearchResult) => results.map(({ value }) => value);
const names = ({ results }: INodeListSearchResult) => results.map(({ name }) => name);

/** Scrolls to the end, as often as there is more. */
async function pickAll(search: Search, filter?: string): Promise<unknown[]> {
	const all: unknown[] = [];
	for (let token: unknown; ; ) {
		const page = await pick(search, filter, token === undefined ? undefined : String(token));
		all.push(...values(page));
		token = page.paginationToken;
		if (token === undefined) return all;
	}
}

/** Clones voices with these names and gives their IDs. */
async function cloneVoices(list: string[], sampleLanguage = 'en-US'): Promise<string[]> {
	const { json } = await vmeg.run({
		parameters: {
			resource: 'voice',
			operation: 'clone',
			refAudio: 'https://example.com/voice.wav',
			voiceName: '={{ $json.name }}',
			options: { sampleLanguage },
		},
		items: list.map((name) => ({ name })),
	});
	return json.map(({ voiceId }) => String(voiceId));
}

const requestsTo = (path: string) => vmeg.sandbox.journal.requests(path).map(({ body }) => body);

describe('The pickers of voices', () => {
	it("show name, language, gender and style, one's own voices first, each to be listened to", async () => {
		const [mine] = await cloneVoices(['My voice']);
		const { results } = await pick('searchVoices');
		const url = expect.stringMatching(/^http.*\.wav/);
		expect(results.slice(0, 2)).toEqual([
			{ name: 'My voice · English (United States) · cloned', value: mine, url },
			{ name: 'Anna (English (United Kingdom)) · female · narration', value: 'sv_0001', url },
		]);
	});

	it('go on page by page to the end of both lists, and ask no list beyond its end', async () => {
		const mine = await cloneVoices(['Anna', 'Bernd']);
		const all = await pickAll('searchVoices');
		expect(all).toHaveLength(62);
		expect(new Set(all).size).toBe(62);
		expect(all).toEqual(expect.arrayContaining(mine));
		expect(requestsTo(SYSTEM_LIST)).toHaveLength(2);
		expect(requestsTo(CLONED_LIST)).toHaveLength(1);
	});

	it('find voices by name, ID, language code and gender', async () => {
		const [mine = ''] = await cloneVoices(['Anna at home']);
		const anna = values(await pick('searchVoices', 'anna'));
		expect(anna[0]).toBe(mine);
		expect(anna).toHaveLength(4);

		expect(values(await pick('searchVoices', 'sv_0005'))).toEqual(['sv_0005']);
		expect(values(await pick('searchVoices', mine))).toEqual([mine]);

		await pick('searchVoices', 'ben de-DE Female');
		expect(requestsTo(SYSTEM_LIST).at(-1)).toMatchObject({
			searchName: 'ben',
			locale: 'de-DE',
			gender: 'female',
		});
	});

	it('find voices by the name of a language, beside those that are called so', async () => {
		const [german = ''] = await cloneVoices(['Bernd'], 'de-DE');
		await cloneVoices(['Anna'], 'en-US');

		const found = await pick('searchVoices', 'german');
		expect(values(found)[0]).toBe(german);
		expect(names(found).length).toBeGreaterThan(3);
		expect(names(found).every((name) => name.includes('German'))).toBe(true);

		const women = names(await pick('searchVoices', 'female german'));
		expect(women.length).toBeGreaterThan(0);
		expect(women.every((name) => name.includes('German') && name.includes('female'))).toBe(true);

		expect(names(await pick('searchVoices', 'brazil')).every((name) => name.includes('Brazil'))).toBe(true);
	});

	it('take a word that begins like a language for a name as well', async () => {
		const [ben = ''] = await cloneVoices(['Ben']);
		const found = names(await pick('searchVoices', 'ben'));
		expect(values(await pick('searchVoices', 'ben'))[0]).toBe(ben);
		expect(found.filter((name) => name.startsWith('Ben ')).length).toBeGreaterThan(1);
		expect(found.some((name) => name.includes('Bengali'))).toBe(true);
	});

	it('show only cloned voices where only these can be changed', async () => {
		const [anna, bernd] = await cloneVoices(['Anna', 'Bernd']);
		expect(values(await pick('searchClonedVoices')).sort()).toEqual([anna, bernd].sort());
		expect(values(await pick('searchClonedVoices', 'bern'))).toEqual([bernd]);
		expect(values(await pick('searchClonedVoices', 'english anna'))).toEqual([anna]);
		expect(values(await pick('searchClonedVoices', 'en-US')).sort()).toEqual([anna, bernd].sort());
		expect(values(await pick('searchClonedVoices', 'german'))).toEqual([]);
		expect(requestsTo(SYSTEM_LIST)).toHaveLength(0);
	});
});

describe('The picker of materials', () => {
	const add = async (name: string) =>
		(await vmeg.sandbox.addMaterial({ name, bytes: Buffer.from(name) })).materialId;

	it('shows name, kind and time, in the time zone of the workflow, with a link to the file', async () => {
		const materialId = await add('lesson.mp4');
		const { results } = await pick('searchMaterials');
		expect(results).toEqual([
			{
				name: expect.stringMatching(/^lesson\.mp4 · video · \d{4}-\d\d-\d\d \d\d:\d\d$/),
				value: materialId,
				url: expect.stringMatching(/^http/),
			},
		]);
	});

	it('finds a file on whatever page it is', async () => {
		const [oldest] = await Promise.all([add('the very first.mp4')]);
		for (let index = 0; index < 120; index++) await add(`lesson-${index}.mp4`);
		expect(values(await pick('searchMaterials', 'FIRST the'))).toEqual([oldest]);
		expect(await pickAll('searchMaterials', 'lesson')).toHaveLength(120);
		expect(await pickAll('searchMaterials')).toHaveLength(121);
		expect(values(await pick('searchMaterials', String(oldest)))).toEqual([oldest]);
		expect(values(await pick('searchMaterials', 'no such file'))).toEqual([]);
	});
});

describe('The picker of tasks', () => {
	it('says what a task is, its state and its time, and finds it by any of them', async () => {
		const { json } = await vmeg.run({
			parameters: {
				resource: 'text',
				operation: 'translate',
				sourceLanguage: 'en-US',
				targetLanguage: 'de-DE',
				text: 'Hello',
			},
		});
		await cloneVoices(['Anna']);
		const taskId = String(json[0]?.taskId);
		const createdAt = Date.parse(String(vmeg.sandbox.tasks().at(-1)?.createdAt));
		const inTokyo = new Date(createdAt + 9 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');
		const shown = `Text Translation · finished · ${inTokyo} · ${taskId}`;

		for (const filter of [taskId, 'text translation', 'finished TEXT', 'textTranslation']) {
			expect(names(await pick('searchTasks', filter))).toEqual([shown]);
		}
		expect(await pickAll('searchTasks')).toHaveLength(2);
	});
});

describe('All pickers', () => {
	const all: Search[] = ['searchVoices', 'searchClonedVoices', 'searchMaterials', 'searchTasks'];

	it.each(all)('say what is wrong: %s', async (search) => {
		await expect(pick(search, '', undefined, 'wrong')).rejects.toThrow('VMEG did not accept the API key');
	});

	it('do not keep the user waiting where VMEG is overloaded', async () => {
		vmeg.sandbox.addFault({ kind: 'status', code: 429, retryAfter: 60 });
		await expect(pick('searchTasks')).rejects.toThrow('VMEG is throttling this account');
	}, 5_000);
});
