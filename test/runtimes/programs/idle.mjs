// A process ends though sockets are open, when they have nothing to do; not before what was sent has left.
import assert from "node:assert/strict";
import { Dealer, Pull, Push, Router } from "@homing/zmtp";
import { next } from "./check.mjs";

const router = new Router();
const dealer = new Dealer();
await router.bind("tcp://127.0.0.1:*");
dealer.connect(router.lastEndpoint);
await dealer.send("hello");
assert.equal(String((await router.receive())[1]), "hello");
const pull = new Pull();
await pull.bind("ipc://*");
const push = new Push();
const met = next(pull, "handshake");
push.connect(pull.lastEndpoint);
await push.send("hello");
await met;
new Push().connect("tcp://127.0.0.1:1");
console.log("ok idle");
