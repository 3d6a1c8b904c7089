import type { INodeProperties } from 'n8n-workflow';

import { targetLocaleOptions } from '../../nodes/Vmeg/api/locales';
import { fieldTables, markdown, propertiesOf } from '../../scripts/docs/fields';
import { isCut, steadier } from '../../scripts/docs/steady';

const text = (name: string, more: Partial<INodeProperties> = {}): INodeProperties => ({
	displayName: name.toUpperCase(),
	name,
	type: 'string',
	default: '',
	...more,
});

const switchField = text('kind', {
	type: 'options',
	options: [
		{ name: 'File', value: 'file', description: 'One of the item' },
		{ name: 'Address', value: 'url' },
	],
	default: 'url',
});

describe('The table of fields', () => {
	it('says when a field is shown, in the words of the panel', () => {
		const { fields } = fieldTables([switchField, text('url', { displayOptions: { show: { kind: ['url'] } } })]);
		expect(fields[1]?.description).toBe('Shown where *KIND* is Address.');
	});

	it('names choices with their values, and the default by its name', () => {
		const [row] = fieldTables([switchField]).fields;
		expect(row).toMatchObject({ type: 'one of', defaultValue: 'Address' });
		expect(row?.description).toBe('**File** `file`: One of the item<br>**Address** `url`');
	});

	it('links to the languages rather than list them', () => {
		const [row] = fieldTables([text('to', { type: 'options', options: targetLocaleOptions })]).fields;
		expect(row?.description).toBe(`[${targetLocaleOptions.length} languages](languages.md)`);
	});

	it('tells the limits of numbers and texts', () => {
		const rows = fieldTables([
			text('size', { type: 'number', typeOptions: { minValue: 1, maxValue: 50 } }),
			text('key', { typeOptions: { maxLength: 64 } }),
		]).fields;
		expect(rows.map(({ type }) => type)).toEqual(['number, 1 to 50', 'text, at most 64 characters']);
	});

	it('sets notices and the entries of collections apart', () => {
		const tables = fieldTables([
			text('note', { type: 'notice', displayName: 'This <b>costs</b> credits' }),
			text('options', { displayName: 'Options', type: 'collection', default: {}, options: [text('prompt')] }),
		]);
		expect(tables.notices).toEqual(['This **costs** credits.']);
		expect(tables.fields).toEqual([]);
		expect(tables.collections).toMatchObject([{ name: 'Options', rows: [{ parameter: 'prompt' }] }]);
	});

	it('takes only what one operation shows', () => {
		const of = (resource: string, operation: string) => ({ displayOptions: { show: { resource: [resource], operation: [operation] } } });
		const properties = [
			text('resource'),
			text('a', of('text', 'translate')),
			text('b', of('text', 'submit')),
			text('c', { displayOptions: { hide: { operation: ['translate'] } } }),
			text('d'),
		];
		expect(propertiesOf(properties, 'text', 'translate').map(({ name }) => name)).toEqual(['a', 'd']);
	});
});

describe('Texts of the panel as Markdown', () => {
	it.each([
		['see <a href="https://a.example" target="_blank">there</a>', 'see [there](https://a.example)'],
		['a | b', 'a \\| b'],
		['less < more', 'less &lt; more'],
		['<i>so</i>\n  on', '*so* on'],
	])('turns %j into %j', (html, expected) => expect(markdown(html)).toBe(expected));
});

describe('What a run gave', () => {
	it('is the same however its times, addresses and identifiers come out', () => {
		const made = (id: string, port: number, time: string) =>
			steadier()({ id, again: `cv_${id}`, url: `http://127.0.0.1:${port}/storage/x/film.mp4?sig=${id}`, time });
		const first = made('0123456789abcdef01234567', 4010, '2026-11-21T09:00:00.000Z');
		expect(made('fedcba9876543210fedcba98', 5020, '2027-01-01T00:00:00Z')).toEqual(first);
		expect(first).toMatchObject({ url: 'https://storage.example/film.mp4' });
	});

	it('keeps equal identifiers equal and different ones different', () => {
		const [a, b] = ['a'.repeat(24), 'b'.repeat(24)];
		const steady = steadier()({ a, b, same: a }) as Record<string, string>;
		expect(steady.same).toBe(steady.a);
		expect(steady.b).not.toBe(steady.a);
		expect(steady.a).toMatch(/^[0-9a-f]{24}$/);
	});

	it('has long lists cut, and says so', () => {
		const given = { lines: [1, 2, 3] };
		expect(steadier()(given)).toEqual({ lines: [1, 2] });
		expect(isCut(given)).toBe(true);
		expect(isCut({ lines: [1, 2] })).toBe(false);
	});
});
