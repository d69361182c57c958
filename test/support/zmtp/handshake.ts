import type { AuthenticationStatus, Decision } from "../../../packages/zmtp/src/mechanism/authentication.js";
import type { HandshakeStep, Mechanism } from "../../../packages/zmtp/src/mechanism/mechanism.js";
import { type Command, decodeCommand } from "../../../packages/zmtp/src/wire/command.js";

/** An authenticator's answer. */
export function decision(status: AuthenticationStatus, more: Partial<Decision> = {}): Decision {
	return { status, text: "", userId: "", metadata: new Map(), ...more };
}

/** A command frame's body as the other side reads it. */
export function commandOf(body: Uint8Array): Command {
	return decodeCommand(body, 0, body.length);
}

/** The command of a step that must have one. */
export function sentBy(step: HandshakeStep): Command {
	if (step.send === undefined) throw new Error("the step sends nothing");
	return commandOf(step.send);
}

/** Plays a handshake to its end, every peer welcome; what each side's last step was, and all commands, as `C NAME` or `S NAME`. */
export function shakeHands(client: Mechanism, server: Mechanism) {
	const commands: string[] = [];
	const last: Record<"C" | "S", HandshakeStep> = { C: client.start(), S: server.start() };
	const queue: [to: "C" | "S", step: HandshakeStep][] = [
		["S", last.C],
		["C", last.S],
	];
	for (;;) {
		const [to, step] = queue.shift() ?? [];
		if (to === undefined || step === undefined) return { commands, client: last.C, server: last.S };
		if (step.send === undefined) continue;
		const command = sentBy(step);
		commands.push(`${to === "S" ? "C" : "S"} ${command.name}`);
		const receiver = to === "S" ? server : client;
		let next = receiver.receive(command);
		if (next.authenticate !== undefined) next = receiver.decided(decision(200));
		last[to] = next;
		queue.push([to === "S" ? "C" : "S", next]);
	}
}
