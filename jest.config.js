/** Fast tests: unit, property and in-process. The journeys on a real n8n have `jest.e2e.config.js`. */
module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
	transform: {
		'^.+\\.ts$': ['ts-jest', { diagnostics: false }],
		// ES modules, which Jest does not take as they are
		'/(subsrt-ts|@plussub)/.+\\.js$': ['ts-jest', { diagnostics: false, tsconfig: { allowJs: true } }],
	},
	transformIgnorePatterns: ['/node_modules/(?!subsrt-ts/|@plussub/)'],
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
	coverageDirectory: 'coverage',
};
