/** The journeys on n8n as most people run it: one process, SQLite. */
import { startN8nWithPackage } from './harness/handover';
import { journeys } from './suites/journeys';

journeys(startN8nWithPackage);
