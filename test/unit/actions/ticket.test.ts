import fc from 'fast-check';

import { parseTicket, ticketIn, withoutTicket } from '../../../nodes/Vmeg/actions/common/submissionTie';

const ticket = {
	instance: '0123456789abcdef',
	execution: '42',
	signature: 'a'.repeat(64),
	key: '0123456789abcdef0123456789abcdef',
};
const tied = (resume: unknown) => ({ row: 7, vmegSubmission: { id: 'x', total: 1, items: [0], resume } });

describe('a ticket', () => {
	test('is read from the extra data of a completion', () => {
		expect(ticketIn(tied(ticket))).toEqual(ticket);
	});

	test.each([
		['an execution that is a path', { execution: '42/../../rest' }],
		['an execution with a host', { execution: '@evil.example' }],
		['an execution with white space', { execution: '42\n' }],
		['an execution that is a number', { execution: 42 }],
		['no execution', { execution: '' }],
		['the execution that nobody has', { execution: '0' }],
		['a signature with more parameters', { signature: `${'a'.repeat(64)}&x=1` }],
		['a signature with a path', { signature: `${'a'.repeat(64)}/vmeg` }],
		['a signature that is too short', { signature: 'a' }],
		['another n8n than n8n names', { instance: 'here' }],
		['a key of another form', { key: 'K'.repeat(32) }],
		['an address beside it', { url: 'https://evil.example' }],
	])('is none with %s', (_, part) => {
		expect(ticketIn(tied({ ...ticket, ...part }))).toBeUndefined();
	});

	test('is none in anything else that VMEG may send back', () => {
		fc.assert(
			fc.property(fc.anything(), (value) => {
				expect(ticketIn(value)).toBeUndefined();
				expect(ticketIn(tied(value))).toBeUndefined();
				expect(parseTicket(value)).toBeUndefined();
			}),
		);
	});
});

describe('extra data that is shown', () => {
	test('is all but the ticket', () => {
		expect(withoutTicket(tied(ticket))).toEqual({
			row: 7,
			vmegSubmission: { id: 'x', total: 1, items: [0] },
		});
	});

	test('is without a ticket of any form, and otherwise as it came', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (own, resume) => {
				const { vmegSubmission: _, ...rest } = own;
				const shown = withoutTicket({ ...rest, vmegSubmission: { id: 1, resume } });
				expect(shown).toEqual({ ...rest, vmegSubmission: { id: 1 } });
			}),
		);
	});

	test.each([[null], [undefined], ['text'], [[1]], [{ row: 1 }], [{ vmegSubmission: 'text' }]])(
		'is left alone where it has none: %j',
		(extraData) => {
			expect(withoutTicket(extraData)).toBe(extraData);
		},
	);
});
