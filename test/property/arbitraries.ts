import fc from 'fast-check';

import { EVENTS } from '../../nodes/Vmeg/trigger/event';

/** JSON as it is after it has travelled: no undefined, no -0. */
export const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

// zod leaves this key out of the objects that it copies, as it should
const key = fc.string().filter((name) => name !== '__proto__');

export const jsonObject = fc
	.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })
	.map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));

export const hex = (length: number) =>
	fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

/** A completion as VMEG may deliver it, with whatever fields a later API adds. */
export const completion = fc
	.record({
		extra: jsonObject,
		event: fc.constantFrom(...EVENTS),
		code: fc.oneof(fc.constant(200), fc.integer({ min: 0, max: 999 })),
		version: fc.constantFrom('v1', '1.0', null, undefined),
		pipelineKey: hex(32),
		message: fc.oneof(fc.string(), fc.constant(null), fc.constant(undefined)),
		extraData: fc.option(jsonObject),
		data: fc.tuple(jsonObject, fc.string({ minLength: 1 })).map(([data, taskId]) => ({ ...data, taskId })),
	})
	.map(({ extra, ...known }) => ({ ...extra, ...known }));
