/** The journeys and operations on one n8n process with PostgreSQL. */
import { journeys } from '../suites/journeys';
import { operations } from '../suites/operations';
import { describeOnServices, startPackageOnPostgres } from './handover';

describeOnServices('one process on PostgreSQL', () => {
	describe('journeys', () => journeys(startPackageOnPostgres));
	describe('operations', () => operations(startPackageOnPostgres, ['filesystem', 'database']));
});
