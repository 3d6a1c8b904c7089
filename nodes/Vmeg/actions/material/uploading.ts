import type { Material } from '../../api/contract';
import { explain, vmegError } from '../../api/failure';
import { binarySource } from '../../api/source';
import { DEFAULT_STALL_MS } from '../../api/storage';
import { uploadMaterial } from '../../api/upload';
import type { UploadProblem } from '../../api/upload';
import type { NodeError } from '../common/items';
import { parameterError } from '../common/parameters';
import type { Session } from '../common/session';

function uploadError(
	session: Session,
	itemIndex: number,
	fileName: string,
	problem: UploadProblem,
): NodeError {
	const of = (message: string, description: string) =>
		vmegError(session.context.getNode(), {
			message: `Item ${itemIndex}: ${message}`,
			description,
			itemIndex,
			facts: problem.kind === 'call' ? { requestId: problem.failure.requestId } : {},
		});
	switch (problem.kind) {
		case 'call': {
			const { message, description } = explain(problem.failure);
			return of(`Uploading ${fileName} failed. ${message}`, description);
		}
		case 'part':
			return of(
				`Uploading ${fileName} failed at part ${problem.part} of ${problem.partCount}: ${problem.detail}`,
				'The upload was given up, and nothing was billed. Check the network between n8n and the storage of VMEG, then run the node again; what is complete at VMEG is not uploaded twice.',
			);
		case 'changed':
			return of(
				`Uploading ${fileName} failed: the file could not be read as at first (${problem.detail})`,
				'Make sure that nothing changes or deletes the file while it is uploaded.',
			);
		case 'cancelled':
			return of(`Uploading ${fileName} was cancelled`, 'Nothing was billed.');
	}
}

export interface BinaryUpload {
	propertyName: string;
	fileName?: string;
	requestId?: string;
	/** Longest time without a sign of life from the storage, in seconds. */
	timeout?: number;
}

/** Uploads the binary property of an item; one file at a time, so that memory stays flat. */
export async function uploadBinary(
	session: Session,
	itemIndex: number,
	{ propertyName, fileName, requestId, timeout }: BinaryUpload,
): Promise<{ material: Material; alreadyThere: boolean }> {
	const { context, client } = session;
	return await session.oneAtATime(async () => {
		const source = await binarySource(context, itemIndex, propertyName, fileName);
		if (source.size === 0) {
			throw parameterError(context, itemIndex, 'Input Binary Field', 'holds an empty file');
		}
		const result = await uploadMaterial(context, client, source, {
			requestId,
			stallMs: timeout === undefined ? DEFAULT_STALL_MS : timeout * 1000,
			onProgress: (line) => session.progress(`Item ${itemIndex}, ${source.fileName}: ${line}`),
		});
		if (result.ok) return result;
		throw uploadError(session, itemIndex, source.fileName, result.problem);
	});
}
