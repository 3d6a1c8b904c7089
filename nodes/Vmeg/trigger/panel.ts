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
		`<b>1.</b> Open <b>Webhook URLs</b> above, choose <b>Production URL</b> (not Test URL), click the address to copy it, and save it on the ${PAGE}`,
	),
	step(
		'secretNotice',
		'<b>2.</b> Copy the <b>Webhook Secret</b> that this page then shows into the VMEG credential of this node',
	),
	step(
		'publishNotice',
		'<b>3.</b> <b>Publish</b> this workflow. VMEG knows one URL for the whole account, so it receives the events of all your jobs',
	),
];

export const triggerPanel: NonNullable<INodeTypeDescription['triggerPanel']> = {
	header: 'Receive finished jobs from VMEG',
	executionsHelp: {
		inactive: `<b>Production URL:</b> the one to save on the ${PAGE}. It works once this workflow is published. To build with real data, publish, let a job finish, open it under <a data-key="executions">Executions</a> and press <i>Copy to editor</i>.<br /><br /><b>Test URL:</b> works once, for two minutes after <i>Execute step</i>. While VMEG has this one, all other events are lost.`,
		active: `Finished jobs come to the <b>Production URL</b>, and each one shows under <a data-key="executions">Executions</a>. To build with real data, open one there and press <i>Copy to editor</i>.<br /><br />The <b>Test URL</b> works once, for two minutes after <i>Execute step</i>. While VMEG has this one, all other events are lost.`,
	},
	activationHint:
		'Once this workflow is published, it runs for each job that VMEG finishes: once, and only if VMEG signed the message.',
};
