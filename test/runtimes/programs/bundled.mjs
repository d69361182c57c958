// A server and its client in one file, for a bundler: sockets and calls.
import assert from "node:assert/strict";
import { connect, Server } from "@homing/runtime";
import { Reply, Request } from "@homing/zmtp";
import { GreeterClient, greeterService } from "../../../packages/examples/dist/hello/generated/greeter.js";

const server = new Server();
server.add(greeterService({ greet: (name) => `Hello, ${name}!` }));
const connection = connect(await server.bind("tcp://127.0.0.1:0"));
assert.equal(await new GreeterClient(connection).greet("bundle"), "Hello, bundle!");
await connection.close();
await server.close();
console.log("ok calls");

const reply = new Reply();
const request = new Request();
await reply.bind("tcp://127.0.0.1:0");
request.connect(reply.lastEndpoint);
await request.send("question");
assert.equal(String((await reply.receive())[0]), "question");
await reply.send("answer");
assert.equal(String((await request.receive())[0]), "answer");
await Promise.all([reply.close(), request.close()]);
console.log("ok sockets");
