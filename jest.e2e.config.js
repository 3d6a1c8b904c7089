/** Journeys on a real n8n server, with the package packed and installed as users get it. */
const { transform, testEnvironment } = require('./jest.config.js');

module.exports = {
	testEnvironment,
	transform,
	roots: ['<rootDir>/test/e2e'],
	testMatch: ['**/*.test.ts'],
	globalSetup: '<rootDir>/test/e2e/harness/global-setup.ts',
	globalTeardown: '<rootDir>/test/e2e/harness/global-teardown.ts',
	// One n8n takes most of a small machine, and every test file starts its own.
	maxWorkers: 1,
	testTimeout: 180_000,
};
