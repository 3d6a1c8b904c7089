/**
 * Ends a process group when whoever started this script is gone, however it went: Ctrl+C, a test runner
 * that gave up, SIGKILL. The operating system closes the pipe on our standard input in each case.
 *
 * Usage: node lifeline.cjs <process group id> <signal to ask with> [<folder to delete afterwards>], with
 * a pipe as standard input; a line on it says that all has been seen to, and this script leaves without
 * touching anything.
 */
const { rmSync } = require('node:fs');

const group = -Number(process.argv[2]);
const polite = process.argv[3];
const folder = process.argv[4];
const GRACE_MS = 3_000;

process.stdin.once('data', () => process.exit(0));
process.stdin.once('end', () => {
	kill(polite);
	setTimeout(finish, GRACE_MS);
});

function finish() {
	kill('SIGKILL');
	if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function kill(signal) {
	try {
		process.kill(group, signal);
	} catch {
		// Nothing of it is left.
	}
}
