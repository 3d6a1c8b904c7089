/** Readings of a secret that are under way, by what they read. */
const underWay = new Map<string, Promise<string>>();

/**
 * Reads a secret, or waits for a reading of the same one that is under way: callbacks that come
 * together share it. Nothing is kept once it is read, so a changed secret holds from the next callback.
 * `source` names the secret; a reading that fails fails for all that share it.
 */
export async function sharedSecret(source: string, read: () => Promise<string>): Promise<string> {
	const known = underWay.get(source);
	if (known !== undefined) return await known;
	const reading = read().finally(() => underWay.delete(source));
	underWay.set(source, reading);
	return await reading;
}
