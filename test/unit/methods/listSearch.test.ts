import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { searchMaterials } from '../../../nodes/Vmeg/methods/listSearch';
import { answer, fake, fakeVmeg, node } from '../support/fakes';

describe('the link of a picker entry', () => {
	const linkOf = async (addressUrl: string) => {
		const { context } = fakeVmeg([answer(200, { records: [{ materialId: 'm-1', name: 'film.mp4', addressUrl }], total: 1 })]);
		const { helpers, getCredentials } = context;
		const picker = fake<ILoadOptionsFunctions>({
			helpers: fake<ILoadOptionsFunctions['helpers']>({
				httpRequestWithAuthentication: helpers.httpRequestWithAuthentication,
			}),
			getCredentials,
			getNode: () => node,
			getTimezone: () => 'UTC',
		});
		const { results } = await searchMaterials.call(picker);
		expect(results).toHaveLength(1);
		return results[0]?.url;
	};

	test.each(['https://files.example/film.mp4?x=1', 'HTTP://localhost:8080/film.mp4'])('is the address: %s', async (url) => {
		await expect(linkOf(url)).resolves.toBe(url);
	});

	test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'film.mp4', ''])(
		'is none where a click should not lead: %s',
		async (url) => {
			await expect(linkOf(url)).resolves.toBeUndefined();
		},
	);
});
