import { Credits } from './credits';
import { Faults } from './faults';
import { IdempotencyKeys } from './idempotency';
import { Journal } from './journal';
import type { Log } from './log';
import { Materials } from './materials';
import { Ids } from './random';
import type { Settings } from './settings';
import { ObjectStore } from './storage';
import { Tasks } from './tasks';
import { Voices } from './voices';
import { Webhooks } from './webhooks';

/** The whole state of one sandbox. */
export class Vmeg {
	/** Set when the server listens. */
	url = '';
	readonly journal = new Journal();
	readonly faults = new Faults();
	readonly keys: IdempotencyKeys;
	readonly credits: Credits;
	readonly store: ObjectStore;
	readonly webhooks: Webhooks;
	readonly tasks: Tasks;
	readonly materials: Materials;
	readonly voices: Voices;

	constructor(
		readonly apiKey: string,
		readonly settings: Settings,
		readonly log: Log,
		webhook: { url: string | undefined; secret: string },
		credits: number,
		seed: number | undefined,
	) {
		const ids = new Ids(seed);
		this.keys = new IdempotencyKeys(settings);
		this.credits = new Credits(credits);
		this.store = new ObjectStore(() => this.url, ids);
		this.webhooks = new Webhooks(webhook.url, webhook.secret, settings, this.faults, this.journal, log);
		this.tasks = new Tasks(ids, this.webhooks, log);
		this.materials = new Materials(ids, this.store, settings);
		this.voices = new Voices(ids, this.store);
	}

	/** Forgets tasks, materials, clones, keys, faults, the journal and charges. Settings and webhook stay. */
	async reset(): Promise<void> {
		this.webhooks.cancel();
		this.tasks.clear();
		this.keys.clear();
		this.faults.clear();
		this.voices.clear();
		this.credits.reset();
		this.journal.clear();
		await this.materials.clear();
	}
}
