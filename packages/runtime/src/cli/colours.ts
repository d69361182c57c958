import pc from "picocolors";

const { env, stdout } = process;

/**
 * Colours of what goes to stdout. Left to itself picocolors colours whatever is printed where `CI` is set, pipes
 * included, and a script would read escape codes as a part of an endpoint.
 */
export const { bold, dim } = pc.createColors(
	env["NO_COLOR"] ? false : env["FORCE_COLOR"] ? true : stdout.isTTY === true && env["TERM"] !== "dumb",
);
