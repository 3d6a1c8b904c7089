import { createHash } from 'node:crypto';

/** The longest key that VMEG takes (API contract §1). */
export const MAX_KEY_LENGTH = 64;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What makes one logical submission: the same parts give the same key, however often it is sent. */
export interface Submission {
	executionId: string;
	nodeId: string;
	/** Which pass of a loop it is. */
	runIndex: number;
	operation: string;
	/** Index of the first item that the request carries. */
	itemIndex: number;
	/** Which part of that item's work it is, where there are several. */
	part?: number;
	/** Which half of a refused request it is, and which half of that: "a", "ab"… */
	split?: string;
	/** Added where one run can be called several times for different inputs, as an AI tool is. */
	payload?: string;
}

/**
 * The key of a submission: 64 hexadecimal characters. It leaves the request itself out, so that an
 * expression such as `$now` in `extraData` does not turn a retry into a second, billed submission.
 */
export function idempotencyKey(submission: Submission): string {
	const { executionId, nodeId, runIndex, operation, itemIndex, part = 0 } = submission;
	const { split = '', payload = '' } = submission;
	const whole = [executionId, nodeId, runIndex, operation, itemIndex, part, payload];
	return sha256(JSON.stringify(split === '' ? whole : [...whole, split]));
}

/** The user's own key; a submission that needs several requests gets one derived key for each. */
export function ownKey(key: string, part: number, split = ''): string {
	if (part === 0 && split === '') return key;
	const derived = `${key}-${part + 1}${split}`;
	return derived.length <= MAX_KEY_LENGTH ? derived : sha256(derived);
}
