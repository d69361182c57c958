import { type Endpoint, parseEndpoint, type Scheme } from "./endpoint.js";
import { inproc } from "./inproc.js";
import { ipc } from "./ipc.js";
import { tcp } from "./tcp.js";
import type { Transport } from "./transport.js";

const transports: Readonly<Record<Scheme, Transport>> = { inproc, ipc, tcp };

/** The transport of an endpoint, and the endpoint taken apart. Throws `EINVAL` or `EPROTONOSUPPORT`. */
export function resolveEndpoint(text: string): Endpoint & { readonly transport: Transport } {
	const endpoint = parseEndpoint(text);
	return { ...endpoint, transport: transports[endpoint.scheme] };
}
