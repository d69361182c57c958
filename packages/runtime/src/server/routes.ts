import { MethodTable } from "../protocol/method-table.js";
import { reservedName } from "../reserved/homing.js";
import type { AnyMethod, Service } from "../service.js";
import type { ServedCall } from "./context.js";
import { MethodCounters } from "./counters.js";

type Handler = (args: readonly unknown[], context: ServedCall, ...channels: readonly unknown[]) => unknown;

/** A method and the code that serves it. */
export interface Route {
	readonly method: AnyMethod;
	readonly handler: Handler;
	/** Of its service. */
	readonly schemaHash: string;
	/** The reserved service's: answered while draining too, and beyond the concurrency. */
	readonly isReserved: boolean;
	/** More than a request and one answer. */
	readonly isOpen: boolean;
	readonly counters: MethodCounters;
}

/** The services of a server, and the way from a method's name to its handler. */
export class Routes {
	readonly #routes = new MethodTable<Route>();
	readonly #services = new Map<string, Service>();
	/** Those of the reserved service too. */
	readonly all: Route[] = [];

	/** Those that have been added; the reserved one is none of them. */
	get services(): readonly Service[] {
		return [...this.#services.values()];
	}

	/** Throws when a service of that name is there already, or is reserved; a TypeError when methods have nobody who serves them. */
	add(service: Service): void {
		const { name } = service.descriptor;
		if (name === reservedName) {
			throw new Error(`no service can be named ${name}: by that name every server answers of itself`);
		}
		this.#enter(service, false);
		this.#services.set(name, service);
	}

	addReserved(service: Service): void {
		this.#enter(service, true);
	}

	#enter(service: Service, isReserved: boolean): void {
		const { name, schemaHash, methods } = service.descriptor;
		if (this.#services.has(name)) throw new Error(`a service named ${name} has been added already`);
		assertWhole(service);
		for (const [key, method] of Object.entries(methods)) {
			const handler = service.handlers[key]!;
			const isOpen = method.form === "stream" || method.channels.length > 0;
			const route = { method, handler, schemaHash, isReserved, isOpen, counters: new MethodCounters() };
			if (!this.#routes.add(Buffer.from(method.name), route)) {
				throw new Error(`a method named ${method.name} has been added already`);
			}
			this.all.push(route);
		}
	}

	/** The route of the method named from `start` to `end` of `buffer`. */
	find(buffer: Uint8Array, start: number, end: number): Route | undefined {
		return this.#routes.find(buffer, start, end);
	}
}

/** Else the first call would be told INTERNAL. */
function assertWhole(service: Service): void {
	const { name, methods } = service.descriptor;
	const given: unknown = "given" in service ? service.given : service.handlers;
	if (typeof given !== "object" || given === null) {
		const kind = given === null ? "null" : typeof given;
		throw new TypeError(`${name} is served by an object that has its methods, not by ${kind}`);
	}
	const own = given as Readonly<Record<string, unknown>>;
	const missing = Object.keys(methods).filter((key) => typeof own[key] !== "function");
	if (missing.length > 0) throw new TypeError(`what is to serve ${name} lacks methods: ${missing.join(", ")}`);
}
