// Written by hand in the form that @homing/codegen gives ../services/echo.ts; to be generated.
import { type CallContext, type CallOptions, type Connection, defineService, messageCodec, type Service, unary } from "@homing/runtime";
import * as z from "zod";
import type { Echo, Order, Small } from "../services/echo.js";

const small = z.object({ name: z.string(), id: z.int().min(0), v: z.number() });
const order = z.object({
	id: z.int().min(0),
	customer: z.object({ name: z.string().min(1) }),
	lines: z.array(z.object({ sku: z.string(), count: z.int().min(1), cents: z.int().min(0) })).min(1),
	paid: z.boolean(),
});

const methods = {
	small: unary<[message: Small], Small>({
		name: "Echo.small",
		arguments: messageCodec<[message: Small]>(z.tuple([small]), { parameters: ["message"] }),
		result: messageCodec<Small>(small),
	}),
	medium: unary<[order: Order], Order>({
		name: "Echo.medium",
		arguments: messageCodec<[order: Order]>(z.tuple([order]), { parameters: ["order"] }),
		result: messageCodec<Order>(order),
	}),
};

export const echoDescriptor = { name: "Echo", schemaHash: "", methods };

export class EchoClient implements Echo {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	small(message: Small, options?: CallOptions): Promise<Small> {
		return this.#connection.call(methods.small, [message], options);
	}

	medium(order: Order, options?: CallOptions): Promise<Order> {
		return this.#connection.call(methods.medium, [order], options);
	}
}

export interface EchoHandlers {
	small(message: Small, context: CallContext): Small | Promise<Small>;
	medium(order: Order, context: CallContext): Order | Promise<Order>;
}

export function echoService(handlers: EchoHandlers): Service {
	return defineService(echoDescriptor, {
		small: ([message], context) => handlers.small(message, context),
		medium: ([order], context) => handlers.medium(order, context),
	});
}
