/**
 * Which names of a program are values, which are Python's own, and which can only be tools.
 * Never takes a function of Python for a tool: without a catalogue that would make a plan that runs `eval`. Pure. No I/O, no clock.
 */
import { failOutside, failSyntax } from "./fault.ts";
import type { SyntaxNode } from "./tree.ts";

/** Built-in functions and types of Python 3.13 that no plan can compute, or not everywhere. None of them is ever a tool. */
export const builtinNames: ReadonlySet<string> = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr dict dir
   divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter
   len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice
   sorted staticmethod str sum super tuple type vars zip __import__ __build_class__ reveal_type`.split(/\s+/),
);

/** Modules of the standard library that programs of agents import: nothing in them is a tool. */
const standardModules: ReadonlySet<string> = new Set(
  `abc argparse array ast base64 bisect builtins calendar cmath codecs collections concurrent contextlib contextvars copy csv ctypes dataclasses
   datetime decimal difflib email enum fnmatch fractions ftplib functools gc getpass glob gzip hashlib heapq hmac html http imaplib importlib
   inspect io ipaddress itertools json keyword locale logging math mimetypes multiprocessing numbers operator os pathlib pickle platform pprint
   queue random re sched secrets select shelve shlex shutil signal smtplib socket sqlite3 ssl stat statistics string struct subprocess sys
   tempfile textwrap threading time timeit tokenize traceback types unicodedata unittest urllib uuid warnings weakref webbrowser xml zipfile
   zlib zoneinfo`.split(/\s+/),
);
/** Modules that say something about a program and do nothing in it. */
const silentModules: ReadonlySet<string> = new Set(["__future__", "typing", "typing_extensions", "asyncio"]);

/** What an import of a module means: names for types, nothing that could be said, or tools. */
export function moduleKind(name: string): "silent" | "standard" | "tools" {
  const [root = name] = name.split(".");
  return silentModules.has(root) ? "silent" : standardModules.has(root) ? "standard" : "tools";
}

/** Language Reference §2.3.1: no names, not even of members. */
const keywords: ReadonlySet<string> = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda
   nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

/** Refuses what is no name. Outside ASCII Python folds letters (PEP 3131, NFKC), so that two texts are one name: refused as well. */
export function checkName(text: string, node: SyntaxNode): void {
  const name = text.slice(node.from, node.to);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name)) failOutside("names are written in ASCII letters, digits and `_`", node.from);
  if (keywords.has(name)) failSyntax("this word is no name", node.from);
}

/** The name that a node is, as Python compares it. */
export function nameOf(text: string, node: SyntaxNode): string {
  checkName(text, node);
  const name = text.slice(node.from, node.to);
  if (name.startsWith("__")) failOutside("names that Python itself gives a meaning to are not read", node.from);
  return name;
}

/** Every name that an assignment, a loop, a comprehension, a parameter or a definition binds. */
export function boundNames(text: string, root: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  const bindAll = (nodes: readonly SyntaxNode[]): void => {
    for (const node of nodes) {
      if (node.kind === "VariableName") names.add(text.slice(node.from, node.to));
      else if (node.kind !== "MemberExpression") bindAll(node.children);
    }
  };
  const visit = (node: SyntaxNode): void => {
    const kinds = node.children.map(({ kind }) => kind);
    if (node.kind === "AssignStatement") bindAll(node.children.slice(0, Math.max(kinds.lastIndexOf("AssignOp"), 0)));
    if (node.kind === "UpdateStatement") bindAll(node.children.slice(0, kinds.indexOf("UpdateOp")));
    if (node.kind.endsWith("Definition")) bindAll(node.children.filter(({ kind }) => kind === "VariableName").slice(0, 1));
    if (node.kind === "ParamList") bindAll(node.children.filter(({ kind }) => kind === "VariableName"));
    for (let at = kinds.indexOf("for"); at !== -1; at = kinds.indexOf("for", at + 1))
      bindAll(node.children.slice(at + 1, kinds.indexOf("in", at)));
    for (const child of node.children) visit(child);
  };
  visit(root);
  return names;
}

/** How often each name stands in the program. */
export function nameUses(text: string, root: SyntaxNode): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const visit = (node: SyntaxNode): void => {
    const name = text.slice(node.from, node.to);
    if (node.kind === "VariableName") uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const child of node.children) visit(child);
  };
  visit(root);
  return uses;
}
