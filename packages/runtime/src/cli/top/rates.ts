/** How much was counted between two answers of one server or queue. Pure. */
import type { Figures, QueueFigures, ServerFigures } from "./figures.js";

type Counts = Readonly<Record<string, unknown>>;

/** Per second. */
export type Rates<Names extends string> = Readonly<Record<Names, number>>;

const ofServer = [
	"served",
	"failed",
	"refused",
	"surprises",
	"malformed",
	"droppedFollowUps",
	"droppedCallbacks",
] as const;
const ofMethod = ["served", "failed", "refused", "surprises"] as const;
const ofPeer = ["surprises"] as const;
const ofQueue = [
	"dispatched",
	"answered",
	"failed",
	"refused",
	"expired",
	"cancelled",
	"redelivered",
	"returned",
	"lost",
	"poisoned",
	"droppedReplies",
	"droppedFollowUps",
	"malformed",
] as const;
const ofService = ["dispatched", "answered", "failed"] as const;
const ofWorker = ["served", "failed"] as const;

export interface ServerRates extends Rates<(typeof ofServer)[number]> {
	readonly methods: Readonly<Record<string, Rates<(typeof ofMethod)[number]>>>;
	/** In the order of the figures. */
	readonly surprisingPeers: readonly Rates<(typeof ofPeer)[number]>[];
}

export interface QueueRates extends Rates<(typeof ofQueue)[number]> {
	readonly services: Readonly<Record<string, Rates<(typeof ofService)[number]>>>;
	/** In the order of the figures. */
	readonly workers: readonly Rates<(typeof ofWorker)[number]>[];
}

/** Figures, and what they have grown by a second. */
export type Reading = ReadingOf<ServerFigures, ServerRates> | ReadingOf<QueueFigures, QueueRates>;

interface ReadingOf<F extends Figures, R> {
	/** Between the two answers, by the clock of whoever gave them. Unit: s. */
	readonly seconds: number;
	readonly perSecond: R;
	readonly stats: F;
}

/** Whether the later answer goes on from the earlier one: a server that was started anew counts from zero. */
export function isContinued(before: Figures, after: Figures): boolean {
	return before.instance === after.instance && before.role === after.role && after.uptimeMs > before.uptimeMs;
}

/** `before` and `after` are of one server or queue: see `isContinued`. */
export function compare(before: Figures, after: Figures): Reading {
	const seconds = (after.uptimeMs - before.uptimeMs) / 1000;
	if (after.role === "server") {
		return { seconds, perSecond: ratesOfServer(before as ServerFigures, after, seconds), stats: after };
	}
	return { seconds, perSecond: ratesOfQueue(before as QueueFigures, after, seconds), stats: after };
}

function ratesOfServer(before: ServerFigures, after: ServerFigures, seconds: number): ServerRates {
	const known = new Map(before.surprisingPeers.map((peer) => [nameOf(peer), peer]));
	return {
		...rates(ofServer, before, after, seconds),
		methods: ratesByName(ofMethod, before.methods, after.methods, seconds),
		surprisingPeers: after.surprisingPeers.map((peer) => rates(ofPeer, known.get(nameOf(peer)), peer, seconds)),
	};
}

function ratesOfQueue(before: QueueFigures, after: QueueFigures, seconds: number): QueueRates {
	const known = new Map(before.workers.map((worker) => [nameOf(worker), worker]));
	return {
		...rates(ofQueue, before, after, seconds),
		services: ratesByName(ofService, before.services, after.services, seconds),
		workers: after.workers.map((worker) => rates(ofWorker, known.get(nameOf(worker)), worker, seconds)),
	};
}

function nameOf({ address, ...other }: { readonly address: string; readonly [name: string]: unknown }): string {
	return `${other["instance"] ?? other["userId"] ?? ""} ${address}`;
}

function ratesByName<Names extends string>(
	names: readonly Names[],
	before: Readonly<Record<string, Counts>>,
	after: Readonly<Record<string, Counts>>,
	seconds: number,
): Record<string, Rates<Names>> {
	const known = new Map(Object.entries(before));
	return Object.fromEntries(
		Object.entries(after).map(([name, counts]) => [name, rates(names, known.get(name), counts, seconds)]),
	);
}

/** Whoever was not there before, or has less than then, has begun at zero meanwhile. */
function rates<Names extends string>(
	names: readonly Names[],
	before: Counts | undefined,
	after: Counts,
	seconds: number,
): Rates<Names> {
	const rate = (name: string) => {
		const [earlier, later] = [(before?.[name] ?? 0) as number, after[name] as number];
		return Math.round(((later >= earlier ? later - earlier : later) / seconds) * 1000) / 1000;
	};
	return Object.fromEntries(names.map((name) => [name, rate(name)])) as Rates<Names>;
}
