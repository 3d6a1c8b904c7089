import {
	extensionIn,
	extensionOf,
	fileNameWith,
	mimeTypeOf,
	safeFileName,
	withoutExtension,
} from '../../../nodes/Vmeg/api/fileName';

describe('a safe file name', () => {
	test.each([
		['film.mp4', 'film.mp4'],
		['Mein Film (2024) – Größe.mp4', 'Mein Film (2024) – Größe.mp4'],
		['фильм.srt', 'фильм.srt'],
	])('leaves %s as it is', (name, expected) => {
		expect(safeFileName(name)).toBe(expected);
	});

	test.each([
		['folders of Linux', '../../etc/passwd', 'passwd'],
		['folders of Windows', 'C:\\Users\\me\\film.mp4', 'film.mp4'],
		['control characters', 'a\0b\nc\u007fd.mp4', 'abcd.mp4'],
		['a direction that hides the extension', 'film\u202e4pm.exe', 'film4pm.exe'],
		['a byte order mark', '\ufefffilm.mp4', 'film.mp4'],
		['half a character', 'a\ud83d.mp4', 'a.mp4'],
		['line separators', 'a\u2028b\u2029.mp4', 'ab.mp4'],
		['dots and blanks before it', ' ..film.mp4', 'film.mp4'],
		['dots and blanks after it', 'film.mp4. .', 'film.mp4'],
	])('has no %s', (_, name, expected) => {
		expect(safeFileName(name)).toBe(expected);
	});

	test('has an underscore for what Windows refuses', () => {
		expect(safeFileName('a<b>c:d"e|f?g*h')).toBe('a_b_c_d_e_f_g_h');
	});

	test.each(['', '.', '..', ' . ', '/', 'folder/', '\u0007'])('is "file" where nothing is left of %p', (name) => {
		expect(safeFileName(name)).toBe('file');
	});

	test('has at most 180 bytes, and cuts no character in two', () => {
		expect(safeFileName('a'.repeat(180))).toBe('a'.repeat(180));
		expect(safeFileName('a'.repeat(181))).toBe('a'.repeat(180));
		expect(safeFileName('ä'.repeat(100))).toBe('ä'.repeat(90));
		expect(safeFileName(`${'a'.repeat(178)}👍`)).toBe('a'.repeat(178));
	});

	test('does not end with a blank where it is cut', () => {
		expect(safeFileName(`${'a'.repeat(179)} b`)).toBe('a'.repeat(179));
	});
});

describe('the extension of a media file', () => {
	test.each([
		['a.mp4', 'mp4'],
		['a.b.MP3', 'mp3'],
		['a', undefined],
		['a.', undefined],
		['mp4', undefined],
		['a.exe', undefined],
		['a.mp4.bak', undefined],
		['a.mp4x', undefined],
	])('in %s is %s', (name, expected) => {
		expect(extensionIn(name)).toBe(expected);
	});

	test.each([
		['https://cdn.example/a.wav?x=b.mp4#c.mp3', 'video/mp4', 'wav'],
		['https://cdn.example/a', 'video/mp4', 'mp4'],
		['https://cdn.example/a', 'Audio/X-WAV ; charset=binary', 'wav'],
		['https://cdn.example/a', 'audio/mp3', 'mp3'],
		['https://cdn.example/a', 'image/jpeg', 'jpg'],
		['https://cdn.example/a', 'application/octet-stream', undefined],
		['https://cdn.example/a', undefined, undefined],
		['https://cdn.example/a.exe', '', undefined],
		['no address.mp4', undefined, undefined],
	])('of %s with the type %s is %s', (url, type, expected) => {
		expect(extensionOf(url, type)).toBe(expected);
	});

	test('has its MIME type, in any case', () => {
		expect(mimeTypeOf('MP4')).toBe('video/mp4');
		expect(mimeTypeOf('srt')).toBe('application/x-subrip');
		expect(mimeTypeOf('exe')).toBeUndefined();
	});

	test('is put at the end of a name that does not have it', () => {
		expect(fileNameWith('film', 'mp4')).toBe('film.mp4');
		expect(fileNameWith('film.mp4', 'mp4')).toBe('film.mp4');
		expect(fileNameWith('film.MP4', 'mp4')).toBe('film.MP4');
		expect(fileNameWith('film.mp4', 'mp3')).toBe('film.mp4.mp3');
		expect(fileNameWith('a/film', undefined)).toBe('film');
	});

	test('is taken from a name, and nothing else is', () => {
		expect(withoutExtension('film.en.mp4')).toBe('film.en');
		expect(withoutExtension('film.en')).toBe('film.en');
	});
});
