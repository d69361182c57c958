/** What zeromq.js has under this name are drafts of libzmq's; none is spoken here. */
export { Client, Datagram, Dish, Gather, Radio, Scatter, Server } from "./socket/absent-sockets.js";
