/** Once per run of the end-to-end tests: the n8n host is installed and the package is packed. */
import { handOverTarball, releaseUnderTest } from './handover';
import { ensureHost } from './host';
import { packPackage } from './package';

export default async function globalSetup(): Promise<void> {
	const log = (line: string) => process.stderr.write(`${line}\n`);
	await ensureHost({ log, release: releaseUnderTest() });
	handOverTarball(await packPackage());
}
