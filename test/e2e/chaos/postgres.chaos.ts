/** Chaos on one n8n process with PostgreSQL. */
import { describeOnServices, startPackageOnPostgres } from '../cluster/handover';
import { chaos } from './suite';

describeOnServices('one process on PostgreSQL', () => {
	chaos(
		'PostgreSQL, one process',
		async () => {
			const n8n = await startPackageOnPostgres({ expressionEngine: 'legacy' });
			return { client: n8n, processes: n8n.processes, stop: async () => await n8n.stop() };
		},
		[
			{ at: 1 / 3, process: 'main' },
			{ at: 2 / 3, process: 'main' },
		],
	);
});
