import { expect } from "chai";
import { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import type { Frames } from "../../../../packages/zmtp/src/pattern/frames.js";
import type { ApplicationPattern } from "../../../../packages/zmtp/src/pattern/pipe.js";
import { Receiver } from "../../../../packages/zmtp/src/socket/receiver.js";
import { Sender } from "../../../../packages/zmtp/src/socket/sender.js";
import { codeOf } from "../../../support/zmtp/errors.js";
import { framesOf } from "../../../support/zmtp/fake-pipe.js";

/** A pattern with room for so many messages, and with messages to receive. */
class Room {
	room = 0;
	readonly taken: string[] = [];
	readonly messages: Frames[] = [];
	onTaken: () => void = () => {};

	get canReceive(): boolean {
		return this.messages.length > 0;
	}

	send(frames: Frames): boolean {
		const text = Buffer.from(frames[0]!).toString();
		if (text === "nowhere") throw new ZmtpError("EHOSTUNREACH", "nowhere");
		if (this.room === 0) return false;
		this.room--;
		this.taken.push(text);
		this.onTaken();
		return true;
	}

	receive(): Frames | undefined {
		return this.messages.shift();
	}
}

const as = (room: Room) => room as unknown as ApplicationPattern;
const forEver = Number.POSITIVE_INFINITY;

describe("zmtp waiting sends", () => {
	it("are served in order as room comes", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: forEver, sendHighWaterMark: 10 });
		const done: string[] = [];
		const sends = ["a", "b", "c"].map((text) => sender.send(framesOf(text)).then(() => done.push(text)));
		room.room = 2;
		sender.wake();
		await Promise.all(sends.slice(0, 2));
		expect([room.taken, done]).deep.equal([
			["a", "b"],
			["a", "b"],
		]);
		room.room = 1;
		sender.wake();
		await Promise.all(sends);
		expect(room.taken).deep.equal(["a", "b", "c"]);
	});

	it("are served once, even when serving one wakes them again", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: forEver, sendHighWaterMark: 10 });
		const sends = ["a", "b", "c"].map((text) => sender.send(framesOf(text)));
		room.onTaken = () => sender.wake();
		room.room = 5;
		sender.wake();
		await Promise.all(sends);
		expect(room.taken).deep.equal(["a", "b", "c"]);
	});

	it("do not let a later one pass while they wait", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: forEver, sendHighWaterMark: 10 });
		const first = sender.send(framesOf("first"));
		room.room = 2;
		const second = sender.send(framesOf("second"));
		sender.wake();
		await Promise.all([first, second]);
		expect(room.taken).deep.equal(["first", "second"]);
	});

	it("send what they were given, whatever becomes of the array meanwhile", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: forEver, sendHighWaterMark: 10 });
		const frames = [Buffer.from("given")];
		const waiting = sender.send(frames);
		frames[0] = Buffer.from("later");
		room.room = 1;
		sender.wake();
		await waiting;
		expect(room.taken).deep.equal(["given"]);
	});

	it("are no more than the bound says", async () => {
		const sender = new Sender(as(new Room()), { sendTimeout: forEver, sendHighWaterMark: 2 });
		const waiting = [sender.send(framesOf("a")), sender.send(framesOf("b"))];
		expect(await codeOf(() => sender.send(framesOf("c")))).equal("EAGAIN");
		sender.close();
		for (const send of waiting) expect(await codeOf(() => send)).equal("EAGAIN");
	});

	it("end with EAGAIN after their time, or at once when that is 0", async () => {
		expect(
			await codeOf(() => new Sender(as(new Room()), { sendTimeout: 0, sendHighWaterMark: 9 }).send(framesOf("a"))),
		).equal("EAGAIN");
		expect(
			await codeOf(() => new Sender(as(new Room()), { sendTimeout: 5, sendHighWaterMark: 9 }).send(framesOf("a"))),
		).equal("EAGAIN");
	});

	it("let those behind go on when the first has waited in vain", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: 20, sendHighWaterMark: 9 });
		const first = codeOf(() => sender.send(framesOf("first")));
		const second = sender.send(framesOf("nowhere"));
		expect(await first).equal("EAGAIN");
		expect(await codeOf(() => second)).equal("EHOSTUNREACH");
	});

	it("that fail do not hold up the others", async () => {
		const room = new Room();
		const sender = new Sender(as(room), { sendTimeout: forEver, sendHighWaterMark: 9 });
		const first = sender.send(framesOf("first"));
		const lost = codeOf(() => sender.send(framesOf("nowhere")));
		const last = sender.send(framesOf("last"));
		room.room = 2;
		sender.wake();
		await Promise.all([first, last]);
		expect(await lost).equal("EHOSTUNREACH");
		expect(room.taken).deep.equal(["first", "last"]);
	});
});

describe("zmtp waiting receive", () => {
	it("gets the next message when it comes, and a second one is refused meanwhile", async () => {
		const room = new Room();
		const receiver = new Receiver(as(room), { receiveTimeout: forEver });
		const waiting = receiver.receive();
		expect(await codeOf(() => receiver.receive())).equal("EBUSY");
		receiver.wake();
		room.messages.push(framesOf("a"));
		receiver.wake();
		expect(Buffer.from((await waiting)[0]!).toString()).equal("a");
	});

	it("ends with EAGAIN after its time, at once when that is 0, and when the socket is closed", async () => {
		expect(await codeOf(() => new Receiver(as(new Room()), { receiveTimeout: 0 }).receive())).equal("EAGAIN");
		const receiver = new Receiver(as(new Room()), { receiveTimeout: 5 });
		expect(await codeOf(() => receiver.receive())).equal("EAGAIN");
		const again = receiver.receive();
		receiver.close();
		expect(await codeOf(() => again)).equal("EAGAIN");
	});
});
