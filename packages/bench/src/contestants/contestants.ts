import { peerProgram, program } from "../children/paths.js";
import type { Contestant } from "./contestant.js";
import { compileLibzmqEcho } from "./libzmq.js";
import { preparePeer } from "./peers.js";

/** What every ratio is taken against: the same messages echoed by libzmq in C++. */
export const yardstick = "libzmq";

const poolWorkers = 4;
const ours = async () => "this tree";

/** In the order of the report. */
export const contestants: readonly Contestant[] = [
	{
		name: "limit",
		summary: "node:net giving back the same octets unparsed: what Node's sockets can do at all",
		isBare: true,
		scenarios: ["small", "medium", "echo"],
		prepare: async () => process.version.slice(1),
		programs: async () => ({ server: program("limit-server"), client: program("limit-client") }),
	},
	{
		name: "homing",
		summary: "calls through generated stubs, typed, validated on both sides",
		isBare: false,
		scenarios: ["small", "medium", "pool"],
		prepare: ours,
		programs: async (scenario) =>
			scenario === "pool"
				? {
						server: program("homing-queue"),
						workers: Array.from({ length: poolWorkers }, () => program("homing-worker")),
						client: program("homing-client"),
					}
				: { server: program("homing-server"), client: program("homing-client") },
	},
	{
		name: "zmtp",
		summary: "@homing/zmtp, DEALER and ROUTER echoing three frames over the synchronous port",
		isBare: true,
		scenarios: ["small", "medium", "echo"],
		prepare: ours,
		programs: async () => ({ server: program("zmtp-server"), client: program("zmtp-client") }),
	},
	{
		name: yardstick,
		summary: "C++ client and server, DEALER and ROUTER echoing three frames; in `pool` through zmq_proxy to 4 workers",
		isBare: true,
		scenarios: ["small", "medium", "echo", "pool"],
		prepare: async () => {
			await compileLibzmqEcho();
			return "the system's";
		},
		programs: async (scenario) => {
			const file = await compileLibzmqEcho();
			const part = (name: string) => ({ file, flags: [name] });
			return scenario === "pool"
				? {
						server: part("proxy"),
						workers: Array.from({ length: poolWorkers }, () => part("worker")),
						client: part("client"),
					}
				: { server: part("server"), client: part("client") };
		},
	},
	{
		name: "zeromq.js",
		summary: "libzmq's binding for Node, DEALER and ROUTER echoing three frames",
		isBare: true,
		scenarios: ["small", "medium", "echo"],
		prepare: () => preparePeer("zeromq"),
		programs: async () => ({ server: peerProgram("zeromq-server"), client: peerProgram("zeromq-client") }),
	},
	{
		name: "grpc-js",
		summary: "unary calls of the same messages in protobuf",
		isBare: false,
		scenarios: ["small", "medium"],
		prepare: () => preparePeer("@grpc/grpc-js"),
		programs: async () => ({ server: peerProgram("grpc-server"), client: peerProgram("grpc-client") }),
	},
	{
		name: "ws-json",
		summary: "JSON-RPC by hand over ws, numbers to waiting calls in a Map, not validated",
		isBare: false,
		scenarios: ["small", "medium"],
		prepare: () => preparePeer("ws"),
		programs: async () => ({ server: peerProgram("ws-server"), client: peerProgram("ws-client") }),
	},
];
