/** The command line as a process of its own, from its sources. */
import { main } from "../../../packages/codegen/src/cli.js";

main();
