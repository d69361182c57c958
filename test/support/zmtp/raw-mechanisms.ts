/** The mechanisms as a raw peer speaks them, written by hand: the other side of the product's own. */
import type { SocketOptions } from "../../../packages/zmtp/src/index.js";
import { commandFrame, type GreetingParts, propertiesOf } from "./frames.js";
import { RawPeer } from "./raw-peer.js";

/**
 * Greetings, and all steps up to the one that tells the raw peer's `properties`: octets of any kind, right or wrong.
 * Resolves to what the handshake still lacks, after which the raw peer says and reads frames as the mechanism has them.
 */
export type Handshake = (peer: RawPeer, properties: Buffer, greeting?: GreetingParts) => Promise<() => Promise<void>>;

export interface RawMechanism {
	readonly name: "NULL" | "PLAIN" | "CURVE";
	/** What a socket of ours has to be told as server, and as client. */
	readonly server: SocketOptions;
	readonly client: SocketOptions;
	/** The raw peer as client of our server, and as server of our client. */
	readonly asClient: Handshake;
	readonly asServer: Handshake;
}

const shakeNull: Handshake = async (peer, properties, parts = {}) => {
	await peer.greet(parts);
	peer.say(commandFrame("READY", properties));
	return async () => void (await peer.readFrame());
};

export const rawNull: RawMechanism = {
	name: "NULL",
	server: {},
	client: {},
	asClient: shakeNull,
	asServer: shakeNull,
};

const lengthed = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
const plainUser = { username: "someone", password: "and something" };

/** RFC 24. */
export const rawPlain: RawMechanism = {
	name: "PLAIN",
	server: {
		plainServer: true,
		authenticator: ({ username, password }) => username === plainUser.username && password === plainUser.password,
	},
	client: { plainUsername: plainUser.username, plainPassword: plainUser.password },
	async asClient(peer, properties, parts = {}) {
		await peer.greet({ mechanism: "PLAIN", ...parts });
		peer.say(commandFrame("HELLO", Buffer.concat([lengthed(plainUser.username), lengthed(plainUser.password)])));
		await peer.readFrame();
		peer.say(commandFrame("INITIATE", properties));
		return async () => void (await peer.readFrame());
	},
	async asServer(peer, properties, parts = {}) {
		await peer.greet({ mechanism: "PLAIN", asServer: 1, ...parts });
		await peer.readFrame();
		peer.say(commandFrame("WELCOME"));
		await peer.readFrame();
		peer.say(commandFrame("READY", properties));
		return async () => {};
	},
};

/** A raw peer that has joined a server of ours; `socketType` and `routingId` are what it says to be. */
export async function join(
	mechanism: RawMechanism,
	endpoint: string,
	socketType: string,
	options: { routingId?: string; greeting?: GreetingParts; cut?: RawPeer["cut"] } = {},
): Promise<RawPeer> {
	const peer = await RawPeer.connect(endpoint);
	if (options.cut !== undefined) peer.cut = options.cut;
	const complete = await mechanism.asClient(peer, propertiesOf(socketType, options.routingId), options.greeting);
	await complete();
	return peer;
}
