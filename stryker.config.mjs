import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Mutation testing of what speaks to VMEG: how sure the unit tests are that `api/` and `trigger/` do
 * what they should. The property tests are left out, so that a mutant is judged in a moment and the
 * same way each time; they can only kill more. `test/mutation.md` explains what survives.
 *
 * One file against its own test, which is by far the fastest: `VMEG_MUTATION=api/client npm run mutation`.
 */
const one = process.env.VMEG_MUTATION;
const work = join(tmpdir(), 'n8n-nodes-vmeg-mutation');

export default {
	testRunner: 'jest',
	jest: {
		config: {
			testEnvironment: 'node',
			roots: ['<rootDir>/test/unit'],
			testMatch: [`**/unit/${one ?? '{api,trigger}/**/*'}.test.ts`],
			transform: {
				'^.+\\.ts$': ['ts-jest', { diagnostics: false }],
				'/(subsrt-ts|@plussub)/.+\\.js$': ['ts-jest', { diagnostics: false, tsconfig: { allowJs: true } }],
			},
			transformIgnorePatterns: ['/node_modules/(?!subsrt-ts/|@plussub/)'],
		},
	},
	// panel.ts is the text of the trigger's panel
	mutate: one ? [`nodes/Vmeg/${one}.ts`] : ['nodes/Vmeg/{api,trigger}/**/*.ts', '!nodes/Vmeg/trigger/panel.ts'],
	ignorePatterns: ['/bench', '/coverage', '/demo', '/dist', '/docs', '/examples', '/test/corpus', '/test/e2e', '/test/inprocess'],
	coverageAnalysis: 'perTest',
	// what runs once, when a module is loaded (schemas, texts), would need every test for each mutant
	ignoreStatic: true,
	concurrency: one ? 1 : 2,
	// above what a busy machine takes; a mutant that never ends costs this much
	timeoutMS: 10_000,
	tempDirName: join(work, 'sandbox'),
	reporters: ['progress-append-only', 'clear-text', 'json'],
	jsonReporter: { fileName: join(work, 'mutation.json') },
	clearTextReporter: { allowColor: false, logTests: false },
};
