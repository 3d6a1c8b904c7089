/** The recipes on n8n as most people run it: one process, SQLite. */
import { startN8nWithPackage } from './harness/handover';
import { recipes } from './suites/recipes';

recipes(startN8nWithPackage);
