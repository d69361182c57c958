// What client and server of the grpc-js contestant share.
//
// Best practice, as far as it is known: one channel, kept and reused; no compression, no channelz, no retry buffering,
// no look-up of a service config; larger HTTP/2 windows. The performance guide's pool of channels is for servers that
// limit the streams of a connection; this one does not, and both sides here have one thread.
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

export { grpc };

export const channelOptions = {
	"grpc.enable_channelz": 0,
	"grpc.enable_retries": 0,
	"grpc.enable_http_proxy": 0,
	"grpc.service_config_disable_resolution": 1,
	"grpc-node.flow_control_window": 1024 * 1024,
};

// Fields keep their own types: no conversion of numbers or enums to strings, no defaults filled in.
const definition = loadSync(fileURLToPath(new URL("echo.proto", import.meta.url)));

export const { Echo } = grpc.loadPackageDefinition(definition).bench;
