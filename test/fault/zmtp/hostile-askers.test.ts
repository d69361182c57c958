import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { messageFrames, propertiesOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { join } from "../../support/zmtp/raw-mechanisms.js";
import { RawServer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

for (const { name, place, mechanism } of arenas) {
	describe(`zmtp REQ and REP, and peers that mean ill ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const correlate of [false, true]) {
			it(`H40: a REQ${correlate ? " with correlate" : ""} takes no reply that is malformed, ${correlate ? "late, " : ""}doubled or another's, and its next call works`, async () => {
				const service = kit.keep(await RawServer.listen(place.endpoint()));
				const other = kit.keep(await RawServer.listen(place.endpoint()));
				const request = kit.request({ ...mechanism.client, correlate });
				const peers = [];
				for (const server of [service, other]) {
					const there = event(request.events, "handshake");
					request.connect(server.endpoint);
					const peer = await server.accept();
					const complete = await mechanism.asServer(peer, propertiesOf("ROUTER"));
					await complete();
					await there;
					peers.push(peer);
				}
				for (let i = 0; i < 20; i++) {
					const asked = peers[i % 2]!;
					const stranger = peers[(i + 1) % 2]!;
					await request.send(`question ${i}`);
					const envelope: Buffer[] = [];
					do envelope.push((await asked.readFrame()).body);
					while (envelope.at(-1)!.length > 0);
					expect((await asked.readFrame()).body.toString()).equal(`question ${i}`);
					stranger.say(...messageFrames(...envelope, "from the wrong peer"));
					asked.say(
						...messageFrames("no delimiter"),
						...messageFrames("no", "delimiter"),
						...messageFrames(""),
						...messageFrames(...envelope),
						...messageFrames("x", ...envelope, "too deep"),
						...messageFrames(...envelope, `answer ${i}`),
						...messageFrames(...envelope, "twice"),
					);
					if (correlate) asked.say(...messageFrames("", "without its number"));
					expect(await received(request)).deep.equal([`answer ${i}`]);
					// Without a number, a late reply to a peer that is asked again cannot be told from the next one.
					if (correlate) asked.say(...messageFrames(...envelope, "late"));
				}
			});
		}

		it("H42: a REP discards what has no delimiter or nothing behind it, echoes an envelope of a thousand frames, and serves on", async () => {
			const reply = kit.reply(mechanism.server);
			const endpoint = await bound(reply, place.endpoint());
			const good = kit.request(mechanism.client);
			good.connect(endpoint);
			void (async () => {
				for await (const [text] of reply) await reply.send(`re: ${text}`);
			})();
			const ask = async (text: string) => {
				await good.send(text);
				expect(await received(good)).deep.equal([`re: ${text}`]);
			};
			await ask("before");
			const peer = await join(mechanism, endpoint, "DEALER");
			const long = Array.from({ length: 1000 }, (_, i) => `hop ${i}`);
			peer.say(
				...messageFrames(...long),
				...messageFrames("no delimiter"),
				...messageFrames(""),
				...messageFrames("hop", ""),
				...messageFrames(...long, "", "question"),
			);
			expect(await peer.readMessage()).deep.equal([...long, "", "re: question"]);
			await ask("meanwhile");
			const told = event(reply.events, "disconnect");
			peer.say(...messageFrames(...long, ...long, "", "too long"));
			expect((await told).error?.code).equal("ZMTP_TOO_MANY_FRAMES");
			await ask("after");
			await peer.closed;
		});

		it("H42: a REP whose asker leaves before the reply drops it and serves the next", async () => {
			const reply = kit.reply(mechanism.server);
			const endpoint = await bound(reply, place.endpoint());
			for (let i = 0; i < 10; i++) {
				const peer = await join(mechanism, endpoint, "REQ");
				peer.say(...messageFrames("", "question"));
				expect(await received(reply)).deep.equal(["question"]);
				const lost = event(reply.events, "disconnect");
				await peer.close();
				await lost;
				await reply.send("to nobody");
			}
			const good = kit.request(mechanism.client);
			good.connect(endpoint);
			await good.send("x");
			await received(reply);
			await reply.send("y");
			expect(await received(good)).deep.equal(["y"]);
		});
	});
}
