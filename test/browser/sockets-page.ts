/** What the tests have a page do, with nothing but what a browser has. Each function is called by its name. */
import { Dealer, Push, Request, Subscriber, ZmtpError } from "@homing/zmtp/browser";

const text = (frame: Uint8Array) => new TextDecoder().decode(frame);

/** Sends frames of these sizes, each octet the size's lowest, one message a size, and resolves to what came back. */
export async function echo(endpoint: string, sizes: readonly number[]): Promise<string[]> {
	const dealer = new Dealer({ routingId: "page" });
	dealer.connect(endpoint);
	await Promise.all(sizes.map((size) => dealer.send([`${size}`, new Uint8Array(size).fill(size)])));
	const answers: string[] = [];
	for (const _ of sizes) {
		const [name, body] = await dealer.receive();
		const isRight = body!.length === Number(text(name!)) && body!.every((octet) => octet === (body!.length & 0xff));
		answers.push(isRight ? text(name!) : "spoilt");
	}
	await dealer.close();
	return answers;
}

export async function ask(endpoint: string, questions: readonly string[]): Promise<string[]> {
	const request = new Request();
	request.connect(endpoint);
	const answers: string[] = [];
	for (const question of questions) {
		await request.send(question);
		answers.push((await request.receive()).map(text).join("|"));
	}
	await request.close();
	return answers;
}

/** The next `count` messages about a topic, and then one about another, without those about the first. */
export async function subscribe(endpoint: string, topic: string, count: number, other: string): Promise<string[]> {
	const subscriber = new Subscriber();
	subscriber.connect(endpoint);
	subscriber.subscribe(topic);
	const messages: string[] = [];
	for (let i = 0; i < count; i++) messages.push((await subscriber.receive()).map(text).join("|"));
	subscriber.unsubscribe(topic);
	subscriber.subscribe(other);
	for (;;) {
		const message = (await subscriber.receive()).map(text).join("|");
		if (!message.startsWith(other)) continue;
		messages.push(message);
		break;
	}
	await subscriber.close();
	return messages;
}

export async function push(endpoint: string, messages: readonly string[]): Promise<void> {
	const socket = new Push();
	socket.connect(endpoint);
	for (const message of messages) await socket.send([message, "end"]);
	await socket.close();
}

let kept: Dealer | undefined;
let isLost: Promise<void>;

/** Opens a dealer that stays. */
export function keep(endpoint: string): void {
	const dealer = new Dealer({ reconnectInterval: 20, reconnectMaxInterval: 50 });
	isLost = new Promise((resolve) => {
		dealer.events.on("disconnect", () => resolve());
	});
	dealer.connect(endpoint);
	kept = dealer;
}

/** Resolves when it has lost its peer. */
export function lost(): Promise<void> {
	return isLost;
}

export async function bounce(message: string): Promise<string> {
	await kept!.send(message);
	return text((await kept!.receive())[0]!);
}

export async function drop(): Promise<void> {
	await kept!.close();
}

/** Opens a dealer that does not receive what it is sent, and resolves to why it lost its peer. */
export async function neglect(endpoint: string): Promise<string | undefined> {
	const dealer = new Dealer({ receiveHighWaterMark: 1, reconnectInterval: 100_000 });
	const reason = new Promise<string | undefined>((resolve) => {
		dealer.events.on("disconnect", ({ error }) => resolve(error?.code));
	});
	dealer.connect(endpoint);
	await dealer.send("send me much");
	const code = await reason;
	await dealer.close();
	return code;
}

/** How many messages of 100 000 octets are taken for a peer that does not read, before there is no room. */
export async function flood(endpoint: string): Promise<number> {
	const dealer = new Dealer({ sendHighWaterMark: 10, sendTimeout: 300, linger: 0 });
	dealer.connect(endpoint);
	let taken = 0;
	try {
		for (; taken < 10_000; taken++) await dealer.send(new Uint8Array(100_000));
	} catch {}
	await dealer.close();
	return taken;
}

/** Why a dealer does not take its peer for one. */
export async function misfit(endpoint: string): Promise<string> {
	const dealer = new Dealer();
	const code = await new Promise<string>((resolve) => {
		dealer.events.on("handshake:error:protocol", ({ error }) => resolve(error.code));
		dealer.connect(endpoint);
	});
	await dealer.close();
	return code;
}

/** The codes of what cannot be done here. */
export async function refusals(): Promise<string[]> {
	const dealer = new Dealer();
	const codes: string[] = [];
	const attempts: (() => unknown)[] = [
		() => dealer.bind("ws://127.0.0.1:80/"),
		() => dealer.connect("tcp://127.0.0.1:80"),
		() => new Dealer({ plainUsername: "x", plainPassword: "y" }).connect("ws://127.0.0.1:80/"),
		() => new Dealer({ tls: {} }).connect("wss://127.0.0.1:80/"),
	];
	for (const attempt of attempts) {
		try {
			await attempt();
			codes.push("none");
		} catch (error) {
			codes.push(error instanceof ZmtpError ? error.code : String(error));
		}
	}
	await dealer.close();
	return codes;
}

/** What of Node is to be found here. */
export function traces(): string[] {
	return ["Buffer", "process", "require", "setImmediate", "global"].filter((name) => name in globalThis);
}
