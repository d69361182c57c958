import { inTurns } from "../../support/zmtp/matrix/crowd.js";
import { greet, prepare } from "../../support/zmtp/matrix/greeting.js";
import { type Pair, pairs, routingIdOf } from "../../support/zmtp/matrix/pairs.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import { ipcPlace, type Place } from "../../support/zmtp/places.js";
import type { Side, SideSocket } from "../../support/zmtp/side.js";
import { needsPyzmq, pyzmq, type ZmqSide, zeromqJs } from "../../support/zmtp/zmq-side.js";

const tcp: Place = { name: "tcp", endpoint: () => "tcp://127.0.0.1:*" };
const ws: Place = { name: "ws", endpoint: () => "ws://127.0.0.1:*" };
const quick = { reconnectInterval: 10, reconnectMaxInterval: 50 };

/** Two sockets at one endpoint; each can be opened again while the other stays. */
class Meeting {
	readonly name: string;
	readonly #pair: Pair;
	readonly #sides: Readonly<Record<"one" | "other", Side>>;
	readonly #binder: "one" | "other";
	readonly #sockets: Partial<Record<"one" | "other", SideSocket>> = {};
	#endpoint: string;

	constructor(pair: Pair, one: Side, other: Side, binder: "one" | "other", place: Place) {
		this.name = `${one.name} ${pair.one} and ${other.name} ${pair.other}, ${binder === "one" ? pair.one : pair.other} of ${(binder === "one" ? one : other).name} binding`;
		this.#pair = pair;
		this.#sides = { one, other };
		this.#binder = binder;
		this.#endpoint = place.endpoint();
	}

	whoIs(side: Side): "one" | "other" {
		return this.#sides.one === side ? "one" : "other";
	}

	/** Opens the socket of one side where it was before. */
	async open(who: "one" | "other"): Promise<void> {
		const type = this.#pair[who];
		const socket = await this.#sides[who].open(type, { ...routingIdOf(type, who), ...quick });
		this.#sockets[who] = socket;
		if (this.#binder === who) this.#endpoint = await socket.bind(this.#endpoint);
		else await socket.connect(this.#endpoint);
		if (who === "other") await prepare(this.#pair, socket);
	}

	async start(): Promise<void> {
		await this.open(this.#binder);
		await this.open(this.#binder === "one" ? "other" : "one");
	}

	greet(word: string): Promise<void> {
		return greet(this.#pair, this.#sockets.one!, this.#sockets.other!, word);
	}

	async notice(who: "one" | "other"): Promise<void> {
		await this.#sockets[who]!.notice();
	}

	async close(who: "one" | "other"): Promise<void> {
		await this.#sockets[who]!.close();
	}
}

function meetings(library: Side, place: Place): Meeting[] {
	return pairs.flatMap((pair) => {
		const orders: (readonly [Side, Side])[] = [[ours, library]];
		if (pair.one !== pair.other) orders.push([library, ours]);
		return orders.flatMap(([one, other]) =>
			(["one", "other"] as const).map((binder) => new Meeting(pair, one, other, binder, place)),
		);
	});
}

/** Does the same at all meetings, several at a time, and fails with the names of those where it failed. */
async function atAll(all: readonly Meeting[], what: (meeting: Meeting) => Promise<void>): Promise<void> {
	const failed: string[] = [];
	await inTurns(all, 8, async (meeting) => {
		await what(meeting).catch((error: Error) => failed.push(`${meeting.name}: ${error.message}`));
	});
	if (failed.length > 0) throw new Error(`${failed.length} of ${all.length} failed\n${failed.join("\n")}`);
}

describe("zmtp interop of peers that come back", () => {
	leavesNothingOpen();

	for (const library of [pyzmq(), zeromqJs()]) {
		describe(`with libzmq by way of ${library.name}`, () => {
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
			});
			after(() => library.stop());

			for (const place of [tcp, ipcPlace, ws]) {
				it(`over ${place.name}, its process killed and started again, every pattern goes on, whoever had bound`, async () => {
					const all = meetings(library, place);
					await survive(all, library, () => restart(library, all));
				});

				it(`over ${place.name}, our sockets closed and opened again, every pattern goes on, whoever had bound`, async () => {
					const all = meetings(library, place);
					await survive(all, library, async () => {
						await atAll(all, (meeting) => meeting.close(meeting.whoIs(ours)));
						await atAll(all, (meeting) => meeting.notice(meeting.whoIs(library)));
						await atAll(all, (meeting) => meeting.open(meeting.whoIs(ours)));
					});
				});
			}
		});
	}
});

async function survive(all: readonly Meeting[], library: Side, comeBack: () => Promise<void>): Promise<void> {
	try {
		await atAll(all, (meeting) => meeting.start());
		await atAll(all, (meeting) => meeting.greet("hello"));
		for (const word of ["again", "and again"]) {
			await comeBack();
			await atAll(all, (meeting) => meeting.greet(word));
		}
	} finally {
		await atAll(all, (meeting) => meeting.close(meeting.whoIs(ours)));
		await atAll(all, (meeting) => meeting.close(meeting.whoIs(library)));
	}
}

async function restart(library: ZmqSide, all: readonly Meeting[]): Promise<void> {
	await library.stop();
	await library.start();
	await atAll(all, (meeting) => meeting.open(meeting.whoIs(library)));
}
