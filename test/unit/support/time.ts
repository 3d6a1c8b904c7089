/** Runs code that sleeps without waiting for it: moves the fake clock on until it has settled. */
export async function withoutWaiting<T>(work: Promise<T>): Promise<T> {
	let isOver = false;
	const settled = work.finally(() => (isOver = true));
	settled.catch(() => undefined);
	while (!isOver) await jest.advanceTimersToNextTimerAsync();
	return await settled;
}
