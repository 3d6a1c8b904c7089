/** The main journey through n8n's editor, with a mouse and a keyboard: from nothing to a translated text. */
import { startSandbox, type Sandbox } from '../../sandbox';
import { ensureBrowser, openEditor, type Editor } from './harness/browser';
import { releaseUnderTest, startN8nWithPackage } from './harness/handover';
import type { N8n } from './harness/n8n';

const tell = (line: string) => process.stderr.write(`${line}\n`);
const missing = ensureBrowser(tell);
if (missing !== undefined) tell(`\nSKIPPED: the journey through the editor was not tested. ${missing}\n`);

const isFirstLine = releaseUnderTest() === 'legacy';
const TEXT = 'Merino base layer';

(missing === undefined ? describe : describe.skip)('a newcomer in the editor', () => {
	let sandbox: Sandbox;
	let n8n: N8n;
	let editor: Editor;

	beforeAll(async () => {
		sandbox = await startSandbox();
		n8n = await startN8nWithPackage();
		const workflowId = await n8n.createWorkflow({
			name: 'First steps',
			nodes: [
				{
					id: '2f5a3a0e-54b1-4d3f-8f0b-3a0f5d1c7a01',
					name: 'Start',
					type: 'n8n-nodes-base.manualTrigger',
					typeVersion: 1,
					position: [0, 0],
					parameters: {},
				},
			],
			connections: {},
		});
		editor = await openEditor(n8n);
		await editor.openWorkflow(workflowId);
	});

	afterAll(async () => {
		await editor?.close();
		await n8n?.stop();
		await sandbox?.close();
	});

	it.each(['subtitles', 'localize', 'voice over', 'translate video', 'vmeg', 'dub'])(
		'finds the node among the first when searching for "%s"',
		async (search) => {
			const bar = editor.testId('node-creator-search-bar');
			if ((await bar.count()) === 0) await editor.testId('canvas-handle-plus').first().click();
			// so that nothing is left of the search before
			await bar.fill('no node is called this');
			await editor.testId('node-creator-no-results').waitFor();
			await bar.fill(search);
			const found = editor.testId('item-iterator-item').first();
			await found.waitFor();
			expect(await found.innerText()).toContain('VMEG');
		},
	);

	it('adds it by choosing what it is to do', async () => {
		await editor.testId('item-iterator-item').filter({ hasText: 'VMEG' }).first().click();
		await editor.page.getByText('Translate text', { exact: true }).click();
		await editor.panel().waitFor();
		expect(await editor.parameter('resource').locator('input').inputValue()).toBe('Text');
		expect(await editor.parameter('operation').locator('input').inputValue()).toBe('Translate');
	});

	it('creates the credential, is told of a wrong key, and that the right one works', async () => {
		if (isFirstLine) {
			await editor.testId('node-credentials-select').click();
			await editor.testId('node-credentials-select-item-new').click();
		} else {
			await editor.testId('node-credentials-empty-state').getByRole('button').first().click();
		}
		const dialog = editor.testId('editCredential-modal');
		await dialog.waitFor();
		const fill = async (name: string, value: string) =>
			await editor.parameter(name).locator('input').fill(value);

		await fill('apiKey', 'not-the-key');
		await fill('baseUrl', sandbox.url);
		await editor.testId('credential-save-button').click();
		await dialog.getByText('Couldn’t connect with these settings').waitFor();

		await fill('apiKey', sandbox.apiKey);
		await editor.testId('credential-save-button').click();
		if (!isFirstLine) {
			// n8n 2 closes the dialog of a credential that works, and says so when it is opened again
			await dialog.waitFor({ state: 'hidden' });
			await editor.testId('credential-edit-button').click();
		}
		await dialog.getByText('Connection tested successfully').waitFor();
		await dialog.getByRole('button', { name: /close/i }).click();
		await dialog.waitFor({ state: 'hidden' });
	});

	it('picks the language by typing a part of its name', async () => {
		await editor.choose('targetLanguage', 'brazil', 'Portuguese (Brazil) (pt-BR)');
		const shown = editor.parameter('targetLanguage').locator('input');
		expect(await shown.inputValue()).toBe('Portuguese (Brazil) (pt-BR)');
	});

	it('runs it and sees the translated item', async () => {
		await editor.parameter('text').locator('textarea').fill(TEXT);
		await editor.testId('node-execute-button').click();
		const output = editor.testId('output-panel');
		await output.getByText(`[pt-BR] ${TEXT}`).first().waitFor();
		expect(sandbox.tasks()).toHaveLength(1);
	});

	it('searches a voice by language and gender', async () => {
		await editor.choose('resource', 'Speech', 'Speech');
		await editor.testId('rlc-input').click();
		const voices = editor.testId('rlc-item');
		await voices.filter({ hasText: 'English' }).first().waitFor();
		await editor.testId('rlc-search').fill('female german');
		await voices.filter({ hasText: 'German (Germany)' }).first().waitFor();
		await voices.filter({ hasText: 'English' }).first().waitFor({ state: 'detached' });
		const names = await voices.allInnerTexts();
		expect(names.every((name) => name.includes('German') && name.includes('female'))).toBe(true);

		await voices.first().click();
		expect(await editor.testId('rlc-input').inputValue()).toBe(names[0]);
	});
});
