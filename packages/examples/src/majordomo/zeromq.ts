import type * as Zmq from "@homing/zmtp";

/**
 * The sockets: `@homing/zmtp`, or whatever module `ZMQ` names. The other files use nothing but what zeromq.js 6 documents,
 * so `npm install zeromq` and `ZMQ=zeromq` run the same program on libzmq.
 */
const module = await import(process.env["ZMQ"] ?? "@homing/zmtp");

// zeromq.js is CommonJS: what it exports is its default here.
export const zmq: typeof Zmq = module.default ?? module;

export type { Router } from "@homing/zmtp";
