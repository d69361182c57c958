/** For unit tests of code that calls services: what stands in for a service, without a socket. */
import { Connection } from "./client/connection.js";
import { RpcError } from "./errors.js";
import { memoryLinks } from "./link/memory-link.js";
import { Server } from "./server/server.js";
import type { Service } from "./service.js";

/** Where what the type of a fake says of its service is kept; there is nothing at run time. */
declare const faked: unique symbol;

/** A client whose calls are answered inside the process; `callsOf` knows them. */
export type Fake<Interface, Client> = Client & { readonly [faked]: Interface };

/** One call that a fake was asked for: whether it went well is not said here. */
export type FakeCall<Interface> = {
	[Name in keyof Interface]: Interface[Name] extends (...args: infer Arguments) => unknown
		? {
				readonly method: Name;
				/** As the caller gave them, without the call's options. */
				readonly args: Arguments;
			}
		: never;
}[keyof Interface];

/** What the generated file knows of a service. */
export interface FakeStub<Client, Handlers> {
	/** What the user calls: told in errors. */
	readonly name: string;
	readonly client: new (connection: Connection) => Client;
	readonly service: (handlers: Handlers) => Service;
	/** The methods that take any number of arguments, and the client's method that makes another, which gives their calls options. */
	readonly open?: { readonly methods: readonly string[]; readonly derive: string };
}

/** Where a fake keeps its calls, whichever copy of this package made it. */
const recorded = Symbol.for("@homing/runtime recorded calls");

type Recorded = { readonly method: string; readonly args: readonly unknown[] }[];

/**
 * A client of the service that `handlers` serve. Generated `createXxxFake` functions call this.
 *
 * Behind it are a connection and a server like any others, on a carrier in memory: what is checked, how streams flow, how
 * calls end is not imitated. Nothing has to be closed. A method without a handler fails with UNIMPLEMENTED.
 */
export function createFake<Interface, Client extends object, Handlers extends object>(
	stub: FakeStub<Client, Handlers>,
	handlers: Partial<Handlers>,
): Fake<Interface, Client> {
	const carrier = memoryLinks();
	const service = stub.service(withAllHandlers(stub.name, stub.service, handlers));
	// The handlers of open methods have no other way to the context of their call behind their first `await`.
	const server = new Server({ carrier, isAmbient: stub.open !== undefined });
	server.add(service);
	void server.bind(endpoint);
	const client = new stub.client(new Connection([endpoint], { carrier }));
	record(client, Object.keys(service.descriptor.methods), stub.open);
	return client as Fake<Interface, Client>;
}

/** The calls made so far, in their order, those that failed included. Throws a `TypeError` for what is no fake. */
export function callsOf<Interface>(fake: { readonly [faked]: Interface }): FakeCall<Interface>[] {
	const calls = (fake as { readonly [recorded]?: Recorded })[recorded];
	if (calls === undefined) throw new TypeError("callsOf() takes what a createXxxFake() function has returned");
	return [...calls] as unknown as FakeCall<Interface>[];
}

/** Known to one carrier alone. */
const endpoint = "memory";

function withAllHandlers<Handlers extends object>(
	name: string,
	bind: (handlers: Handlers) => Service,
	given: Partial<Handlers>,
): Handlers {
	// Handlers are looked up when they are called; until then nothing is asked of what is passed here.
	const { descriptor } = bind({} as Handlers);
	const all: Record<string, (...args: unknown[]) => unknown> = {};
	for (const [short, method] of Object.entries(descriptor.methods)) {
		all[short] = (...args) => {
			const handler = (given as Record<string, unknown>)[short];
			if (typeof handler === "function") return handler.apply(given, args);
			throw new RpcError("UNIMPLEMENTED", `${method.name} is not faked: pass ${name}({ ${short}: (...) => ... })`);
		};
	}
	return all as Handlers;
}

/** Notes each call when it is made: one-way calls and those that are refused are never heard of at the other end. */
function record(
	client: object,
	methods: readonly string[],
	open: FakeStub<object, object>["open"],
	calls: Recorded = [],
): void {
	const own = client as Record<string, (...args: unknown[]) => unknown>;
	const replace = (name: string, value: (...args: unknown[]) => unknown) =>
		Object.defineProperty(client, name, { value, configurable: true, writable: true });
	Object.defineProperty(client, recorded, { value: calls });
	for (const short of methods) {
		const call = own[short]!;
		// Behind the method's own parameters come the call's options, but for one that takes any number of arguments.
		const count = open?.methods.includes(short) ? undefined : call.length - 1;
		replace(short, (...args) => {
			calls.push({ method: short, args: args.slice(0, count) });
			return call.apply(client, args);
		});
	}
	if (open === undefined) return;
	const derive = own[open.derive]!;
	replace(open.derive, (...args) => {
		const derived = derive.apply(client, args) as object;
		record(derived, methods, open, calls);
		return derived;
	});
}
