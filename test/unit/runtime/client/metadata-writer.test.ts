import { expect } from "chai";
import { writeMetadata } from "../../../../packages/runtime/src/client/metadata-writer.js";
import { InvalidValue } from "../../../../packages/runtime/src/protocol/codec.js";
import { pack, unpack } from "../../../../packages/runtime/src/protocol/msgpack.js";

type Metadata = Readonly<Record<string, unknown>>;

function written(metadata: Metadata): Buffer {
	const buffer = new Uint8Array(5000);
	const end = writeMetadata(buffer, 7, metadata);
	return Buffer.from(buffer.subarray(7, end));
}

describe("metadata of a call", () => {
	const cases: readonly Metadata[] = [
		{},
		{ tenant: "acme" },
		{ tenant: "acne" },
		{ tenant: "acme", trace: 1 },
		{ trace: 1, tenant: "acme" },
		{ tenants: "acme" },
		{ tenant: undefined },
		{ tenant: null },
		{ n: 0 },
		{ n: -0 },
		{ n: Number.NaN },
		{ n: 1n },
		{ n: true },
		{ list: [1, 2] },
		{ list: [1, 3] },
		{ nested: { deep: "x" } },
		{ octets: Uint8Array.of(1, 2) },
		{ octets: Uint8Array.of(1, 3) },
		{ at: new Date(1) },
		{ at: new Date(2) },
		{ long: "x".repeat(63) },
		{ long: "x".repeat(900) },
		{ long: "x".repeat(3000) },
		Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`name ${i}`, i])),
		Object.assign(Object.create(null) as Metadata, { tenant: "acme" }),
	];

	it("is written as any value is, whatever was written before it, and however often", () => {
		for (const before of cases) {
			for (const metadata of cases) {
				written(before);
				const expected = Buffer.from(pack(metadata));
				for (let i = 0; i < 3; i++) expect(Buffer.compare(written(metadata), expected), String(i)).equal(0);
			}
		}
	});

	it("is not taken for what was written while it was looked at", () => {
		written({ tenant: "acme", trace: 1 });
		const metadata = {
			get tenant() {
				written({ other: "acme", names: 2 });
				return "acme";
			},
			names: 2,
		};
		const read = written(metadata);
		expect(unpack(read, 0, read.length)).deep.equal({ tenant: "acme", names: 2 });
	});

	it("is written as it is then, not as the same object was before", () => {
		const metadata: Record<string, unknown> = { tenant: "acme", list: [1] };
		written(metadata);
		metadata["tenant"] = "other";
		(metadata["list"] as number[]).push(2);
		expect(unpack(written(metadata), 0, written(metadata).length)).deep.equal({ tenant: "other", list: [1, 2] });
		delete metadata["list"];
		written(metadata);
		metadata["tenant"] = "third";
		expect(unpack(written(metadata), 0, written(metadata).length)).deep.equal({ tenant: "third" });
	});

	it("that cannot travel is refused, also after the same names did", () => {
		written({ tenant: "acme" });
		for (const tenant of [() => 1, Symbol("x"), 2n ** 70n]) {
			expect(() => written({ tenant })).throw(InvalidValue, "metadata.tenant");
			expect(() => written({ tenant })).throw(InvalidValue, "metadata.tenant");
		}
	});

	it("ends beyond a buffer that is too small for it, and is written whole into the next", () => {
		const metadata = { tenant: "a".repeat(100) };
		expect(writeMetadata(new Uint8Array(50), 0, metadata)).above(50);
		expect(Buffer.compare(written(metadata), Buffer.from(pack(metadata)))).equal(0);
	});
});
