import type { INodeProperties } from 'n8n-workflow';

import { toNodeError } from '../../api/failure';
import type { Failure } from '../../api/failure';
import { callOptionsOf, locatorValue, optionsOf, parameterError } from '../common/parameters';
import type { CallOptions } from '../common/parameters';
import type { Session } from '../common/session';

/** A field for a voice, with a picker that is filled by the given search. */
export function voiceField(
	searchListMethod: 'searchVoices' | 'searchClonedVoices',
	more: Pick<INodeProperties, 'description' | 'hint' | 'required'>,
): INodeProperties {
	return {
		displayName: 'Voice',
		name: 'voiceId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. cv_123' },
		],
		...more,
	};
}

/** The cloned voice that an operation is about. */
export const clonedVoiceField = voiceField('searchClonedVoices', {
	required: true,
	description: 'A voice that was cloned through the API',
});

/** What one item asks for. */
export interface VoicePlan {
	voiceId: string;
	call: CallOptions;
}

/** Reads the cloned voice and the call options of an item. */
export function planVoice(session: Session, itemIndex: number): VoicePlan {
	const { context } = session;
	const voiceId = locatorValue(context, itemIndex, 'voiceId', 'Voice');
	if (voiceId.startsWith('sv_')) {
		const problem = `is the system voice ${voiceId}; only cloned voices (cv_…) are your own to change`;
		throw parameterError(context, itemIndex, 'Voice', problem);
	}
	return { voiceId, call: callOptionsOf(context, itemIndex, optionsOf(context, itemIndex)) };
}

/** The error of an item whose call about a voice was refused. */
export function voiceError(session: Session, itemIndex: number, voiceId: string, failure: Failure) {
	const subject = `Item ${itemIndex}, voice ${voiceId}`;
	return toNodeError(session.context.getNode(), failure, { subject, itemIndex });
}
