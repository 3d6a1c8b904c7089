import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';

import { API_CONFIGURATION_URL } from '../api/failure';

const PAGE = `<a href="${API_CONFIGURATION_URL}" target="_blank">API Configuration page of VMEG</a>`;

const step = (name: string, displayName: string): INodeProperties => ({
	displayName,
	name,
	type: 'notice',
	default: '',
});

/** The three steps that connect VMEG with a workflow, shown above the parameters. */
export const setupSteps: INodeProperties[] = [
	step(
		'urlNotice',
		`<b>1.</b> Copy the <b>Production URL</b> from Webhook URLs above and paste it into the ${PAGE}`,
	),
	step(
		'secretNotice',
		'<b>2.</b> Copy the <b>Webhook Secret</b> that the page then shows into the VMEG credential of this node',
	),
	step(
		'publishNotice',
		'<b>3.</b> <b>Publish</b> this workflow. VMEG knows one URL for the whole account, so this workflow receives all its events',
	),
];

export const triggerPanel: NonNullable<INodeTypeDescription['triggerPanel']> = {
	header: 'Receive completions from VMEG',
	executionsHelp: {
		inactive: `<b>The production URL</b> works once the workflow is published; paste it into the ${PAGE}. <b>The test URL</b> is for building: press <i>Execute step</i>, then send one event to it within two minutes. VMEG signs events for either URL with the same secret.`,
		active: `This workflow receives completions at its <b>production URL</b>, and each one shows under <a data-key="executions">Executions</a>. To build with a real event, press <i>Execute step</i> and send one event to the <b>test URL</b> within two minutes.`,
	},
	activationHint:
		'Published, this workflow runs for each completion that VMEG delivers, once and only if its signature is right.',
};
