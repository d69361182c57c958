/** What waiting costs: a call on the client's side, an idle connection on the server's. */
import { Child } from "../children/child.js";
import { program } from "../children/paths.js";
import { differ, type Footprint } from "../load/footprint.js";
import type { Ready } from "../load/messages.js";
import { showProgress } from "../report/note.js";

const pendingCalls = 100_000;
const idleConnections = 1000;
/** What the project allows itself. Unit: bytes. */
const bounds = { pendingCall: 600, idleConnection: 30 * 1024 } as const;
const timeoutMs = 60_000;

export interface MemoryFigure extends Footprint {
	readonly what: string;
	readonly count: number;
	readonly boundBytes: number;
}

export async function runMemory(): Promise<readonly MemoryFigure[]> {
	showProgress(`memory: ${pendingCalls} calls pending`);
	const pending = await measurePendingCalls();
	showProgress(`memory: ${idleConnections} idle connections`);
	return [pending, await measureIdleConnections()];
}

async function measurePendingCalls(): Promise<MemoryFigure> {
	const server = new Child("silent server", program("silent-server"));
	let client: Child | undefined;
	try {
		const { port } = await server.next<Ready>(timeoutMs);
		const flags = ["--port", String(port), "--in-flight", String(pendingCalls)];
		client = new Child("client with pending calls", program("pending-client", flags, ["--expose-gc"]));
		const result = await client.next<Footprint & { count: number }>(timeoutMs);
		if (result.count !== pendingCalls) throw new Error(`${result.count} calls are pending, not ${pendingCalls}`);
		return { what: "pending call, at its client", boundBytes: bounds.pendingCall, ...result };
	} finally {
		await Promise.all([client?.stop(), server.stop()]);
	}
}

async function measureIdleConnections(): Promise<MemoryFigure> {
	const server = new Child("server with idle connections", program("idle-server", [], ["--expose-gc"]));
	const clients: Child[] = [];
	const open = async (port: number, count: number) => {
		const client = new Child(
			"idle client",
			program("idle-client", ["--port", String(port), "--in-flight", String(count)]),
		);
		clients.push(client);
		await client.next(timeoutMs);
	};
	try {
		const { port } = await server.next<Ready>(timeoutMs);
		// One first, so that what the server needs only once is in the figure before.
		await open(port!, 1);
		const before = await server.ask<Footprint>("footprint", timeoutMs);
		await open(port!, idleConnections);
		const after = await server.ask<Footprint & { peers: number }>("footprint", timeoutMs);
		if (after.peers !== idleConnections + 1) throw new Error(`${after.peers} peers, not ${idleConnections + 1}`);
		return {
			what: "idle connection, at its server",
			boundBytes: bounds.idleConnection,
			count: idleConnections,
			...differ(after, before, idleConnections),
		};
	} finally {
		await Promise.all([...clients, server].map((child) => child.stop()));
	}
}
