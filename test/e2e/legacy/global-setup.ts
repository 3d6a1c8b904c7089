/** Once per run on the last n8n of the 1.x line: the tests are those of the current one. */
import prepare from '../harness/global-setup';
import { handOverRelease } from '../harness/handover';

export default async function globalSetup(): Promise<void> {
	handOverRelease('legacy');
	await prepare();
}
