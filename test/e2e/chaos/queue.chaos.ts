/** Chaos in queue mode: one main process, two workers, one webhook processor. */
import { describeOnServices, startPackageInQueueMode } from '../cluster/handover';
import { chaos } from './suite';

describeOnServices('queue mode', () => {
	chaos(
		'queue mode, 1 main, 2 workers, 1 webhook processor',
		async () => {
			const n8n = await startPackageInQueueMode({
				expressionEngine: 'legacy',
				// in minutes: how soon n8n shows as crashed what a killed worker had in hand; 180 by default
				env: { N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '1' },
			});
			return { client: n8n, processes: n8n.processes, stop: async () => await n8n.stop() };
		},
		[
			{ at: 0.2, process: 'worker1' },
			{ at: 0.45, process: 'webhook1' },
			{ at: 0.7, process: 'worker2' },
		],
	);
});
