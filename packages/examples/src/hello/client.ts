import { connect } from "@homing/runtime";
import { GreeterClient } from "./generated/greeter.js";

const connection = connect(process.argv[2] ?? "tcp://127.0.0.1:5555");
const greeter = new GreeterClient(connection);

console.log(await greeter.greet("world"));
await connection.close();
