/** Removes what the global set-up made for this run; the n8n host stays for the next one. */
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packedPackage } from './handover';

export default async function globalTeardown(): Promise<void> {
	await rm(dirname(packedPackage()), { recursive: true, force: true });
}
