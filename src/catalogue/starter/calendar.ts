/**
 * What the tools of `@cocal/google-calendar-mcp` do.
 * Pure data. Never takes an entry for its user's word: an invitation puts a stranger's text into a calendar.
 */
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

const reads = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { parse: "json", why });

/**
 * Changes an event. Google mails the guests, unless `sendUpdates` says `none`. Guests are objects, not names of readers, and a shared
 * or public calendar has readers who are no guests: so everyone counts as reading it.
 */
const invites = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["read", "write", "network", "message"], table, {
    resource: { template: "calendar:all", access: "both" },
    audience: "public",
    parse: "json",
    ...more,
  });

/** What people read in an event. */
const texts = "summary description location";
/** When it is, and how it is shown. */
const shape =
  "start end timeZone colorId reminders recurrence transparency sendUpdates conferenceData guestsCanInviteOthers guestsCanModify guestsCanSeeOtherGuests anyoneCanAddSelf visibility";
const where = "account calendarId eventId";

/** A Google calendar. */
export const calendar: StarterServer = {
  server: "calendar",
  title: "a Google calendar",
  label: "calendar_entry",
  labels: {
    calendar_entry: {
      integrity: "untrusted",
      description: "titles, descriptions and guests of events: anybody may send an invitation",
    },
  },
  // A calendar has several names (`primary`, an address, a title): all entries are one resource.
  resource: "calendar:all",
  tools: {
    "list-calendars": reads({ selector: "account" }, "Names of calendars that others share."),
    "list-events": reads(
      {
        selector: "account calendarId timeMin timeMax privateExtendedProperty sharedExtendedProperty",
        control: "timeZone fields",
      },
      "Titles, descriptions and guests are what the one who invites says.",
    ),
    "search-events": reads(
      {
        selector: "account calendarId query timeMin timeMax privateExtendedProperty sharedExtendedProperty",
        control: "timeZone fields",
      },
      "Whoever invites with the right words is found.",
    ),
    "get-event": reads(
      { selector: where, control: "fields" },
      "Titles, descriptions and guests are what the one who invites says.",
    ),
    "list-colors": reads({ selector: "account" }, "A list of Google's."),
    "get-freebusy": reads(
      { selector: "account calendars timeMin timeMax", control: "timeZone groupExpansionMax calendarExpansionMax" },
      "Invitations of strangers count as busy too.",
    ),
    "get-current-time": reads(
      { selector: "account", control: "timeZone" },
      "The server's clock; the time zone is the calendar's.",
    ),
    "create-event": invites(
      {
        target: `${where} attendees attachments source`,
        content: texts,
        control: `${shape} duplicateSimilarityThreshold allowDuplicates eventType focusTimeProperties outOfOfficeProperties workingLocationProperties extendedProperties`,
        selector: "calendarsToCheck",
      },
      {
        idempotent: false,
        why: "Guests get a mail with the texts: `attendees` are its recipients. Attachments and `source` are links that guests follow. Guests may be let in by flags, so these steer.",
      },
    ),
    "create-events": invites(
      {
        target: "account calendarId events events.account events.calendarId events.attendees",
        content: "events.summary events.description events.location",
        control: "timeZone sendUpdates",
      },
      { idempotent: false, why: "As create-event for several events: within `events` only the texts are content." },
    ),
    "update-event": invites(
      {
        target: `${where} attendees attachments`,
        content: texts,
        control: `${shape} modificationScope originalStartTime futureStartDate checkConflicts extendedProperties`,
        selector: "calendarsToCheck",
      },
      { idempotent: true, why: "As create-event; replaces the list of guests." },
    ),
    "delete-event": invites(
      { target: where, control: "sendUpdates" },
      { idempotent: true, why: "Guests are told that it is off." },
    ),
    "respond-to-event": invites(
      { target: where, control: "response modificationScope originalStartTime sendUpdates", content: "comment" },
      { idempotent: true, why: "The one who invited is told: an answer confirms an address." },
    ),
    "manage-accounts": tool(
      ["read", "write", "network"],
      { control: "action", target: "account_id" },
      { audience: [], idempotent: false, why: "Adds and removes log-ins; `add` starts one in a browser. Keep it out of plans." },
    ),
  },
};
