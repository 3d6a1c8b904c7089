import type { IHookFunctions } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { createClient, CREDENTIAL } from '../api/client';
import { endpoints } from '../api/endpoints';
import { API_CONFIGURATION_URL, explain } from '../api/failure';

const CHECK_TIMEOUT_MS = 10_000;

/** Fails the activation where no completion could ever be accepted. */
async function requireSecret(context: IHookFunctions): Promise<void> {
	const { webhookSecret } = await context.getCredentials(CREDENTIAL);
	if (typeof webhookSecret === 'string' && webhookSecret.trim() !== '') return;
	throw new NodeOperationError(
		context.getNode(),
		`The VMEG credential has no Webhook Secret: copy it from ${API_CONFIGURATION_URL} into the credential, then publish again`,
		{ description: 'Without the secret nothing can be verified, so every event would be refused.' },
	);
}

/**
 * Checks what can be checked when the workflow is activated: a secret is set, and VMEG does not
 * refuse the key. VMEG has no call that registers a webhook (API contract §9), and a network fault
 * that may pass is logged and does not fail the activation.
 */
export async function checkConfiguration(context: IHookFunctions): Promise<void> {
	await requireSecret(context);
	const client = await createClient(context, {
		retry: { maxAttempts: 2, firstDelayMs: 500, maxDelayMs: 1_000, maxRetryAfterMs: 1_000 },
	});
	const answer = await client.send(
		endpoints.listTasks,
		{ currentPage: 1, pageSize: 1 },
		{ timeoutMs: CHECK_TIMEOUT_MS },
	);
	if (answer.ok) return;
	const { message, description } = explain(answer.failure);
	if (answer.failure.kind === 'refused' && answer.failure.code === 401) {
		throw new NodeApiError(context.getNode(), { message }, { message, description });
	}
	context.logger.warn(`VMEG Trigger could not check the API key: ${message}. ${description}`);
}
