import type { INodeTypeDescription } from 'n8n-workflow';

import { API_CONFIGURATION_URL } from '../api/failure';

const PAGE = `<a href="${API_CONFIGURATION_URL}" target="_blank">API Configuration page of VMEG</a>`;

/** The three steps, shown above the parameters and in the trigger panel. */
export const SETUP_STEPS = [
	`1. Copy the <b>Production URL</b> from Webhook URLs above and paste it into the ${PAGE}.`,
	'2. Copy the <b>Webhook Secret</b> that the page then shows into the VMEG credential of this node.',
	'3. <b>Publish</b> (activate) this workflow. VMEG has one URL for the whole account, so one workflow receives all events.',
].join('<br>');

export const triggerPanel: NonNullable<INodeTypeDescription['triggerPanel']> = {
	header: 'Receive completions from VMEG',
	executionsHelp: {
		inactive: `<b>The production URL</b> works once the workflow is published; paste it into the ${PAGE}. <b>The test URL</b> is for building: press <i>Execute step</i>, then send one event to it within two minutes. VMEG signs events for either URL with the same secret.`,
		active: `This workflow receives completions at its <b>production URL</b>, and each one shows under <a data-key="executions">Executions</a>. To build with a real event, press <i>Execute step</i> and send one event to the <b>test URL</b> within two minutes.`,
	},
	activationHint:
		'Published, this workflow runs for each completion that VMEG delivers, once and only if its signature is right.',
};
