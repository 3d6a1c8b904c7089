import type { IBinaryData, IBinaryKeyData, INodeProperties } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { z } from 'zod';

import type { speechAnswer, SpokenLine } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { vmegError } from '../../api/failure';
import { batchErrors, itemIndexesOf, settleBatches, subjectOf } from '../common/batches';
import type { Batch, Planned } from '../common/batches';
import { optionsField } from '../common/fields';
import { asNodeError, besideInput, conclude, prepareItems } from '../common/items';
import type { Settled } from '../common/items';
import { parameterError, textValue } from '../common/parameters';
import { maxConcurrencyOf } from '../common/session';
import type { Session } from '../common/session';
import type { Operation } from '../types';
import { downloadSound } from './audio';
import type { Sound } from './audio';
import { planSpeech, requestOf, speechFields, speechOptionFields } from './request';
import type { SpeechPlan } from './request';
import { toSpeechBatches } from './voices';

const OUTPUT_FIELD = 'Put Output File in Field';

const fields: INodeProperties[] = [
	...speechFields,
	{
		displayName: 'Download Audio',
		name: 'download',
		type: 'boolean',
		default: false,
		description: 'Whether to put the audio file itself into the item. Otherwise the item has only its web address, in audioUrl.',
	},
	{
		displayName: OUTPUT_FIELD,
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		displayOptions: { show: { download: [true] } },
		hint: 'The name of the output binary field to put the file in',
	},
	optionsField(speechOptionFields),
];

/** What one item asks for. */
interface SynthesisPlan extends SpeechPlan {
	/** Which binary field the sound goes into, if any. */
	binaryField?: string;
}

function planSynthesis(session: Session, itemIndex: number): SynthesisPlan {
	const { context } = session;
	const plan = planSpeech(session, itemIndex);
	if (context.getNodeParameter('download', itemIndex, false) !== true) return plan;
	const binaryField = textValue(context, itemIndex, 'binaryPropertyName', OUTPUT_FIELD).trim();
	if (binaryField === '') throw parameterError(context, itemIndex, OUTPUT_FIELD, 'is empty');
	return { ...plan, binaryField };
}

/** Fetches the sound of a line; some at once, as many as there may be requests. */
type FetchSound = (sound: Sound) => Promise<IBinaryData>;

/** Where in which request a line was spoken. */
interface Place {
	itemIndex: number;
	segmentIndex: number;
	taskId: string;
	binaryField: string | undefined;
}

async function settleLine(
	session: Session,
	{ itemIndex, segmentIndex, taskId, binaryField }: Place,
	{ uri, duration, errorMessage }: SpokenLine,
	fetchSound: FetchSound,
): Promise<Settled> {
	if (errorMessage || !uri) {
		const error = vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: VMEG could not speak this text: ${errorMessage || 'no reason given'}`,
			description: `The other texts of its request were spoken (task ${taskId}). Set On Error of this node to continue, to keep them and to handle this one on its own.`,
			itemIndex,
			facts: { taskId, status: 'failed' },
		});
		return { ok: false, itemIndex, error };
	}
	try {
		const json = { audioUrl: uri, duration: duration ?? null, taskId, segmentIndex };
		const files: IBinaryKeyData = {};
		if (binaryField !== undefined) {
			files[binaryField] = await fetchSound({ url: uri, taskId, segmentIndex, itemIndex });
		}
		return { ok: true, itemIndex, output: [besideInput(session, itemIndex, json, files)] };
	} catch (thrown) {
		return { ok: false, itemIndex, error: asNodeError(session, thrown, itemIndex) };
	}
}

async function settleBatch(
	session: Session,
	batch: Batch<Planned<SynthesisPlan>>,
	{ taskId, results }: z.output<typeof speechAnswer>,
	fetchSound: FetchSound,
): Promise<Settled[]> {
	if (results.length === batch.lines.length) {
		return await Promise.all(
			batch.lines.map(async ({ itemIndex, plan: { binaryField } }, segmentIndex) => {
				const place = { itemIndex, segmentIndex, taskId, binaryField };
				return await settleLine(session, place, results[segmentIndex] ?? {}, fetchSound);
			}),
		);
	}
	// which sound belongs to which text can only be guessed: better none than a wrong one
	const itemIndexes = itemIndexesOf(batch);
	return itemIndexes.map((itemIndex) => ({
		ok: false,
		itemIndex,
		error: vmegError(session.context.getNode(), {
			message: `${subjectOf(itemIndexes)}: VMEG returned ${results.length} sounds for ${itemIndexes.length} texts`,
			description: `Look at task ${taskId} with VMEG > Task > Get, or speak these items again with a smaller Batch Size.`,
			itemIndex,
			facts: { taskId },
		}),
	}));
}

/** Speaks the text of each item at once and adds the sound to the item (API contract §4). */
export const synthesize: Operation = {
	fields,
	async execute(session) {
		const { prepared, failed } = await prepareItems(session, (itemIndex) =>
			planSynthesis(session, itemIndex),
		);
		const limit = pLimit(maxConcurrencyOf(session.context));
		const fetchSound: FetchSound = async (sound) =>
			await limit(async () => await downloadSound(session, sound));
		const spoken = await settleBatches(session, await toSpeechBatches(session, prepared), {
			endpoint: endpoints.synthesizeSpeech,
			operation: 'speech.synthesize',
			requestOf,
			settle: async (batch, answer) => await settleBatch(session, batch, answer, fetchSound),
			fail: (batch, failure) => batchErrors(session, batch, failure),
		});
		return conclude(session, [...failed, ...spoken]);
	},
};
