import type { JsonObject } from './types';

/** In a text: this line comes back with `errorMessage`. In `extraData` or a source name: the task fails. */
export const failMarker = '{{fail}}';
/** The same as `{{fail}}` for file names and URLs, where braces are inconvenient. */
export const failNameMarker = 'sandbox-fail';
/** In a text: the whole request is refused with 422. */
export const refuseMarker = '{{refuse}}';

/** Whether a task was told to fail by its `extraData` or by the name of its source. */
export function mustFail(extraData: JsonObject | undefined, ...names: string[]): boolean {
	if (extraData !== undefined && JSON.stringify(extraData).includes(failMarker)) return true;
	return names.some((name) => name.includes(failMarker) || name.includes(failNameMarker));
}
