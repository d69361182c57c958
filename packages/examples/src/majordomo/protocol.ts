/** RFC 7, the Majordomo Protocol: first frames that say who speaks, and what a broker and a worker say to each other. */
export const client = "MDPC01";
export const worker = "MDPW01";

export const READY = "\x01";
export const REQUEST = "\x02";
export const REPLY = "\x03";
export const HEARTBEAT = "\x04";
export const DISCONNECT = "\x05";

/** How often broker and worker say that they live, and how many such words may be missed. Unit: ms. */
export const heartbeatMs = 250;
export const liveness = 4;

export function textOf(frame: Uint8Array | undefined): string {
	return frame === undefined ? "" : Buffer.from(frame).toString("latin1");
}
