import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
	{ ignores: ['dist/', 'coverage/', '**/node_modules/', '**/*.{mjs,cjs}', '*.js'] },
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	tseslint.configs.recommended,
	{
		rules: {
			'no-console': 'error',
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
		},
	},
	{
		files: ['{sandbox,scripts,bench,demo}/**/*.ts', 'test/e2e/**/*.ts'],
		rules: { 'no-console': 'off' },
	},
	{
		files: ['{credentials,nodes}/**/*.{ts,json}', 'package.json'],
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
	},
	{
		files: ['{credentials,nodes}/**/*.ts'],
		languageOptions: { parserOptions: { project: './tsconfig.build.json' } },
		rules: {
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
		},
	},
	{ files: ['package.json'], rules: n8nNodesBase.configs.community.rules },
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// made for the nodes inside n8n: a community credential links to a full address
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			// the community plugin has a more exact rule
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// inputs and outputs are NodeConnectionTypes rather than strings
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			// VMEG does have limits, and the field should show them
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	{ files: ['**/*.json'], languageOptions: { parser: tseslint.parser } },
	{
		files: ['**/*.json'],
		rules: { '@typescript-eslint/no-unused-expressions': 'off' },
	},
);
