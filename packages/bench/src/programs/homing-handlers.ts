import { type EchoHandlers, echoService } from "../generated/echo.js";
import { makeSmall } from "../workload.js";

/** Ordinary handlers: their arguments are typed and validated, and so is what they return. */
export const echoHandlers: EchoHandlers = {
	small: (message) => message,
	medium: (order) => order,
	large: (octets) => octets,
	*items(count) {
		for (let number = 0; number < count; number++) yield makeSmall(number);
	},
	async count(messages) {
		let count = 0;
		for await (const _ of messages) count++;
		return count;
	},
};

export const echo = echoService(echoHandlers);
