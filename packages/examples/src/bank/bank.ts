import { ServiceError } from "@homing/runtime";

/** Accounts, and every form that a call can have. */
export interface Bank {
	/** The balance in cents. @idempotent */
	balance(account: Account): Promise<number>;
	/** @throws {InsufficientFunds} */
	transfer(from: Account, to: Account, cents: Cents): Promise<Receipt>;
	/** Nobody waits for it. */
	log(line: string): void;
	/** What happened to an account, the oldest first. */
	statement(account: Account): AsyncIterable<Entry>;
	/** Takes coins until there are no more; returns the new balance. */
	deposit(account: Account, coins: AsyncIterable<Cents>): Promise<number>;
	/** Changes each offer by the rate of its moment. */
	exchange(offers: AsyncIterable<Cents>): AsyncIterable<Cents>;
	/** Looks through all entries. Tells how far it is, and asks about each that is large. Returns how many were approved. */
	audit(onProgress: (done: number) => void, approve: (entry: Entry) => Promise<boolean>): Promise<number>;
}

/** @pattern ^[a-z]+$ */
export type Account = string;

/** @int @minimum 1 */
export type Cents = number;

export interface Entry {
	account: Account;
	at: Date;
	/** Positive for what came, negative for what went. @int */
	cents: number;
}

export interface Receipt {
	at: Date;
	/** What is left. */
	balance: number;
}

/** There is less in the account than should leave it. */
export class InsufficientFunds extends ServiceError<{ balance: number }> {}
