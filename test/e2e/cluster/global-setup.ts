/** Once per run of the cluster tests: what every end-to-end run needs, and PostgreSQL and Redis. */
import prepare from '../harness/global-setup';
import { ensureServices } from '../harness/services';
import { handOverMissing } from './handover';

export default async function globalSetup(): Promise<void> {
	const log = (line: string) => process.stderr.write(`${line}\n`);
	const missing = await ensureServices({ log });
	if (missing !== undefined) log(`\nSKIPPED: ${missing}. Nothing of this run tests PostgreSQL or queue mode.\n`);
	handOverMissing(missing);
	await prepare();
}
