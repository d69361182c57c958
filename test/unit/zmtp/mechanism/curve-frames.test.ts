import { expect } from "chai";
import fc from "fast-check";
import { ShortNonce } from "../../../../packages/zmtp/src/mechanism/curve-nonce.js";
import { openAll, plainly, sealAll, sealedBySodium, trafficOf } from "../../../support/zmtp/curve-frames.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { COMMAND, encodeFrame, frameOf, MORE, type RawFrame } from "../../../support/zmtp/frames.js";
import { seed } from "../../../support/zmtp/seed.js";

const key = new Uint8Array(32).fill(7);
const size = fc.oneof(
	{ weight: 8, arbitrary: fc.nat(300) },
	{ weight: 1, arbitrary: fc.constantFrom(30, 31, 32, 94, 95, 96, 221, 222, 223, 255, 256) },
	{ weight: 1, arbitrary: fc.oneof(fc.nat(5000), fc.constantFrom(8094, 8095, 8096, 8127, 8128, 8129, 20_000, 64_000)) },
);
const frame = fc
	.tuple(fc.constantFrom(0, MORE, COMMAND), size, fc.nat(255))
	.map(([flags, length, octet]): RawFrame => frameOf(flags, Buffer.alloc(length, octet)));
const batch = fc.array(frame, { maxLength: 200, size: "max" });

/** The ends of frames laid one behind the other. */
function endsOf(frames: readonly Buffer[]): number[] {
	let end = 0;
	return frames.map((octets) => {
		end += octets.length;
		return end;
	});
}

