import type { IBinaryData } from 'n8n-workflow';
import { z } from 'zod';

import { speechAnswer } from '../../api/contract';
import { downloadToBinary } from '../../api/download';
import { endpoints } from '../../api/endpoints';
import { asNodeError } from '../common/items';
import type { Session } from '../common/session';

/** The sound of one line, as VMEG keeps it. */
export interface Sound {
	url: string;
	taskId: string;
	segmentIndex: number;
	itemIndex: number;
}

const speechResult = z.object({ results: speechAnswer.shape.results });

/** A fresh address of the same sound, since those of an earlier try may have expired. */
async function renewedUrl(session: Session, { taskId, segmentIndex }: Sound) {
	const answer = await session.client.send(endpoints.getTask, { taskId });
	const parsed = speechResult.safeParse(answer.ok ? answer.data.result : undefined);
	return parsed.success ? (parsed.data.results[segmentIndex]?.uri ?? undefined) : undefined;
}

/** Fetches the sound of a line into n8n's binary data. */
export async function downloadSound(session: Session, sound: Sound): Promise<IBinaryData> {
	const { url, taskId, segmentIndex, itemIndex } = sound;
	try {
		return await downloadToBinary(session.context, url, {
			fileName: `speech-${taskId}-${segmentIndex}`,
			itemIndex,
			facts: { taskId },
			signal: session.client.signal,
			renewUrl: async () => await renewedUrl(session, sound),
		});
	} catch (thrown) {
		const error = asNodeError(session, thrown, itemIndex);
		// to run this node anew would make, and bill, the speech again
		const safe = `The speech was made: VMEG > Task > Get with the task ID ${taskId} has its address (line ${segmentIndex}).`;
		error.description = `${safe} ${error.description ?? ''}`.trim();
		throw error;
	}
}
