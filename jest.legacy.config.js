/**
 * The end-to-end tests on the last n8n of the 1.x line. Left out: recipes, whose examples use n8n 2's data
 * tables, and callbacks, which hold that release to answers that its own middleware gives.
 */
const e2e = require('./jest.e2e.config.js');

module.exports = {
	...e2e,
	globalSetup: '<rootDir>/test/e2e/legacy/global-setup.ts',
	testPathIgnorePatterns: [...(e2e.testPathIgnorePatterns ?? []), 'recipes\\.test', 'callbacks\\.test'],
};
