const { execFile } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { promisify } = require('node:util');

const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');

const entryPoints = [
	'credentials/VmegApi.credentials.ts',
	'nodes/Vmeg/Vmeg.node.ts',
	'nodes/Vmeg/VmegTrigger.node.ts',
];

const clean = async () => await rm('dist', { recursive: true, force: true });

/** esbuild drops types without looking at them, so the compiler checks them here. */
const typecheck = async () => {
	try {
		await promisify(execFile)(process.execPath, [
			require.resolve('typescript/bin/tsc'),
			'--project',
			'tsconfig.build.json',
		]);
	} catch (error) {
		throw new Error(`Type errors:\n${error.stdout ?? error}`);
	}
};

/**
 * One readable file per entry. What n8n provides stays outside; everything else is bundled, since a
 * community package may have no runtime dependency.
 */
const bundle = async () =>
	await esbuild.build({
		entryPoints,
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow', 'zod'],
		// a node may not write there, and a bundled library would
		drop: ['console'],
		charset: 'utf8',
		logLevel: 'warning',
	});

const assets = () =>
	src(['{credentials,nodes}/**/*.svg', 'nodes/**/*.node.json'], { base: '.', encoding: false }).pipe(
		dest('dist'),
	);

exports.clean = clean;
exports.build = series(clean, parallel(typecheck, bundle, assets));
exports.default = exports.build;
