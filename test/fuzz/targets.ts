import type { Target } from "./target.js";
import { boxes } from "./targets/boxes.js";
import { codecs } from "./targets/codecs.js";
import { curveClient, curveServer } from "./targets/curve.js";
import { endpoints } from "./targets/endpoints.js";
import { framing } from "./targets/framing.js";
import { properties } from "./targets/properties.js";
import { subscriptions } from "./targets/subscriptions.js";
import { websocket } from "./targets/websocket.js";
import { z85 } from "./targets/z85.js";

export const targets: readonly Target[] = [
	framing,
	properties,
	curveServer,
	curveClient,
	websocket,
	boxes,
	z85,
	endpoints,
	subscriptions,
	codecs,
];
