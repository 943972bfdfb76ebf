/**
 * The dashboard's own files, each under a name that says what is in it, so that a browser may keep it for ever.
 * Never a file of a disk, and nothing from another place.
 */
import { sha256Hex } from "../../plan/digest.ts";
import { clientText, iconText, styleText } from "../assets/embedded.ts";
import { href } from "./href.ts";

interface Asset {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

function asset(stem: string, ending: string, { type, text }: Pick<Asset, "type" | "text">): Asset {
  return { name: `${stem}-${sha256Hex(text).slice(0, 16)}.${ending}`, type, text };
}

const style = asset("style", "css", { type: "text/css; charset=utf-8", text: styleText });
const client = asset("client", "js", { type: "text/javascript; charset=utf-8", text: clientText });
const icon = asset("icon", "svg", { type: "image/svg+xml; charset=utf-8", text: iconText });

const pattern = "/assets/:name";

/** Where the assets are. */
export const assetAddresses: { readonly style: string; readonly client: string; readonly icon: string } = {
  style: href(pattern, { name: style.name }),
  client: href(pattern, { name: client.name }),
  icon: href(pattern, { name: icon.name }),
};

/** An asset by its name; `undefined`: there is none. */
export function assetResponse(name: string): Response | undefined {
  const found = [style, client, icon].find((each) => each.name === name);
  if (found === undefined) return undefined;
  return new Response(found.text, {
    headers: {
      "content-type": found.type,
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      // An icon that is opened by itself is a document.
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    },
  });
}
