import { sharedSecret } from '../../../nodes/Vmeg/trigger/secret';

/** A reading that ends when it is told to. */
function reading() {
	let end: (secret: string) => void = () => {};
	let fail: (error: Error) => void = () => {};
	const read = jest.fn(
		async () =>
			await new Promise<string>((resolve, reject) => {
				end = resolve;
				fail = reject;
			}),
	);
	return { read, end: (secret: string) => end(secret), fail: (error: Error) => fail(error) };
}

describe('a secret that several callbacks need', () => {
	test('is read once for those that come together', async () => {
		const { read, end } = reading();
		const secrets = Promise.all([1, 2, 3].map(async () => await sharedSecret('together', read)));
		end('s');
		await expect(secrets).resolves.toEqual(['s', 's', 's']);
		expect(read).toHaveBeenCalledTimes(1);
	});

	test('is read anew once the last reading is over, so that a change holds at once', async () => {
		await expect(sharedSecret('changed', async () => 'old')).resolves.toBe('old');
		await expect(sharedSecret('changed', async () => 'new')).resolves.toBe('new');
	});

	test('is not shared between nodes', async () => {
		const secrets = ['a', 'b'].map(async (node) => await sharedSecret(node, async () => `secret of ${node}`));
		await expect(Promise.all(secrets)).resolves.toEqual(['secret of a', 'secret of b']);
	});

	test('that cannot be read fails for those who wait, and is tried anew by the next', async () => {
		const { read, fail } = reading();
		const waiting = [1, 2].map(async () => await sharedSecret('broken', read));
		fail(new Error('no database'));
		const results = await Promise.allSettled(waiting);
		expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		await expect(sharedSecret('broken', async () => 's')).resolves.toBe('s');
	});
});
