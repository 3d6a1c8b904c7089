import { startSandbox } from '../../sandbox';
import type { Sandbox, SandboxOptions } from '../../sandbox';
import { runVmeg } from './n8n';
import type { RunOptions, RunResult } from './n8n';

/** A sandbox for the tests of a file, emptied after each test. */
export function useSandbox(options: SandboxOptions = {}): {
	readonly sandbox: Sandbox;
	run(run: Omit<RunOptions, 'credential'> & { credential?: RunOptions['credential'] }): Promise<RunResult>;
} {
	let started: Sandbox | undefined;
	const sandbox = () => {
		if (started === undefined) throw new Error('The sandbox has not been started');
		return started;
	};
	beforeAll(async () => {
		started = await startSandbox({ textTaskMs: 50, mediaTaskMs: 50, ...options });
	});
	afterEach(async () => {
		sandbox().clearFaults();
		await sandbox().reset();
	});
	afterAll(async () => await sandbox().close());

	return {
		get sandbox() {
			return sandbox();
		},
		async run(run) {
			const { url, apiKey } = sandbox();
			return await runVmeg({ credential: { apiKey, baseUrl: url }, ...run });
		},
	};
}
