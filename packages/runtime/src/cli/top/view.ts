/** A reading as people look at it: what concerns all first, then tables, each in the order that is asked for. Pure. */
import type { QueueFigures, ServerFigures } from "./figures.js";
import { inOrder, type SortKey } from "./order.js";
import type { QueueRates, Reading, ServerRates } from "./rates.js";
import { formatBytes, formatCount, formatRate, formatTime, layTable, number, plain, text } from "./table.js";

export interface View {
	/** Line by line, what may be broken between. */
	readonly summary: readonly (readonly string[])[];
	/** Each begins with the line of its titles. */
	readonly tables: readonly (readonly string[])[];
}

export function viewOf(reading: Reading, sort: SortKey): View {
	return reading.stats.role === "server"
		? viewOfServer(reading.stats, reading.perSecond as ServerRates, sort)
		: viewOfQueue(reading.stats, reading.perSecond as QueueRates, sort);
}

function viewOfServer(stats: ServerFigures, rates: ServerRates, sort: SortKey): View {
	const tables = [methodsOf(stats, rates, sort)];
	if (stats.surprisingPeers.length > 0) tables.push(surprisersOf(stats, rates));
	return {
		summary: [
			[
				`calls ${formatRate(rates.served)}/s`,
				`errors ${formatRate(rates.failed)}/s`,
				`refused ${formatRate(rates.refused)}/s`,
				`running ${formatCount(stats.running)}`,
				`waiting ${formatCount(stats.waiting)}`,
				`delegated ${formatCount(stats.delegated)}`,
				`peers ${formatCount(stats.peers)}`,
			],
			[
				`surprises ${formatRate(rates.surprises)}/s, ${formatCount(stats.surprises)} in all`,
				`dropped follow-ups ${formatCount(stats.droppedFollowUps)}, callbacks ${formatCount(stats.droppedCallbacks)}`,
				`malformed ${formatCount(stats.malformed)}`,
			],
		],
		tables,
	};
}

function methodsOf({ methods }: ServerFigures, rates: ServerRates, sort: SortKey): string[] {
	const rows = Object.entries(methods).map(([name, counts]) => {
		const rate = rates.methods[name]!;
		const ranks = {
			calls: [rate.served, counts.running],
			errors: [rate.failed, counts.failed],
			refused: [rate.refused, counts.refused],
			running: [counts.running],
			surprises: [rate.surprises, counts.surprises],
		};
		return { name, counts, rate, ranks };
	});
	return layTable(
		[
			text("METHOD"),
			number("CALLS/S"),
			number("ERRORS/S"),
			number("REFUSED/S"),
			number("RUNNING"),
			number("SURPRISES/S"),
			number("CALLS"),
			number("ERRORS"),
			number("SURPRISES"),
		],
		inOrder(rows, sort).map(({ name, counts, rate }) => [
			plain(name),
			formatRate(rate.served),
			formatRate(rate.failed),
			formatRate(rate.refused),
			formatCount(counts.running),
			formatRate(rate.surprises),
			formatCount(counts.served),
			formatCount(counts.failed),
			formatCount(counts.surprises),
		]),
	);
}

function surprisersOf({ surprisingPeers }: ServerFigures, rates: ServerRates): string[] {
	const rows = surprisingPeers
		.map((peer, at) => ({ peer, rate: rates.surprisingPeers[at]!.surprises }))
		.sort((one, other) => other.rate - one.rate || other.peer.surprises - one.peer.surprises);
	return layTable(
		[text("SURPRISES FROM"), number("SURPRISES/S"), number("SURPRISES"), text("LAST METHOD")],
		rows.map(({ peer, rate }) => [
			plain(peer.userId === undefined ? peer.address : `${peer.address} (${peer.userId})`),
			formatRate(rate),
			formatCount(peer.surprises),
			plain(peer.method),
		]),
	);
}

function viewOfQueue(stats: QueueFigures, rates: QueueRates, sort: SortKey): View {
	const tables = [servicesOf(stats, rates, sort), workersOf(stats, rates, sort)];
	if (stats.upstream.length > 0) {
		tables.push(
			layTable(
				[text("JOINED QUEUE"), text("STATE")],
				stats.upstream.map(({ address, state }) => [plain(address), plain(state)]),
			),
		);
	}
	return {
		summary: [
			[
				`calls ${formatRate(rates.answered)}/s`,
				`errors ${formatRate(rates.failed)}/s`,
				`refused ${formatRate(rates.refused)}/s`,
				`in flight ${formatCount(stats.inFlight)}`,
				`waiting ${formatCount(stats.waiting)} (${formatBytes(stats.waitingBytes)})`,
				`delegated ${formatCount(stats.delegated)}`,
				`clients ${formatCount(stats.clients)}`,
			],
			[
				`expired ${formatCount(stats.expired)}`,
				`cancelled ${formatCount(stats.cancelled)}`,
				`redelivered ${formatCount(stats.redelivered)}`,
				`lost ${formatCount(stats.lost)}`,
				`poisoned ${formatCount(stats.poisoned)}`,
				`dropped replies ${formatCount(stats.droppedReplies)}, follow-ups ${formatCount(stats.droppedFollowUps)}`,
				`malformed ${formatCount(stats.malformed)}`,
			],
		],
		tables,
	};
}

function servicesOf({ services }: QueueFigures, rates: QueueRates, sort: SortKey): string[] {
	const rows = Object.entries(services).map(([name, counts]) => {
		const rate = rates.services[name]!;
		const ranks = {
			calls: [rate.answered, counts.waiting],
			errors: [rate.failed, counts.failed],
			running: [counts.inFlight],
			waiting: [counts.waiting],
		};
		return { name, counts, rate, ranks };
	});
	return layTable(
		[
			text("SERVICE"),
			number("CALLS/S"),
			number("ERRORS/S"),
			number("WORKERS"),
			number("PLACES"),
			number("IN FLIGHT"),
			number("WAITING"),
			number("SET ASIDE"),
			number("CALLS"),
			number("ERRORS"),
		],
		inOrder(rows, sort).map(({ name, counts, rate }) => [
			plain(name),
			formatRate(rate.answered),
			formatRate(rate.failed),
			formatCount(counts.workers),
			formatCount(counts.places),
			formatCount(counts.inFlight),
			formatCount(counts.waiting),
			formatCount(counts.setAside),
			formatCount(counts.answered),
			formatCount(counts.failed),
		]),
	);
}

function workersOf({ workers }: QueueFigures, rates: QueueRates, sort: SortKey): string[] {
	const rows = workers.map((worker, at) => {
		const rate = rates.workers[at]!;
		const ranks = {
			calls: [rate.served, worker.inFlight],
			errors: [rate.failed, worker.failed],
			running: [worker.inFlight],
		};
		return { name: worker.address, worker, rate, ranks };
	});
	return layTable(
		[
			text("WORKER"),
			text("INSTANCE"),
			text("STATE"),
			number("SILENT"),
			number("IN FLIGHT"),
			number("CREDIT"),
			number("CALLS/S"),
			number("ERRORS/S"),
			number("CALLS"),
			number("ERRORS"),
			text("SERVICES"),
		],
		inOrder(rows, sort).map(({ worker, rate }) => [
			plain(worker.address),
			plain(worker.instance),
			plain(worker.state),
			worker.silentMs === undefined ? "-" : formatTime(worker.silentMs),
			formatCount(worker.inFlight),
			formatCount(worker.concurrency),
			formatRate(rate.served),
			formatRate(rate.failed),
			formatCount(worker.served),
			formatCount(worker.failed),
			plain(worker.services.join(" ")),
		]),
	);
}
