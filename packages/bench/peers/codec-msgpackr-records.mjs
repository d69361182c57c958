// Objects are records, whose structures both sides know from earlier messages: names of properties are not in the octets.
import { runMsgpackr } from "./msgpackr-codec.mjs";

await runMsgpackr({ structures: [] });
