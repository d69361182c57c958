import { type Account, type Bank, type Cents, InsufficientFunds } from "./bank.js";

/** Pays the rent, or what there is of it. Returns what is still owed. */
export async function payRent(bank: Bank, tenant: Account, landlord: Account, rent: Cents): Promise<number> {
	try {
		await bank.transfer(tenant, landlord, rent);
		return 0;
	} catch (error) {
		if (!(error instanceof InsufficientFunds)) throw error;
		const { balance } = error.data;
		if (balance > 0) await bank.transfer(tenant, landlord, balance);
		bank.log(`${tenant} owes ${rent - balance}`);
		return rent - balance;
	}
}
