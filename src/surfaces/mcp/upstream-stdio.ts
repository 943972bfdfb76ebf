/**
 * An MCP server behind a pair of streams: a process that somebody else starts (web standards only; `sluice` does it in its command line).
 * Never serves two sessions from one process, and never waits for a process that is gone.
 */
import { callBytesMax } from "../../limits.ts";
import { err, ok } from "../../result.ts";
import { frameLine, readFrames } from "./stdio-frames.ts";
import { createPeer, greet, type Peer, upstreamOver } from "./upstream-peer.ts";
import type { UpstreamServer } from "./upstream.ts";

/** A running server: its standard input and output. */
export interface ServerProcess {
  /** What it writes; ends with the process. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Writes whole lines to it. Throws if it is gone. */
  readonly write: (line: string) => void;
  /** Ends it: first kindly, then not. Resolves when it is gone. Never rejects. */
  close(): Promise<void>;
}

/** A server that is started for each session anew. `start` rejects if it cannot be started; nothing of the error is shown. */
export function stdioServer(options: { readonly name: string; readonly start: () => Promise<ServerProcess> }): UpstreamServer {
  const { name, start } = options;
  return {
    name,
    connect: async (listener, { signal, capabilities }) => {
      let child: ServerProcess;
      try {
        child = await start();
      } catch {
        return err("unreachable");
      }
      const peer = createPeer({ send: (message) => child.write(frameLine(message)), listener });
      const ended = readAll(peer, child);
      const greeted = await greet(peer, { capabilities, signal });
      if (!greeted.ok) {
        peer.end();
        await child.close();
        return greeted;
      }
      const close = async (): Promise<void> => {
        peer.end();
        await child.close();
        await ended;
      };
      return ok(upstreamOver(peer, { name, identity: greeted.value, close }));
    },
  };
}

/** Gives the peer what the process writes, until it ends. A line that is no message is somebody's log, unless it might have been one. */
async function readAll(peer: Peer, child: ServerProcess): Promise<void> {
  try {
    for await (const frame of readFrames(child.output, callBytesMax)) {
      if (frame.kind === "message") peer.receive(frame.value);
      // Whose answer it was cannot be told: none of them may be waited for.
      else if (frame.kind === "large") peer.fail("large");
      else if (frame.isObject) peer.fail("broken");
    }
  } catch {
    // The stream broke: the process is gone.
  }
  peer.end();
}
