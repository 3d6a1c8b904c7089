/** The journeys and operations in queue mode, where files are kept in the database for all processes. */
import { journeys } from '../suites/journeys';
import { operations } from '../suites/operations';
import { recipes } from '../suites/recipes';
import { describeOnServices, startPackageInQueueMode } from './handover';

describeOnServices('queue mode', () => {
	describe('journeys', () => journeys(startPackageInQueueMode));
	describe('operations', () => operations(startPackageInQueueMode, ['database']));
	describe('recipes', () => recipes(startPackageInQueueMode));
});
