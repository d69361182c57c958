/** ZMTP streams as the fuzzer makes and takes them apart: greeting, then frames. */
import { COMMAND, frame, greeting, header, LONG, MORE, property } from "../../support/zmtp/frames.js";
import type { Dice } from "../dice.js";
import { mutateOctets, mutateParts } from "../mutate.js";

const greetingBytes = 64;
const commandNames = ["READY", "ERROR", "PING", "PONG", "SUBSCRIBE", "CANCEL", "HELLO", "WELCOME", "INITIATE", "X"];
const socketTypes = ["DEALER", "ROUTER", "REQ", "REP", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR", "", "x"];

export function makeGreeting(dice: Dice, mechanism: string): Buffer {
	if (dice.chance(0.9)) return greeting({ minor: dice.below(2), mechanism });
	return greeting({
		padding: dice.octets(8),
		major: dice.pick([0, 1, 2, 3, 4, 255]),
		minor: dice.pick([0, 1, 2, 255]),
		mechanism: dice.pick(["NULL", "PLAIN", "CURVE", "", "null", "NULL\0x", dice.octets(20)]),
		asServer: dice.below(3),
		filler: dice.below(2),
	});
}

export function makeProperties(dice: Dice): Buffer {
	const properties = Array.from({ length: dice.length(12) }, () => {
		const name = dice.pick(["Socket-Type", "socket-type", "Identity", "Resource", "X-a", "__proto__", "", "a b"]);
		const value = dice.chance(0.5) ? dice.pick(socketTypes) : dice.octets(dice.length(300));
		const octets = property(name, value);
		// A lie about the value's length.
		if (dice.chance(0.05)) octets.writeUInt32BE(Number(dice.interesting(32)), 1 + name.length);
		return octets;
	});
	return Buffer.concat([...(dice.chance(0.8) ? [property("Socket-Type", dice.pick(socketTypes))] : []), ...properties]);
}

export function makeCommand(dice: Dice): Buffer {
	const name = dice.chance(0.95) ? dice.pick(commandNames) : dice.octets(dice.length(255)).toString("latin1");
	const data =
		name === "READY"
			? makeProperties(dice)
			: name === "PING"
				? dice.octets(dice.below(22))
				: name === "ERROR"
					? Buffer.concat([Buffer.of(dice.below(12)), dice.octets(dice.below(12))])
					: dice.octets(dice.length(300));
	const length = dice.chance(0.03) ? dice.below(256) : name.length;
	return Buffer.concat([Buffer.of(length), Buffer.from(name, "latin1"), data]);
}

export function makeFrame(dice: Dice): Buffer {
	if (dice.chance(0.04)) return header(dice.below(8), dice.interesting(64));
	const flags = dice.chance(0.03) ? dice.below(256) : dice.pick([0, 0, MORE, COMMAND, LONG, COMMAND | LONG]);
	return frame(flags, (flags & COMMAND) !== 0 ? makeCommand(dice) : dice.octets(dice.length(700)));
}

/** Greeting and frames of a stream, as far as they can be told apart; what is left over is the last part. */
export function takeApart(octets: Buffer): Buffer[] {
	const parts: Buffer[] = [];
	let at = 0;
	if (octets[0] === 0xff && octets.length >= greetingBytes) {
		parts.push(octets.subarray(0, greetingBytes));
		at = greetingBytes;
	}
	while (at < octets.length) {
		const isLong = (octets[at]! & LONG) !== 0;
		const start = at + (isLong ? 9 : 2);
		if (start > octets.length) break;
		const size = isLong ? Number(octets.readBigUInt64BE(at + 1)) : octets[at + 1]!;
		const end = Math.min(octets.length, start + size);
		parts.push(octets.subarray(at, end));
		at = end;
	}
	if (at < octets.length) parts.push(octets.subarray(at));
	return parts;
}

/** Changes whole frames, one frame's header, or any octets. */
export function mutateStream(input: Buffer, other: Buffer, dice: Dice): Buffer {
	const parts = takeApart(input);
	if (parts.length === 0 || dice.chance(0.3)) return mutateOctets(input, other, dice);
	if (dice.chance(0.6)) return mutateParts(parts, takeApart(other), dice);
	const index = dice.below(parts.length);
	const part = parts[index]!;
	parts[index] = dice.chance(0.5)
		? lie(part, dice)
		: Buffer.concat([makeFrame(dice), dice.chance(0.5) ? part : Buffer.alloc(0)]);
	return Buffer.concat(parts);
}

/** The same frame, announced as another. */
function lie(part: Buffer, dice: Dice): Buffer {
	const body = part.subarray((part[0]! & LONG) === 0 ? 2 : 9);
	const flags = dice.chance(0.5) ? part[0]! : part[0]! ^ (1 << dice.below(8));
	if (dice.chance(0.4)) return Buffer.concat([header(flags, dice.interesting(64)), body]);
	if (dice.chance(0.5)) return Buffer.concat([header(flags, BigInt(body.length)), body]);
	return Buffer.concat([Buffer.of(flags, dice.below(256)), body]);
}
