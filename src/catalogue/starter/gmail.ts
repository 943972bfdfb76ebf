/**
 * What the tools of `@gongrzhe/server-gmail-autoauth-mcp` do.
 * Pure data. Never takes a message for its user's word: anybody may send one.
 */
import type { ResourceSpec } from "../../plan/plan.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";
import { mailLabels } from "./mail.ts";

const reads = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { why });

const changes = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["write", "network"], table, { resource: { template: "mailbox:all", access: "both" }, audience: [], ...more });

const message: RoleTable = {
  target: "to cc bcc",
  content: "body htmlBody",
  selector: "attachments threadId inReplyTo",
  // The package writes it into the header as it is: a line end in it begins another header, which may be `Bcc:`.
  control: "mimeType subject",
};
/** Files that go along; download_attachment may have written them. */
const attached: ResourceSpec = { template: "file:{attachments}", access: "read" };
const addressed = { arg: ["to", "cc", "bcc"] };
const visibility = "messageListVisibility labelListVisibility";

/** A Gmail account. */
export const gmail: StarterServer = {
  server: "mail",
  title: "a Gmail account",
  label: "mail_content",
  labels: mailLabels,
  resource: "mailbox:all",
  tools: {
    send_email: tool(["network", "message"], message, {
      audience: addressed,
      resource: [{ template: "mailbox:all", access: "write" }, attached],
      idempotent: false,
      why: "Recipients are targets. `subject` goes into the header as it is, where a line end would add recipients, so the agent may not write it freely. `attachments` are paths on the server's disk: they choose what is given away, so they steer as selectors.",
    }),
    draft_email: {
      ...changes(message, {
        idempotent: false,
        why: "A person sends the draft later, so its recipients are targets, and its subject steers as that of send_email.",
      }),
      resource: [{ template: "mailbox:all", access: "both" }, attached],
    },
    read_email: reads({ selector: "messageId" }, "The whole message, and names of attachments, are the sender's text. No JSON."),
    search_emails: reads({ selector: "query", control: "maxResults" }, "Whoever writes the right words is found."),
    modify_email: changes(
      { target: "messageId", control: "labelIds addLabelIds removeLabelIds" },
      { idempotent: true, why: "Labels move mail out of sight (SPAM, TRASH)." },
    ),
    delete_email: changes({ target: "messageId" }, { idempotent: true, why: "Deletes for good." }),
    batch_modify_emails: changes(
      { target: "messageIds", control: "addLabelIds removeLabelIds batchSize" },
      { idempotent: true, why: "Labels move mail out of sight (SPAM, TRASH)." },
    ),
    batch_delete_emails: changes({ target: "messageIds", control: "batchSize" }, { idempotent: true, why: "Deletes for good." }),
    list_email_labels: reads({}, "Names that the user, or a filter, gave."),
    create_label: changes(
      { target: "name", control: visibility },
      { idempotent: false, why: "Makes a name that filters act on." },
    ),
    update_label: changes({ target: "id name", control: visibility }, { idempotent: true, why: "Renames what filters act on." }),
    delete_label: changes({ target: "id" }, { idempotent: true, why: "Takes the label off all mail." }),
    get_or_create_label: changes({ target: "name", control: visibility }, { idempotent: true, why: "May make the label." }),
    create_filter: tool(
      ["write", "network", "message"],
      { selector: "criteria", target: "action action.forward", control: "action.addLabelIds action.removeLabelIds" },
      {
        resource: { template: "mailbox:all", access: "both" },
        audience: "public",
        idempotent: false,
        why: "A filter may forward all mail to come: `action.forward` is a recipient for good. So it counts as a message, and its criteria as seen by everyone.",
      },
    ),
    list_filters: reads({}, "Filters that were set up, by whomever."),
    get_filter: reads({ selector: "filterId" }, "A filter that was set up, by whomever."),
    delete_filter: changes({ target: "filterId" }, { idempotent: true, why: "Mail that was sorted out arrives again." }),
    create_filter_from_template: changes(
      { control: "template", target: "parameters" },
      { idempotent: false, why: "Hides mail to come; these templates do not forward." },
    ),
    download_attachment: tool(
      ["read", "write", "network"],
      { selector: "messageId attachmentId", target: "filename savePath" },
      {
        resource: [
          { template: "mailbox:all", access: "read" },
          { template: "file:{savePath}/{filename}", access: "write" },
        ],
        audience: [],
        idempotent: true,
        why: "Writes a sender's file to the disk. Without `filename` the sender chooses the name: name both in a plan.",
      },
    ),
  },
};
