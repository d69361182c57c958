import { Server } from "@homing/runtime";
import { type Account, type Entry, InsufficientFunds } from "./bank.js";
import { bankService } from "./generated/bank.js";

const entries: Entry[] = [];
const balances = new Map<Account, number>([["ada", 10_000]]);
const balanceOf = (account: Account) => balances.get(account) ?? 0;

function enter(account: Account, cents: number): void {
	balances.set(account, balanceOf(account) + cents);
	entries.push({ account, at: new Date(), cents });
}

const bank = bankService({
	balance: balanceOf,

	transfer(from, to, cents) {
		const balance = balanceOf(from);
		if (cents > balance) throw new InsufficientFunds(`${from} has only ${balance}`, { balance });
		enter(from, -cents);
		enter(to, cents);
		return { at: new Date(), balance: balanceOf(from) };
	},

	log: (line) => console.log(`log: ${line}`),

	*statement(account) {
		try {
			for (const entry of entries) if (entry.account === account) yield entry;
		} finally {
			console.log(`statement of ${account}: done`);
		}
	},

	async deposit(account, coins) {
		for await (const cents of coins) enter(account, cents);
		return balanceOf(account);
	},

	async *exchange(offers) {
		for await (const cents of offers) yield cents * 2;
	},

	async audit(onProgress, approve) {
		let approved = 0;
		for (const [done, entry] of entries.entries()) {
			if (Math.abs(entry.cents) < 1000 || (await approve(entry))) approved++;
			onProgress(done + 1);
		}
		return approved;
	},
});

const server = new Server().add(bank);
await server.bind(process.argv[2] ?? "tcp://127.0.0.1:5555");

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void server.drain());
