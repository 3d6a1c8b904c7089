import Ajv, { type SchemaObject, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { ApiError } from '../errors';

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
addFormats(ajv);

/** Checks a value of unknown shape and gives it its type, or refuses it. */
export type Check<T> = (value: unknown) => T;

/** Makes a check from a JSON Schema and, for what a schema words badly, an `also` that throws. */
export function checker<T>(schema: SchemaObject, also?: (value: T) => void): Check<T> {
	const validate = ajv.compile<T>(schema);
	return (value) => {
		if (validate(value)) {
			also?.(value);
			return value;
		}
		throw new ApiError(400, describe(validate.errors?.[0]));
	};
}

/** An object that takes these fields and no others. */
export function object(
	properties: Record<string, SchemaObject>,
	required: readonly string[] = [],
): SchemaObject {
	return { type: 'object', properties, required: [...required], additionalProperties: false };
}

export const anyObject: SchemaObject = { type: 'object' };
export const boolean: SchemaObject = { type: 'boolean' };
export const string: SchemaObject = { type: 'string' };
export const nonEmpty: SchemaObject = { type: 'string', pattern: '\\S' };
export const httpsUrl: SchemaObject = { type: 'string', format: 'uri', pattern: '^https://[^/]' };
export const oneOf = (...values: readonly string[]): SchemaObject => ({
	type: 'string',
	enum: [...values],
});

/** Query parameters are text: `currentPage` and `pageSize` must look like whole numbers from 1. */
export const pageQuery: Record<string, SchemaObject> = {
	currentPage: { type: 'string', pattern: '^[1-9][0-9]{0,8}$' },
	pageSize: { type: 'string', pattern: '^([1-9][0-9]?|100)$' },
};
/** The same in a JSON body. */
export const pageBody: Record<string, SchemaObject> = {
	currentPage: { type: 'integer', minimum: 1 },
	pageSize: { type: 'integer', minimum: 1, maximum: 100 },
};

function describe(error: ErrorObject | undefined): string {
	if (!error) return 'Invalid request';
	const where = error.instancePath === '' ? 'request' : error.instancePath.slice(1).replaceAll('/', '.');
	const params: Record<string, unknown> = error.params;
	const detail = params['additionalProperty'] ?? params['allowedValue'];
	const hint = typeof detail === 'string' ? `: ${detail}` : '';
	return `Invalid ${where}: ${error.message ?? error.keyword}${hint}`;
}
