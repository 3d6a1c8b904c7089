import type { SpeechLine } from '../../api/contract';
import { endpoints } from '../../api/endpoints';
import { gather } from '../common/batches';
import type { Batch, Planned } from '../common/batches';
import type { Session } from '../common/session';
import type { SpeechPlan } from './request';

/** Longest time for looking up one voice, retries included. */
const LOOK_UP_MS = 30_000;

/** The engine of a system voice; null where VMEG did not say. */
type Engines = ReadonlyMap<string, string | null>;

const SYSTEM = 'system voices';

/**
 * Lines that may share a request (API contract §4): system and cloned voices never do. What speaks
 * a line without a voice, or one with a sample of a voice, the contract leaves open; such lines keep
 * to themselves, so that they can neither mix kinds nor meet another engine.
 */
function kindOf({ voiceId, timbreRefAudio }: SpeechLine): string {
	if (timbreRefAudio !== undefined) return 'voice samples';
	if (voiceId === undefined) return 'no voice';
	if (voiceId.startsWith('cv_')) return 'cloned voices';
	return voiceId.startsWith('sv_') ? SYSTEM : `voice ${voiceId}`;
}

/** The kind and, for a system voice, its engine; the voice itself where the engine is not known. */
function groupOf(line: SpeechLine, engines: Engines): string {
	const kind = kindOf(line);
	if (kind !== SYSTEM || line.voiceId === undefined) return kind;
	const engine = engines.get(line.voiceId);
	return engine ? `${SYSTEM} of ${engine}` : `voice ${line.voiceId}`;
}

/** The different system voices of a batch. */
const systemVoicesOf = ({ lines }: Batch<Planned<SpeechPlan>>): Set<string> =>
	new Set(
		lines.flatMap(({ plan: { line } }) =>
			line.voiceId !== undefined && kindOf(line) === SYSTEM ? [line.voiceId] : [],
		),
	);

async function lookUpEngine(session: Session, voiceId: string): Promise<string | null> {
	// kept for the next try under Retry On Fail, also where the look-up failed: other batches there
	// would meet the keys of these
	const key = `engine of ${voiceId}`;
	const kept = session.accepted.get(key);
	if (typeof kept === 'string' || kept === null) return kept;

	const answer = await session.client.send(
		endpoints.listSystemVoices,
		{ voiceId, currentPage: 1, pageSize: 1 },
		{ timeoutMs: LOOK_UP_MS, deadlineMs: Date.now() + LOOK_UP_MS },
	);
	const records = answer.ok ? (answer.data.records ?? []) : [];
	const engine = records.find((record) => record.voiceId === voiceId)?.provider ?? null;
	session.accepted.set(key, engine);
	return engine;
}

/**
 * Gathers lines into requests that VMEG takes: 50 lines at most, system voices of one engine each.
 *
 * A line names its voice, not the engine of it, so engines are asked of the voice list: once for each
 * voice, and only where different system voices would meet in a request. A failed look-up fails no
 * item: such a voice gets requests of its own, which costs more of them but is always right.
 */
export async function toSpeechBatches<P extends SpeechPlan>(
	session: Session,
	planned: Array<Planned<P>>,
): Promise<Array<Batch<Planned<P>>>> {
	const batches = gather(planned, ({ line }) => kindOf(line));
	const meeting = batches.map(systemVoicesOf).filter(({ size }) => size > 1);
	if (meeting.length === 0) return batches;

	const voiceIds = [...new Set(meeting.flatMap((voices) => [...voices]))];
	const engines = new Map(
		await Promise.all(
			voiceIds.map(
				async (voiceId) => [voiceId, await lookUpEngine(session, voiceId)] as const,
			),
		),
	);
	return gather(planned, ({ line }) => groupOf(line, engines));
}
