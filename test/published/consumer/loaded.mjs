// Says what it takes of the heap to load what a program with stubs loads, and which files that are.
import { readFileSync } from "node:fs";
import { register } from "node:module";

const said = `${import.meta.dirname}/loaded.txt`;
const hooks = `import { appendFileSync } from "node:fs";
export function load(url, context, next) {
	if (url.startsWith("file:")) appendFileSync(${JSON.stringify(said)}, url + "\\n");
	return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const used = () => {
	globalThis.gc();
	return process.memoryUsage().heapUsed;
};
const before = used();
await import("@homing/runtime");
await import("@homing/runtime/compiled");
await import("@homing/runtime/zod");
console.log(used() - before);
console.log(readFileSync(said, "utf8"));
