import { allocate, latin1 } from "../wire/octets.js";
import type { Pipe } from "./pipe.js";

/** A minted routing id: a zero, which no peer may choose, then 12 bits of generation and 20 of index. */
const mintedBytes = 5;
const indexBits = 20;
const maxPeers = 1 << indexBits;
const generations = 1 << 12;

/**
 * A place waits until so many others have been given up: an id comes back after `generations` times this many peers, so
 * a reply kept for a peer long gone does not reach another.
 */
const restingPlaces = 1024;

/**
 * A ROUTER's peers by routing id. The ids it mints hold the place of their peer, so looking one up is an index and a
 * comparison; only ids that peers chose need a map. The generation keeps an old id from reaching the next peer in the
 * same place.
 */
export class RoutingTable {
	readonly #places: (Pipe | undefined)[] = [];
	readonly #generations: number[] = [];
	readonly #free: number[] = [];
	readonly #chosen = new Map<string, Pipe>();

	/** Gives the pipe an id of our own. False when all places are taken. */
	mint(pipe: Pipe): boolean {
		const canRest = this.#free.length <= restingPlaces && this.#places.length < maxPeers;
		const index = canRest ? this.#places.length : this.#free.shift();
		if (index === undefined) return false;
		const generation = this.#generations[index] ?? Math.floor(Math.random() * generations);
		this.#generations[index] = generation;
		this.#places[index] = pipe;
		const id = allocate(mintedBytes);
		id[0] = 0;
		new DataView(id.buffer).setUint32(1, (generation << indexBits) | index);
		pipe.routingId = id;
		return true;
	}

	/** Enters a pipe under an id that was chosen for it, which nobody else has. */
	enter(pipe: Pipe, routingId: Uint8Array): void {
		this.#chosen.set(keyOf(routingId), pipe);
		pipe.routingId = routingId;
	}

	find(routingId: Uint8Array): Pipe | undefined {
		if (routingId.length !== mintedBytes || routingId[0] !== 0) return this.#chosen.get(keyOf(routingId));
		const index = ((routingId[2]! & 0x0f) << 16) | (routingId[3]! << 8) | routingId[4]!;
		const generation = (routingId[1]! << 4) | (routingId[2]! >> 4);
		return this.#generations[index] === generation ? this.#places[index] : undefined;
	}

	remove(pipe: Pipe): void {
		const { routingId } = pipe;
		if (this.find(routingId) !== pipe) return;
		if (routingId[0] !== 0) {
			this.#chosen.delete(keyOf(routingId));
			return;
		}
		const index = ((routingId[2]! & 0x0f) << 16) | (routingId[3]! << 8) | routingId[4]!;
		this.#places[index] = undefined;
		this.#generations[index] = (this.#generations[index]! + 1) % generations;
		this.#free.push(index);
	}
}

function keyOf(routingId: Uint8Array): string {
	return latin1(routingId, 0, routingId.length);
}
