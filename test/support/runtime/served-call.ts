import type { LinkPeer } from "../../../packages/runtime/src/link/link.js";
import type { KeptEnvelope } from "../../../packages/runtime/src/protocol/envelope.js";
import { ServedCall } from "../../../packages/runtime/src/server/context.js";
import { DeadlineWheel } from "../../../packages/runtime/src/timing/deadline-wheel.js";

const wheel = new DeadlineWheel<ServedCall>(() => {});
const nobody = () => {
	throw new Error("nobody answers for this call");
};

/** A call without a deadline, as a server has it; it cannot be handed over. */
export function servedCall(method: string, flags: number, peer: LinkPeer, envelope?: KeptEnvelope): ServedCall {
	const handOvers = { delegate: nobody, forward: nobody };
	return new ServedCall(method, flags, 0, Number.POSITIVE_INFINITY, peer, envelope, undefined, wheel, handOvers);
}
