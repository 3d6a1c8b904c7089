/** Waiting without a worker, on one n8n with SQLite. On n8n 1.x the node polls, and says why. */
import { startN8nWithPackage } from './harness/handover';
import { waitWebhook } from './wait-webhook.suite';

waitWebhook(startN8nWithPackage);
