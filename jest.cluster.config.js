/** The journeys on n8n with PostgreSQL, as one process and in queue mode, and what can only happen there. */
const e2e = require('./jest.e2e.config.js');

module.exports = {
	...e2e,
	roots: ['<rootDir>/test/e2e/cluster'],
	// Not `.test.ts`: those run on one process and SQLite
	testMatch: ['**/*.cluster.ts'],
	globalSetup: '<rootDir>/test/e2e/cluster/global-setup.ts',
};
