/** Texts at scale on n8n as most people run it: one process, SQLite. */
import { startN8nWithPackage } from './harness/handover';
import { texts } from './suites/texts';

texts(startN8nWithPackage);
