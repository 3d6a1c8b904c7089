import { Readable } from 'node:stream';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { binarySource, hashOf, md5Of } from '../../../nodes/Vmeg/api/source';
import { fake } from '../support/fakes';

const content = Buffer.from('bytes of a film');
const MD5 = md5Of(content);

/** The binary property "data" of item 2, kept by n8n in memory or, with an ID, on disk. */
function source(binary: Partial<IBinaryData>, pieces: Array<Buffer | string> = [content], fileName?: string) {
	const getBinaryStream = jest.fn(async () => Readable.from(pieces));
	const context = fake<IExecuteFunctions>({
		helpers: fake<IExecuteFunctions['helpers']>({
			assertBinaryData: (itemIndex, name) => {
				expect([itemIndex, name]).toEqual([2, 'data']);
				return { data: '', mimeType: 'video/mp4', ...binary };
			},
			getBinaryMetadata: async () => ({ fileSize: content.length }),
			getBinaryStream,
			getBinaryDataBuffer: async () => content,
		}),
	});
	return { made: binarySource(context, 2, 'data', fileName), getBinaryStream };
}

describe('a binary property as a source', () => {
	test('on disk is read as a stream in pieces of 64 KiB, as often as needed', async () => {
		const { made, getBinaryStream } = source({ id: 'filesystem:1', fileName: 'film.mp4' });
		const file = await made;
		expect(file).toMatchObject({ fileName: 'film.mp4', size: content.length });
		await expect(hashOf(file)).resolves.toEqual({ md5: MD5, size: content.length });
		await expect(hashOf(file)).resolves.toEqual({ md5: MD5, size: content.length });
		expect(getBinaryStream).toHaveBeenCalledTimes(2);
		expect(getBinaryStream).toHaveBeenCalledWith('filesystem:1', 65_536);
	});

	test('is hashed over all its pieces, also where they are text', async () => {
		const file = await source({ id: '1' }, ['bytes ', Buffer.from('of '), 'a film']).made;
		await expect(hashOf(file)).resolves.toEqual({ md5: MD5, size: content.length });
	});

	test('in memory is read from there', async () => {
		const { made, getBinaryStream } = source({ fileName: 'film.mp4' });
		await expect(hashOf(await made)).resolves.toEqual({ md5: MD5, size: content.length });
		expect((await made).size).toBe(content.length);
		expect(getBinaryStream).not.toHaveBeenCalled();
	});

	test.each([
		['its own, without folders', { fileName: 'a/b\\film.mp4' }, 'film.mp4'],
		['its own, without control characters and blanks around it', { fileName: ' fi\0lm.mp4\n' }, 'film.mp4'],
		['made of its extension', { fileExtension: 'mov' }, 'upload.mov'],
		['made of its type', { fileName: ' ' }, 'upload.mp4'],
		['made of nothing', { fileName: 'folder/', mimeType: 'odd' }, 'upload.bin'],
	])('has a name: %s', async (_, binary, expected) => {
		expect((await source(binary).made).fileName).toBe(expected);
	});

	test('has the name that the user wants', async () => {
		expect((await source({ fileName: 'a.mp4' }, [], 'mine.mp4').made).fileName).toBe('mine.mp4');
	});
});
