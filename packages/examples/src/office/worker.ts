/** A worker of each service: `node dist/office/worker.js tcp://...`, where the queue takes workers. */
import { EventEmitter, on } from "node:events";
import { authenticatedUser, bearerAuth, type CallContext, RpcError, Server } from "@homing/runtime";
import { officeService, tillDescriptor, tillService } from "./generated/office.js";
import type { PurchaseRequest, Receipt } from "./office.js";
import { people } from "./people.js";

const queue = process.argv[2]!;
const interceptors = [bearerAuth({ verify: (token) => people.get(token) })];
const nameOf = ({ values }: CallContext) => values.get(authenticatedUser)?.id ?? "nobody";

const undecided: PurchaseRequest[] = [];
const news = new EventEmitter();

const office = officeService({
	buy(item, cents, context) {
		// The till answers ada itself: this handler, and its place at the queue, are free.
		if (cents < 5000) return context.forward(tillDescriptor.methods.pay, [item, cents]);
		const replyTo = context.delegate<Receipt>();
		undecided.push({ item, cents, by: nameOf(context), replyTo });
		news.emit("request");
		return undefined as never; // Of no account: the answer is whoever's who has `replyTo`.
	},

	async *requests(context) {
		if (nameOf(context) !== "the boss")
			throw new RpcError("PERMISSION_DENIED", `${nameOf(context)} decides on nothing`);
		const { signal } = context;
		// Before the first look: nothing that comes in between is missed.
		const changes = on(news, "request", { signal });
		for (;;) {
			while (undecided.length > 0) yield undecided.shift()!;
			await changes.next(); // Throws when the boss leaves.
		}
	},
});

// Ada's token has come along with the call that was passed on.
const till = tillService({ pay: (item, _cents, context) => ({ item, by: nameOf(context), from: "the till" }) });

for (const service of [office, till]) await new Server({ interceptors }).add(service).join(queue);
process.send?.("at work");
