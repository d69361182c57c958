import { expect } from "chai";
import { buildOurs, type Library, libraries, runOn } from "../../support/zmtp/either.js";

/** A program, and what it says before it ends by itself. */
interface Case {
	readonly title: string;
	readonly program: string;
	readonly says?: readonly string[];
	/** Where zeromq.js cannot be the control. */
	readonly only?: Library;
}

/** Nobody listens there: a port that the system gave and took back. */
const nowhere = `
	const nowhere = await (async () => {
		const probe = new zmq.Dealer();
		await probe.bind("tcp://127.0.0.1:*");
		const endpoint = probe.lastEndpoint;
		await probe.unbind(endpoint);
		probe.close();
		return endpoint;
	})();
`;

const ends: readonly Case[] = [
	{ title: "with sockets that were closed", program: `new zmq.Dealer().close(); new zmq.Router().close();` },
	{ title: "with sockets that were not", program: `new zmq.Dealer(); new zmq.Router();` },
	...["tcp://127.0.0.1:*", `ipc:///tmp/homing-exit-${process.pid}`, "inproc://exit"].map((endpoint) => ({
		title: `with idle sockets bound and connected over ${endpoint.slice(0, endpoint.indexOf(":"))}`,
		program: `
			const router = new zmq.Router();
			const dealer = new zmq.Dealer();
			await router.bind("${endpoint}");
			dealer.connect(router.lastEndpoint ?? "${endpoint}");
			await dealer.send("x");
			say((await router.receive())[1]);
		`,
		says: ["x"],
	})),
	{
		title: "with idle sockets bound and connected over ws",
		program: `
			const router = new zmq.Router();
			const dealer = new zmq.Dealer();
			await router.bind("ws://127.0.0.1:*");
			dealer.connect(router.lastEndpoint);
			await dealer.send("x");
			say((await router.receive())[1]);
		`,
		says: ["x"],
		only: "ours",
	},
	{ title: "with a socket connected to nobody", program: `${nowhere} new zmq.Dealer().connect(nowhere);` },
	{ title: "after publishing to nobody", program: `await new zmq.Publisher().send("x");` },
	{
		title: "with messages for an endpoint that is not there and a linger of 0",
		program: `${nowhere} const dealer = new zmq.Dealer({ linger: 0 }); dealer.connect(nowhere); await dealer.send("x");`,
	},
	{
		title: "with such messages once linger is over",
		program: `${nowhere} const dealer = new zmq.Dealer({ linger: 50 }); dealer.connect(nowhere); await dealer.send("x");`,
	},
	{
		title: "with such messages in a closed socket once linger is over",
		program: `
			${nowhere}
			const dealer = new zmq.Dealer({ linger: 50 });
			dealer.connect(nowhere);
			await dealer.send("x");
			dealer.close();
		`,
	},
	{
		title: "once receive() has waited its time",
		program: `
			const dealer = new zmq.Dealer({ receiveTimeout: 50 });
			dealer.connect("inproc://nobody");
			await dealer.receive().catch(({ code }) => say(code));
		`,
		says: ["EAGAIN"],
	},
	{
		title: "when the socket whose events are read is closed",
		program: `
			const dealer = new zmq.Dealer();
			const reading = (async () => {
				for await (const { type } of dealer.events) say(type);
			})();
			dealer.close();
			await reading;
		`,
		says: ["end"],
	},
	{
		title: "when the socket whose events are listened to is closed",
		program: `
			const dealer = new zmq.Dealer();
			dealer.events.on("end", ({ type }) => say(type));
			dealer.close();
		`,
		says: ["end"],
	},
	{
		title: "with a proxy that was terminated",
		program: `
			const proxy = new zmq.Proxy(new zmq.Router(), new zmq.Dealer());
			await proxy.frontEnd.bind("tcp://127.0.0.1:*");
			await proxy.backEnd.bind("tcp://127.0.0.1:*");
			setTimeout(() => proxy.terminate(), 20);
			await proxy.run();
			say("over");
		`,
		says: ["over"],
	},
	{
		title: "when a receive() that waits is aborted",
		program: `
			const stop = new AbortController();
			setTimeout(() => stop.abort(), 20);
			await new zmq.Dealer().receive({ signal: stop.signal }).catch(({ name }) => say(name));
		`,
		says: ["AbortError"],
		only: "ours",
	},
	{
		title: "with its worker threads, whose sockets are open",
		program: `
			const { Worker } = await import("node:worker_threads");
			const worker = new Worker(\`
				import(\${JSON.stringify(import.meta.resolve?.(library) ?? library)}).then(async (imported) => {
					const zmq = imported.default ?? imported;
					const dealer = new zmq.Dealer();
					await dealer.bind("tcp://127.0.0.1:*");
					console.log("bound");
				});
			\`, { eval: true });
			worker.on("exit", (code) => say("ended", code));
		`,
		says: ["bound", "ended 0"],
	},
];

const stays: readonly Case[] = [
	{
		title: "for a receive() that waits",
		program: `
			const dealer = new zmq.Dealer();
			const other = new zmq.Dealer();
			await dealer.bind("inproc://exit");
			other.connect("inproc://exit");
			later(() => other.send("late"));
			say(await dealer.receive());
		`,
		says: ["late"],
	},
	{
		title: "for a send() that waits",
		program: `
			const dealer = new zmq.Dealer({ linger: 0 });
			const other = new zmq.Dealer();
			await dealer.bind("inproc://exit");
			later(() => other.connect("inproc://exit"));
			await dealer.send("x");
			say("sent");
		`,
		says: ["sent"],
	},
	{
		title: "for events that are waited for",
		program: `
			const dealer = new zmq.Dealer();
			later(() => dealer.bind("tcp://127.0.0.1:*"));
			say((await dealer.events.receive()).type);
		`,
		says: ["bind"],
	},
	{
		title: "for listeners to events",
		program: `
			const dealer = new zmq.Dealer();
			dealer.events.on("bind", ({ type }) => {
				say(type);
				dealer.close();
			});
			later(() => dealer.bind("tcp://127.0.0.1:*"));
		`,
		says: ["bind"],
	},
	...[false, true].map((isClosed) => ({
		title: `for messages that are still to be sent${isClosed ? ", by a closed socket too" : ""}`,
		program: `
			${nowhere}
			const dealer = new zmq.Dealer({ reconnectInterval: 5 });
			dealer.connect(nowhere);
			await dealer.send("x");
			${isClosed ? "dealer.close();" : ""}
			later(async () => {
				const other = new zmq.Dealer();
				await other.bind(nowhere);
				say(await other.receive());
			});
		`,
		says: ["x"],
		// At its end zeromq.js blocks the thread that the rest of this program needs.
		only: "ours" as const,
	})),
];

for (const library of Object.keys(libraries) as Library[]) {
	describe(`a process with sockets of ${library}`, function () {
		this.timeout(60_000);
		before(buildOurs);

		for (const [verb, cases] of [["ends", ends] as const, ["stays", stays] as const]) {
			for (const { title, program, says = [], only } of cases) {
				if ((only ?? library) !== library) continue;
				it(`${verb} ${title}`, async () => {
					const { status, stdout, stderr } = await runOn(library, `const library = "${libraries[library]}";${program}`);
					expect({ status, stdout, stderr }).deep.equal({
						status: 0,
						stdout: says.map((line) => `${line}\n`).join(""),
						stderr: "",
					});
				});
			}
		}
	});
}
