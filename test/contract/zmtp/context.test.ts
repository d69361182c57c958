import { expect } from "chai";
import * as drafts from "../../../packages/zmtp/src/draft.js";
import { Context, capability, context, Dealer, Stream, version } from "../../../packages/zmtp/src/index.js";
import { contextTable } from "../../../packages/zmtp/src/socket/context.js";
import { codeOf, thrown, thrownCode } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";

describe("zmtp Context", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("is one for all sockets, unless they are given another", () => {
		const own = new Context();
		expect(kit.dealer().context).equal(context);
		expect(kit.dealer({ context: own }).context).equal(own);
		expect(thrownCode(() => new Dealer({ context: {} as Context }))).equal("EINVAL");
	});

	it("has options with defaults, which it takes and reads as", () => {
		const own = new Context();
		expect(own).include({ blocky: true, ipv6: true, ioThreads: 1, maxMessageSize: 2_147_483_647 });
		for (const name of Object.keys(contextTable) as (keyof typeof contextTable)[]) {
			const value = own[name];
			expect(new Context({ [name]: value })[name], name).equal(value);
			expect(
				thrownCode(() => Object.assign(own, { [name]: "x" })),
				name,
			).equal("EINVAL");
		}
		expect(thrown(() => new Context({ maxSocket: 1 } as object)).message).equal("a context has no option maxSocket");
		expect(thrown(() => new Context({ maxSockets: own.maxSocketsLimit + 1 })).message).equal(
			"option maxSockets cannot be 65536: 1 to 65535",
		);
	});

	it("has no more sockets than it may, those that linger included", async () => {
		const own = new Context({ maxSockets: 2 });
		const make = () => kit.dealer({ context: own, linger: -1 });
		const dealer = make();
		make();
		expect(thrownCode(make)).equal("EMFILE");
		dealer.connect("inproc://never-bound");
		await dealer.send("lingers");
		const closing = dealer.close();
		expect(thrownCode(make)).equal("EMFILE");
		const other = kit.dealer();
		await other.bind("inproc://never-bound");
		await closing;
		make();
		expect(thrownCode(make)).equal("EMFILE");
		own.maxSockets = 3;
		make();
	});

	it("does not count a socket that could not be made", () => {
		const own = new Context({ maxSockets: 1 });
		expect(thrownCode(() => new Dealer({ context: own, linger: -7 }))).equal("EINVAL");
		kit.dealer({ context: own });
	});

	it("that is not blocky has its sockets linger only when they are told to", () => {
		const own = new Context({ blocky: false });
		const made = [
			kit.keep(new Dealer({ context: own })),
			kit.keep(new Dealer({ context: own, linger: undefined })),
			kit.keep(new Dealer({ context: own, linger: 5 })),
		];
		expect(made.map(({ linger }) => linger)).deep.equal([0, 0, 5]);
	});

	it("without IPv6 has sockets without", () => {
		expect(kit.dealer({ context: new Context({ ipv6: false }) }).ipv6).equal(false);
		expect(kit.dealer({ context: new Context({ ipv6: false }), ipv6: true }).ipv6).equal(true);
	});

	it("bounds the frames that its sockets send", async () => {
		const own = new Context({ maxMessageSize: 3 });
		const dealer = kit.dealer({ context: own });
		const other = kit.dealer();
		dealer.connect(await bound(other, inprocPlace.endpoint()));
		expect(await codeOf(() => dealer.send(["abc", "abcd"]))).equal("EMSGSIZE");
		await dealer.send(["abc", "abc"]);
		expect(await received(other)).deep.equal(["abc", "abc"]);
		own.maxMessageSize = 2_147_483_647;
		await dealer.send("abcd");
		expect(await received(other)).deep.equal(["abcd"]);
	});
});

describe("zmtp, for programs that ask zeromq.js what it can do", () => {
	const kit = useSockets();

	it("names the libzmq that it follows, and what there is", () => {
		expect(version).match(/^\d+\.\d+\.\d+$/);
		expect(capability).deep.equal({
			ipc: true,
			pgm: false,
			tipc: false,
			norm: false,
			curve: true,
			gssapi: false,
			draft: false,
		});
	});

	it("numbers the types of sockets as libzmq does", () => {
		const sockets = [
			kit.pair(),
			kit.publisher(),
			kit.subscriber([]),
			kit.request(),
			kit.reply(),
			kit.dealer(),
			kit.router(),
			kit.pull(),
			kit.push(),
			kit.xpublisher(),
			kit.xsubscriber(),
		];
		expect(sockets.map(({ type }) => type)).deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		expect(sockets.every(({ threadSafe }) => !threadSafe)).equal(true);
	});

	it("has the names of sockets that are not here, which say what to use", () => {
		for (const [name, Absent] of Object.entries({ Stream, ...drafts })) {
			const error = thrown(() => new Absent());
			expect([error.code, error.message.startsWith(`there is no ${name} here: `)]).deep.equal(["ENOTSUP", true]);
		}
	});

	it("warns of an option that comes too late for an endpoint", async () => {
		const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
		const dealer = kit.dealer();
		dealer.heartbeatInterval = 100;
		await dealer.bind(inprocPlace.endpoint());
		dealer.linger = 5;
		dealer.heartbeatInterval = 200;
		expect((await warned).message).equal(
			"option heartbeatInterval counts for endpoints bound or connected from now on, not for those that there are",
		);
	});
});
