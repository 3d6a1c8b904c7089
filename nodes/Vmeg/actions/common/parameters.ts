import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

import { MAX_KEY_LENGTH } from '../../api/idempotency';

/** The display names of parameters by the path of the field they fill, for error messages. */
export type ParameterNames = Record<string, string>;

/** The name of the parameter whose field has an error: that of the longest path that leads to it. */
function nameOf(path: Array<string | number>, names: ParameterNames): string {
	for (let length = path.length; length > 0; length--) {
		const name = names[path.slice(0, length).join('.')];
		if (name !== undefined) return name;
	}
	return path.join('.') || 'Parameters';
}

const flat = (issue: z.ZodIssue): z.ZodIssue => {
	if (issue.code !== z.ZodIssueCode.invalid_union) return issue;
	const inner = issue.unionErrors.flatMap(({ issues }) => issues);
	return inner.find(({ path }) => path.length > issue.path.length) ?? inner[0] ?? issue;
};

/** A parameter that VMEG would not take: names the item and the parameter, and says why. */
export function parameterError(
	context: IExecuteFunctions,
	itemIndex: number,
	name: string,
	problem: string,
): NodeOperationError {
	return new NodeOperationError(
		context.getNode(),
		`Item ${itemIndex}: "${name}" ${problem}`,
		{ itemIndex, description: 'Nothing was sent to VMEG for this item.' },
	);
}

const sentence = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);

/** Checks a value against the contract; on failure names the parameter and the item. */
export function checked<T extends z.ZodTypeAny>(
	context: IExecuteFunctions,
	itemIndex: number,
	schema: T,
	value: unknown,
	names: ParameterNames,
): z.output<T> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const [first] = parsed.error.issues;
	if (first === undefined) throw parameterError(context, itemIndex, 'Parameters', 'are wrong');
	const issue = flat(first);
	throw parameterError(context, itemIndex, nameOf(issue.path, names), sentence(issue.message));
}

/** A JSON parameter as a value: parsed where it is text, undefined where it is empty. */
export function parsedJson(
	context: IExecuteFunctions,
	itemIndex: number,
	name: string,
	value: unknown,
): unknown {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value);
	} catch {
		throw parameterError(context, itemIndex, name, 'is not valid JSON');
	}
}

/**
 * A JSON parameter: an object as it is, or as text. Empty means that it is not set.
 */
export function jsonObject(
	context: IExecuteFunctions,
	itemIndex: number,
	name: string,
	value: unknown,
): IDataObject | undefined {
	const parsed = parsedJson(context, itemIndex, name, value);
	if (parsed === undefined) return undefined;
	const object = z.record(z.unknown()).safeParse(parsed);
	if (!object.success || Array.isArray(parsed)) {
		throw parameterError(context, itemIndex, name, 'must be a JSON object such as {"key": "value"}');
	}
	const found = object.data as IDataObject;
	return Object.keys(found).length === 0 ? undefined : found;
}

const hasExpression = (value: unknown): boolean => {
	if (typeof value === 'string') return value.startsWith('=');
	return typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);
};

/** A parameter as it is stored, its expressions not yet read; n8n gives it at next to no cost. */
const storedValue = (context: IExecuteFunctions, name: string): unknown =>
	context.getNodeParameter(name, 0, '', { rawExpressions: true });

const known = new WeakMap<IExecuteFunctions, Map<string, boolean>>();

/** Whether a parameter holds no expression, so that it is the same for every item of a run. */
export function isFixed(context: IExecuteFunctions, name: string): boolean {
	const names = known.get(context) ?? new Map<string, boolean>();
	const before = names.get(name);
	if (before !== undefined) return before;
	const fixed = !hasExpression(storedValue(context, name));
	known.set(context, names.set(name, fixed));
	return fixed;
}

const fixedOptions = new WeakMap<IExecuteFunctions, IDataObject>();

/** The options collection of an item; empty where nothing was added. */
export function optionsOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const before = fixedOptions.get(context);
	if (before !== undefined) return before;
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	if (isFixed(context, 'options')) fixedOptions.set(context, options);
	return options;
}

/** Text, or a number such as the ID of a row. */
const label = z.union([z.string(), z.number()]).transform((value) => String(value).trim());

const callOptions = z.object({
	idempotencyKey: label
		.pipe(
			z
				.string()
				.max(MAX_KEY_LENGTH, `must have at most ${MAX_KEY_LENGTH} characters`)
				// other characters get lost in an HTTP header, which would make two keys one
				.regex(/^[\x20-\x7e]*$/, 'may have only ASCII characters: letters without accents, digits and signs'),
		)
		.optional(),
	requestId: label.optional(),
	timeout: z.coerce.number().positive('must be more than 0').optional(),
	pollInterval: z.coerce.number().positive('must be more than 0').optional(),
});

