import { echoService } from "../generated/echo.js";

/** Ordinary handlers: their arguments are typed and validated, and so is what they return. */
export const echo = echoService({
	small: (message) => message,
	medium: (order) => order,
});
