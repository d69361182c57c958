/** What the flags about keys and passwords say. Files are read once, at the start; no secret is ever an argument, which all who are on the machine can read. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import type {
	ClientSecurity,
	CurveServerSecurity,
	KeyPair,
	PlainServerSecurity,
	ServerSecurity,
} from "../link/security.js";

/** Of whoever connects: a command, or a queue that joins others. */
export interface ClientSecurityFlags {
	readonly serverKey: string | undefined;
	readonly secretKeyFile: string | undefined;
	readonly username: string | undefined;
	readonly passwordFile: string | undefined;
}

/** Whose flags they are: what they are called there, and where the password is when no file has it. */
export interface ClientSecurityNames {
	readonly serverKey: string;
	readonly username: string;
	readonly passwordFile: string;
	readonly passwordVariable: string;
}

const namesOfCommands: ClientSecurityNames = {
	serverKey: "--server-key",
	username: "--username",
	passwordFile: "--password-file",
	passwordVariable: "HOMING_PASSWORD",
};

/** `undefined`: no flag says anything. Rejects when they do not go together, or a file cannot be read. */
export async function clientSecurity(
	{ serverKey, secretKeyFile, username, passwordFile }: ClientSecurityFlags,
	names = namesOfCommands,
): Promise<ClientSecurity | undefined> {
	if (username !== undefined) {
		const curve =
			serverKey !== undefined ? names.serverKey : secretKeyFile !== undefined ? "--secret-key-file" : undefined;
		if (curve !== undefined) throw new Error(`${names.username} is PLAIN's and ${curve} CURVE's: give one of them`);
		return { username, password: await readPassword(passwordFile, names) };
	}
	if (passwordFile !== undefined)
		throw new Error(`${names.passwordFile} needs ${names.username}: whose password it is`);
	if (serverKey === undefined) {
		if (secretKeyFile === undefined) return undefined;
		throw new Error(`--secret-key-file needs ${names.serverKey}: the public key of the other end`);
	}
	return secretKeyFile === undefined ? { serverKey } : { serverKey, keyPair: await readKeyPair(secretKeyFile) };
}

async function readPassword(file: string | undefined, names: ClientSecurityNames): Promise<string> {
	if (file !== undefined) return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
	const password = process.env[names.passwordVariable];
	if (password !== undefined) return password;
	throw new Error(
		`${names.username} needs a password: in the file of ${names.passwordFile}, or in ${names.passwordVariable} of the environment`,
	);
}

/** Of one side that binds: who may come in there, by key or by password. */
export interface ServerSecurityFlags {
	readonly allowedFile: string | undefined;
	readonly passwordsFile: string | undefined;
	/** What the flags are called after. */
	readonly side: "client" | "worker";
}

/** `keyPair` is the queue's own, on both sides. `undefined`: everybody comes in. */
export async function serverSecurity(
	keyPair: KeyPair | undefined,
	{ allowedFile, passwordsFile, side }: ServerSecurityFlags,
): Promise<ServerSecurity | undefined> {
	const flag = `--allowed-${side}s`;
	if (passwordsFile !== undefined) {
		if (allowedFile !== undefined) {
			throw new Error(`--${side}-passwords is PLAIN's and ${flag} CURVE's: ${side}s come in by one of them`);
		}
		return { mechanism: "PLAIN", authenticate: await readPasswords(passwordsFile) };
	}
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

/** A name a line and, behind a space, its password; empty lines are none. */
async function readPasswords(file: string): Promise<PlainServerSecurity["authenticate"]> {
	const known = new Map<string, Buffer>();
	for (const [index, line] of (await readFile(file, "utf8")).split(/\r?\n/).entries()) {
		if (line === "") continue;
		const space = line.indexOf(" ");
		// Not the line itself: this goes to a log, and the line may be a password.
		if (space < 1) throw new Error(`${file}:${index + 1}: write a name, a space, and the password`);
		known.set(line.slice(0, space), digest(line.slice(space + 1)));
	}
	// A name that nobody has takes as long as a wrong password.
	const nobody = randomBytes(32);
	return ({ username, password }) => timingSafeEqual(digest(password), known.get(username) ?? nobody);
}

function digest(password: string): Buffer {
	return createHash("sha256").update(password).digest();
}
