/**
 * What the dashboard is made of: pages, acts and downloads over one world, as types.
 * Types alone. A page shows and changes nothing; only an act changes something, and only for who has its role.
 */
import type { Context } from "hono";
import type { Access } from "../access/access.ts";
import type { Identity, Role } from "../access/identity.ts";
import type { Mapping } from "../audit/report/mapping.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Code } from "../codes.ts";
import type { Policy } from "../policy/policy.ts";
import type { Clock, Random } from "../ports.ts";
import type { Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import type { Firewall, Loaded } from "../surfaces/hono.ts";
import type { DashboardEvents } from "./events.ts";
import type { Html } from "./shell/text.ts";
import type { AuditAccess, SignalSource } from "./record/access.ts";
import type { LiveTopic } from "./live/event.ts";
import type { Recordings } from "./record/recordings.ts";

/** What the dashboard is given. What is absent, its pages say how to turn on. */
export interface DashboardOptions {
  readonly enforcer: Firewall;
  readonly access: Access;
  /** Default: the system's. */
  readonly random?: Random;
  /** What the firewall was loaded with, so that a plan that was approved here is put in force beside it. Absent: it is frozen only. */
  readonly loaded?: () => Omit<Loaded, "plans">;
  /** The organisation's policy of today: drafts are frozen with it. */
  readonly policy?: () => Policy | undefined;
  /** The operator's catalogue. Default: the tools that the plans in force pin. */
  readonly catalogue?: () => Catalogue | undefined;
  /** The audit log. */
  readonly audit?: AuditAccess;
  /** What this process is told: made before the firewall, which is given its `telemetry`. Default: one that nobody tells anything. */
  readonly events?: DashboardEvents;
  /** The version of Sluice, for exports. Default: not said. */
  readonly version?: string;
  /** What labels, tools and plans stand for, in compliance reports; a report may bring its own. */
  readonly mapping?: Mapping;
  /** Recordings of an observing firewall. */
  readonly recordings?: Recordings;
  /** What watches the audit log: `createSignalWatch`. */
  readonly signals?: SignalSource;
}

/** What pages are made of. Lives as long as the process: what a part keeps besides goes into a `WeakMap` by it. */
export interface DashboardWorld extends DashboardOptions {
  readonly events: DashboardEvents;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** Why a page or an act is refused, for the person who asked. The message is ours, of one line. */
export interface PageProblem {
  readonly status: 400 | 403 | 404 | 409 | 413 | 422 | 503;
  readonly message: string;
  readonly code?: Code;
}

/** Who looks, and what at. */
export interface Seen {
  readonly identity: Identity;
  /** Goes into every form, as field `csrf`. */
  readonly csrf: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Path of the request below the dashboard's root, with its query. */
  readonly at: string;
  /** Whether who looks has this role. */
  may(role: Role): boolean;
  /** Whether who looks is a person by name, who may decide what waits. */
  readonly mayDecide: boolean;
}

/** A page of the dashboard. Its model is JSON: it answers `Accept: application/json`. */
export interface Page<Model> {
  /** Pattern below the dashboard's root: `/`, `/sessions/:id`. */
  readonly path: `/${string}`;
  readonly title: string;
  /** The title where it depends on what is shown: short. Text of others may be in it: it is shown as such, and cut. */
  titleOf?(model: Model): string;
  readonly role: Role;
  /** Text of its link in the menu; absent: it has none. */
  readonly nav?: string;
  /** Path of the page whose link in the menu is marked while this one is shown. */
  readonly under?: `/${string}`;
  /** Whether it needs the whole width. */
  readonly isWide?: boolean;
  load(world: DashboardWorld, c: Context): Promise<Result<Model, PageProblem>>;
  view(model: Model, seen: Seen): Html | Promise<Html>;
  /** Topics at whose events the page is fetched again. */
  readonly refresh?: readonly LiveTopic[];
}

/** What an act has done. */
export interface Acted {
  /** Where a browser goes then (303); made by `href`. */
  readonly to: string;
  /** What the API is answered. */
  readonly answer: unknown;
  /** Status of that answer. Default 200. */
  readonly status?: 200 | 201 | 202;
  /** Shown in place of going on: what is told once and never again. */
  readonly page?: { readonly title: string; readonly body: Html | Promise<Html> };
}

/** A form's or the API's act: POST. Whoever made the request has the role, and the form is ours. */
export interface Act {
  readonly path: `/${string}`;
  readonly role: Role;
  run(world: DashboardWorld, c: Context, by: Identity): Promise<Result<Acted, PageProblem>>;
}

/** A file or a stream: GET. */
export interface Download {
  readonly path: `/${string}`;
  readonly role: Role;
  run(world: DashboardWorld, c: Context): Promise<Response>;
}
