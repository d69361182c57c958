/** Decides on all that comes, and may be away meanwhile: `node dist/office/boss.js tcp://...` */

import { OfficeClient, officeDescriptor } from "./generated/office.js";
import { Declined } from "./office.js";
import { connectAs } from "./people.js";

const connection = connectAs("the boss", process.argv[2]!);
const { buy } = officeDescriptor.methods;

for await (const { item, cents, by, replyTo } of new OfficeClient(connection).requests()) {
	if (cents <= 100_000) await connection.answer(buy, replyTo, { item, by, from: "the boss" });
	else await connection.answerError(buy, replyTo, new Declined(`not ${item}`, { most: 100_000 }));
}
