/**
 * Chaos: mixed traffic on a real n8n while connections, answers, callbacks and processes fail, and an audit.
 * By default some 300 tasks on SQLite; with VMEG_CHAOS=full 2,000 each on SQLite, PostgreSQL and in queue mode.
 * VMEG_CHAOS_SEED repeats a schedule, VMEG_CHAOS_TASKS changes the number of tasks.
 */
const cluster = require('./jest.cluster.config.js');

module.exports = {
	...cluster,
	roots: ['<rootDir>/test/e2e/chaos'],
	testMatch: [process.env.VMEG_CHAOS === 'full' ? '**/*.chaos.ts' : '**/sqlite.chaos.ts'],
	// the small default needs no PostgreSQL and no Redis
	...(process.env.VMEG_CHAOS === 'full' ? {} : { globalSetup: '<rootDir>/test/e2e/harness/global-setup.ts' }),
	testTimeout: 1_500_000,
};
