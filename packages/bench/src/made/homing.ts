/** The made services as interfaces, and what serves and calls them by their stubs. */
import { type Files, numbers, tsconfig } from "./files.js";

export function servicePath(number: number): string {
	return `src/services/order${number}.ts`;
}

/** What codegen reads. */
export function interfaces(methods: number): Files {
	const services = numbers(methods).map((number) => [servicePath(number), service(number)] as const);
	return { "tsconfig.json": tsconfig, "src/services/shared.ts": shared, ...Object.fromEntries(services) };
}

/** A server of all services and a client that calls each method. */
export function uses(methods: number): Files {
	const all = numbers(methods);
	const server = [
		'import { Server } from "@homing/runtime";',
		...all.map((n) => `import { order${n}sService } from "./generated/order${n}.js";`),
		...all.map((n) => `import type { Order${n} } from "./services/order${n}.js";`),
		"export const server = new Server();",
		...all.map((n) => serve(n)),
	];
	const client = [
		'import { connect } from "@homing/runtime";',
		...all.map((n) => `import { Order${n}sClient } from "./generated/order${n}.js";`),
		'const connection = connect("tcp://127.0.0.1:5555");',
		...all.map((n) => call(n)),
	];
	return { "src/server.ts": `${server.join("\n")}\n`, "src/client.ts": `${client.join("\n")}\n` };
}

const shared = `export interface Party {
	name: string;
	/** @format email */
	mail: string;
	address: Address;
}

export interface Address {
	street: string;
	city: string;
	/** @pattern ^[A-Z]{2}$ */
	country: string;
}

export interface Money {
	/** @int */
	cents: number;
	currency: "EUR" | "USD" | "GBP";
}

export interface Page<T> {
	items: T[];
	next?: string;
}
`;

function service(n: number): string {
	return `import type { Money, Page, Party } from "./shared.js";

/** Orders of the kind ${n}. */
export interface Order${n}s {
	/** One of them. @idempotent */
	get(id: string): Promise<Order${n}>;
	/** Those that fit. @idempotent @timeout 2s */
	list(filter: Filter${n}, limit?: number): Promise<Page<Order${n}>>;
	/** A new one. */
	create(order: NewOrder${n}): Promise<Order${n}>;
	/** Another state of one. */
	change(id: string, change: Change${n}): Promise<Order${n}>;
	/** What has happened to one. */
	history(id: string, since?: Date): Promise<Event${n}[]>;
}

export interface NewOrder${n} {
	buyer: Party;
	seller: Party;
	lines: Line${n}[];
	memo?: string;
}

export interface Order${n} extends NewOrder${n} {
	/** @minLength 1 */
	id: string;
	state: State${n};
	created: Date;
	total: Money;
	labels: Record<string, string>;
}

export interface Line${n} {
	article: string;
	/** @int @minimum 1 */
	count: number;
	price: Money;
	discount?: number | null;
}

export type State${n} = "open" | "paid" | "sent" | "closed";

export interface Filter${n} {
	states?: State${n}[];
	/** @maxLength 100 */
	text?: string;
	until?: Date;
}

export type Change${n} = Partial<Pick<Order${n}, "memo" | "state" | "labels">>;

export type Event${n} =
	| { kind: "paid"; at: Date; amount: Money }
	| { kind: "sent"; at: Date; parcels: string[] }
	| { kind: "noted"; at: Date; text: string };
`;
}

function serve(n: number): string {
	return `export function serve${n}(order: Order${n}) {
	server.add(
		order${n}sService({
			get: (id) => ({ ...order, id }),
			list: (filter, limit) => ({ items: filter.text === order.memo ? [order].slice(0, limit) : [] }),
			create: (given) => ({ ...order, ...given }),
			change: (id, change) => ({ ...order, ...change, id }),
			history: (id, since) => (since === undefined ? [{ kind: "noted", at: order.created, text: id }] : []),
		}),
	);
}`;
}

function call(n: number): string {
	return `export async function call${n}(): Promise<string[]> {
	const orders = new Order${n}sClient(connection);
	const one = await orders.get("1");
	const page = await orders.list({ states: ["open"] }, 10);
	const made = await orders.create({ buyer: one.buyer, seller: one.seller, lines: one.lines });
	const next = await orders.change(made.id, { state: "paid" });
	const events = await orders.history(next.id);
	return [...page.items.map(({ total }) => total.currency), ...events.map((event) => event.kind)];
}`;
}
