import type { INodeProperties } from 'n8n-workflow';

import { PRICING_URL } from '../../api/failure';

/** Says in the panel what a run costs, such as "by the minute", with the page of VMEG that has the prices. */
export const creditsNotice = (charge: string): INodeProperties => ({
	displayName: `VMEG charges credits ${charge}. Running the node again is charged again. <a href="${PRICING_URL}" target="_blank">Prices</a>`,
	name: 'creditsNotice',
	type: 'notice',
	default: '',
});