describe("zmtp CURVE frames, many at a time", () => {
	it("are sealed as libsodium seals each, and come out plain again, whatever their sizes and flags", () => {
		fc.assert(
			fc.property(batch, (frames) => {
				const plain = Buffer.concat(plainly(frames));
				const expected = Buffer.concat(sealedBySodium(key, frames));
				const { sealed, taken } = sealAll(trafficOf("client", key), plain);
				expect(taken).equal(plain.length);
				expect(sealed.equals(expected)).equal(true);
				const { opened, taken: took, code } = openAll(trafficOf("server", key), sealed);
				expect([took, code]).deep.equal([sealed.length, undefined]);
				expect(opened.equals(plain)).equal(true);
			}),
			{ seed, numRuns: 100 },
		);
	});

	it("go on where a batch was cut, at every place: what is whole is taken, what is not stays", () => {
		const frames = [0, 1, 72, 31, 300, 0, 255, 256].map((length, index) =>
			frameOf(index % 2 === 0 ? MORE : 0, Buffer.alloc(length, index)),
		);
		const plain = plainly(frames);
		const sealed = sealedBySodium(key, frames);
		const check = (parts: Buffer[], others: Buffer[], work: (octets: Buffer, cut: number) => [Buffer, number]) => {
			const [whole, ends, otherEnds] = [Buffer.concat(parts), endsOf(parts), endsOf(others)];
			for (let cut = 0; cut <= whole.length; cut++) {
				const count = ends.filter((end) => end <= cut).length;
				const [out, taken] = work(whole, cut);
				expect(taken, `cut at ${cut}`).equal(ends[count - 1] ?? 0);
				expect(out.equals(Buffer.concat(others).subarray(0, otherEnds[count - 1] ?? 0)), `cut at ${cut}`).equal(true);
			}
		};
		check(plain, sealed, (octets, cut) => {
			const cipher = trafficOf("client", key);
			const { sealed: first, taken } = sealAll(cipher, octets.subarray(0, cut));
			const rest = sealAll(cipher, octets.subarray(taken)).sealed;
			expect(Buffer.concat([first, rest]).equals(Buffer.concat(sealed)), `cut at ${cut}`).equal(true);
			return [first, taken];
		});
		check(sealed, plain, (octets, cut) => {
			const cipher = trafficOf("server", key);
			const { opened, taken } = openAll(cipher, octets.subarray(0, cut));
			const rest = openAll(cipher, octets.subarray(taken)).opened;
			expect(Buffer.concat([opened, rest]).equals(Buffer.concat(plain)), `cut at ${cut}`).equal(true);
			return [opened, taken];
		});
	});

	it("H50: open up to the one with another octet, wherever that is, and nothing of it or behind it", () => {
		const frames = [0, 40, 100, 0, 300, 7].map((length, index) => frameOf(0, Buffer.alloc(length, index)));
		const plain = plainly(frames);
		const sealed = sealedBySodium(key, frames);
		const whole = Buffer.concat(sealed);
		const ends = endsOf(sealed);
		for (let at = 0; at < whole.length; at++) {
			for (const bit of [0, 2, 5, 7]) {
				const damaged = Buffer.from(whole);
				damaged[at]! ^= 1 << bit;
				const index = ends.findIndex((end) => at < end);
				const inside = at - (ends[index - 1] ?? 0);
				// Outside the box RFC 26 has COMMAND, libzmq has not.
				const isFine = inside === 0 && bit === 2;
				const { opened, code } = openAll(trafficOf("server", key), damaged);
				const good = Buffer.concat(isFine ? plain : plain.slice(0, index));
				expect(opened.equals(good), `bit ${bit} of octet ${at}`).equal(true);
				if (inside >= (frames[index]!.body.length > 222 ? 9 : 2)) {
					expect(code, `bit ${bit} of octet ${at}`).oneOf(["ZMTP_CURVE_MESSAGE_INVALID", "ZMTP_CURVE_NONCE_INVALID"]);
				}
			}
		}
	});

	it("H50: leave nothing of what does not verify in the chunk but what came", () => {
		const sealed = Buffer.concat(sealedBySodium(key, [frameOf(0, "secret text")]));
		sealed[sealed.length - 1]! ^= 1;
		const chunk = Buffer.from(sealed);
		const cipher = trafficOf("server", key);
		cipher.openFrames(chunk, 0, 1000);
		expect(chunk.equals(sealed)).equal(true);
		const body = chunk.subarray(2);
		expect(thrownCode(() => trafficOf("server", key).openFrame(body))).equal("ZMTP_CURVE_MESSAGE_INVALID");
		expect(body.includes("secret")).equal(false);
	});

	it("H50: are refused where a nonce does not go up, within a batch and across batches", () => {
		const sealed = sealedBySodium(
			key,
			["one", "two", "three"].map((text) => frameOf(0, text)),
		);
		for (const [order, opened] of [
			[[0, 1, 2], "onetwothree"],
			[[0, 2, 1], "onethree"],
			[[0, 0], "one"],
			[[0, 2, 1, 2], "onethree"],
		] as const) {
			const chunks = order.map((index) => sealed[index]!);
			for (const batches of [[Buffer.concat(chunks)], chunks]) {
				const cipher = trafficOf("server", key);
				let [text, code] = ["", undefined as string | undefined];
				for (const octets of batches) {
					if (code !== undefined) break;
					const result = openAll(cipher, octets);
					text += result.opened.toString("latin1").replace(/\0[^a-z]/g, "");
					code = result.code;
				}
				expect([text, code]).deep.equal([opened, opened === "onetwothree" ? undefined : "ZMTP_CURVE_NONCE_INVALID"]);
			}
		}
	});

	it("H50: are taken with nonces over the borders of 32 and 53 bits up to the last one, and none after it", () => {
		for (const first of [2n ** 32n - 2n, 2n ** 53n - 2n, 2n ** 63n - 2n, 2n ** 64n - 4n]) {
			const frames = ["a", "b", "c", "d"].map((text) => frameOf(0, text));
			const sealed = Buffer.concat(sealedBySodium(key, frames, first));
			const before = new ShortNonce(Number((first - 1n) >> 32n), Number((first - 1n) & 0xffff_ffffn));
			const ours = sealAll(trafficOf("client", key, before), Buffer.concat(plainly(frames)));
			expect(ours.sealed.equals(sealed)).equal(true);
			expect(openAll(trafficOf("server", key), sealed).opened.equals(Buffer.concat(plainly(frames)))).equal(true);
		}
		const spent = trafficOf("client", key, new ShortNonce(0xffff_ffff, 0xffff_fffd));
		const four = Buffer.concat(plainly(["a", "b", "c", "d"].map((text) => frameOf(0, text))));
		for (let i = 0; i < 3; i++) expect(thrownCode(() => sealAll(spent, four))).equal("ZMTP_CURVE_NONCE_INVALID");
	});

	it("stop at a body above what is allowed, and at what holds no frame, without a word", () => {
		const frames = [10, 11].map((length) => frameOf(0, Buffer.alloc(length)));
		const sealed = sealedBySodium(key, frames);
		const { taken, code } = openAll(trafficOf("server", key), Buffer.concat(sealed), 43);
		expect([taken, code]).deep.equal([sealed[0]!.length, undefined]);
		for (const flags of [MORE, 8, 0x80]) {
			const other = Buffer.concat(sealed);
			other[sealed[0]!.length] = flags;
			const result = openAll(trafficOf("server", key), other);
			expect([result.taken, result.code]).deep.equal([sealed[0]!.length, undefined]);
		}
	});

	it("of connections that take turns do not meet", () => {
		const keys = [1, 2, 3].map((octet) => new Uint8Array(32).fill(octet));
		const ends = keys.map((each) => [trafficOf("client", each), trafficOf("server", each)] as const);
		for (let round = 0; round < 5; round++) {
			const sealed = ends.map(([client], index) => {
				const plain = encodeFrame(frameOf(0, `${index} ${round}`.repeat(index * 50 + 1)));
				return { plain, octets: sealAll(client, plain).sealed };
			});
			for (const [index, { octets }] of sealed.entries()) {
				const stranger = trafficOf("server", keys[(index + 1) % keys.length]!);
				expect(openAll(stranger, octets).code).equal("ZMTP_CURVE_MESSAGE_INVALID");
			}
			for (const [index, { plain, octets }] of sealed.entries()) {
				expect(openAll(ends[index]![1], octets).opened.equals(plain)).equal(true);
			}
		}
	});
});
