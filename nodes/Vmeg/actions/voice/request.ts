import type { INodeProperties } from 'n8n-workflow';
import type { z } from 'zod';

import { cloneRequest, cloneSubmitRequest } from '../../api/contract';
import type { cloneAnswer, CLONE_ENGINES } from '../../api/contract';
import type { Endpoint } from '../../api/endpoints';
import { toNodeError } from '../../api/failure';
import { targetLocaleOptions } from '../../api/locales';
import {
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
} from '../common/fields';
import {
	callOptionsOf,
	checked,
	jsonObject,
	optionsOf,
	parameterError,
	textValue,
	withoutEmpty,
} from '../common/parameters';
import type { CallOptions, ParameterNames } from '../common/parameters';
import type { Session } from '../common/session';
import { submitOnce } from '../common/submission';

/** What one item asks for. */
export interface ClonePlan<R> {
	request: R;
	call: CallOptions;
}

const names: ParameterNames = {
	voiceName: 'Voice Name',
	provider: 'Engine',
	refAudio: 'Sample URL',
	sampleLanguage: 'Sample Language',
	sampleText: 'Sample Text',
};

const engines: Record<(typeof CLONE_ENGINES)[number], { name: string; description: string }> = {
	V1: { name: 'V1 Basic', description: 'Plain speech' },
	V2: { name: 'V2 Film and TV', description: 'Speech with emotion, as in films and series' },
	V3: { name: 'V3 English', description: 'Made for English' },
	V4: { name: 'V4 Enhanced Emotional', description: 'Speech with more emotion' },
	V5: { name: 'V5 Multilingual', description: 'For a voice that is to speak several languages' },
};

/** The fields of both cloning operations, in the order of the panel. */
export const cloneFields: INodeProperties[] = [
	{
		displayName: 'Each run makes another cloned voice. Clone a voice once; from then on, choose it by its name',
		name: 'creditsNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Sample URL',
		name: 'refAudio',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://example.com/anna.wav',
		hint: 'VMEG must be able to open this address without a login',
		description: 'Address (https) of a recording of the voice, which VMEG fetches. Clone only voices that you have the right to use.',
	},
	{
		displayName: 'Voice Name',
		name: 'voiceName',
		type: 'string',
		default: '',
		placeholder: 'e.g. Anna, narrator',
		description: 'What to call the voice, so that you find it again in lists',
	},
];

/** The options of both cloning operations (API contract §5). */
export const cloneOptionFields: INodeProperties[] = [
	{
		displayName: 'Engine',
		name: 'provider',
		type: 'options',
		options: Object.entries(engines).map(([value, shown]) => ({ ...shown, value })),
		default: 'V5',
		description: 'The engine that learns the voice, and speaks with it later. Left out, VMEG chooses.',
	},
	{
		displayName: 'Sample Language',
		name: 'sampleLanguage',
		type: 'options',
		options: targetLocaleOptions,
		default: 'en-US',
		description: 'The language of the sample',
	},
	{
		displayName: 'Sample Text',
		name: 'sampleText',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		description: 'The text that goes with the voice as its example',
	},
	answerTimeoutOption,
	idempotencyKeyOption,
	maxConcurrencyOption,
	requestIdOption,
];

function requestOf(session: Session, itemIndex: number) {
	const { context } = session;
	const { provider, sampleLanguage, sampleText } = optionsOf(context, itemIndex);
	const refAudio = textValue(context, itemIndex, 'refAudio', names.refAudio ?? '').trim();
	if (refAudio === '') {
		throw parameterError(context, itemIndex, 'Sample URL', 'is empty: there is no voice to clone');
	}
	const voiceName = textValue(context, itemIndex, 'voiceName', 'Voice Name').trim();
	return withoutEmpty({ voiceName, provider, refAudio, sampleLanguage, sampleText });
}

/** Reads and checks the parameters of one item. */
export function planClone(
	session: Session,
	itemIndex: number,
): ClonePlan<z.output<typeof cloneRequest>> {
	const { context } = session;
	return {
		request: checked(context, itemIndex, cloneRequest, requestOf(session, itemIndex), names),
		call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)),
	};
}

/** The same for the asynchronous call, which also takes extra data. */
export function planCloneSubmission(
	session: Session,
	itemIndex: number,
): ClonePlan<z.output<typeof cloneSubmitRequest>> {
	const { context } = session;
	const options = optionsOf(context, itemIndex);
	const extraData = jsonObject(context, itemIndex, 'Extra Data', options.extraData);
	const request = { ...requestOf(session, itemIndex), ...(extraData && { extraData }) };
	return {
		request: checked(context, itemIndex, cloneSubmitRequest, request, names),
		call: callOptionsOf(context, itemIndex, options),
	};
}

/** What VMEG answered, with the key it was accepted under. */
type Cloned = z.output<typeof cloneAnswer> & { idempotencyKey: string };

/** Sends one cloning; throws the error of its item where VMEG does not accept it. */
export async function sendClone<R extends z.ZodTypeAny>(
	session: Session,
	endpoint: Endpoint<R, typeof cloneAnswer>,
	operation: string,
	{ request, call }: ClonePlan<z.input<R>>,
	itemIndex: number,
): Promise<Cloned> {
	const answerTimeoutMs = call.timeout && call.timeout * 1000;
	const name = { operation, itemIndex, call, answerTimeoutMs };
	const { idempotencyKey, answer } = await submitOnce(session, endpoint, request, name);
	if (answer.ok) return { ...answer.data, idempotencyKey };
	const subject = `Item ${itemIndex}`;
	throw toNodeError(session.context.getNode(), answer.failure, { subject, itemIndex });
}
