/**
 * A TCP proxy between processes and a store's server, that cuts, freezes, delays and swallows.
 * Never changes a byte of what it passes on.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** What is wrong with the line. */
export type Weather = "fair" | "frozen" | "slow" | "answers-lost" | "refused";

/** A proxy that runs. */
export interface TcpProxy {
  readonly port: number;
  /** Changes what happens to bytes from now on. */
  weather(weather: Weather): void;
  /** Cuts all connections; returns how many. */
  cut(): number;
  close(): Promise<void>;
}

/** Milliseconds by which a slow line delays each piece. */
const slowMs = 120;

/** Starts a proxy to a port of this machine. */
export function startProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let now: Weather = "fair";
  const pass = (from: Socket, to: Socket, isAnswer: boolean): void => {
    let line: Promise<void> = Promise.resolve();
    from.on("data", (bytes: Buffer) => {
      const arrived = now;
      // In order, whatever the weather.
      line = line.then(async () => {
        if (arrived === "slow") await new Promise((resolve) => setTimeout(resolve, slowMs));
        while (now === "frozen") await new Promise((resolve) => setTimeout(resolve, 20));
        if (isAnswer && now === "answers-lost") return;
        if (!to.destroyed) to.write(bytes);
      });
    });
  };
  const server: Server = createServer((near) => {
    if (now === "refused") return void near.destroy();
    const far = connect(target, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    pass(near, far, false);
    pass(far, near, true);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
        weather: (weather) => {
          now = weather;
        },
        cut: () => {
          const { size } = pairs;
          for (const [near, far] of [...pairs]) {
            near.destroy();
            far.destroy();
          }
          return size;
        },
        close: () => {
          for (const [near, far] of [...pairs]) {
            near.destroy();
            far.destroy();
          }
          return new Promise((done) => server.close(() => done()));
        },
      });
    });
  });
}
