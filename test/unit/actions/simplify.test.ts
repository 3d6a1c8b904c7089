import { simplifyResult } from '../../../nodes/Vmeg/actions/common/simplify';

const line = { start: 0, end: 1.5, text: 'Hallo', sourceText: 'Hello', speaker: 'A' };
const video = {
	url: 'https://cdn.example.com/v.mp4',
	duration: 61.2,
	size: 1_000,
	resolution: { width: 1_920, height: 1_080 },
	fps: 25,
};

describe('the result of a finished task', () => {
	test('of a video (vt) is its video, its picture, its length and its subtitles', () => {
		const result = {
			build: {
				video,
				images: [{ url: 'https://cdn.example.com/p.jpg', size: 10 }],
				audio: { url: 'https://cdn.example.com/a.m4a', duration: 61, size: 5, fps: 0 },
			},
			translatedScripts: { result: [{ ...line, locale: 'de-DE', voiceId: 'cv_1' }] },
			voiceMatch: [],
		};
		expect(simplifyResult(result)).toEqual({
			videoUrl: 'https://cdn.example.com/v.mp4',
			audioUrl: 'https://cdn.example.com/a.m4a',
			thumbnailUrl: 'https://cdn.example.com/p.jpg',
			duration: 61.2,
			subtitles: [line],
		});
	});

	test('of an audio (at) is its audio and its length', () => {
		const result = { build: { audio: { url: 'https://cdn.example.com/a.m4a', duration: 5 } } };
		expect(simplifyResult(result)).toEqual({
			audioUrl: 'https://cdn.example.com/a.m4a',
			duration: 5,
		});
	});

	test('of texts (textTranslation) is their translations, in their order', () => {
		const result = { taskId: 't', items: [{ text: 'Hallo' }, { errorMessage: 'too long' }, { text: '' }] };
		expect(simplifyResult(result)).toEqual({
			translations: ['Hallo', null, ''],
			errors: [{ index: 1, message: 'too long' }],
		});
	});

	test('of speech (tts) is its files, the first one also on its own', () => {
		const result = {
			results: [
				{ uri: 'https://cdn.example.com/1.m4a', duration: 2 },
				{ errorMessage: 'no such voice' },
			],
		};
		expect(simplifyResult(result)).toEqual({
			audioUrl: 'https://cdn.example.com/1.m4a',
			audioUrls: ['https://cdn.example.com/1.m4a', null],
			duration: 2,
			errors: [{ index: 1, message: 'no such voice' }],
		});
	});

	test('of a cloned voice (cloneVoice) is the voice', () => {
		expect(simplifyResult({ taskId: 't', voiceId: 'cv_1' })).toEqual({ voiceId: 'cv_1' });
	});
});

describe('a part that is missing or odd', () => {
	test.each([
		['nothing', undefined],
		['null', null],
		['text', 'done'],
		['a number', 5],
		['a list', [1, 2]],
		['an empty object', {}],
		['only new parts', { hologram: { url: 'x' } }],
		['empty parts', { build: {}, translatedScripts: {} }],
		['parts that are null', { build: null, translatedScripts: null, items: null, voiceId: null }],
		['parts of another kind', { build: 'soon', translatedScripts: [], items: {}, results: 1, voiceId: 2 }],
		['files of another kind', { build: { video: 'url', audio: 1, images: {} } }],
		['files without an address', { build: { video: { url: null, duration: '61' }, images: [] } }],
	])('is left out, without an error: %s', (_, result) => {
		expect(simplifyResult(result)).toEqual({});
	});

	test('does not take the others with it', () => {
		const result = { build: { video, images: 'none' }, translatedScripts: 7, voiceId: 'cv_1' };
		expect(simplifyResult(result)).toEqual({
			videoUrl: video.url,
			duration: video.duration,
			voiceId: 'cv_1',
		});
	});

	test('leaves empty lists empty', () => {
		expect(simplifyResult({ items: [], results: [], translatedScripts: { result: [] } })).toEqual({
			translations: [],
			audioUrls: [],
			subtitles: [],
		});
	});

	test('is no error where VMEG gives null for it', () => {
		expect(simplifyResult({ items: [{ text: 'a', errorMessage: null }] })).toEqual({
			translations: ['a'],
		});
	});
});
