import { safeFileName } from '../../api/fileName';
import { deliverablesField, downloader, downloadOptionFields, planDownload, subtitleFormatField } from '../common/downloading';
import { optionsField, simplifyField, waitOptions } from '../common/fields';
import { perItemWithFiles } from '../common/items';
import { optionsOf } from '../common/parameters';
import type { Session } from '../common/session';
import { taskItem, waitFor } from '../common/waiting';
import type { Operation } from '../types';
import { mediaFields, mediaOptionFields, planMedia, submitMedia } from './request';
import type { MediaPlan } from './request';

const downloadOption = {
	...deliverablesField,
	displayName: 'Download',
	name: 'download',
	default: [],
	description: `${deliverablesField.description} Empty, nothing is fetched: the item then has the links only.`,
};

/** What the source is called, where that is known. */
function sourceName({ items }: Session, itemIndex: number, plan: MediaPlan): string | undefined {
	if (plan.upload !== undefined) return items[itemIndex]?.binary?.[plan.upload]?.fileName;
	const { source } = plan.request;
	if (!('sourceUrl' in source)) return undefined;
	const last = new URL(source.sourceUrl).pathname.split('/').pop() ?? '';
	return last === '' ? undefined : safeFileName(decoded(last));
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Translates a video or audio and waits for its deliverables (API contract §3, §6). */
export const submitAndWait: Operation = {
	fields: [
		...mediaFields,
		simplifyField,
		optionsField([
			...mediaOptionFields,
			...waitOptions,
			downloadOption,
			subtitleFormatField,
			...downloadOptionFields,
		]),
	],
	async execute(session) {
		const { context } = session;
		const fetchFiles = downloader(session);
		return await perItemWithFiles(
			session,
			(itemIndex) => {
				const options = optionsOf(context, itemIndex);
				const given = { ...options, deliverables: options.download };
				return {
					...planMedia(session, itemIndex),
					simplify: context.getNodeParameter('simplify', itemIndex, true) === true,
					download: planDownload(session, itemIndex, given, 'Download'),
				};
			},
			async (plan, itemIndex, total) => {
				const place = { itemIndex, total };
				const { taskId } = await submitMedia(session, 'media.submitAndWait', plan, place);
				const task = await waitFor(session, itemIndex, taskId, plan.call);
				const item = taskItem(task, plan.simplify);
				if (plan.download.deliverables.length === 0) return [{ json: item }];
				const name = sourceName(session, itemIndex, plan);
				const { binary, json } = await fetchFiles(itemIndex, task, plan.download, name);
				return [{ json: { ...item, ...json }, binary }];
			},
		);
	},
};
