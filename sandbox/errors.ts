/** A refusal: its `code` becomes both the HTTP status and the envelope's `code` (API contract §1). */
export class ApiError extends Error {
	constructor(
		readonly code: number,
		message: string,
		readonly headers: Record<string, string> = {},
	) {
		super(message);
	}
}
