/**
 * n8n's editor in a headless Chromium, for screenshots. Nothing else imports this file, so that only
 * who takes screenshots needs playwright-core and a browser.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import type { N8n } from './n8n';
import { OWNER } from './server';

export interface EditorOptions {
	width?: number;
	height?: number;
	/** Device pixels per CSS pixel: 2 makes screenshots sharp on high-resolution screens. */
	scale?: number;
	darkMode?: boolean;
}

const BROWSERS = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

// The editor is several megabytes of scripts: its first page takes this long on a small machine.
const FIRST_PAGE_MS = 60_000;
// n8n animates panels in; a screenshot taken before they rest is blurred.
const SETTLE_MS = 700;

/** Starts a browser and signs in to n8n's editor. Always `close()` it. */
export async function openEditor(n8n: N8n, options: EditorOptions = {}): Promise<Editor> {
	const browser = await chromium.launch({
		executablePath: findBrowser(),
		args: [
			...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
			...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
		],
	});
	try {
		const page = await newPage(browser, options);
		const editor = new Editor(n8n.baseUrl, browser, page);
		await editor.signIn();
		return editor;
	} catch (error) {
		await browser.close();
		throw error;
	}
}

/** One browser window that shows n8n's editor. */
export class Editor {
	constructor(
		private readonly baseUrl: string,
		private readonly browser: Browser,
		/** For anything that this class has no method for. */
		readonly page: Page,
	) {}

	async signIn(): Promise<void> {
		await this.page.goto(`${this.baseUrl}/signin`);
		await this.page.fill('input[name="emailOrLdapLoginId"]', OWNER.email, { timeout: FIRST_PAGE_MS });
		await this.page.fill('input[name="password"]', OWNER.password);
		await this.testId('form-submit-button').click();
		await this.page.waitForURL((url) => !url.pathname.startsWith('/signin'));
	}

	/** Shows a workflow's canvas. */
	async openWorkflow(workflowId: string): Promise<void> {
		await this.page.goto(`${this.baseUrl}/workflow/${workflowId}`);
		await this.testId('canvas-node').first().waitFor({ timeout: FIRST_PAGE_MS });
		await this.settle();
	}

	/** Opens the panel of a node on the canvas. */
	async openNode(nodeName: string): Promise<void> {
		await this.node(nodeName).dblclick();
		await this.panel().waitFor();
		await this.settle();
	}

	/** Leaves the panel of a node. */
	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.panel().waitFor({ state: 'hidden' });
		await this.settle();
	}

	/** Shows an execution under the editor's tab Executions; `openNode()` then shows what a node took in and put out. */
	async openExecution(workflowId: string, executionId: string): Promise<void> {
		await this.page.goto(`${this.baseUrl}/workflow/${workflowId}/executions/${executionId}`);
		await this.testId('canvas-node').first().waitFor({ timeout: FIRST_PAGE_MS });
		await this.settle();
	}

	/** A node on the canvas. */
	node(nodeName: string): Locator {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${nodeName}"]`);
	}

	/** The open panel of a node. */
	panel(): Locator {
		return this.page.locator('[data-test-id="ndv"] [data-test-id="node-parameters"]');
	}

	/** The element that n8n marks with a test id. */
	testId(id: string): Locator {
		return this.page.locator(`[data-test-id="${id}"]`);
	}

	/** Writes a PNG of the window, or of one part of it. */
	async screenshot(path: string, part?: Locator): Promise<void> {
		await mkdir(dirname(path), { recursive: true });
		await (part ?? this.page).screenshot({ path });
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	private async settle(): Promise<void> {
		await this.page.waitForTimeout(SETTLE_MS);
	}
}

async function newPage(browser: Browser, options: EditorOptions): Promise<Page> {
	const context = await browser.newContext({
		viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
		deviceScaleFactor: options.scale ?? 1,
		colorScheme: options.darkMode ? 'dark' : 'light',
	});
	// Whatever the editor would like to load from the internet: a screenshot must not depend on it.
	await context.route(
		(url) => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol.startsWith('http'),
		async (route) => await route.abort(),
	);
	return await context.newPage();
}

function findBrowser(): string {
	const candidates = process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : BROWSERS;
	const found = candidates.find((path) => existsSync(path));
	if (found === undefined) throw new Error('No Chromium found: install one, or name it in CHROMIUM_PATH');
	return found;
}
