/**
 * Either side of CURVE against one that means ill and knows all keys it can know. An input is what that one does: a list
 * of steps, each an octet that says what, two for the length of an argument, and the argument.
 */
import { CurveClient } from "../../../packages/zmtp/src/mechanism/curve-client.js";
import { CurveServer } from "../../../packages/zmtp/src/mechanism/curve-server.js";
import { nodeCiphers } from "../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { encodeFrame, greeting, propertiesOf, type RawFrame } from "../../support/zmtp/frames.js";
import { decision } from "../../support/zmtp/handshake.js";
import { curveKeys, makeKeyPair, RawCurveClient, RawCurveServer, sharedKey } from "../../support/zmtp/raw-curve.js";
import { RecordingHost } from "../../support/zmtp/recording-host.js";
import type { Dice } from "../dice.js";
import { mutateOctets, mutateParts } from "../mutate.js";
import { type Besides, type Cut, must, type Target } from "../target.js";
import { makeCommand, makeProperties, takeApart } from "./stream.js";

/** What a step says. With `edits`, three octets each: an offset, and what is changed there; a change of 0 cuts off. */
const kinds = [
	"octets, as they are",
	"the greeting, edited",
	"HELLO or WELCOME, edited",
	"HELLO or WELCOME, of another length",
	"INITIATE or READY, edited",
	"INITIATE or READY, of another length",
	"INITIATE or READY with these properties",
	"a sealed message of these octets, flags first",
	"a sealed message, edited",
	"a sealed message under this nonce",
	"what was said last, again",
] as const;

type Side = "client" | "server";

interface Step {
	readonly kind: number;
	readonly argument: Buffer;
}

const serverKeys = nodeCiphers.keyPairOf(curveKeys.server.privateKey);
const clientKeys = nodeCiphers.keyPairOf(curveKeys.client.privateKey);

/** The same for every input: making one takes longer than most of what is tried with it. */
const transient = makeKeyPair();
const helloKey = sharedKey(curveKeys.server.publicKey, transient.privateKey);

/** The side of ours under attack. */
function listen(side: Side): RecordingHost {
	const properties = [["Socket-Type", Buffer.from("DEALER")]] as const;
	const mechanism =
		side === "server"
			? new CurveServer(nodeCiphers, properties, serverKeys)
			: new CurveClient(nodeCiphers, properties, clientKeys, curveKeys.server.publicKey);
	return new RecordingHost({ showsHex: true, mechanism });
}

class Attacker {
	/** Whether it has made no mistake: only then may it get in. */
	isProper = true;
	readonly #host: RecordingHost;
	readonly #cut: Cut;
	readonly #besides: Besides;
	readonly #client = new RawCurveClient(curveKeys.server.publicKey, curveKeys.client, transient, helloKey);
	readonly #server = new RawCurveServer(curveKeys.server, transient);
	readonly #side: Side;
	#last = Buffer.alloc(0);

	/** `side`: that of ours. */
	constructor(side: Side, host: RecordingHost, cut: Cut, besides: Besides) {
		this.#side = side;
		this.#host = host;
		this.#cut = cut;
		this.#besides = besides;
	}

	take({ kind, argument }: Step): void {
		const frame = kind >= 2 && kind <= 9 ? this.#besides(() => this.#frame(kind, argument)) : undefined;
		if (kind === 0) this.#say(argument, argument.length === 0);
		else if (kind === 1) this.#sayEdited(greeting({ mechanism: "CURVE" }), argument, true);
		else if (kind === 10) this.#say(this.#last, this.#last.length === 0);
		else if (frame === undefined) return;
		else if (kind === 3 || kind === 5) this.#sayResized(frame, argument);
		else if (kind === 2 || kind === 4 || kind === 8) this.#sayEdited(encodeFrame(frame), argument);
		else this.#say(encodeFrame(frame), true);
	}

	/** Undefined where the other side has not said yet what an answer needs. */
	#frame(kind: number, argument: Buffer): RawFrame | undefined {
		const isClient = this.#side === "server";
		const [, first] = takeApart(this.#host.transmitted);
		if (kind <= 3) return isClient ? this.#client.hello() : first && this.#server.welcome(frameFrom(first));
		const properties = kind === 6 ? argument : propertiesOf("DEALER");
		if (kind <= 6) {
			if (isClient) return first && this.#client.initiate(frameFrom(first), properties);
			return this.#server.traffic && this.#server.ready(properties);
		}
		const traffic = isClient ? this.#client.traffic : this.#server.traffic;
		if (kind !== 9) return traffic?.sealOctets(kind === 7 ? argument : Buffer.from("\0hello"));
		return argument.length < 8 ? undefined : traffic?.sealOctets(argument.subarray(8), argument.readBigUInt64BE());
	}

