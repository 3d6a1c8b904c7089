/**
 * The least that translates texts: no n8n, no checks, no retry. Batches, some at once, kept connections.
 *
 * Usage: node bare.mjs <base URL> <API key> <texts> <batch size> <batches at once> <run>
 * Prints how many milliseconds it took, after checking every translation.
 */
const [baseUrl, apiKey, count, size, concurrency, run] = process.argv.slice(2);
const batchSize = Number(size);
const texts = Array.from({ length: Number(count) }, (_, id) => `Product text number ${id}`);
const batches = Array.from({ length: Math.ceil(texts.length / batchSize) }, (_, index) =>
	texts.slice(index * batchSize, (index + 1) * batchSize),
);
const translations: string[][] = [];

interface Answer {
	data: { items: Array<{ text: string }> };
}

async function translate(batch: string[], index: number): Promise<void> {
	const response = await fetch(`${baseUrl}/openapi/v1/task/translate/create`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${apiKey}`,
			'Content-Type': 'application/json',
			'X-Idempotency-Key': `${run}-${index}`,
		},
		body: JSON.stringify({
			language: { source: 'en-US', target: 'de-DE' },
			segments: batch.map((text) => ({ text })),
		}),
	});
	const { data } = (await response.json()) as Answer;
	translations[index] = data.items.map(({ text }) => text);
}

async function main(): Promise<void> {
	const started = performance.now();
	let next = 0;
	const work = async () => {
		for (let index = next++; index < batches.length; index = next++) await translate(batches[index] ?? [], index);
	};
	await Promise.all(Array.from({ length: Number(concurrency) }, work));
	const ms = performance.now() - started;
	if (translations.flat().join() !== texts.map((text) => `[de-DE] ${text}`).join()) {
		throw new Error('The translations are not those of the texts');
	}
	console.log(ms);
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
