/** What the flags about keys say. Files are read once, at the start. */
import { readFile } from "node:fs/promises";
import type { ClientSecurity, CurveServerSecurity, KeyPair, ServerSecurity } from "../link/security.js";

/** Of commands that connect. */
export interface ClientSecurityFlags {
	readonly serverKey: string | undefined;
	readonly secretKeyFile: string | undefined;
}

/** `undefined`: no flag says anything. Rejects when they do not go together, or a file cannot be read. */
export async function clientSecurity(flags: ClientSecurityFlags): Promise<ClientSecurity | undefined> {
	const { serverKey, secretKeyFile } = flags;
	if (serverKey === undefined) {
		if (secretKeyFile === undefined) return undefined;
		throw new Error("--secret-key-file needs --server-key: the public key of the other end");
	}
	return secretKeyFile === undefined ? { serverKey } : { serverKey, keyPair: await readKeyPair(secretKeyFile) };
}

/** The pair of one side that binds, and who may come in there. */
export async function serverSecurity(
	keyPair: KeyPair | undefined,
	allowedFile: string | undefined,
	flag: string,
): Promise<ServerSecurity | undefined> {
	if (keyPair === undefined) {
		if (allowedFile === undefined) return undefined;
		throw new Error(`${flag} needs --secret-key-file: without keys of its own the queue cannot tell anybody's`);
	}
	if (allowedFile === undefined) return { keyPair };
	const allowed = await readAllowed(allowedFile);
	const authenticate: CurveServerSecurity["authenticate"] = ({ publicKey }) => {
		const userId = allowed.get(publicKey);
		return userId === undefined ? false : { userId };
	};
	return { keyPair, authenticate };
}

export async function readKeyPair(file: string): Promise<KeyPair> {
	return { secretKey: (await readFile(file, "utf8")).trim() };
}

/** A public key a line and, behind a space, who has it; empty lines are none. */
async function readAllowed(file: string): Promise<ReadonlyMap<string, string>> {
	const allowed = new Map<string, string>();
	for (const line of (await readFile(file, "utf8")).split("\n")) {
		const [key, ...name] = line.trim().split(/\s+/) as [string, ...string[]];
		if (key === "") continue;
		if (key.length !== 40) throw new Error(`${file}: a public key has 40 digits of Z85: ${line.trim()}`);
		allowed.set(key, name.join(" ") || key);
	}
	return allowed;
}
