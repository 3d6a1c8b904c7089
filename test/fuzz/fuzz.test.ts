import { takeTurn } from './engine';
import { targets } from './targets';

describe('whatever the bytes', () => {
	test.each(targets.map((target) => [target.name, target] as const))('%s holds', async (_, target) => {
		const turn = await takeTurn(target, 20_260_101, target.turn * 2);
		expect(turn.failure).toBeUndefined();
		expect(turn.executions).toBeGreaterThan(0);
	});
});
