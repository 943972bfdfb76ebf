/**
 * The parse tree of libpg_query as plain data, and names in it.
 * Pure. Never trusts a shape: what is not as expected is absent.
 */

/** A node or a part of one. */
export interface Tree {
  readonly [member: string]: unknown;
}

/** A value as a part of the tree; an empty one if it is none. */
export function treeOf(value: unknown): Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

/** A member as a list of parts. */
export function listOf(tree: Tree, member: string): readonly unknown[] {
  const value = tree[member];
  return Array.isArray(value) ? value : [];
}

/** A member as a text, or `undefined`. */
export function textOf(tree: Tree, member: string): string | undefined {
  const value = tree[member];
  return typeof value === "string" ? value : undefined;
}

/** What is inside a wrapper: `{ "SelectStmt": { … } }` has the type `SelectStmt`. */
export function unwrap(value: unknown): { readonly type: string; readonly inner: Tree } {
  const tree = treeOf(value);
  const [type] = Object.keys(tree);
  return type !== undefined && /^[A-Z]/.test(type) ? { type, inner: treeOf(tree[type]) } : { type: "", inner: tree };
}

/** A list of `String` nodes as texts; anything else in it is `*`. */
export function stringsOf(values: readonly unknown[]): readonly string[] {
  return values.map((value) => {
    const { type, inner } = unwrap(value);
    return type === "String" ? (textOf(inner, "sval") ?? "") : "*";
  });
}

/** A name as constraints compare it: as it stands if an unquoted name would be read so, else in quotes. */
export function nameOf(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name}"`;
}

/** The dotted name of a `RangeVar`. */
export function tableName(range: Tree): string {
  const parts = [textOf(range, "catalogname"), textOf(range, "schemaname"), textOf(range, "relname") ?? "*"];
  return parts
    .filter((part) => part !== undefined && part !== "")
    .map((part) => (part === "*" ? "*" : nameOf(part ?? "")))
    .join(".");
}
