import { Server } from "@homing/runtime";
import { greeterService } from "./generated/greeter.js";

const server = new Server();
server.add(greeterService({ greet: (name) => `Hello, ${name}!` }));
console.log(`serving at ${await server.bind(process.argv[2] ?? "tcp://127.0.0.1:5555")}`);

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void server.drain());
