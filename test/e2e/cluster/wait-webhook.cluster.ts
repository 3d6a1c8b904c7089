/** Waiting without a worker in queue mode: parked by a worker, woken through a webhook processor. */
import { waitWebhook } from '../wait-webhook.suite';
import { describeOnServices, startPackageInQueueMode } from './handover';

describeOnServices('queue mode', () => waitWebhook(startPackageInQueueMode));
