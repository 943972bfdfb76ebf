/**
 * The address of an endpoint and its key, checked once when a planner is made.
 * Never accepts credentials in a URL, and never lets a key go in clear text to a public host.
 */
import { isPublic, readHost } from "../../lang/host/read.ts";
import { ConfigError } from "../../result.ts";

const suffix = "/chat/completions";

/**
 * The URL that requests go to: `url` itself if it ends in `/chat/completions`, else with that added (`/v1` before it if the URL has no path).
 * Throws a ConfigError for what is no http(s) URL, has credentials or a fragment, or would show the key to the network.
 */
export function endpointAddress(url: string, apiKey: string | undefined): URL {
  const parsed = parse(url);
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol))
    throw new ConfigError("`url` must be an http or https URL, such as http://localhost:11434/v1");
  if (parsed.username !== "" || parsed.password !== "")
    throw new ConfigError("`url` must have no credentials; the key has an option of its own");
  if (parsed.hash !== "") throw new ConfigError("`url` must have no fragment");
  if (apiKey !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(apiKey))
    throw new ConfigError("`apiKey` must be visible ASCII without blanks, at most 4096 characters");
  if (apiKey !== undefined && parsed.protocol === "http:" && !isNearby(parsed))
    throw new ConfigError("`url` must be https where a key is sent, unless its host is a local or private one");
  const path = parsed.pathname.replace(/(?<!\/)\/+$/, "");
  if (!path.endsWith(suffix)) parsed.pathname = `${path === "" ? "/v1" : path}${suffix}`;
  return parsed;
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function isNearby({ host }: URL): boolean {
  const reading = readHost(host);
  return reading.ok && !isPublic(reading.value);
}
