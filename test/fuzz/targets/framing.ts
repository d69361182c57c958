import { PlainClient, PlainServer } from "../../../packages/zmtp/src/mechanism/plain.js";
import type { Message } from "../../../packages/zmtp/src/wire/message.js";
import { decision } from "../../support/zmtp/handshake.js";
import { type HostOptions, RecordingHost } from "../../support/zmtp/recording-host.js";
import type { Dice } from "../dice.js";
import { must, type Target } from "../target.js";
import { makeFrame, makeGreeting, mutateStream } from "./stream.js";

const types = ["DEALER", "ROUTER", "REP", "XPUB"] as const;
const small = { maxFrameBytes: 500, maxMessageBytes: 900, maxFramesPerMessage: 6, maxCommandBytes: 300 };

/** The first octet: which socket listens, under which limits, whether it halts after each message, and its mechanism. */
function listen(setting: number): RecordingHost {
	const options: HostOptions = {
		socketType: types[setting & 3]!,
		showsHex: true,
		...((setting & 4) === 0 ? {} : { limits: small }),
		...mechanismOf(setting),
	};
	return (setting & 8) === 0 ? new RecordingHost(options) : new HaltingHost(options);
}

const mechanismNames = ["NULL", "NULL", "PLAIN", "PLAIN"] as const;

function mechanismOf(setting: number): HostOptions {
	const properties = [["Socket-Type", Buffer.from(types[setting & 3]!)]] as const;
	switch ((setting >> 4) & 3) {
		case 2:
			return { mechanism: new PlainServer(properties) };
		case 3:
			return { mechanism: new PlainClient(properties, Buffer.from("user"), Buffer.from("password")) };
		default:
			return {};
	}
}

class HaltingHost extends RecordingHost {
	override onMessage(message: Message): void {
		super.onMessage(message);
		this.connection.halt();
	}
}

/** A connection from the greeting on, without secrets: NULL, or PLAIN with every peer welcome. */
export const framing: Target = {
	name: "framing",
	isStream: true,
	generate(dice) {
		const setting = dice.below(64);
		return Buffer.concat([Buffer.of(setting), makeStream(dice, mechanismNames[setting >> 4]!)]);
	},
	mutate(input, other, dice) {
		const setting = dice.chance(0.05) ? dice.below(64) : (input[0] ?? 0);
		return Buffer.concat([
			Buffer.of(setting),
			mutateStream(Buffer.from(input.subarray(1)), Buffer.from(other.subarray(1)), dice),
		]);
	},
	run(input, cut) {
		const host = listen(input[0] ?? 0);
		const { connection } = host;
		for (const piece of cut(input.subarray(1))) {
			host.receive(piece);
			connection.resume();
		}
		// At the end: how much may come before that is bounded, and must not depend on the pieces.
		if (host.credentials !== undefined) connection.authenticated(decision(200), host.now);
		connection.drain();
		must(host.transmitted.length < 1000, `it was sent ${host.transmitted.length} octets of handshake`);
		for (const event of host.events) must(!/failed (?!ZMTP_)/.test(event), event);
		return host.events.join("\n");
	},
};

function makeStream(dice: Dice, mechanism: string): Buffer {
	const frames = Array.from({ length: dice.length(30) }, () => makeFrame(dice));
	return Buffer.concat([makeGreeting(dice, mechanism), ...frames]);
}
