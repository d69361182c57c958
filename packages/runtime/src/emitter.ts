/** What tells its users of events: as of the sockets, without Node. */
export { Emitter } from "@homing/zmtp/port";
