/** By itself: the command line names the file without loading what checks it. */
export const configName = "homing.config.json";
