/** What `homing.stats` says, as far as it is shown: whoever answers is believed nothing but what has this form. */
import * as z from "zod";
import type { Connection } from "../../client/connection.js";
import { RpcError } from "../../errors.js";
import { homingDescriptor, type Pong } from "../../reserved/homing.js";

const count = z.number();

const common = {
	instance: z.string(),
	uptimeMs: count,
	malformed: count,
	refused: count,
	failed: count,
	waiting: count,
};

const serverFigures = z.looseObject({
	role: z.literal("server"),
	...common,
	running: count,
	delegated: count,
	served: count,
	peers: count,
	droppedFollowUps: count,
	droppedCallbacks: count,
	surprises: count,
	surprisingPeers: z.array(
		z.looseObject({ address: z.string(), userId: z.string().optional(), method: z.string(), surprises: count }),
	),
	methods: z.record(
		z.string(),
		z.looseObject({ running: count, served: count, failed: count, refused: count, surprises: count }),
	),
});

const queueFigures = z.looseObject({
	role: z.literal("queue"),
	...common,
	dispatched: count,
	answered: count,
	redelivered: count,
	returned: count,
	lost: count,
	poisoned: count,
	expired: count,
	cancelled: count,
	droppedReplies: count,
	droppedFollowUps: count,
	clients: count,
	waitingBytes: count,
	inFlight: count,
	delegated: count,
	upstream: z.array(z.looseObject({ address: z.string(), state: z.string() })),
	workers: z.array(
		z.looseObject({
			address: z.string(),
			instance: z.string(),
			state: z.string(),
			services: z.array(z.string()),
			concurrency: count,
			inFlight: count,
			served: count,
			failed: count,
			silentMs: count.optional(),
		}),
	),
	services: z.record(
		z.string(),
		z.looseObject({
			workers: count,
			places: count,
			inFlight: count,
			waiting: count,
			setAside: count,
			dispatched: count,
			answered: count,
			failed: count,
		}),
	),
});

export type ServerFigures = z.infer<typeof serverFigures>;
export type QueueFigures = z.infer<typeof queueFigures>;
export type Figures = ServerFigures | QueueFigures;

const figures = z.discriminatedUnion("role", [serverFigures, queueFigures]);

/** Asks whoever is there. Rejects with an `RpcError`. */
export async function askFigures(connection: Connection, signal?: AbortSignal): Promise<Figures> {
	const said: Pong = await connection.call(homingDescriptor.methods.stats, [], { ...(signal && { signal }) });
	const read = figures.safeParse(said);
	if (read.success) return read.data;
	const [issue] = read.error.issues;
	throw new RpcError(
		"FAILED_PRECONDITION",
		`homing.stats is answered in another form than this version of homing top knows (${issue!.path.join(".")}: ${issue!.message}); homing stats prints it as it is`,
	);
}
