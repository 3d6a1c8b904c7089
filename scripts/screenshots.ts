/**
 * Takes the pictures of README and documentation in the real editor: `npm run screenshots`. Needs a Chromium
 * (on Debian it is installed; another path in CHROMIUM_PATH).
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';

import { startSandbox } from '../sandbox';
import { addCredential } from '../test/e2e/harness/credential';
import { ensureBrowser, openEditor } from '../test/e2e/harness/browser';
import type { Editor } from '../test/e2e/harness/browser';
import { exampleWorkflow, SAMPLE_VIDEO } from '../test/e2e/harness/examples';
import type { Choices } from '../test/e2e/harness/examples';
import { packPackage, startN8n, VMEG_NODE } from '../test/e2e/harness/n8n';
import type { N8n } from '../test/e2e/harness/n8n';

const FOLDER = path.resolve(__dirname, '../docs/images');
const MAX_BYTES = 150_000;
const WINDOW = { width: 1280, height: 800 };
const START = 'Start';
const NODE = 'VMEG';

async function picture(editor: Editor, name: string, part?: Locator): Promise<void> {
	const file = path.join(FOLDER, `${name}.png`);
	await editor.page.addStyleTag({ content: '.el-notification { display: none !important }' });
	await editor.screenshot(file, part);
	const { size } = statSync(file);
	console.log(`docs/images/${name}.png: ${Math.ceil(size / 1000)} kB`);
	if (size > MAX_BYTES) throw new Error(`${name}.png is larger than ${MAX_BYTES / 1000} kB`);
}

type Credential = Choices['credential'];

/** A workflow of a trigger and, where parameters are given, one VMEG node; returns its ID. */
async function addWorkflow(n8n: N8n, credential: Credential, parameters?: Record<string, unknown>) {
	const node = (name: string, type: string, x: number) => ({
		id: randomUUID(),
		name,
		type,
		typeVersion: 1,
		position: [x, 0] as [number, number],
		parameters: {},
	});
	const start = node(START, 'n8n-nodes-base.manualTrigger', 0);
	if (parameters === undefined) {
		return await n8n.createWorkflow({ name: 'My workflow', nodes: [start], connections: {} });
	}
	const vmeg = { ...node(NODE, VMEG_NODE, 220), parameters, credentials: { vmegApi: credential } };
	const connections = { [START]: { main: [[{ node: NODE, type: 'main', index: 0 }]] } };
	return await n8n.createWorkflow({ name: 'My workflow', nodes: [start, vmeg], connections });
}

interface Scene {
	n8n: N8n;
	/** Adds an example, with credential and material chosen. */
	addExample(name: string): Promise<string>;
	credential: Credential;
	wrongKey: Credential;
	noCredits: Credential;
}

const TEXT = { resource: 'text', operation: 'translate', targetLanguage: 'de-DE', text: 'Merino base layer' };

/** Runs a workflow with the button of the editor, and fits it into what the log leaves of the window. */
async function execute({ n8n }: Scene, editor: Editor, workflowId: string): Promise<void> {
	await editor.openWorkflow(workflowId);
	await editor.page.getByRole('button', { name: 'Execute workflow' }).last().click();
	await n8n.waitForExecutions(workflowId);
	await editor.page.keyboard.press('1');
}

async function takeNodeCreator({ n8n, credential }: Scene, editor: Editor): Promise<void> {
	await editor.openWorkflow(await addWorkflow(n8n, credential));
	await editor.testId('canvas-handle-plus').first().click();
	await editor.testId('node-creator-search-bar').fill('dub');
	await editor.testId('item-iterator-item').filter({ hasText: 'VMEG' }).first().click();
	await editor.page.getByText('Translate text', { exact: true }).waitFor();
	await picture(editor, 'node-creator', editor.testId('node-creator'));
}

async function takeCredential(editor: Editor): Promise<void> {
	await editor.testId('credential-edit-button').first().click();
	await editor.page.getByText('Connection tested successfully').waitFor();
	await picture(editor, 'credential');
}

