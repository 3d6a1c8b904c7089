/** The same end-to-end tests as `jest.e2e.config.js`, on the last n8n of the 1.x line. */
const e2e = require('./jest.e2e.config.js');

module.exports = {
	...e2e,
	globalSetup: '<rootDir>/test/e2e/legacy/global-setup.ts',
};
