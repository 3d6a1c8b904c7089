/** A sandbox in a process of its own, which ends with the process that forked it. */
import { startSandbox } from '../../sandbox';

async function main(): Promise<void> {
	const { url, apiKey, webhookSecret } = await startSandbox({ journal: 'counts', credits: 1e9 });
	process.once('disconnect', () => process.exit());
	process.send?.({ url, apiKey, webhookSecret });
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
