import { writeFile } from "node:fs/promises";
import { curveKeyPair } from "../link/zmtp-link.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";

export interface KeysCommand {
	/** Where the secret key goes instead of to stdout. */
	readonly secretKeyFile: string | undefined;
	readonly isJson: boolean;
}

/** Makes a CURVE key pair. A secret key's file is its owner's alone, and none that exists is written over. Returns the exit status. */
export async function keys({ secretKeyFile, isJson }: KeysCommand): Promise<number> {
	const { publicKey, secretKey } = curveKeyPair();
	if (secretKeyFile !== undefined) {
		try {
			await writeFile(secretKeyFile, `${secretKey}\n`, { flag: "wx", mode: 0o600 });
		} catch (error) {
			console.error(`homing keys: ${(error as Error).message}`);
			return Exit.USAGE;
		}
	}
	const printed = secretKeyFile === undefined ? { publicKey, secretKey } : { publicKey };
	if (isJson) console.log(formatValue(printed, false));
	else for (const [name, key] of Object.entries(printed)) console.log(`${name.padEnd(10)} ${key}`);
	return Exit.OK;
}