async function takeLists({ n8n, credential }: Scene, editor: Editor): Promise<void> {
	const text = { ...TEXT, targetLanguage: '' };
	await editor.openWorkflow(await addWorkflow(n8n, credential, text));
	await editor.openNode(NODE);
	await editor.parameter('targetLanguage').click();
	await editor.page.keyboard.type('portu');
	await editor.page.getByRole('option', { name: 'Portuguese (Brazil)' }).waitFor();
	await picture(editor, 'language-list', editor.panel());

	const speech = { resource: 'speech', operation: 'synthesize', text: 'Guten Tag' };
	await editor.openWorkflow(await addWorkflow(n8n, credential, speech));
	await editor.openNode(NODE);
	await editor.testId('rlc-input').click();
	const voices = editor.testId('rlc-item');
	await voices.first().waitFor();
	await editor.testId('rlc-search').fill('german');
	await voices.filter({ hasText: 'English' }).first().waitFor({ state: 'detached' });
	await voices.first().hover();
	await picture(editor, 'voice-picker', editor.panel());
}

async function takeError(scene: Scene, editor: Editor, name: string, credential: Credential) {
	await editor.openWorkflow(await addWorkflow(scene.n8n, credential, TEXT));
	await editor.openNode(NODE);
	await editor.testId('node-execute-button').click();
	await editor.page.getByText('Error details').waitFor();
	await picture(editor, name, editor.page.locator('.node-error-view__header').first());
}

async function takeTrigger({ addExample }: Scene, editor: Editor, name: string): Promise<void> {
	await editor.openWorkflow(await addExample('receive-completions'));
	await editor.openNode('VMEG Trigger');
	await editor.page.getByText('Webhook URLs').first().click();
	await editor.testId('radio-button-production').click();
	await picture(editor, name, editor.testId('ndv'));
}

async function takeLight(scene: Scene, editor: Editor): Promise<void> {
	const { addExample } = scene;
	await takeNodeCreator(scene, editor);
	await execute(scene, editor, await addExample('translate-product-texts'));
	await picture(editor, 'workflow-text');
	await editor.openNode('To German');
	await picture(editor, 'node-text', editor.testId('ndv'));
	await takeCredential(editor);
	await execute(scene, editor, await addExample('translate-subtitles'));
	await editor.openNode('To Languages');
	await picture(editor, 'node-subtitles', editor.testId('ndv'));
	await execute(scene, editor, await addExample('dub-video-and-wait'));
	await editor.openNode('Dub Video');
	await picture(editor, 'node-media', editor.testId('ndv'));
	await takeTrigger(scene, editor, 'trigger');
	await takeLists(scene, editor);
	await takeError(scene, editor, 'error-api-key', scene.wrongKey);
	await takeError(scene, editor, 'error-credits', scene.noCredits);
}

async function takeDark(scene: Scene, editor: Editor): Promise<void> {
	await execute(scene, editor, await scene.addExample('translate-product-texts'));
	await picture(editor, 'workflow-text-dark');
	await editor.openNode('To German');
	await picture(editor, 'node-text-dark', editor.testId('ndv'));
	await takeTrigger(scene, editor, 'trigger-dark');
}

async function main(): Promise<void> {
	const missing = ensureBrowser(console.log);
	if (missing !== undefined) throw new Error(missing);
	const sandbox = await startSandbox({ mediaTaskMs: 500 });
	const poor = await startSandbox({ credits: 0 });
	const n8n = await startN8n({ packageTarball: await packPackage(), log: console.log });
	try {
		const wrong = { apiKey: 'not the key', webhookSecret: '', url: sandbox.url };
		const wrongKey = await addCredential(n8n, wrong, 'VMEG, wrong key');
		const noCredits = await addCredential(n8n, poor, 'VMEG, no credits');
		const credential = await addCredential(n8n, sandbox);
		const name = 'mountain-shop.mp4';
		const { materialId } = await sandbox.addMaterial({ name, path: SAMPLE_VIDEO });
		const choices = { credential, material: { id: materialId, name } };
		const addExample = async (example: string) =>
			await n8n.createWorkflow(exampleWorkflow(example, choices));
		const scene = { n8n, addExample, credential, wrongKey, noCredits };

		for (const darkMode of [false, true]) {
			const editor = await openEditor(n8n, { ...WINDOW, darkMode });
			try {
				await (darkMode ? takeDark : takeLight)(scene, editor);
			} finally {
				await editor.close();
			}
		}
	} finally {
		await n8n.stop();
		await sandbox.close();
		await poor.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
