import { randomBytes } from "node:crypto";

/** One endpoint of each kind, new at each call: what the connection tests run over. */
export const transports: readonly { readonly name: string; readonly endpoint: () => string }[] = [
	{ name: "inproc", endpoint: () => `inproc://${randomBytes(6).toString("hex")}` },
	{ name: "tcp", endpoint: () => "tcp://127.0.0.1:0" },
	{ name: "ipc", endpoint: () => `ipc://@homing-${randomBytes(6).toString("hex")}` },
];

export const anyPort = "tcp://127.0.0.1:0";
