/** What it takes to dub a video at an address, as parameters of the node; a test adds what it is about. */
export const DUBBING = {
	resource: 'media',
	sourceLanguage: 'auto',
	targetLanguage: 'de-DE',
	taskType: 'vt',
	materialSource: 'url',
	sourceUrl: 'https://example.com/film.mp4',
	voiceCloneStyle: 'emotional',
	voiceCloneMode: 'role',
};
