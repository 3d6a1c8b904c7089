import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './http';

/** The page for a person at `GET /`; it reads `/_sandbox/state` by itself. */
export function page(): Answer {
	return {
		status: 200,
		headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
		body: readFileSync(join(__dirname, 'page.html'), 'utf8'),
	};
}
