/**
 * The sockets for browsers: in Chromium, as they are published, and, for who has none, in a context of this Node that has no
 * more than a browser. What both do is in page.ts, bundled without a polyfill.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect } from "chai";
import { build } from "esbuild";
import { WebSocket } from "ws";
import type { Router } from "../../packages/zmtp/src/index.js";
import { buildPackages } from "../support/build.js";
import { leavesNothingOpen } from "../support/zmtp/open-handles.js";
import { wsPlace, wssPlace } from "../support/zmtp/places.js";
import { bound, received, useSockets } from "../support/zmtp/sockets.js";
import { type Browser, launchChromium, type Page } from "./chromium.js";

/** Runs a function of page.ts. */
type Call = <T>(name: string, ...args: readonly unknown[]) => Promise<T>;

/** Sizes where the heads of frames change, and some that are large. */
const sizes = [0, 1, 124, 125, 126, 254, 255, 256, 65_534, 65_535, 65_536, 1_000_000];

function bundle(conditions: readonly string[]): Promise<string> {
	return build({
		entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
		bundle: true,
		write: false,
		platform: "browser",
		format: "iife",
		globalName: "page",
		target: "es2022",
		conditions: [...conditions],
		logLevel: "error",
	}).then(({ outputFiles }) => outputFiles[0]!.text);
}

function code(name: string, args: readonly unknown[]): string {
	return `page.${name}(...${JSON.stringify(args)})`;
}

function defineSockets(call: Call): void {
	const kit = useSockets();

	async function echoing(endpoint: string): Promise<[Router, string]> {
		const router = kit.router();
		const address = await bound(router, endpoint);
		void (async () => {
			for await (const frames of router) await router.send(frames);
		})();
		return [router, address];
	}

	it("has nothing of Node", async () => {
		expect(await call("traces")).deep.equal([]);
	});

	it("DEALER echoes messages of all sizes with a ROUTER in Node", async () => {
		const [, endpoint] = await echoing(wsPlace.endpoint());
		const order = (names: readonly string[]) => [...names].map(Number).sort((a, b) => a - b);
		expect(order(await call("echo", endpoint, sizes))).deep.equal(sizes);
		const many = Array.from({ length: 500 }, (_, index) => index);
		expect(order(await call("echo", endpoint, many))).deep.equal(many);
	});

	it("DEALER has its routing id at the ROUTER", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wsPlace.endpoint());
		const echoed = call("echo", endpoint, [3]);
		const [routingId, ...frames] = await router.receive();
		expect(routingId!.toString()).equal("page");
		await router.send(["page", ...frames]);
		expect(await echoed).deep.equal(["3"]);
	});

	it("REQ gets the replies of a REP", async () => {
		const reply = kit.reply();
		const endpoint = await bound(reply, wsPlace.endpoint());
		const answered = call("ask", endpoint, ["one", "two"]);
		for (const question of ["one", "two"]) {
			expect(await received(reply)).deep.equal([question]);
			await reply.send([`${question}?`, "yes"]);
		}
		expect(await answered).deep.equal(["one?|yes", "two?|yes"]);
	});

	it("SUB gets what it subscribed to, and no longer what it unsubscribed from", async () => {
		const publisher = kit.xpublisher();
		const endpoint = await bound(publisher, wsPlace.endpoint());
		const messages = call("subscribe", endpoint, "a", 2, "b");
		expect(await received(publisher)).deep.equal(["\x01a"]);
		for (const message of ["abc", "x", "b", "a"]) await publisher.send([message, "body"]);
		expect([await received(publisher), await received(publisher)]).deep.equal([["\0a"], ["\x01b"]]);
		for (const message of ["a", "bcd"]) await publisher.send([message, "body"]);
		expect(await messages).deep.equal(["abc|body", "a|body", "bcd|body"]);
	});

	it("PUSH gets its messages to a PULL, the last ones before it is closed too", async () => {
		const pull = kit.pull();
		const endpoint = await bound(pull, wsPlace.endpoint());
		const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
		const pushed = call("push", endpoint, texts);
		for (const text of texts) expect(await received(pull)).deep.equal([text, "end"]);
		await pushed;
	});

	it("connects again when its server comes back", async () => {
		const [router, endpoint] = await echoing(wsPlace.endpoint());
		await call("keep", endpoint);
		expect(await call("bounce", "first")).equal("first");
		await router.close();
		await call("lost");
		const bounced = call("bounce", "second");
		await echoing(endpoint);
		expect(await bounced).equal("second");
		await call("drop");
	});

	it("stops sending to a peer that does not read, at its high water mark and what lies in between", async () => {
		const router = kit.router({ receiveHighWaterMark: 1 });
		const endpoint = await bound(router, wsPlace.endpoint());
		expect(await call("flood", endpoint))
			.above(10)
			.and.below(1000);
	});

	it("gives up a peer that sends far more than is received, for it cannot be stopped", async () => {
		const router = kit.router({ mandatory: true });
		const endpoint = await bound(router, wsPlace.endpoint());
		const reason = call("neglect", endpoint);
		const [routingId] = await router.receive();
		const body = Buffer.alloc(1_000_000);
		// Until there is nobody any more to send it to.
		for (let i = 0; i < 1000; i++) {
			if ((await router.send([routingId!, body]).then(undefined, ({ code }) => code)) === "EHOSTUNREACH") break;
		}
		expect(await reason).equal("ZMTP_PEER_TOO_FAST");
	});

	it("says what a browser cannot do", async () => {
		expect(await call("refusals")).deep.equal(["ENOTSUP", "EPROTONOSUPPORT", "ENOTSUP", "ENOTSUP"]);
	});
}

describe("zmtp sockets in a context without Node", () => {
	leavesNothingOpen();
	const context = createContext({
		WebSocket,
		AbortController,
		TextDecoder,
		TextEncoder,
		clearInterval,
		clearTimeout,
		performance,
		queueMicrotask,
		setInterval,
		setTimeout,
	});

	before(async () => {
		runInContext(await bundle(["homing-source"]), context);
	});
	defineSockets(async (name, ...args) => runInContext(code(name, args), context));
});

describe("zmtp sockets in Chromium", function () {
	this.timeout(60_000);
	let profile: string | undefined;
	let browser: Browser | undefined;
	let server: Server;
	let page: Page;
	const errors: Error[] = [];

	before(async function () {
		this.timeout(400_000);
		profile = await mkdtemp(join(tmpdir(), "homing-chromium-"));
		try {
			browser = await launchChromium(profile);
		} catch (error) {
			if (process.env["CI"] === "true") throw error;
			console.warn(`\n    SKIPPED: nothing was tried in a browser: ${(error as Error).message}\n`);
			this.skip();
		}
		await buildPackages("zmtp");
		const script = await bundle([]);
		server = createServer((request, response) => {
			const isPage = request.url === "/";
			response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
			response.end(isPage ? '<!doctype html><title>Homing</title><script src="page.js"></script>' : script);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		page = await browser.newPage();
		page.on("pageerror", (error) => errors.push(error));
		await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	});

	after(async () => {
		await browser?.close();
		server?.close();
		if (profile !== undefined) await rm(profile, { recursive: true });
		expect(errors).deep.equal([]);
	});

	const call: Call = (name, ...args) => page.evaluate(code(name, args));
	defineSockets(call);

	const kit = useSockets();
	it("DEALER echoes over wss too", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wssPlace.endpoint());
		const echoed = call("echo", endpoint, [10]);
		await router.send(await router.receive());
		expect(await echoed).deep.equal(["10"]);
	});
});
