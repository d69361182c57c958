import * as z from "zod";
import {
	type CallContext,
	defineService,
	messageCodec,
	oneWay,
	type Service,
	unary,
} from "../../../packages/runtime/src/index.js";

const text = messageCodec(z.tuple([z.string()]), { parameters: ["text"] });

/** A service written by hand, as generated code would write it. */
export const echo = {
	/** Answers with what it was given. */
	say: unary({ name: "Echo.say", isIdempotent: true, arguments: text, result: messageCodec(z.string()) }),
	/** The same, and must not run twice. */
	risky: unary({ name: "Echo.risky", arguments: text, result: messageCodec(z.string()) }),
	/** Takes as much time as the handler of the test likes. */
	work: unary({
		name: "Echo.work",
		isIdempotent: true,
		arguments: messageCodec(z.tuple([z.unknown()]), { parameters: ["what"] }),
		result: messageCodec(z.unknown()),
	}),
	order: unary({
		name: "Echo.order",
		arguments: messageCodec(z.tuple([z.object({ to: z.string(), cents: z.int().min(1) })]), { parameters: ["order"] }),
		result: messageCodec(z.int()),
	}),
	note: oneWay({ name: "Echo.note", arguments: text }),
} as const;

export const echoDescriptor = { name: "Echo", schemaHash: "e", methods: echo };

export interface EchoHandlers {
	say?: (text: string, context: CallContext) => unknown;
	risky?: (text: string, context: CallContext) => unknown;
	work?: (what: unknown, context: CallContext) => unknown;
	order?: (order: { to: string; cents: number }, context: CallContext) => unknown;
	note?: (text: string, context: CallContext) => unknown;
}

/** Handlers may return anything: what they should not is what some tests are about. */
export function echoService(handlers: EchoHandlers = {}): Service {
	return defineService(echoDescriptor, {
		say: ([said], context) => (handlers.say ?? same)(said, context) as string,
		risky: ([said], context) => (handlers.risky ?? same)(said, context) as string,
		work: ([what], context) => (handlers.work ?? same)(what, context),
		order: ([ordered], context) => (handlers.order ?? (({ cents }) => cents))(ordered, context) as number,
		note: ([noted], context) => (handlers.note ?? same)(noted, context) as undefined,
	});
}

function same<T>(value: T): T {
	return value;
}
