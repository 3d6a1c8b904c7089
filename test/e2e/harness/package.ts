/** The package as users get it: packed by npm, and laid out where n8n keeps community packages. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './process';

export const PACKAGE_NAME = 'n8n-nodes-vmeg';
/** The action node's type, as workflows name it. */
export const VMEG_NODE = `${PACKAGE_NAME}.vmeg`;
/** The trigger node's type, as workflows name it. */
export const VMEG_TRIGGER_NODE = `${PACKAGE_NAME}.vmegTrigger`;
export const VMEG_CREDENTIAL = 'vmegApi';

const PROJECT_ROOT = join(__dirname, '..', '..', '..');

/**
 * Packs the build output into a temporary directory of its own and returns the tarball's path; the
 * caller deletes that directory. Build first: nothing here compiles.
 */
export async function packPackage(projectRoot: string = PROJECT_ROOT): Promise<string> {
	if (!existsSync(join(projectRoot, 'dist'))) {
		throw new Error('There is no build output to pack: run `npm run build` first');
	}
	const directory = await mkdtemp(join(tmpdir(), 'vmeg-pack-'));
	await run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: projectRoot });
	// Looked up rather than read from npm's output, whose form differs between its versions.
	const [tarball] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
	if (tarball === undefined) throw new Error('npm pack wrote no tarball');
	return join(directory, tarball);
}

/** Unpacks a tarball the way n8n's "Install a community node" leaves it in a user folder. */
export async function unpackAsCommunityPackage(tarball: string, userFolder: string): Promise<void> {
	const directory = join(userFolder, '.n8n', 'nodes', 'node_modules', PACKAGE_NAME);
	// In a user folder that is used again, nothing of an earlier version may stay behind.
	await rm(directory, { recursive: true, force: true });
	await mkdir(directory, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1'], { cwd: userFolder });
}
