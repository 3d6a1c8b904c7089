/** Parts a list by what `keyOf` says of its members, each part in the order of the list. */
export function partBy<T>(list: readonly T[], keyOf: (member: T) => string | number): T[][] {
	const parts = new Map<string | number, T[]>();
	for (const member of list) {
		const key = keyOf(member);
		const part = parts.get(key);
		if (part === undefined) parts.set(key, [member]);
		else part.push(member);
	}
	return [...parts.values()];
}
