import type { z } from 'zod';

import * as contract from './contract';

/** One call of the API: where it goes, what it takes and what it gives back. */
export interface Endpoint<
	Request extends z.ZodTypeAny = z.ZodTypeAny,
	Answer extends z.ZodTypeAny = z.ZodTypeAny,
> {
	method: 'GET' | 'POST';
	/** Below `/openapi/v1`. */
	path: string;
	request: Request;
	answer: Answer;
	/** Carries `X-Idempotency-Key` (API contract §1). */
	keyed: boolean;
	/** A 409 after our own lost answer means that it is done: there is no answer to miss. */
	doneWhenRepeated?: true;
}

const get = <R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
	path: string,
	request: R,
	answer: A,
): Endpoint<R, A> => ({ method: 'GET', path, request, answer, keyed: false });

const post = <R extends z.ZodTypeAny, A extends z.ZodTypeAny>(
	path: string,
	request: R,
	answer: A,
): Endpoint<R, A> => ({ method: 'POST', path, request, answer, keyed: true });

/** A deletion, or another change without an answer to miss. */
const change = <R extends z.ZodTypeAny>(path: string, request: R) => ({
	...post(path, request, contract.nothing),
	doneWhenRepeated: true as const,
});

/** A list that is asked for by POST: a read, so it goes without a key and may be repeated (§8). */
const list = <R extends z.ZodTypeAny, A extends z.ZodTypeAny>(path: string, request: R, answer: A) => ({
	...post(path, request, answer),
	keyed: false,
});

/** Every call of the API (API contract §2 to §8); a request can leave in no other shape. */
export const endpoints = {
	translateText: post('/task/translate/create', contract.textRequest, contract.textAnswer),
	submitText: post(
		'/task/translate/create-async',
		contract.textSubmitRequest,
		contract.acceptedAnswer,
	),

	submitMedia: post(
		'/task/media-translation/create-async',
		contract.mediaRequest,
		contract.mediaAnswer,
	),

	synthesizeSpeech: post('/task/tts/create', contract.speechRequest, contract.speechAnswer),
	submitSpeech: post(
		'/task/tts/create-async',
		contract.speechSubmitRequest,
		contract.acceptedAnswer,
	),

	cloneVoice: post('/task/clone-voice/create', contract.cloneRequest, contract.cloneAnswer),
	submitClone: post(
		'/task/clone-voice/create-async',
		contract.cloneSubmitRequest,
		contract.cloneAnswer,
	),

	listTasks: get('/tasks/list', contract.taskListRequest, contract.taskListAnswer),
	getTask: get('/tasks/detail', contract.taskIdRequest, contract.taskDetail),
	deleteTask: change('/tasks/delete', contract.taskIdRequest),

	getUploadUrl: post(
		'/assets/material/upload/gen-upload-url',
		contract.uploadUrlRequest,
		contract.uploadUrlAnswer,
	),
	completeUpload: post(
		'/assets/material/upload/complete',
		contract.completeUploadRequest,
		contract.material,
	),
	startMultipart: post(
		'/assets/material/upload/multipart/initiate',
		contract.startMultipartRequest,
		contract.startMultipartAnswer,
	),
	presignParts: post(
		'/assets/material/upload/multipart/presign-parts',
		contract.presignPartsRequest,
		contract.presignPartsAnswer,
	),
	completeMultipart: post(
		'/assets/material/upload/multipart/complete',
		contract.completeMultipartRequest,
		contract.material,
	),
	abortMultipart: change(
		'/assets/material/upload/multipart/abort',
		contract.abortMultipartRequest,
	),
	listMaterials: get(
		'/assets/material/list',
		contract.materialListRequest,
		contract.materialListAnswer,
	),
	deleteMaterial: change('/assets/material/delete', contract.materialIdRequest),

	listSystemVoices: list(
		'/assets/voice/basic/list',
		contract.systemVoicesRequest,
		contract.systemVoicesAnswer,
	),
	listClonedVoices: list(
		'/assets/voice/clone/list',
		contract.clonedVoicesRequest,
		contract.clonedVoicesAnswer,
	),
	renameVoice: change('/assets/voice/clone/update', contract.renameVoiceRequest),
	deleteVoice: change('/assets/voice/clone/delete', contract.voiceIdRequest),
} as const;