const callOptionNames: ParameterNames = {
	idempotencyKey: 'Idempotency Key',
	requestId: 'Request ID',
	timeout: 'Timeout',
	pollInterval: 'Poll Interval',
};

/** Options that say how a call is made rather than what it asks for; durations in seconds. */
export interface CallOptions {
	idempotencyKey?: string;
	requestId?: string;
	timeout?: number;
	pollInterval?: number;
}

/** Reads the options that all operations share. */
export function callOptionsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	{ idempotencyKey, requestId, timeout, pollInterval }: IDataObject,
): CallOptions {
	const given = { idempotencyKey, requestId, timeout, pollInterval };
	const options = checked(context, itemIndex, callOptions, given, callOptionNames);
	return {
		...options,
		idempotencyKey: options.idempotencyKey || undefined,
		requestId: options.requestId || undefined,
	};
}

/** Leaves out what the user did not set, so that VMEG's own defaults hold. */
export function withoutEmpty<T extends object>(fields: T): T | undefined {
	const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
	return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
}

/** The value of a resource locator, or of an expression in its place; undefined where it is empty. */
export function optionalLocatorValue(
	context: IExecuteFunctions,
	itemIndex: number,
	parameter: string,
): string | undefined {
	const value = context.getNodeParameter(parameter, itemIndex, '', { extractValue: true });
	return String(value ?? '').trim() || undefined;
}

/** The value of a resource locator, or of an expression in its place; empty is an error. */
export function locatorValue(
	context: IExecuteFunctions,
	itemIndex: number,
	parameter: string,
	displayName: string,
): string {
	const id = optionalLocatorValue(context, itemIndex, parameter);
	if (id === undefined) throw parameterError(context, itemIndex, displayName, 'is empty');
	return id;
}

const FIELD = /^=\{\{\s*\$json((?:\.[A-Za-z_$][\w$]*|\["[^"\\]+"\]|\['[^'\\]+'\])+)\s*\}\}$/;
const STEP = /\.([A-Za-z_$][\w$]*)|\["([^"]+)"\]|\['([^']+)'\]/g;

/** The path of an expression that only names a field of the item, such as `={{ $json.title }}`. */
export function fieldPath(expression: unknown): string[] | undefined {
	const path = typeof expression === 'string' ? FIELD.exec(expression)?.[1] : undefined;
	if (path === undefined) return undefined;
	return [...path.matchAll(STEP)].map(([, plain, double, single]) => plain ?? double ?? single ?? '');
}

/** The text or number at a path; undefined for all else, of which n8n may make something of its own. */
export function plainValueAt(json: unknown, path: string[]): string | number | undefined {
	let value = json;
	for (const name of path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
		value = Object.getOwnPropertyDescriptor(value, name)?.value;
	}
	return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/**
 * A parameter that is text: empty where an expression gives nothing, an error where it gives an object.
 * Where it names a field of the item, the field is read from there: n8n's expression engine takes
 * longer over a text than VMEG over its translation.
 */
export function textValue(
	context: IExecuteFunctions,
	itemIndex: number,
	parameter: string,
	displayName: string,
): string {
	const path = fieldPath(storedValue(context, parameter));
	const plain = path && plainValueAt(context.getInputData()[itemIndex]?.json, path);
	if (plain !== undefined) return String(plain);

	const value: unknown = context.getNodeParameter(parameter, itemIndex, '');
	if (value === undefined || value === null) return '';
	if (typeof value === 'object') {
		throw parameterError(context, itemIndex, displayName, 'must be text, not an object');
	}
	return String(value);
}

/**
 * Whether an AI agent runs the node. n8n runs a tool in one of two ways, and says so by
 * `isToolExecution()` in one of them only; in both, the node is of the type that n8n makes for tools.
 */
export const isToolRun = (context: IExecuteFunctions): boolean =>
	context.getNode().type.endsWith('Tool');

/** Whether a result is to be simplified: as the user chose, and always for an AI agent. */
export const wantsSimple = (context: IExecuteFunctions, itemIndex: number): boolean =>
	context.getNodeParameter('simplify', itemIndex, true) === true || isToolRun(context);

/** The most records that an AI agent is given of a list. */
export const MAX_TOOL_RECORDS = 50;

/** How many records Return All and Limit ask for. */
export function limitOf(context: IExecuteFunctions, itemIndex: number): number {
	const returnAll = context.getNodeParameter('returnAll', itemIndex, false) === true;
	const limit = returnAll ? Infinity : Number(context.getNodeParameter('limit', itemIndex, 50));
	if (!returnAll && !(Number.isInteger(limit) && limit > 0)) {
		throw parameterError(context, itemIndex, 'Limit', 'must be a whole number of 1 or more');
	}
	return limit > MAX_TOOL_RECORDS && isToolRun(context) ? MAX_TOOL_RECORDS : limit;
}
