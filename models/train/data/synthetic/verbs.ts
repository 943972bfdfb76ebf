/**
 * Requests from what tools say of themselves: "Retrieves the price of a drug" becomes "find out the price of a drug".
 * Pure but for the chance that it is given.
 */
import type { DraftTool } from "../../../../src/infer/tools.ts";
import type { Random } from "../random.ts";

/** Verbs that requests begin with, and words that people say in their place. */
const others: Readonly<Record<string, readonly string[]>> = {
  get: ["get", "fetch", "find", "look up", "show me", "give me", "pull up", "check", "tell me", "get me"],
  retrieve: [
    "retrieve",
    "get",
    "fetch",
    "find",
    "look up",
    "show me",
    "give me",
    "pull up",
    "provide me with",
    "tell me",
    "get me",
  ],
  fetch: ["fetch", "get", "retrieve", "pull", "look up", "show me"],
  find: ["find", "look for", "search for", "find me", "locate", "get me"],
  search: ["search", "look"],
  provide: ["provide", "give me", "show me", "get"],
  return: ["return", "get", "give me", "show me"],
  show: ["show", "show me", "display"],
  list: ["list", "show me", "give me", "get me"],
  calculate: ["calculate", "compute", "work out", "figure out", "determine"],
  compute: ["compute", "calculate", "work out"],
  estimate: ["estimate", "work out", "give me an estimate of"],
  determine: ["determine", "find out", "figure out", "work out"],
  create: ["create", "make", "set up", "add"],
  generate: ["generate", "create", "make", "produce", "come up with"],
  add: ["add", "put in", "insert"],
  book: ["book", "reserve"],
  reserve: ["reserve", "book"],
  buy: ["buy", "purchase", "get"],
  purchase: ["purchase", "buy"],
  send: ["send", "send out"],
  delete: ["delete", "remove", "get rid of"],
  remove: ["remove", "delete", "take away"],
  update: ["update", "change", "modify"],
  modify: ["modify", "change", "update"],
  change: ["change", "update"],
  analyze: ["analyze", "analyse", "look into", "examine", "evaluate"],
  evaluate: ["evaluate", "assess", "rate"],
  assess: ["assess", "evaluate"],
  check: ["check", "verify", "look up", "see"],
  verify: ["verify", "check", "confirm"],
  validate: ["validate", "check", "verify"],
  convert: ["convert", "turn", "change"],
  translate: ["translate"],
  schedule: ["schedule", "set up", "arrange", "plan"],
  plan: ["plan", "organize"],
  recommend: ["recommend", "suggest"],
  play: ["play", "put on"],
  identify: ["identify", "find", "point out"],
  compare: ["compare"],
  track: ["track", "keep track of", "follow"],
  monitor: ["monitor", "keep an eye on", "watch"],
  download: ["download", "get"],
  register: ["register", "sign up"],
  cancel: ["cancel", "call off"],
  optimize: ["optimize", "improve"],
  transfer: ["transfer", "move", "send"],
};

const plain =
  "access activate adjust advocate align allocate amend answer apply approve archive arrange ask assemble assign attach authenticate balance begin block borrow browse build calibrate call capture change choose classify clean clear close collect combine complete compose compress conduct configure confirm connect consult contact control coordinate copy count crop customize decode decrypt define deliver demonstrate deploy describe design detect develop diagnose discover dispatch dispose distribute draw edit email enable encode encrypt enhance enroll enter estimate examine execute explain explore export extract file filter fix follow forecast format forward gather guess guide help highlight hire host implement import improve increase inspect install integrate interpret invest investigate invite issue join launch learn level light load locate lock log look maintain make manage map mark match measure merge migrate model mount move mute name negotiate notify obtain open operate order organize pause pay perform pick place post practice predict prepare prescribe preserve prevent print process process produce promote proofread protect publish pull push query rank rate read receive record recover recycle reduce refer refresh refund reject release remind rename render renew rent repair repeat replace reply report request reschedule reset resize resolve respond restart restock restore resume review rotate run sample save scan score secure segment select sell set share ship shop shorten sign simulate solve sort specify split spell start stop store stream study submit subscribe suggest summarize supply support survey suspend switch sync tag take teach test throw trace train transcribe trim trigger turn tune type understand unlock unsubscribe upgrade upload use validate view visit visualize vote wash water weigh withdraw write zip";

const verbs: ReadonlySet<string> = new Set([...Object.keys(others), ...plain.split(" ")]);

/** The base of a verb in the third person, if it is a verb that requests begin with. */
function baseOf(word: string): string | undefined {
  const lower = word.toLowerCase();
  const bases = [lower, lower.replace(/ies$/, "y"), lower.replace(/es$/, ""), lower.replace(/s$/, "")];
  return bases.find((base) => verbs.has(base));
}

const openings =
  /^(?:this |the )?(?:tool|api|endpoint|function|service|method|operation)?\s*(?:that |which )?(?:is used to|can be used to|used to|allows? (?:you|users?|the user) to|allows? to|lets? (?:you|users?)|enables? (?:you|users?) to|helps? (?:you|users?) (?:to )?|to)\s+/i;

