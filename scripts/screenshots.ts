/**
 * Takes the pictures of the README in the real editor: `npm run screenshots`. Needs a Chromium
 * (Debian: `apt-get install chromium`; another path in CHROMIUM_PATH).
 */
import path from 'node:path';

import { startSandbox } from '../sandbox';
import { addCredential } from '../test/e2e/harness/credential';
import { openEditor } from '../test/e2e/harness/browser';
import type { Editor } from '../test/e2e/harness/browser';
import { exampleWorkflow, SAMPLE_VIDEO } from '../test/e2e/harness/examples';
import { packPackage, startN8n } from '../test/e2e/harness/n8n';

const FOLDER = path.resolve(__dirname, '../docs/images');
const EXECUTION_MS = 8_000;

const picture = async (editor: Editor, name: string) => {
	await editor.screenshot(path.join(FOLDER, `${name}.png`));
	console.log(`docs/images/${name}.png`);
};

async function main(): Promise<void> {
	const sandbox = await startSandbox({ mediaTaskMs: 500 });
	const n8n = await startN8n({ packageTarball: await packPackage(), log: console.log });
	let editor: Editor | undefined;
	try {
		const credential = await addCredential(n8n, sandbox);
		const name = 'mountain-shop.mp4';
		const { materialId } = await sandbox.addMaterial({ name, path: SAMPLE_VIDEO });
		const choices = { credential, material: { id: materialId, name } };
		const add = async (example: string) => await n8n.createWorkflow(exampleWorkflow(example, choices));

		editor = await openEditor(n8n, { width: 1280, height: 800 });
		const { page } = editor;
		const open = editor;

		const execute = async (workflow: string) => {
			await open.openWorkflow(workflow);
			await page.getByRole('button', { name: 'Execute workflow' }).last().click();
			await page.waitForTimeout(EXECUTION_MS);
			// the log panel has taken part of the canvas: 1 fits the workflow into the rest
			await page.keyboard.press('1');
			await page.waitForTimeout(1_000);
		};

		await execute(await add('translate-product-texts'));
		await picture(open, 'workflow-text');
		await open.openNode('To German');
		await picture(open, 'node-text');
		await open.testId('credential-edit-button').first().click();
		await open.testId('editCredential-modal').waitFor();
		await page.waitForTimeout(2_000);
		await picture(open, 'credential');

		await execute(await add('translate-subtitles'));
		await open.openNode('To Languages');
		await picture(open, 'node-subtitles');

		await execute(await add('dub-video-and-wait'));
		await open.openNode('Dub Video');
		await picture(open, 'node-media');

		await open.openWorkflow(await add('receive-completions'));
		await open.openNode('VMEG Trigger');
		await page.getByText('Webhook URLs').first().click();
		await page.waitForTimeout(1_000);
		await picture(open, 'trigger');
	} finally {
		await editor?.close();
		await n8n.stop();
		await sandbox.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
