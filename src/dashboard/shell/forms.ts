/**
 * Forms: each with the token that proves it is ours, and fields with names that are read out.
 * Never without the token, and never to another site.
 */
import { html } from "hono/html";
import type { Seen } from "../dashboard.ts";
import { sentence } from "./pieces.ts";
import type { Html } from "./text.ts";

/** How a form is made. */
export interface FormOptions {
  /** Where it goes; made by `href`. */
  readonly action: string;
  readonly seen: Pick<Seen, "csrf">;
  readonly body: Html | Promise<Html>;
  /** What its class is besides. */
  readonly kind?: "card" | "inline" | "bar";
  /** Whether it carries a file. */
  readonly hasFile?: boolean;
  /** What the person is asked before it is sent, where the script runs. */
  readonly confirm?: string;
}

/** A form that changes something. */
export function actForm({ action, seen, body, kind = "card", hasFile = false, confirm }: FormOptions): Html {
  const encoding = hasFile ? "multipart/form-data" : "application/x-www-form-urlencoded";
  return html`<form method="post" action="${action}" enctype="${encoding}" class="${kind}" data-confirm="${confirm ?? ""}">
<input type="hidden" name="csrf" value="${seen.csrf}">${body}</form>`;
}

/** A form that asks for another view of the same page. */
export function viewForm({
  action,
  body,
  label,
}: {
  readonly action: string;
  readonly body: Html | Promise<Html>;
  readonly label: string;
}): Html {
  return html`<form method="get" action="${action}" class="bar" role="search" aria-label="${label}">${body}</form>`;
}

/** How a field is made. */
export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly type?: "text" | "search" | "number" | "password" | "date" | "datetime-local" | "file";
  readonly isRequired?: boolean;
  readonly max?: number;
  readonly placeholder?: string;
  /** Lines of a text; absent: one line. */
  readonly lines?: number;
  readonly isCode?: boolean;
}

/** A field with its label. */
export function field(options: FieldOptions): Html {
  const {
    name,
    label,
    value = "",
    hint,
    type = "text",
    isRequired = false,
    max,
    placeholder = "",
    lines,
    isCode = false,
  } = options;
  const id = `field-${name}`;
  const said = hint === undefined ? "" : html`<p class="hint" id="${id}-hint">${sentence(hint)}</p>`;
  const described = hint === undefined ? "" : html` aria-describedby="${id}-hint"`;
  const required = isRequired ? html` required` : "";
  const length = max === undefined ? "" : html` maxlength="${max}"`;
  const control =
    lines === undefined
      ? html`<input id="${id}" name="${name}" type="${type}" value="${value}" placeholder="${placeholder}" autocomplete="off"${described}${required}${length}>`
      : html`<textarea id="${id}" name="${name}" rows="${lines}" spellcheck="${isCode ? "false" : "true"}" class="${isCode ? "code" : ""}" placeholder="${placeholder}"${described}${required}${length}>
${value}</textarea>`;
  return html`<div class="field"><label for="${id}">${label}</label>${control}${said}</div>`;
}

/** A choice of a few. */
export function choice(options: {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly among: readonly (readonly [value: string, text: string])[];
  readonly hint?: string;
}): Html {
  const { name, label, value, among, hint } = options;
  const id = `field-${name}`;
  const said = hint === undefined ? "" : html`<p class="hint" id="${id}-hint">${sentence(hint)}</p>`;
  const described = hint === undefined ? "" : html` aria-describedby="${id}-hint"`;
  return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${name}"${described}>${among.map(
    ([each, text]) => html`<option value="${each}"${each === value ? html` selected` : ""}>${text}</option>`,
  )}</select>${said}</div>`;
}

/** A button that sends its form. */
export function button(
  text: string,
  {
    name = "",
    value = "",
    kind = "",
  }: { readonly name?: string; readonly value?: string; readonly kind?: "primary" | "danger" | "" } = {},
): Html {
  const named = name === "" ? "" : html` name="${name}" value="${value}"`;
  return html`<button type="submit" class="${kind}"${named}>${text}</button>`;
}
