/** What jest's global set-up prepares once and hands to every test file through the environment. */
import { ensureHost } from './host';
import { startN8n, type N8n, type N8nOptions } from './n8n';

const TARBALL_VARIABLE = 'VMEG_E2E_TARBALL';

/** Called by the global set-up. */
export function handOverTarball(path: string): void {
	process.env[TARBALL_VARIABLE] = path;
}

/** The packed package: the same file for all tests of a run. */
export function packedPackage(): string {
	const path = process.env[TARBALL_VARIABLE];
	if (!path) throw new Error('No packed package: run these tests with `jest --config jest.e2e.config.js`');
	return path;
}

/** An n8n with the packed package in it: what most tests want in `beforeAll`. */
export async function startN8nWithPackage(options: N8nOptions = {}): Promise<N8n> {
	const host = await ensureHost();
	return await startN8n({ host, packageTarball: packedPackage(), ...options });
}
