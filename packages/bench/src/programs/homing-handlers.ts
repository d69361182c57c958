import { echoService } from "../generated/echo.js";
import { makeSmall } from "../workload.js";

/** Ordinary handlers: their arguments are typed and validated, and so is what they return. */
export const echo = echoService({
	small: (message) => message,
	medium: (order) => order,
	large: (octets) => octets,
	*items(count) {
		for (let number = 0; number < count; number++) yield makeSmall(number);
	},
});
