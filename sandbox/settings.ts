/** Everything that can be changed while the sandbox runs (`PUT /_sandbox/settings`). */
export interface Settings {
	/** How long an asynchronous text, speech or voice-clone task runs. */
	textTaskMs: number;
	/** How long a media translation runs. */
	mediaTaskMs: number;
	/** Added to every API call. */
	latencyMs: number;
	/** Life of presigned upload URLs (API contract §7, `expiresInSeconds`). */
	urlTtlSeconds: number;
	/** Life of the URLs of finished files. */
	resultUrlTtlSeconds: number;
	/** What `multipart/initiate` recommends. */
	recommendedPartSize: number;
	/** How long an accepted idempotency key is remembered (24 h in the contract). */
	idempotencyTtlMs: number;
	/** Larger JSON bodies get 413. */
	maxBodyBytes: number;
	/** A webhook receiver that needs longer is retried. */
	webhookTimeoutMs: number;
	/** First pause before a webhook retry; doubles each time. */
	webhookRetryMs: number;
	/** Attempts per completion, the first one included. */
	webhookMaxAttempts: number;
	/** Length assumed for a source whose length cannot be read. */
	assumedSeconds: number;
}

export const defaultSettings: Readonly<Settings> = {
	textTaskMs: 1000,
	mediaTaskMs: 3000,
	latencyMs: 0,
	urlTtlSeconds: 3600,
	resultUrlTtlSeconds: 7 * 24 * 3600,
	recommendedPartSize: 10 * 1024 * 1024,
	idempotencyTtlMs: 24 * 3600 * 1000,
	maxBodyBytes: 1024 * 1024,
	webhookTimeoutMs: 5000,
	webhookRetryMs: 1000,
	webhookMaxAttempts: 8,
	assumedSeconds: 60,
};
