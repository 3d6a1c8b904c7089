import { ApiError } from './errors';

/** The account's balance; what is charged follows the billing facts of API contract §2 and §3. */
export class Credits {
	balance: number;
	charged = 0;

	constructor(private initial: number) {
		this.balance = initial;
	}

	/** Takes `amount` from the balance or refuses with 402. */
	charge(amount: number): number {
		if (amount > this.balance) {
			throw new ApiError(402, `Credits exhausted: ${amount} needed, ${this.balance} left`);
		}
		this.balance -= amount;
		this.charged += amount;
		return amount;
	}

	set(balance: number): void {
		this.initial = balance;
		this.balance = balance;
	}

	reset(): void {
		this.balance = this.initial;
		this.charged = 0;
	}
}

/** One credit per started 100 characters, at least one per request. */
export function creditsForTexts(texts: readonly string[]): number {
	const characters = texts.reduce((sum, text) => sum + text.length, 0);
	return Math.max(1, Math.ceil(characters / 100));
}

/** Sixty credits per started minute of source, and sixty more with lip sync. */
export function creditsForMedia(durationMs: number, lipsync: boolean): number {
	const minutes = Math.max(1, Math.ceil(durationMs / 60_000));
	return minutes * (lipsync ? 120 : 60);
}
