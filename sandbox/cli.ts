import { parseArgs } from 'node:util';
import { startSandbox } from './index';

const usage = `Usage: npm run sandbox -- [options]

  --port <number>           default 4010
  --webhook-url <url>       where completions are delivered (can be set later on the page)
  --latency <ms>            added to every API call
  --media-seconds <number>  how long a media translation takes, default 3
`;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '4010' },
			'webhook-url': { type: 'string' },
			latency: { type: 'string', default: '0' },
			'media-seconds': { type: 'string', default: '3' },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		return;
	}
	const webhookUrl = values['webhook-url'];
	const sandbox = await startSandbox({
		port: number('--port', values.port),
		latencyMs: number('--latency', values.latency),
		mediaTaskMs: number('--media-seconds', values['media-seconds']) * 1000,
		...(webhookUrl === undefined ? {} : { webhookUrl }),
		log: (line) => console.log(line),
		colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
	});
	console.log(`VMEG sandbox: ${sandbox.url} (open it in a browser)
  base URL        ${sandbox.url}
  API key         ${sandbox.apiKey}
  webhook secret  ${sandbox.webhookSecret}
  webhook URL     ${webhookUrl ?? `not set: set it on ${sandbox.url}`}
Stop with Ctrl+C.
`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void sandbox.close());
	}
}

function number(flag: string, value: string): number {
	const parsed = Number(value);
	if (value.trim() === '' || !Number.isFinite(parsed) || parsed < 0) {
		throw new Error(`${flag} needs a number, not "${value}"`);
	}
	return parsed;
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
