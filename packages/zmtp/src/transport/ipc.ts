import { randomUUID } from "node:crypto";
import { lstat, unlink } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZmtpError } from "../errors.js";
import { listen, listenerOf } from "./node-listener.js";
import { accept, acceptPaused, dial } from "./node-sockets.js";
import type { Transport } from "./transport.js";

/** Room for a path in the system's `sockaddr_un`, without its final null. Unit: bytes. */
const maxPathBytes = 107;

/** `ipc://`: a Unix socket at a path, `@name` for Linux's abstract names, `*` for a path of the library's choice. */
export const ipc: Transport = {
	check(address) {
		if (address === "*") throw new ZmtpError("EINVAL", "ipc://* can be bound only");
		systemPath(address);
	},
	async listen(address, options) {
		const path = address === "*" ? join(tmpdir(), `homing-${randomUUID()}.sock`) : address;
		await removeStaleSocket(path);
		const endpoint = `ipc://${path}`;
		const server = createServer(acceptPaused, (socket) => options.onStream(accept(socket, endpoint)));
		await listen(server, { path: systemPath(path), backlog: options.backlog }, options.onAcceptError);
		return listenerOf(server, endpoint);
	},
	async connect(address, _options, signal) {
		return dial({ path: systemPath(address) }, `ipc://${address}`, signal);
	},
};

function systemPath(path: string): string {
	if (Buffer.byteLength(path) > maxPathBytes) {
		throw new ZmtpError("EINVAL", `the path of ipc://${path} has more than ${maxPathBytes} octets`);
	}
	if (!path.startsWith("@")) return path;
	if (path.length === 1) throw new ZmtpError("EINVAL", "an abstract ipc endpoint needs a name: ipc://@name");
	return `\0${path.slice(1)}`;
}

/** A socket file that nobody listens on is left from a crash and would make binding fail. Anything else is not ours. */
async function removeStaleSocket(path: string): Promise<void> {
	if (path.startsWith("@")) return;
	const found = await lstat(path).catch(() => undefined);
	if (found === undefined) return;
	if (!found.isSocket()) throw new ZmtpError("EADDRINUSE", `${path} exists and is no socket; it is left alone`);
	if (await isAlive(path)) throw new ZmtpError("EADDRINUSE", `another process listens on ipc://${path}`);
	await unlink(path);
}

function isAlive(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = createConnection({ path });
		probe.once("connect", () => {
			probe.destroy();
			resolve(true);
		});
		probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
	});
}
