import type { Message } from "../../../packages/zmtp/src/wire/message.js";
import { RecordingHost } from "../../support/zmtp/recording-host.js";
import type { Dice } from "../dice.js";
import { must, type Target } from "../target.js";
import { makeFrame, makeGreeting, mutateStream } from "./stream.js";

const types = ["DEALER", "ROUTER", "REP", "XPUB"] as const;
const small = { maxFrameBytes: 500, maxMessageBytes: 900, maxFramesPerMessage: 6, maxCommandBytes: 300 };

/** The first octet: which socket listens, under which limits, and whether it halts after each message. */
function listen(setting: number): RecordingHost {
	const Host = (setting & 8) === 0 ? RecordingHost : HaltingHost;
	return new Host({
		socketType: types[setting & 3]!,
		showsHex: true,
		...((setting & 4) === 0 ? {} : { limits: small }),
	});
}

class HaltingHost extends RecordingHost {
	override onMessage(message: Message): void {
		super.onMessage(message);
		this.connection.halt();
	}
}

/** A NULL connection from the greeting on. */
export const framing: Target = {
	name: "framing",
	isStream: true,
	generate: (dice) => Buffer.concat([Buffer.of(dice.below(16)), makeStream(dice)]),
	mutate(input, other, dice) {
		const setting = dice.chance(0.05) ? dice.below(16) : (input[0] ?? 0);
		return Buffer.concat([
			Buffer.of(setting),
			mutateStream(Buffer.from(input.subarray(1)), Buffer.from(other.subarray(1)), dice),
		]);
	},
	run(pieces) {
		const octets = Buffer.concat(pieces);
		const host = listen(octets[0] ?? 0);
		let skipped = 1;
		for (const piece of pieces) {
			const rest = piece.subarray(skipped);
			skipped = Math.max(0, skipped - piece.length);
			if (rest.length > 0) host.receive(rest);
			if (host.connection.state !== "closed") host.connection.resume();
		}
		host.connection.drain();
		must(host.transmitted.length < 1000, `it was sent ${host.transmitted.length} octets of handshake`);
		for (const event of host.events) must(!/failed (?!ZMTP_)/.test(event), event);
		return host.events.join("\n");
	},
};

function makeStream(dice: Dice): Buffer {
	const frames = Array.from({ length: dice.length(30) }, () => makeFrame(dice));
	return Buffer.concat([makeGreeting(dice, "NULL"), ...frames]);
}
