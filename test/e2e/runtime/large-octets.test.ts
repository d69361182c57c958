import { expect } from "chai";
import { blobs, blobsService, numbered } from "../../support/runtime/blobs.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { ways } from "../../support/runtime/ways.js";

const MiB = 1024 * 1024;

/** Fails in little text, where a comparison by chai would print a mebibyte. */
function expectSame(found: Uint8Array, expected: Uint8Array): void {
	expect(found.length).to.equal(expected.length);
	expect(Buffer.compare(found, expected), "the octets differ").to.equal(0);
}

for (const { name, serve } of ways) {
	describe(`large octets ${name}`, () => {
		const own = closeAfterEach();

		for (const size of [0, 1, 32 * 1024 - 1, 32 * 1024, 65_536, MiB, 3 * MiB + 1]) {
			it(`come back as they went: ${size}`, async () => {
				const [connection] = await serve(own, blobsService());
				const octets = numbered(size);
				expectSame(await connection.call(blobs.echo, [octets]), octets);
				expect(await connection.call(blobs.any, [{ size, octets: numbered(3) }])).to.deep.equal({
					size,
					octets: Buffer.from(numbered(3)),
				});
			});
		}

		it("lie anywhere in a value, any number of them, beside small ones", async () => {
			const [connection] = await serve(own, blobsService());
			const parcel = {
				name: "p",
				parts: Array.from({ length: 20 }, (_, i) => ({ label: `part ${i}`, octets: numbered(i * 7000, i) })),
				seal: numbered(40_000, 99),
			};
			const found = await connection.call(blobs.forward, [parcel, 7]);
			expect(found.parts.map(({ label }) => label)).to.deep.equal(parcel.parts.map(({ label }) => label));
			for (const [i, { octets }] of found.parts.entries()) expectSame(octets, parcel.parts[i]!.octets);
			expectSame(found.seal!, parcel.seal);
		});

		it("are items of streams in both directions", async () => {
			const [connection] = await serve(own, blobsService());
			let count = 0;
			for await (const piece of connection.stream(blobs.pieces, [40, 100_000]))
				expectSame(piece, numbered(100_000, count++));
			expect(count).to.equal(40);
			async function* pieces() {
				for (let i = 0; i < 20; i++) yield numbered(90_000, i);
			}
			const all = Buffer.concat(Array.from({ length: 20 }, (_, i) => numbered(90_000, i)));
			expectSame(await connection.call(blobs.join, [], {}, [pieces()]), all);
		});

		it("are arguments and results of callbacks", async () => {
			const [connection] = await serve(own, blobsService());
			const asked: Uint8Array[] = [];
			const answer = async (octets: Uint8Array) => {
				asked.push(octets);
				return numbered(200_000, 5);
			};
			expectSame(await connection.call(blobs.ask, [numbered(150_000)], {}, [answer]), numbered(200_000, 5));
			expectSame(asked[0]!, numbered(150_000));
		});

		it("go one way", async () => {
			let arrived: (octets: Uint8Array) => void = () => {};
			const arrival = new Promise<Uint8Array>((resolve) => {
				arrived = resolve;
			});
			const [connection] = await serve(own, blobsService({ note: (octets) => arrived(octets) }));
			connection.notify(blobs.note, [numbered(MiB)]);
			expectSame(await arrival, numbered(MiB));
		});
	});
}
