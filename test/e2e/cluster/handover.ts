/** What the global set-up of the cluster tests found out, handed to every test file. */
import { packedPackage } from '../harness/handover';
import { startOnPostgres, startQueueMode, type ClusterOptions, type N8nCluster, type QueueOptions } from './cluster';

const MISSING_VARIABLE = 'VMEG_E2E_MISSING_SERVICES';

/** Called by the global set-up: why there is no PostgreSQL and Redis, if so. */
export function handOverMissing(reason: string | undefined): void {
	process.env[MISSING_VARIABLE] = reason ?? '';
}

/** `describe` for what needs PostgreSQL and Redis; on a machine that cannot have them, all of it counts as skipped. */
export function describeOnServices(name: string, define: () => void): void {
	const missing = process.env[MISSING_VARIABLE];
	if (missing) describe.skip(`SKIPPED: ${missing}: ${name}`, define);
	else describe(name, define);
}

/** One n8n on PostgreSQL with the packed package in it. */
export async function startPackageOnPostgres(options: ClusterOptions = {}): Promise<N8nCluster> {
	return await startOnPostgres({ packageTarball: packedPackage(), ...options });
}

/** An n8n in queue mode with the packed package in each of its processes. */
export async function startPackageInQueueMode(options: QueueOptions = {}): Promise<N8nCluster> {
	return await startQueueMode({ packageTarball: packedPackage(), ...options });
}
