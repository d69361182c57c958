/** What there is at an endpoint, with what workers say of it where a queue is asked. */
import type { Connection } from "../client/connection.js";
import { RpcError } from "../errors.js";
import type { MethodDescription, ServiceDescription } from "../reserved/description.js";
import { homingDescriptor } from "../reserved/homing.js";
import { nearest } from "./nearest.js";
import { UsageError } from "./session.js";

const { describe } = homingDescriptor.methods;

export interface Surroundings {
	readonly role: "server" | "queue";
	readonly services: readonly ServiceDescription[];
}

/** Everything. Services whose workers do not describe them come without methods. */
export async function look(connection: Connection): Promise<Surroundings> {
	const { role, services } = await connection.call(describe, []);
	if (role === "server") return { role, services };
	return { role, services: await Promise.all(services.map((service) => complete(connection, service))) };
}

/** A queue knows who offers a service, its workers what it is. */
async function complete(connection: Connection, service: ServiceDescription): Promise<ServiceDescription> {
	try {
		const { services } = await connection.call(describe, [service.name], { waitForReady: false });
		return { ...services.find(({ name }) => name === service.name), ...service };
	} catch (error) {
		if (error instanceof RpcError && error.origin === "peer") return service;
		throw error;
	}
}

export interface Found {
	readonly service: ServiceDescription;
	/** The short name, where a method was meant. */
	readonly method: string | undefined;
}

/** The service, or the method, of that name. Throws a `UsageError` that says what there is instead. */
export function find({ services }: Surroundings, name: string): Found {
	const whole = services.find((service) => service.name === name);
	if (whole !== undefined) return { service: whole, method: undefined };
	const dot = name.lastIndexOf(".");
	const service = services.find((candidate) => candidate.name === name.slice(0, dot));
	const method = name.slice(dot + 1);
	if (service?.methods !== undefined && Object.hasOwn(service.methods, method)) return { service, method };
	throw new UsageError(`there is no ${name} here${suggestion(services, name)}`);
}

/** `. Did you mean Echo.say?`, or nothing when nothing is near. */
export function suggestion(services: readonly ServiceDescription[], name: string): string {
	const near = nearest(name, [...methodNames(services), ...services.map((service) => service.name)]);
	return near === undefined ? "" : `. Did you mean ${near}?`;
}

export function methodNames(services: readonly ServiceDescription[]): string[] {
	return services.flatMap(({ name, methods = {} }) => Object.keys(methods).map((method) => `${name}.${method}`));
}

/** How a method is described; `undefined` when nobody says. */
export async function describeMethod(connection: Connection, name: string): Promise<MethodDescription | undefined> {
	const dot = name.lastIndexOf(".");
	try {
		const { services } = await connection.call(describe, [name.slice(0, dot)]);
		const methods = services[0]?.methods ?? {};
		return Object.hasOwn(methods, name.slice(dot + 1)) ? methods[name.slice(dot + 1)] : undefined;
	} catch (error) {
		if (error instanceof RpcError && error.origin === "peer") return undefined;
		throw error;
	}
}
