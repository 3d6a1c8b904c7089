/** Sound answers of VMEG, one of each kind, to be spoilt by the fuzzer (API contract §2 to §9). */

const file = { url: 'https://cdn.example/a.mp4', duration: 12.5, size: 1_024, resolution: { width: 1920, height: 1080 }, fps: 25 };

export const mediaResult = {
	compress: { '480p': file, '720p': file },
	asrScripts: {
		asrResults: [{ speaker: 's1', name: 'Ann', start: 0, end: 1.5, text: 'Hi there', textWithBreak: 'Hi<br>there', locale: 'en-US' }],
		language: { source: 'en-US', target: 'de-DE' },
	},
	audioSeparation: { sfxUrl: 'https://cdn.example/s.wav', musicUrl: 'https://cdn.example/m.wav', vocalUrl: 'https://cdn.example/v.wav', mnsUrl: null },
	translatedScripts: {
		result: [
			{ start: 0, end: 1.5, sourceText: 'Hi there', text: 'Hallo', speaker: 's1', speakerDisplayName: 'Ann', locale: 'de-DE' },
			{ start: '1.5', end: '2', text: 'Na --> ja', speaker: 's2' },
		],
	},
	build: { video: file, audio: { url: 'https://cdn.example/a.m4a', duration: 12.5 }, images: [{ url: 'https://cdn.example/1.png', size: 10 }] },
};
export const textResult = { items: [{ text: 'Hallo' }, { text: null, errorMessage: 'too long' }] };
export const speechResult = { results: [{ uri: 'https://cdn.example/1.m4a', duration: 1.5 }, { errorMessage: 'no voice' }] };
export const cloneResult = { voiceId: 'cv_1' };

const taskRecord = { taskId: 't1', taskType: 'tts', status: 'running', createdAt: '2026-01-01T00:00:00Z', updatedAt: 1_767_225_600 };
const material = { materialId: 'm1', category: 'video', name: 'a.mp4', addressUrl: 'https://cdn.example/a.mp4', filesize: 10, duration: 1_000 };
const systemVoice = { voiceId: 'sv_1', displayName: 'Ava', locale: 'en-US', provider: 'S1', gender: 'female', isHd: 1, score: 4.5 };
const clonedVoice = { voiceId: 'cv_1', name: 'Mine', provider: 'V1', exampleLanguage: 'en-US', taskId: 't1' };

export const results = [mediaResult, textResult, speechResult, cloneResult];

export const answers: unknown[] = [
	{ taskId: 't1', createdAt: '2026-01-01T00:00:00Z', ...textResult },
	{ taskId: 't1', createdAt: 1, ...speechResult },
	{ taskId: 't1', voiceId: 'cv_1', createdAt: null },
	{ taskId: 't1', taskType: 'vt', status: 'running', createdAt: '2026-01-01T00:00:00Z' },
	{ records: [taskRecord, { ...taskRecord, taskId: 't2' }], total: 2 },
	...results.map((result) => ({ taskId: 't1', taskType: 'vt', status: 'finished', result })),
	{ material },
	{ uploadUrl: 'https://s3.example/x?sig=1', s3Uri: 's3://b/x', materialId: 'm1' },
	{ materialId: 'm1', s3Uri: 's3://b/x', uploadId: 'u1', expiresInSeconds: 900, recommendedPartSize: 8_388_608 },
	{ urls: [{ partNumber: 1, url: 'https://s3.example/1' }, { partNumber: 2, url: 'https://s3.example/2' }], expiresInSeconds: 900 },
	material,
	{ records: [material], total: '1' },
	{ records: [systemVoice], total: 1 },
	{ records: [clonedVoice], total: 1 },
];

const event = { code: 200, version: 'v1', pipelineKey: '0123456789abcdef0123456789abcdef', message: '', extraData: { row: 7 } };

export const events: unknown[] = [
	{ ...event, event: 'openapi-translate', data: { taskId: 't1', ...textResult } },
	{ ...event, event: 'openapi-tts', data: { taskId: 't1', ...speechResult } },
	{ ...event, event: 'openapi-clone-voice', data: { taskId: 't1', ...cloneResult } },
	{ ...event, event: 'openapi-media-translation', data: { taskId: 't1', taskType: 'vt', status: 'finished', result: mediaResult } },
	{ ...event, code: 500, message: 'failed', event: 'openapi-tts', data: { taskId: 't1' } },
	{ code: '200', version: 1, event: 'openapi-tts', data: { taskId: 7 } },
	{ type: 'ping' },
];
