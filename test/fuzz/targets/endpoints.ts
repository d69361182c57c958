import { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import { platform } from "../../../packages/zmtp/src/platform/node.js";
import { parseHostAndPort } from "../../../packages/zmtp/src/transport/endpoint.js";
import { resolveEndpoint } from "../../../packages/zmtp/src/transport/transports.js";
import { streamOptions } from "../../support/zmtp/streams.js";
import type { Dice } from "../dice.js";
import { mutateOctets } from "../mutate.js";
import { must, type Target } from "../target.js";

const pieces = ["tcp", "ipc", "inproc", "ws", "wss", "pgm", "://", ":", "//", "*", "0", "65535", "65536", "[::1]", "["];
const more = [
	"]",
	"%",
	"@",
	"/",
	"..",
	"localhost",
	"127.0.0.1",
	".",
	"\0",
	"é",
	"\u{1f54a}",
	" ",
	"\n",
	"a".repeat(300),
];

/** Any text as an endpoint: taken, or refused for what it is. */
export const endpoints: Target = {
	name: "endpoints",
	isStream: false,
	generate: (dice) => Buffer.from(Array.from({ length: dice.length(12) }, () => makePiece(dice)).join("")),
	mutate: mutateOctets,
	run(input) {
		const text = Buffer.from(input).toString();
		return [
			refusalOf(() => {
				const { transport, address } = resolveEndpoint(platform.transports, text);
				transport.check(address, streamOptions);
			}),
			refusalOf(() => {
				const { host, port } = parseHostAndPort(text.replace(/^tcp:\/\//, ""), true);
				must(host !== "" && Number.isInteger(port) && port >= 0 && port < 65536, `taken for ${host} and ${port}`);
			}),
		].join(" ");
	},
};

function makePiece(dice: Dice): string {
	return dice.chance(0.9) ? dice.pick(dice.chance(0.6) ? pieces : more) : dice.octets(3).toString("latin1");
}

function refusalOf(action: () => void): string {
	try {
		action();
		return "taken";
	} catch (error) {
		if (error instanceof ZmtpError && (error.code === "EINVAL" || error.code === "EPROTONOSUPPORT")) return error.code;
		throw error;
	}
}