const wordsMax = 14;

/** A verb and what it is done to, in the imperative, without a full stop; `undefined` where a description says no such thing. */
export function requestOf(tool: DraftTool): string | undefined {
  const [sentence = ""] = tool.description.split(/(?<=[a-z)])[.;:](?:\s|$)|\s[(–—-]|\n/);
  const opened = sentence
    .replace(openings, "")
    .replace(/[.\s]+$/, "")
    .trim();
  return imperative(cutTail(opened)) ?? nameRequest(tool);
}

function cutTail(text: string): string {
  const cut =
    text.split(/,? (?:which|including|utilizing|leveraging|enabling|providing|so that|in order to|for use|via|through)\b/)[0] ??
    text;
  const words = cut.split(" ");
  if (words.length <= wordsMax) return cut;
  const at = words.findIndex((word, index) => index > 4 && /^(?:based|using|by|from|to|and|with|within|for|that)$/.test(word));
  return at > 0 && at <= wordsMax ? words.slice(0, at).join(" ") : "";
}

function imperative(text: string): string | undefined {
  const [first = "", ...rest] = text.split(" ");
  const base = baseOf(first.replace(/,$/, ""));
  if (base === undefined || rest.length === 0) return undefined;
  const object = rest.join(" ").replace(/[,;:]+$/, "");
  return /^(?:of|that|is|are)\b/.test(object) ? undefined : `${base} ${object}`;
}

/** The same from a tool's name: `getBasketballScore` → "get the basketball score". */
export function nameRequest(tool: DraftTool): string | undefined {
  const own = tool.name.slice(tool.name.indexOf("/") + 1);
  const [first = "", ...rest] = (own.split(/\.|: /).at(-1) ?? own)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_\-./]+/g, " ")
    .toLowerCase()
    .trim()
    .split(" ");
  const base = baseOf(first);
  if (base === undefined || rest.length === 0 || rest.length > 5) return undefined;
  const object = rest.join(" ");
  if (/^(?:a|an|the|all|by|to|for|in|from|on|with|up|me|my)\b/.test(object)) return `${base} ${object}`;
  const article = /(?:create|add|make|generate|book|schedule|send|write|set|start|open|submit|register|order)/.test(base)
    ? "a"
    : "the";
  const isPlural = /[^s]s$/.test(object);
  if (article === "a" && isPlural) return `${base} ${object}`;
  return `${base} ${article === "a" && /^[aeiou]/.test(object) ? "an" : article} ${object}`;
}

/** A request in other words: another verb, fewer adjectives. */
export function reworded(request: string, random: Random): string {
  const [first = "", ...rest] = request.split(" ");
  let object = rest.join(" ");
  if (random.chance(0.6))
    object = object.replace(
      /\b(?:detailed|specific|specified|given|particular|certain|comprehensive|relevant|real-time)\s+/gi,
      "",
    );
  object = object
    .replace(/\ba (?=[aeio]|u(?!ni|s[ei]|rl))/gi, "an ")
    .replace(/\ban (?=uni|us[ei]|url|one)/gi, "a ")
    .replace(/\ban (?=[bcdfgjklmnpqrstvwxz])/gi, "a ");
  // "list and filter": the verbs stay together.
  const verb = random.chance(0.55) && !/^(?:and|or)\b/.test(object) ? random.pick(others[first] ?? [first]) : first;
  return `${verb} ${verb === "look" || verb === "search" ? object.replace(/^(?!for|through|in|up|by)/, "for ") : object}`;
}

/** "What is …" for a request to be told something; `undefined` for a request that something be done. */
export function questionOf(request: string, random: Random): string | undefined {
  const found =
    /^(?:get|retrieve|fetch|find|provide|return|show|calculate|determine|check|compute) (the|information (?:about|on)|details (?:about|of)) (.+)$/.exec(
      request,
    );
  if (found === null) return undefined;
  const [, opening = "", object = ""] = found;
  if (opening !== "the") return random.pick([`what can you tell me about ${object}`, `what do you know about ${object}`]);
  const isPlural =
    /^[^,]*?s\b(?! of)/.test(object.split(/ (?:of|for|in|from|at|by|on|to|and) /)[0]?.match(/\S+$/)?.[0] ?? "") &&
    !/ss\b/.test(object);
  return isPlural ? `what are the ${object}` : random.pick([`what is the ${object}`, `what's the ${object}`]);
}

/** How people refer to what a call has made, by its verb: "the calculated", "the translated". */
export function participleOf(request: string): string {
  const [verb = ""] = request.split(" ");
  const known: Readonly<Record<string, string>> = {
    get: "retrieved",
    find: "found",
    search: "found",
    send: "sent",
    make: "made",
    build: "built",
    write: "written",
    buy: "purchased",
    read: "extracted",
    set: "set",
    show: "shown",
    take: "taken",
    provide: "provided",
    choose: "chosen",
    tell: "given",
    check: "checked",
  };
  const own = Object.hasOwn(known, verb) ? known[verb] : undefined;
  if (own !== undefined) return own;
  if (/e$/.test(verb)) return `${verb}d`;
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}ed`;
}
