/** How much memory n8n needs for many rows: with this node, with HTTP Request, and for the rows alone. */
import { MiB } from './lib/figures';
import type { Row, Section } from './lib/report';
import { onStage, runRows } from './lib/stage';
import type { Kit } from './lib/stage';
import { editFieldsNode, httpRequestNode, vmegNode } from './lib/workflows';

/** HTTP Request holds a connection open for each row: more rows than this are not sent at once. */
const MOST_AT_ONCE = 10_000;

/** The peak of n8n's resident memory above idle, a fresh n8n for each figure. */
export async function benchMemory(kit: Kit, { counts }: { counts: number[] }): Promise<Section> {
	const rows: Row[] = [];
	for (const count of counts) {
		const rise = async (kind: 'rows' | 'fields' | 'vmeg' | 'http'): Promise<number> =>
			await onStage(kit, async (stage) => {
				const { credential, server } = stage;
				await server.prepare(0);
				const measured = {
					rows: undefined,
					fields: editFieldsNode(),
					vmeg: vmegNode(credential),
					http: httpRequestNode(credential, server.url),
				}[kind];
				const run = await runRows(stage, count, measured);
				kit.log(`  ${count} rows, ${measured?.name ?? 'rows alone'}: ${Math.round(run.rise / MiB)} MiB above idle`);
				return run.rise;
			});
		const alone = await rise('rows');
		const fields = await rise('fields');
		const vmeg = await rise('vmeg');
		const http = count <= MOST_AT_ONCE ? await rise('http') : NaN;
		rows.push({
			rows: count,
			'rows alone MiB': alone / MiB,
			'Edit Fields MiB': fields / MiB,
			'VMEG MiB': vmeg / MiB,
			'HTTP Request MiB': http / MiB,
			'VMEG bytes per row': vmeg / count,
			'of them beyond the rows alone': (vmeg - alone) / count,
		});
	}
	return {
		title: 'Memory',
		notes: [
			"The highest resident memory of n8n's process during one execution, above what it was before, in an n8n that has just been started; a server that answers at once.",
			'Edit Fields reads one expression for each row and puts out as many items, as this node does.',
			'"Rows alone" is the same workflow without the measured node. n8n keeps the output of every node and writes it to its database at the end, which counts too.',
		],
		rows,
	};
}
