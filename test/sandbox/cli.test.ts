import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(__dirname, '../..');

function start(...flags: string[]) {
	const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/cli.ts', ...flags], {
		cwd: root,
		env: { ...process.env, FORCE_COLOR: undefined },
	});
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
	return { child, output: () => output };
}

it('starts with one command, says how to use it, and stops cleanly', async () => {
	const { child, output } = start('--port', '0', '--latency', '1', '--media-seconds', '0.1');
	const exited = once(child, 'exit');
	while (!output().includes('Ctrl+C')) await once(child.stdout, 'data');
	const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(output()) ?? [];
	const state = await fetch(`${url}/_sandbox/state`);
	expect(await state.json()).toMatchObject({ apiKey: 'sandbox-key', settings: { latencyMs: 1, mediaTaskMs: 100 } });
	await fetch(`${url}/openapi/v1/tasks/list`);
	while (!output().includes('/tasks/list')) await once(child.stdout, 'data');
	expect(output()).toContain('GET /tasks/list  401');
	child.kill('SIGTERM');
	expect(await exited).toEqual([0, null]);
}, 20_000);

it('refuses a bad flag', async () => {
	const { child, output } = start('--port', 'x');
	expect(await once(child, 'exit')).toEqual([1, null]);
	expect(output()).toContain('--port needs a number');
}, 20_000);
