import type { z } from 'zod';

import {
	acceptedAnswer,
	materialListAnswer,
	materialListRequest,
	mediaAnswer,
	mediaRequest,
	nothing,
	taskDetail,
	taskIdRequest,
	taskListAnswer,
	taskListRequest,
	textAnswer,
	textRequest,
	textSubmitRequest,
} from './contract';

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

/** Every call that the nodes make; a request can leave in no other shape. */
export const endpoints = {
	translateText: post('/task/translate/create', textRequest, textAnswer),
	submitText: post('/task/translate/create-async', textSubmitRequest, acceptedAnswer),
	submitMedia: post('/task/media-translation/create-async', mediaRequest, mediaAnswer),
	listTasks: get('/tasks/list', taskListRequest, taskListAnswer),
	getTask: get('/tasks/detail', taskIdRequest, taskDetail),
	deleteTask: {
		...post('/tasks/delete', taskIdRequest, nothing),
		doneWhenRepeated: true,
	} satisfies Endpoint,
	listMaterials: get('/assets/material/list', materialListRequest, materialListAnswer),
} as const;
