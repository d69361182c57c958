import { type Endpoint, parseEndpoint, type Scheme } from "./endpoint.js";
import type { Transport } from "./transport.js";

/** The transports that a host has. */
export type Transports = Readonly<Partial<Record<Scheme, Transport>>>;

/** The transport of an endpoint, and the endpoint taken apart. Throws `EINVAL` or `EPROTONOSUPPORT`. */
export function resolveEndpoint(transports: Transports, text: string): Endpoint & { readonly transport: Transport } {
	const endpoint = parseEndpoint(text, Object.keys(transports) as Scheme[]);
	return { ...endpoint, transport: transports[endpoint.scheme]! };
}
