import type {
	IAuthenticateGeneric,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

const CONFIGURATION_PAGE =
	'<a href="https://www.vmeg.ai/open-api-setting" target="_blank">API Configuration page of VMEG</a>';

const refused = (code: number, message: string) => ({
	type: 'responseSuccessBody' as const,
	properties: { key: 'code', value: code, message },
});

/** API key, webhook secret and address of a VMEG account (API contract §1, §9). */
export class VmegApi implements ICredentialType {
	name = 'vmegApi';

	displayName = 'VMEG API';

	icon = { light: 'file:vmeg.svg', dark: 'file:vmeg.dark.svg' } as const;

	documentationUrl = 'https://docs.vmeg.ai';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: `On vmeg.ai, sign in, open the ${CONFIGURATION_PAGE} and copy the API key`,
			hint: `Sign in at vmeg.ai, then copy it from the ${CONFIGURATION_PAGE}`,
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: `Needed for the VMEG Trigger only. Paste the production URL of the trigger into the ${CONFIGURATION_PAGE} and save; the page then shows the secret`,
			hint: 'Only for the VMEG Trigger, otherwise leave it empty. The same page shows it once a webhook URL is saved there',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'https://api.vmeg.ai',
			hint: 'Leave it as it is',
			description: 'Address of the VMEG API. Change it only where VMEG gave you another one',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};

	/** Reads one task record: free of charge, and judged by the code in the body. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(/\\/+$/, "")}}',
			url: '/openapi/v1/tasks/list',
			qs: { currentPage: 1, pageSize: 1 },
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: 15_000,
		},
		rules: [
			refused(401, 'VMEG refused this API key. Copy it anew from the API Configuration page.'),
			refused(403, 'VMEG does not let this API key use the API. Ask VMEG support.'),
			refused(402, 'The API key is right, but the account has no credits left.'),
			refused(404, 'The Base URL leads to VMEG, but not to its API.'),
			refused(429, 'VMEG is throttling this account. Try again in a minute.'),
			refused(500, 'VMEG has a problem of its own (500). Try again later.'),
			refused(502, 'VMEG has a problem of its own (502). Try again later.'),
			refused(503, 'VMEG is not available (503). Try again later.'),
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'code',
					value: undefined,
					message: 'What answers at the Base URL is not the VMEG API. Check the Base URL.',
				},
			},
		],
	};
}
