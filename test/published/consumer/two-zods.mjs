// The program's own zod, and the copy of a part of it that the runtime brings.
import assert from "node:assert/strict";
import { messageCodec } from "@homing/runtime";
import * as copy from "@homing/runtime/zod";
import * as own from "zod";

assert.notEqual(copy.object, own.object);
const mixed = own.array(copy.object({ id: copy.int() }).extend({ name: own.string() }));
assert.deepEqual(mixed.parse([{ id: 1, name: "a" }]), [{ id: 1, name: "a" }]);
assert.deepEqual(mixed.safeParse([{ id: 1.5, name: "a" }]).error.issues[0].path, [0, "id"]);
assert.ok(copy.object({}) instanceof own.ZodObject);
assert.equal(own.toJSONSchema(mixed).items.properties.id.type, "integer");

for (const schema of [own.tuple([mixed]), copy.tuple([mixed])]) {
	const codec = messageCodec(schema);
	const buffer = Buffer.alloc(100);
	const end = codec.encode(buffer, 0, [[{ id: 1, name: "a" }]]);
	assert.deepEqual(codec.decode(buffer, 0, end), [[{ id: 1, name: "a" }]]);
	assert.throws(() => codec.encode(buffer, 0, [[{ id: 1, name: 5 }]]), /name: expected a string/);
}
console.log("one");
