/**
 * Hosts: the one that a text names (strict), and those of the links in a text (generous).
 * Pure. A door only: it holds no logic of its own.
 */

export { linksIn } from "./host/links.ts";
export { hostMatches, isPublic, readHost } from "./host/read.ts";
