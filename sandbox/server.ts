import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { handleApi } from './api';
import { handleControl } from './control';
import type { Answer } from './http';
import { send } from './http';
import { page } from './page';
import { allRoutes } from './routes';
import { handleStorage } from './storage-server';
import type { Vmeg } from './vmeg';

export interface RunningServer {
	url: string;
	close(): Promise<void>;
}

/** Listens and hands each request to the API, object storage, the control API or the page. */
export async function listen(vmeg: Vmeg, host: string, port: number): Promise<RunningServer> {
	const routes = allRoutes(vmeg);
	const server = createServer((request, response) => {
		response.on('error', () => undefined);
		dispatch(request, response).catch((error: unknown) => {
			vmeg.log.note(`error in the sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
			if (response.headersSent) response.destroy();
			else send(response, internalError(error));
		});
	});
	// Large uploads and stalled ones take as long as they take.
	server.requestTimeout = 0;
	server.keepAliveTimeout = 30_000;
	server.listen(port, host);
	await once(server, 'listening');
	return { url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`, close: () => close(server) };

	async function dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = parseUrl(request.url);
		if (url === undefined) send(response, notFound);
		else if (url.pathname.startsWith('/openapi/')) await handleApi(vmeg, routes, request, response, url);
		else if (url.pathname.startsWith('/storage/')) await handleStorage(vmeg, request, response, url);
		else if (url.pathname.startsWith('/_sandbox/')) await handleControl(vmeg, request, response, url);
		else if (url.pathname === '/' && request.method === 'GET') send(response, page());
		else send(response, notFound);
	}
}

const notFound: Answer = {
	status: 404,
	headers: { 'Content-Type': 'application/json' },
	body: JSON.stringify({ code: 404, message: 'Not found', data: null }),
};

function internalError(error: unknown): Answer {
	const message = `Sandbox error: ${error instanceof Error ? error.message : String(error)}`;
	return {
		status: 500,
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ code: 500, message, data: null }),
	};
}

function parseUrl(path: string | undefined): URL | undefined {
	return URL.canParse(`http://sandbox${path ?? ''}`) ? new URL(`http://sandbox${path ?? ''}`) : undefined;
}

function portOf(server: Server): number {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The sandbox has no port');
	return address.port;
}

async function close(server: Server): Promise<void> {
	const closed = once(server, 'close');
	server.close();
	server.closeAllConnections();
	await closed;
}
