/** Every operation on n8n as most people run it: one process, SQLite. */
import { releaseUnderTest, startN8nWithPackage } from './harness/handover';
import { operations, type BinaryMode } from './suites/operations';

const MODES: BinaryMode[] = ['filesystem', 'database'];

operations(startN8nWithPackage, releaseUnderTest() === 'legacy' ? ['default', ...MODES] : MODES);
