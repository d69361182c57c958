import { peerProgram, program } from "../children/paths.js";
import { interfaces, uses } from "../made/homing.js";
import { router } from "../made/trpc.js";
import { codecContestants } from "./codecs.js";
import type { Contestant, Programs } from "./contestant.js";
import { compileLibzmqPrograms, libzmqProgram } from "./libzmq.js";
import { preparePeer } from "./peers.js";

/** What ratios are taken against: the same messages by libzmq in C++. */
export const yardstick = "libzmq";
/** Where the octets are many, what Node does with them by hand. */
export const largeYardstick = "node:net";

const poolWorkers = 4;
const pool = (command: Programs["server"]) => Array.from({ length: poolWorkers }, () => command);
const ours = async () => "this tree";

/** The bare echo of the scenarios with calls and of those without. */
const calls = (programs: Programs) => ({ small: programs, medium: programs });
const echo = (programs: Programs) => ({ echo: programs, curve: programs });
const streams = (programs: Programs) => ({ "push-pull": programs, "pub-sub": programs });

const limitEcho = { server: program("limit-server"), client: program("limit-client") };
/** For a program that has no use for it. */
const asMuchCode = [`--import=${import.meta.resolve("@homing/runtime")}`];
const recordsEcho = { server: program("records-server"), client: program("records-client") };
const portEcho = { server: program("zmtp-server"), client: program("zmtp-client") };
const libzmqEcho = { server: libzmqProgram("echo", "server"), client: libzmqProgram("echo", "client") };
const zeromqEcho = { server: peerProgram("zeromq-server"), client: peerProgram("zeromq-client") };

/** In the order of the report. */
export const contestants: readonly Contestant[] = [
	{
		name: "limit",
		summary: "node:net giving back the same octets unparsed: what Node's sockets can do at all",
		isBare: true,
		prepare: async () => process.version.slice(1),
		programs: { ...calls(limitEcho), echo: limitEcho },
	},
	{
		name: "node:net",
		summary: "node:net by hand: records behind their length, each put together in memory of its own and given back",
		isBare: true,
		prepare: async () => process.version.slice(1),
		programs: { large: recordsEcho },
	},
	{
		name: "node:net+code",
		summary:
			"the same in processes that have loaded as much code as Homing's, for the heap's size decides how V8 collects octets",
		isBare: true,
		prepare: async () => process.version.slice(1),
		programs: {
			large: { server: program("records-server", [], asMuchCode), client: program("records-client", [], asMuchCode) },
		},
	},
	{
		name: "homing",
		summary: "calls through generated stubs, typed, validated on both sides",
		isBare: false,
		prepare: ours,
		programs: {
			...calls({ server: program("homing-server"), client: program("homing-client") }),
			large: { server: program("homing-server"), client: program("homing-client") },
			pool: {
				server: program("homing-queue"),
				workers: pool(program("homing-worker")),
				client: program("homing-client"),
			},
			stream: { server: program("homing-server"), client: program("homing-stream-client") },
			context: { server: program("homing-server"), client: program("homing-client") },
			codec: { command: program("codec-homing"), checks: "all" },
			codegen: {
				files: (methods) => ({ ...interfaces(methods), ...uses(methods) }),
				packages: ["@homing/runtime", "@types/node", "zod"],
				hasStubs: true,
			},
		},
	},
	{
		name: "homing-context",
		summary: "in `context`: past an interceptor, with metadata, within the deadline of a call that is being served",
		isBare: false,
		prepare: ours,
		programs: { context: { server: program("homing-server"), client: program("context-client") } },
	},
	{
		name: "homing-upload",
		summary: "in `stream`: streams that the client sends",
		isBare: false,
		prepare: ours,
		programs: { stream: { server: program("homing-server"), client: program("homing-upload-client") } },
	},
	{
		name: "homing-calls",
		summary: "in `stream`: a call for each item instead",
		isBare: false,
		prepare: ours,
		programs: { stream: { server: program("homing-server"), client: program("homing-client") } },
	},
	{
		name: "zmtp",
		summary: "@homing/zmtp over its synchronous port, DEALER and ROUTER echoing three frames",
		isBare: true,
		prepare: ours,
		programs: { ...calls(portEcho), large: portEcho, ...echo(portEcho) },
	},
	{
		name: "zmtp-classes",
		summary: "@homing/zmtp through its public classes: awaited sends, `for await`",
		isBare: true,
		prepare: ours,
		programs: {
			...echo({ server: program("router-server"), client: program("dealer-client") }),
			...streams({ server: program("stream-sender"), client: program("stream-receiver") }),
			connections: {
				server: program("router-server", [], ["--expose-gc"]),
				client: program("connections-client", [], ["--expose-gc"]),
			},
		},
	},
	{
		name: yardstick,
		summary: "C++ on both sides; DEALER and ROUTER echo three frames, in `pool` through zmq_proxy to 4 workers",
		isBare: true,
		prepare: compileLibzmqPrograms,
		programs: {
			...calls(libzmqEcho),
			large: libzmqEcho,
			...echo(libzmqEcho),
			...streams({ server: libzmqProgram("stream", "server"), client: libzmqProgram("stream", "client") }),
			pool: {
				server: libzmqProgram("echo", "proxy"),
				workers: pool(libzmqProgram("echo", "worker")),
				client: libzmqProgram("echo", "client"),
			},
			connections: { server: libzmqProgram("echo", "server"), client: libzmqProgram("connections", "client") },
		},
	},
	{
		name: "zeromq.js",
		summary: "libzmq's binding for Node: awaited sends, `for await`",
		isBare: true,
		prepare: () => preparePeer("zeromq"),
		programs: {
			...calls(zeromqEcho),
			...echo(zeromqEcho),
			...streams({ server: peerProgram("zeromq-sender"), client: peerProgram("zeromq-receiver") }),
			connections: {
				server: peerProgram("zeromq-server", ["--expose-gc"]),
				client: peerProgram("zeromq-connections-client", ["--expose-gc"]),
			},
		},
	},
	{
		name: "grpc-js",
		summary: "unary calls of the same messages in protobuf",
		isBare: false,
		prepare: () => preparePeer("@grpc/grpc-js"),
		programs: {
			...calls({ server: peerProgram("grpc-server"), client: peerProgram("grpc-client") }),
			stream: { server: peerProgram("grpc-server"), client: peerProgram("grpc-stream-client") },
		},
	},
	{
		name: "ws-json",
		summary: "JSON-RPC by hand over ws, numbers to waiting calls in a Map, not validated",
		isBare: false,
		prepare: () => preparePeer("ws"),
		programs: calls({ server: peerProgram("ws-server"), client: peerProgram("ws-client") }),
	},
	...codecContestants,
	{
		name: "trpc",
		summary: "in `codegen`: the same services as a router of tRPC's, with zod for its inputs",
		isBare: false,
		prepare: () => preparePeer("@trpc/server"),
		programs: {
			codegen: {
				files: router,
				packages: ["@trpc/client", "@trpc/server", "@types/node", "zod"],
				hasStubs: false,
			},
		},
	},
];
