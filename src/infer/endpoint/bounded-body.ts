/**
 * Reads the body of a response up to a bound.
 * Never holds more than the bound and one chunk.
 */

/** The text of a body, or `undefined` if it has more than `bytesMax` bytes or is no UTF-8. Rejects where the connection fails. */
export async function boundedText(response: Response, bytesMax: number): Promise<string | undefined> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const parts: string[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (!done) total += value.length;
    if (total > bytesMax) {
      await reader.cancel().catch(() => {});
      return undefined;
    }
    try {
      parts.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
    } catch {
      await reader.cancel().catch(() => {});
      return undefined;
    }
    if (done) return parts.join("");
  }
}