	/** `isSafe`: no edit of it is a mistake. */
	#sayEdited(octets: Buffer, edits: Buffer, isSafe = false): void {
		let edited = Buffer.from(octets);
		for (let at = 0; at + 3 <= edits.length && edited.length > 0; at += 3) {
			const offset = edits.readUInt16BE(at) % edited.length;
			if (edits[at + 2] === 0) edited = edited.subarray(0, offset);
			else edited[offset]! ^= edits[at + 2]!;
		}
		this.#say(edited, isSafe || Buffer.compare(edited, octets) === 0);
	}

	#sayResized({ flags, body }: RawFrame, argument: Buffer): void {
		const length = argument.length < 2 ? body.length + 1 : argument.readUInt16BE() % 700;
		const resized = Buffer.alloc(length);
		body.copy(resized);
		this.#say(encodeFrame({ flags, body: resized }), length === body.length);
	}

	#say(octets: Buffer, isProper: boolean): void {
		// An edit that leaves nothing is a step that was not made.
		if (this.#host.connection.state !== "traffic") this.isProper &&= isProper || octets.length === 0;
		this.#last = Buffer.from(octets);
		for (const piece of this.#cut(octets)) this.#host.receive(piece);
		if (this.#host.credentials === undefined) return;
		this.#host.credentials = undefined;
		this.#host.connection.authenticated(decision(200), this.#host.now);
	}
}

function frameFrom(octets: Buffer): RawFrame {
	const isLong = (octets[0]! & 2) !== 0;
	return { flags: octets[0]!, body: octets.subarray(isLong ? 9 : 2) };
}

function target(side: Side): Target {
	return {
		name: `curve-${side}`,
		isStream: true,
		generate: (dice) => Buffer.concat(makeSteps(dice)),
		mutate: (input, other, dice) =>
			dice.chance(0.2)
				? mutateOctets(input, other, dice)
				: mutateParts(stepsOf(input).map(encodeStep), stepsOf(other).map(encodeStep), dice),
		run(input, cut, besides) {
			const host = listen(side);
			const attacker = new Attacker(side, host, cut, besides);
			for (const step of stepsOf(input)) {
				if (host.connection.state === "closed") break;
				attacker.take(step);
				if (host.connection.state === "traffic") must(attacker.isProper, "it let in who had not shaken hands");
			}
			host.connection.drain();
			const { events } = host;
			host.connection.close();
			for (const event of events) must(!/failed (?!ZMTP_)/.test(event), event);
			return events.join("\n");
		},
	};
}

function stepsOf(input: Uint8Array): Step[] {
	const octets = Buffer.from(input);
	const steps: Step[] = [];
	for (let at = 0; at + 3 <= octets.length; ) {
		const end = at + 3 + octets.readUInt16BE(at + 1);
		steps.push({ kind: octets[at]! % kinds.length, argument: octets.subarray(at + 3, end) });
		at = end;
	}
	return steps;
}

function encodeStep({ kind, argument }: Step): Buffer {
	const head = Buffer.alloc(3);
	head[0] = kind;
	head.writeUInt16BE(argument.length, 1);
	return Buffer.concat([head, argument]);
}

/** Mostly a handshake that goes well, for what lies behind it; now and then with one thing wrong. */
function makeSteps(dice: Dice): Buffer[] {
	const steps: Step[] = [1, 2, 4].map((kind) => ({ kind, argument: Buffer.alloc(0) }));
	if (dice.chance(0.5)) steps[dice.below(3)] = makeStep(dice, dice.below(7));
	const traffic = Array.from({ length: dice.length(12) }, () => makeStep(dice, dice.below(kinds.length)));
	return [...steps, ...traffic].map(encodeStep);
}

function makeStep(dice: Dice, kind: number): Step {
	switch (kind) {
		case 6:
			return { kind, argument: makeProperties(dice) };
		case 7: {
			const flags = dice.pick([0, 0, 1, 2, 2, 3, dice.below(256)]);
			const text = flags === 2 ? makeCommand(dice) : dice.octets(dice.length(300));
			return { kind, argument: Buffer.concat([Buffer.of(flags), text]) };
		}
		case 9: {
			const nonce = Buffer.alloc(8);
			nonce.writeBigUInt64BE(dice.chance(0.5) ? BigInt(dice.below(20)) : dice.interesting(64));
			return { kind, argument: Buffer.concat([nonce, Buffer.of(0), dice.octets(dice.length(20))]) };
		}
		case 10:
			return { kind, argument: Buffer.alloc(0) };
		default:
			return { kind, argument: dice.octets(3 * dice.length(3)) };
	}
}

export const curveServer = target("server");
export const curveClient = target("client");
