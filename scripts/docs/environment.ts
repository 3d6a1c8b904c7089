/**
 * To be imported before anything of n8n: n8n-core reads its user folder when it is first loaded, and
 * must not find that of whoever makes the pages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'vmeg-docs-'));
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_EXPRESSION_ENGINE = 'legacy';
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
