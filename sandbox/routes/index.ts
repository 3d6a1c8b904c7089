import type { Vmeg } from '../vmeg';
import { materialRoutes } from './materials';
import { mediaRoutes } from './media';
import type { Route } from './route';
import { speechRoutes } from './speech';
import { taskRoutes } from './tasks';
import { textRoutes } from './text';
import { voiceRoutes } from './voices';

/** Path → method → route. */
export type RouteTable = ReadonlyMap<string, ReadonlyMap<string, Route>>;

/** The whole API. */
export function allRoutes(vmeg: Vmeg): RouteTable {
	const table = new Map<string, Map<string, Route>>();
	for (const route of [
		...textRoutes(vmeg),
		...mediaRoutes(vmeg),
		...speechRoutes(vmeg),
		...taskRoutes(vmeg),
		...materialRoutes(vmeg),
		...voiceRoutes(vmeg),
	]) {
		const methods = table.get(route.path) ?? new Map<string, Route>();
		table.set(route.path, methods.set(route.method, route));
	}
	return table;
}
