/** The made services as a router of tRPC's, with the same types in zod, and a client that calls each procedure. */
import { type Files, numbers, tsconfig } from "./files.js";

export function router(methods: number): Files {
	const all = numbers(methods);
	const routers = all.map((number) => [`src/routers/order${number}.ts`, orders(number)] as const);
	const root = [
		'import { router } from "./trpc.js";',
		...all.map((n) => `import { order${n}s } from "./routers/order${n}.js";`),
		`export const appRouter = router({ ${all.map((n) => `order${n}s`).join(", ")} });`,
		"export type AppRouter = typeof appRouter;",
	];
	const client = [
		'import { createTRPCClient, httpBatchLink } from "@trpc/client";',
		'import type { AppRouter } from "./router.js";',
		'const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "http://127.0.0.1:3000" })] });',
		...all.map((n) => call(n)),
	];
	return {
		"tsconfig.json": tsconfig,
		"src/trpc.ts": setUp,
		"src/routers/shared.ts": shared,
		...Object.fromEntries(routers),
		"src/router.ts": `${root.join("\n")}\n`,
		"src/client.ts": `${client.join("\n")}\n`,
	};
}

const setUp = `import { initTRPC } from "@trpc/server";

const t = initTRPC.create();
export const router = t.router;
export const procedure = t.procedure;
`;

const shared = `import * as z from "zod";

export const address = z.object({ street: z.string(), city: z.string(), country: z.string().regex(/^[A-Z]{2}$/u) });
export const party = z.object({ name: z.string(), mail: z.email(), address });
export const money = z.object({ cents: z.int(), currency: z.enum(["EUR", "USD", "GBP"]) });
`;

function orders(n: number): string {
	return `import * as z from "zod";
import { procedure, router } from "../trpc.js";
import { money, party } from "./shared.js";

const line = z.object({
	article: z.string(),
	count: z.int().gte(1),
	price: money,
	discount: z.number().nullable().exactOptional(),
});

const newOrder = z.object({ buyer: party, seller: party, lines: z.array(line), memo: z.string().exactOptional() });

const state = z.enum(["open", "paid", "sent", "closed"]);

const order = newOrder.extend({
	id: z.string().min(1),
	state,
	created: z.date(),
	total: money,
	labels: z.record(z.string(), z.string()),
});

const filter = z.object({
	states: z.array(state).exactOptional(),
	text: z.string().max(100).exactOptional(),
	until: z.date().exactOptional(),
});

const change = order.pick({ memo: true, state: true, labels: true }).partial();

type Order = z.infer<typeof order>;

export type Event${n} =
	| { kind: "paid"; at: Date; amount: z.infer<typeof money> }
	| { kind: "sent"; at: Date; parcels: string[] }
	| { kind: "noted"; at: Date; text: string };

declare const stored: Order;

/** Orders of the kind ${n}. */
export const order${n}s = router({
	/** One of them. */
	get: procedure.input(z.object({ id: z.string() })).query(({ input }): Order => ({ ...stored, id: input.id })),
	/** Those that fit. */
	list: procedure
		.input(z.object({ filter, limit: z.number().optional() }))
		.query(({ input }): { items: Order[]; next?: string } => ({
			items: input.filter.text === stored.memo ? [stored].slice(0, input.limit) : [],
		})),
	/** A new one. */
	create: procedure.input(newOrder).mutation(({ input }): Order => ({ ...stored, ...input })),
	/** Another state of one. */
	change: procedure
		.input(z.object({ id: z.string(), change }))
		.mutation(({ input }): Order => ({ ...stored, ...(input.change as Partial<Order>), id: input.id })),
	/** What has happened to one. */
	history: procedure
		.input(z.object({ id: z.string(), since: z.date().optional() }))
		.query(({ input }): Event${n}[] =>
			input.since === undefined ? [{ kind: "noted", at: stored.created, text: input.id }] : [],
		),
});
`;
}

function call(n: number): string {
	return `export async function call${n}(): Promise<string[]> {
	const orders = client.order${n}s;
	const one = await orders.get.query({ id: "1" });
	const page = await orders.list.query({ filter: { states: ["open"] }, limit: 10 });
	const made = await orders.create.mutate({ buyer: one.buyer, seller: one.seller, lines: one.lines });
	const next = await orders.change.mutate({ id: made.id, change: { state: "paid" } });
	const events = await orders.history.query({ id: next.id });
	return [...page.items.map(({ total }) => total.currency), ...events.map((event) => event.kind)];
}`;
}
