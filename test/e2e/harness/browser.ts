/**
 * n8n's editor in a headless Chromium. Only who looks at the editor imports this file, so that nobody else
 * needs playwright-core and a browser.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
	'/usr/bin/google-chrome',
	'/usr/bin/chromium-browser',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const INSTALLATION_TIMEOUT_MS = 300_000;

// The editor is several megabytes of scripts: its first page takes this long on a small machine.
const FIRST_PAGE_MS = 60_000;
// n8n animates panels in; a screenshot taken before they rest is blurred.
const SETTLE_MS = 900;

/**
 * Looks for a browser, and installs Debian's Chromium where there is none and this user may. Returns why
 * this machine has none, or `undefined` when there is one. Blocks, so that a test file can ask while it is
 * read, which is when jest wants to know what to skip.
 */
export function ensureBrowser(log: (line: string) => void = () => undefined): string | undefined {
	if (findBrowser() !== undefined) return undefined;
	const named = process.env.CHROMIUM_PATH;
	if (named) return `CHROMIUM_PATH names ${named}, which is not there`;
	const how = 'install Chromium, or name a browser in CHROMIUM_PATH';
	// what Ubuntu calls chromium is a link to its app store
	if (!isDebian()) return `no Chromium or Chrome found: ${how}`;
	if (process.getuid?.() !== 0) return `no Chromium found, and only root could install it: ${how}`;
	log('Installing Chromium for the tests of the editor: once per machine');
	const apt = (...args: string[]) =>
		spawnSync('apt-get', args, {
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
			timeout: INSTALLATION_TIMEOUT_MS,
			encoding: 'utf8',
		});
	apt('update');
	const { stderr, error } = apt('install', '-y', '--no-install-recommends', 'chromium');
	if (findBrowser() !== undefined) return undefined;
	return `Chromium could not be installed (${error?.message ?? stderr.trim().split('\n').at(-1)}): ${how}`;
}

/** Starts a browser and signs in to n8n's editor. Always `close()` it. */
export async function openEditor(n8n: N8n, options: EditorOptions = {}): Promise<Editor> {
	const executablePath = findBrowser();
	if (executablePath === undefined) throw new Error(ensureBrowser() ?? 'No browser found');
	const browser = await chromium.launch({
		executablePath,
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
	}

	/** Opens the panel of a node on the canvas. */
	async openNode(nodeName: string): Promise<void> {
		await this.node(nodeName).dblclick();
		await this.panel().waitFor();
	}

	/** Leaves the panel of a node. */
	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.panel().waitFor({ state: 'hidden' });
	}

	/** Shows an execution under the editor's tab Executions; `openNode()` then shows what a node took in and put out. */
	async openExecution(workflowId: string, executionId: string): Promise<void> {
		await this.page.goto(`${this.baseUrl}/workflow/${workflowId}/executions/${executionId}`);
		await this.testId('canvas-node').first().waitFor({ timeout: FIRST_PAGE_MS });
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

	/** The input of a parameter in the panel of a node, or in the dialog of a credential. */
	parameter(name: string): Locator {
		return this.testId(`parameter-input-${name}`);
	}

	/** Chooses an entry of a parameter's list by typing a part of its name, as one does in a long list. */
	async choose(parameter: string, typed: string, entry: string): Promise<void> {
		await this.parameter(parameter).click();
		await this.page.keyboard.type(typed);
		await this.page.getByRole('option', { name: entry }).click();
	}

	/** Writes a PNG of the window, or of one part of it, once nothing moves any more. */
	async screenshot(path: string, part?: Locator): Promise<void> {
		await mkdir(dirname(path), { recursive: true });
		await this.page.waitForTimeout(SETTLE_MS);
		await (part ?? this.page).screenshot({ path });
	}

	async close(): Promise<void> {
		await this.browser.close();
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

function findBrowser(): string | undefined {
	const candidates = process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : BROWSERS;
	return candidates.find((path) => existsSync(path));
}

function isDebian(): boolean {
	try {
		return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
	} catch {
		return false;
	}
}
