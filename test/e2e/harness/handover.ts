/** What jest's global set-up prepares once and hands to every test file through the environment. */
import { ensureHost, type Release } from './host';
import { startN8n, type N8n, type N8nClient, type N8nOptions } from './n8n';

const TARBALL_VARIABLE = 'VMEG_E2E_TARBALL';
const RELEASE_VARIABLE = 'VMEG_E2E_RELEASE';

/** Called by the global set-up of a run on another n8n than the current one. */
export function handOverRelease(release: Release): void {
	process.env[RELEASE_VARIABLE] = release;
}

/** The n8n that this run is about. */
export function releaseUnderTest(): Release {
	return process.env[RELEASE_VARIABLE] === 'legacy' ? 'legacy' : 'current';
}

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

/** What a suite may ask of an n8n, be it one process or several. */
export type RunningN8n = N8nClient & Pick<N8n, 'stop' | 'restart' | 'kill' | 'logTail'>;
/** How a suite starts the n8n that it runs on. */
export type StartN8n = (options?: Pick<N8nOptions, 'env' | 'expressionEngine'>) => Promise<RunningN8n>;

/** An n8n with the packed package in it: what most tests want in `beforeAll`. */
export async function startN8nWithPackage(options: N8nOptions = {}): Promise<N8n> {
	const host = await ensureHost({ release: releaseUnderTest() });
	return await startN8n({ host, packageTarball: packedPackage(), ...options });
}
