import { platform } from "#platform";

/**
 * The libzmq whose wire format, options and defaults these sockets follow: what programs that ask zeromq.js for its version
 * want to know. This package's own version stands in its package.json.
 */
export const version = "4.3.5";

const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };

/** What there is beyond tcp and inproc, as zeromq.js tells it. */
export const capability = {
	/** Windows has no Unix sockets that Node would open. */
	ipc: "ipc" in platform.transports && process?.platform !== "win32",
	pgm: false,
	tipc: false,
	norm: false,
	curve: platform.curve !== undefined,
	gssapi: false,
	draft: false,
};
