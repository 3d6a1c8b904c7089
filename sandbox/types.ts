/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
	[key: string]: Json;
}

/** Kinds of task an API key can list (API contract §6). */
export type TaskType = 'vt' | 'at' | 'tts' | 'cloneVoice' | 'textTranslation';
/** States of a task (API contract §6). */
export type TaskStatus = 'running' | 'finished' | 'failed';
/** Completion events (API contract §9). */
export type CompletionEvent =
	'openapi-tts' | 'openapi-translate' | 'openapi-clone-voice' | 'openapi-media-translation';
