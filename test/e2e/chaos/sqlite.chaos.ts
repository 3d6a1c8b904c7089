/** Chaos on one n8n process with SQLite. */
import { startN8nWithPackage } from '../harness/handover';
import { chaos } from './suite';

describe('one process on SQLite', () => {
	chaos(
		'SQLite, one process',
		async () => {
			const n8n = await startN8nWithPackage({ expressionEngine: 'legacy' });
			return { client: n8n, processes: new Map([['main', n8n]]), stop: async () => await n8n.stop() };
		},
		[
			{ at: 1 / 3, process: 'main' },
			{ at: 2 / 3, process: 'main' },
		],
	);
});
