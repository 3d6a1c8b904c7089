/** The workflows of `examples/`, as the demo and the tests put them into an n8n. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkflowDefinition } from './client';
import { PACKAGE_NAME, VMEG_CREDENTIAL } from './package';

const FOLDER = path.resolve(__dirname, '../../../examples');

/** The video that the examples dub: seven seconds of a fictitious shop. */
export const SAMPLE_VIDEO = path.join(FOLDER, 'media', 'mountain-shop.mp4');

/** Names of the example workflows, without `.json`. */
export const exampleNames = (): string[] =>
	readdirSync(FOLDER)
		.filter((name) => name.endsWith('.json'))
		.map((name) => name.replace(/\.json$/, ''))
		.sort();

/** What a user fills in after importing an example. */
export interface Choices {
	credential: { id: string; name: string };
	/** The material to choose in every picker of materials. */
	material?: { id: string; name: string };
	/** Where the node "Get Video" fetches its file. */
	videoUrl?: string;
}

/** An example as a user would have it after choosing credential and material in its nodes. */
export function exampleWorkflow(
	name: string,
	{ credential, material, videoUrl }: Choices,
): WorkflowDefinition {
	const workflow = JSON.parse(
		readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'),
	) as WorkflowDefinition;
	const nodes = workflow.nodes.map((node) => {
		if (node.name === 'Get Video' && videoUrl !== undefined) {
			return { ...node, parameters: { ...node.parameters, url: videoUrl } };
		}
		if (!node.type.startsWith(`${PACKAGE_NAME}.`)) return node;
		const picksMaterial = material !== undefined && 'materialId' in node.parameters;
		const picked = { __rl: true, mode: 'list', value: material?.id, cachedResultName: material?.name };
		return {
			...node,
			parameters: { ...node.parameters, ...(picksMaterial ? { materialId: picked } : {}) },
			credentials: { [VMEG_CREDENTIAL]: credential },
		};
	});
	return { ...workflow, nodes };
}
