/** Once per run of the end-to-end tests: the n8n host is installed and the package is packed. */
import { handOverTarball } from './handover';
import { ensureHost } from './host';
import { packPackage } from './package';

export default async function globalSetup(): Promise<void> {
	await ensureHost({ log: (line) => process.stderr.write(`${line}\n`) });
	handOverTarball(await packPackage());
}
