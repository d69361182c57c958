import { expect } from "chai";
import { pairs } from "../../support/zmtp/matrix/pairs.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import type { Side, SideSocket, Type } from "../../support/zmtp/side.js";
import { received, useSockets } from "../../support/zmtp/sockets.js";
import { needsPyzmq, pyzmq, type ZmqSide, zeromqJs } from "../../support/zmtp/zmq-side.js";

const wildcard = "tcp://127.0.0.1:*";

/** A device: what it shows to each of the two types it stands between. */
const devices: readonly { one: Type; front: Type; back: Type; other: Type }[] = [
	{ one: "REQ", front: "ROUTER", back: "DEALER", other: "REP" },
	{ one: "PUB", front: "XSUB", back: "XPUB", other: "SUB" },
	{ one: "XPUB", front: "XSUB", back: "XPUB", other: "XSUB" },
	{ one: "PUSH", front: "PULL", back: "PUSH", other: "PULL" },
];

interface Hop {
	readonly front: SideSocket;
	readonly frontEndpoint: string;
	readonly backEndpoint: string;
}

/** A device of this side, in front of one bound before or of nothing. */
async function openHop(side: Side, front: Type, back: Type, before: Hop | undefined): Promise<Hop> {
	const plain = { receiveTimeout: -1, ...(front === "ROUTER" ? { mandatory: false } : {}) };
	const frontSocket = await side.open(front, plain);
	const backSocket = await side.open(back, { receiveTimeout: -1 });
	const hop = {
		front: frontSocket,
		frontEndpoint: await frontSocket.bind(wildcard),
		backEndpoint: await backSocket.bind(wildcard),
	};
	if (before !== undefined) await frontSocket.connect(before.backEndpoint);
	await frontSocket.proxy(backSocket);
	return hop;
}

function defineChains(library: ZmqSide): void {
	const chains: readonly (readonly Side[])[] = [[library], [ours], [library, ours, ours, library, library, ours]];
	const ends = [
		[ours, ours],
		[ours, library],
		[library, ours],
	] as const;
	for (const { one, front, back, other } of devices) {
		const pair = pairs.find((found) => found.one === one && found.other === other)!;
		for (const chain of chains) {
			const through = chain.map(({ name }) => name).join(", ");
			it(`${one} and ${other} say all they can to each other through ${front} and ${back} of ${through}`, async () => {
				for (const [oneSide, otherSide] of ends) {
					const hops: Hop[] = [];
					for (const side of chain) hops.push(await openHop(side, front, back, hops.at(-1)));
					const oneSocket = await oneSide.open(one);
					const otherSocket = await otherSide.open(other);
					await oneSocket.connect(hops[0]!.frontEndpoint);
					await otherSocket.connect(hops.at(-1)!.backEndpoint);
					await pair.converse(oneSocket, otherSocket);
					await Promise.all([oneSocket, otherSocket, ...hops.map((hop) => hop.front)].map((socket) => socket.close()));
				}
			});
		}
	}
}

describe("zmtp interop through proxies", () => {
	leavesNothingOpen();
	const kit = useSockets();

	for (const library of [pyzmq(), zeromqJs()]) {
		describe(`of ours and of libzmq by way of ${library.name}`, () => {
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
			});
			after(() => library.stop());

			defineChains(library);

			it("our REQs reach our REPs through zmq_proxy, and every reply its asker", async () => {
				const { frontEndpoint, backEndpoint } = await openHop(library, "ROUTER", "DEALER", undefined);
				for (let i = 0; i < 3; i++) {
					const reply = kit.reply();
					reply.connect(backEndpoint);
					void (async () => {
						for await (const frames of reply) await reply.send(["re", ...frames]);
					})();
				}
				await Promise.all(
					Array.from({ length: 4 }, async (_, client) => {
						const request = kit.request();
						request.connect(frontEndpoint);
						for (let i = 0; i < 25; i++) {
							await request.send([`${client}.${i}`, Buffer.alloc(i * 1000)]);
							const [re, text, body] = await request.receive();
							expect([re!.toString(), text!.toString(), body!.length]).deep.equal(["re", `${client}.${i}`, i * 1000]);
						}
					}),
				);
			});

			it("our DEALER reaches our ROUTER through two of them in a row, its own envelope untouched", async () => {
				const second = await openHop(library, "ROUTER", "DEALER", undefined);
				const router = await library.open("ROUTER", { receiveTimeout: -1, mandatory: false });
				const dealer = await library.open("DEALER", { receiveTimeout: -1 });
				const first = await router.bind(wildcard);
				await dealer.connect(second.frontEndpoint);
				await router.proxy(dealer);
				const worker = kit.router();
				worker.connect(second.backEndpoint);
				const client = kit.dealer({ routingId: "client" });
				client.connect(first);
				await client.send(["token", "", "question"]);
				const request = await worker.receive();
				expect(request.slice(-3).map(String)).deep.equal(["token", "", "question"]);
				expect(request.length).equal(6);
				await worker.send([...request.slice(0, -1), "answer"]);
				expect(await received(client)).deep.equal(["token", "", "answer"]);
			});
		});
	}
});
