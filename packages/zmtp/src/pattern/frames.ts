/** A message for the application, or from it: one or more frames. */
export type Frames = readonly Uint8Array[];
