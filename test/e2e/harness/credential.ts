import type { Sandbox } from '../../../sandbox';
import type { N8nClient } from './client';
import { VMEG_CREDENTIAL } from './package';

/** Adds the credential of an account at a sandbox to an n8n; returns what a node refers to it by. */
export async function addCredential(
	n8n: Pick<N8nClient, 'createCredential'>,
	{ apiKey, webhookSecret, url }: Pick<Sandbox, 'apiKey' | 'webhookSecret' | 'url'>,
	name = 'VMEG account',
): Promise<{ id: string; name: string }> {
	const data = { apiKey, webhookSecret, baseUrl: url };
	return { id: await n8n.createCredential({ name, type: VMEG_CREDENTIAL, data }), name };
}
