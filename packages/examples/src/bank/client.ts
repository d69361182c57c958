import { connect } from "@homing/runtime";
import { InsufficientFunds } from "./bank.js";
import { BankClient } from "./generated/bank.js";

const connection = connect(process.argv[2] ?? "tcp://127.0.0.1:5555");
const bank = new BankClient(connection);

console.log(`ada has ${await bank.balance("ada")}`);
console.log(`after a transfer she has ${(await bank.transfer("ada", "bob", 2500)).balance}`);

try {
	await bank.transfer("bob", "ada", 1_000_000);
} catch (error) {
	if (!(error instanceof InsufficientFunds)) throw error;
	console.log(`bob cannot send a million: ${error.message}, and error.data says ${error.data.balance}`);
}

async function* coins() {
	for (const cents of [1, 2, 5, 10]) yield cents;
}
console.log(`with some coins bob has ${await bank.deposit("bob", coins())}`);

for await (const { cents } of bank.statement("bob")) {
	console.log(`bob's first entry: ${cents}`);
	break; // The server's generator runs its finally.
}

const changed: number[] = [];
for await (const cents of bank.exchange(coins())) changed.push(cents);
console.log(`changed: ${changed.join(", ")}`);

let seen = 0;
const approved = await bank.audit(
	(done) => {
		seen = done;
	},
	async ({ cents }) => cents > 0,
);
console.log(`${approved} of ${seen} entries approved`);

// One server here; with several, or a queue, an answer of each.
for await (const { value, error } of bank.everyone.balance("ada", { timeoutMs: 1000 })) {
	console.log(`asked of everybody, ada has ${error === undefined ? value : error.status}`);
}

bank.log("the client is done");
await connection.close();
