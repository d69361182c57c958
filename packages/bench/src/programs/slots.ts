/**
 * How a reply finds its call: a slot whose index travels with it, against a Map from sequence numbers. Both write the
 * address where a message would carry it and read it back from there. A window of calls is in flight, and replies come
 * in the order of the calls, as they do from one server, or in any.
 *
 * The parts of the runtime are taken from its build: they are internal to it and no package exports them.
 */
import { setImmediate as turn } from "node:timers/promises";
import "../load/parent.js";
import { tell } from "../load/messages.js";
import { median } from "../statistics.js";

interface Slotted {
	slot: number;
	generation: number;
}

interface SlotTable {
	add(entry: Slotted): boolean;
	find(buffer: Uint8Array, start: number, end: number): Slotted | undefined;
	remove(entry: Slotted): void;
}

/** What writing a token asks of a message's writer. */
interface FrameWriter {
	readonly buffer: Uint8Array;
	reserve(size: number): void;
	openFrame(): number;
	closeFrame(bodyEnd: number): void;
}

type WriteToken = (writer: FrameWriter, index: number, generation: number) => void;

const runtime = new URL("../../../runtime/dist/", import.meta.url);
const { SlotTable } = (await import(new URL("reply-channel/slots.js", runtime).href)) as {
	SlotTable: new () => SlotTable;
};
const { writeToken } = (await import(new URL("protocol/token.js", runtime).href)) as { writeToken: WriteToken };

const tokenBytes = 8;
const callsPerRound = 500_000;
const rounds = 15;

/** Sends a call and returns nothing; receives the reply at a place of the window. */
interface Table {
	send(place: number): void;
	receive(place: number): void;
}

function withSlots(window: number): Table {
	const table = new SlotTable();
	const wire = new Uint8Array(window * tokenBytes);
	let end = 0;
	const writer: FrameWriter = {
		buffer: wire,
		reserve() {},
		openFrame: () => end,
		closeFrame(bodyEnd) {
			end = bodyEnd;
		},
	};
	return {
		send(place) {
			const call = { slot: 0, generation: 0 };
			table.add(call);
			end = place * tokenBytes;
			writeToken(writer, call.slot, call.generation);
		},
		receive(place) {
			const at = place * tokenBytes;
			const call = table.find(wire, at, at + tokenBytes);
			if (call === undefined) throw new Error("a reply without a call");
			table.remove(call);
		},
	};
}

function withMap(window: number): Table {
	const table = new Map<number, Slotted>();
	const wire = new Uint8Array(window * tokenBytes);
	let last = 0;
	return {
		send(place) {
			const call = { slot: 0, generation: 0 };
			const sequence = ++last;
			table.set(sequence, call);
			const at = place * tokenBytes;
			wire[at] = sequence >>> 24;
			wire[at + 1] = sequence >>> 16;
			wire[at + 2] = sequence >>> 8;
			wire[at + 3] = sequence;
		},
		receive(place) {
			const at = place * tokenBytes;
			const sequence = ((wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!) >>> 0;
			if (table.get(sequence) === undefined) throw new Error("a reply without a call");
			table.delete(sequence);
		},
	};
}

/** Nanoseconds for a call and its reply. */
function time(table: Table, order: Uint32Array): number {
	const window = order.length;
	const startedAt = performance.now();
	for (let done = 0; done < callsPerRound; done += window) {
		for (let place = 0; place < window; place++) table.send(place);
		for (let i = 0; i < window; i++) table.receive(order[i]!);
	}
	const calls = Math.ceil(callsPerRound / window) * window;
	return ((performance.now() - startedAt) * 1e6) / calls;
}

/** Fisher-Yates with a fixed seed: each run and each table sees the same order. */
function shuffle(order: Uint32Array): Uint32Array {
	let state = 1;
	for (let i = order.length - 1; i > 0; i--) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		const j = state % (i + 1);
		[order[i], order[j]] = [order[j]!, order[i]!];
	}
	return order;
}

for (const window of [1, 512, 100_000]) {
	for (const isShuffled of window === 1 ? [false] : [false, true]) {
		const places = Uint32Array.from({ length: window }, (_, place) => place);
		const order = isShuffled ? shuffle(places) : places;
		const tables = { slots: withSlots(window), map: withMap(window) };
		const times = { slots: [] as number[], map: [] as number[] };
		for (let round = 0; round < rounds; round++) {
			// Between rounds this process can be told to end.
			await turn();
			times.slots.push(time(tables.slots, order));
			times.map.push(time(tables.map, order));
		}
		tell({ inFlight: window, isShuffled, slotsNs: median(times.slots), mapNs: median(times.map) });
	}
}
process.exit(0);
