import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where sockets can meet. Each call of `endpoint` names a new place to bind. */
export interface Place {
	readonly name: string;
	endpoint(): string;
}

const unique = () => randomUUID().slice(0, 13);

export const tcpPlace: Place = { name: "tcp", endpoint: () => "tcp://127.0.0.1:0" };
export const ipcPlace: Place = { name: "ipc", endpoint: () => `ipc://${join(tmpdir(), `homing-test-${unique()}`)}` };
export const abstractPlace: Place = { name: "ipc, abstract", endpoint: () => `ipc://@homing-test-${unique()}` };
export const inprocPlace: Place = { name: "inproc", endpoint: () => `inproc://${unique()}` };

export const wsPlace: Place = { name: "ws", endpoint: () => "ws://127.0.0.1:*" };
/** Its sockets need the option `tls`, which those of `useSockets()` have. */
export const wssPlace: Place = { name: "wss", endpoint: () => "wss://127.0.0.1:*" };

export const places: readonly Place[] = [
	tcpPlace,
	ipcPlace,
	...(process.platform === "linux" ? [abstractPlace] : []),
	inprocPlace,
	wsPlace,
	wssPlace,
];
