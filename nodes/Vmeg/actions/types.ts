import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Session } from './common/session';

/** One operation: its fields in the panel, and what it does with the items of a run. */
export interface Operation {
	fields: INodeProperties[];
	execute(session: Session): Promise<INodeExecutionData[]>;
}
