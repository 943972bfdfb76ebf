/**
 * What the tools of `mcp-email-server` do: mail over IMAP and SMTP.
 * Pure data. Never takes a message for its user's word: anybody may send one.
 */
import type { ResourceSpec } from "../../plan/plan.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

const account = "account_name";

const reads = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { why });

/** A list of the operator's, in the server's own settings: no mail is read and none of its tools changes it. */
const setting = (why: string, table: RoleTable = {}): StarterTool =>
  tool(["read"], table, { resource: { template: "setting:all", access: "read" }, why });

const changes = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["write", "network"], table, { resource: { template: "mailbox:all", access: "both" }, audience: [], ...more });

/** Members of a message that is written: whom it goes to, what it says, and files that go along. */
const message = { content: "subject body", selector: "attachments in_reply_to references", control: "html" };
/** Files that go along; download_attachment may have written them. */
const attached: ResourceSpec = { template: "file:{attachments}", access: "read" };
const addressed = { arg: ["recipients", "cc", "bcc"] };

/** Keeps a message with its files. */
const keeps = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool => ({
  ...changes(table, more),
  resource: [{ template: "mailbox:all", access: "both" }, attached],
});

/** What both mail servers say of mail. */
export const mailLabels: StarterServer["labels"] = {
  mail_content: { integrity: "untrusted", description: "messages, names and attachments in a mailbox: anybody may send one" },
};

/** A mailbox over IMAP and SMTP. */
export const mail: StarterServer = {
  server: "mail",
  title: "a mailbox over IMAP and SMTP",
  label: "mail_content",
  labels: mailLabels,
  // What is sent from one account arrives in another, and drafts are read again: all mail is one resource.
  resource: "mailbox:all",
  tools: {
    list_available_accounts: setting("Accounts that the operator set up."),
    list_email_tags: setting("Tags that the operator set up.", { selector: account }),
    list_allowed_recipients: setting("A list that the operator set up."),
    list_allowed_senders: setting("A list that the operator set up."),
    list_mailboxes: reads({ selector: `${account} pattern reference` }, "Names of folders."),
    list_emails_metadata: reads(
      {
        selector: `${account} mailbox before since subject from_address to_address body text seen flagged answered has_attachment semantic_tags`,
        control: "page page_size order tag_match",
      },
      "Subjects and senders are what each sender says; `subject`, `body` and `text` are searched for here, and no content.",
    ),
    get_emails_content: tool(
      ["read", "write", "network"],
      { selector: `${account} email_ids mailbox`, control: "mark_as_read body_offset max_body_length" },
      {
        resource: { template: "mailbox:all", access: "read" },
        audience: [],
        idempotent: true,
        why: "Says of itself that it is not read-only: `mark_as_read` hides mail from the user. That flag is all it writes, so nothing is kept there.",
      },
    ),
    get_attachment_content: reads(
      { selector: `${account} email_id attachment_name mailbox` },
      "An attachment is its sender's text too.",
    ),
    download_attachment: tool(
      ["read", "write", "network"],
      { target: "save_path", selector: `${account} email_id attachment_name mailbox` },
      {
        resource: [
          { template: "mailbox:all", access: "read" },
          { template: "file:{save_path}", access: "write" },
        ],
        audience: [],
        idempotent: false,
        why: "Writes a sender's file to the disk: where steers. The file is then what a file server reads, under its own label.",
      },
    ),
    send_email: tool(
      ["network", "message"],
      { target: `${account} recipients cc bcc reply_to`, ...message },
      {
        // Whoever answers quotes the message to `reply_to`.
        audience: { arg: [...addressed.arg, "reply_to"] },
        resource: [{ template: "mailbox:all", access: "write" }, attached],
        idempotent: false,
        why: "Recipients and the address that answers go to are targets. `attachments` are paths on the server's disk: they choose what is given away, so they steer as selectors.",
      },
    ),
    forward_email: tool(
      ["read", "network", "message"],
      {
        target: `${account} recipients cc bcc`,
        selector: "email_id source_mailbox",
        control: "include_attachments",
        content: "body",
      },
      {
        audience: addressed,
        resource: { template: "mailbox:all", access: "both" },
        idempotent: false,
        why: "Gives a whole message away: recipients are targets, and which message is chosen steers too.",
      },
    ),
    save_to_mailbox: keeps(
      { target: `${account} mailbox recipients cc bcc`, ...message, control: "html flags" },
      {
        idempotent: false,
        why: "Puts a message into a folder as if it had come or were to be sent; a person may send it later, so its recipients are targets.",
      },
    ),
    save_draft: keeps(
      { target: `${account} recipients cc bcc`, ...message },
      { idempotent: false, why: "A person sends the draft later, so its recipients are targets." },
    ),
    delete_emails: changes({ target: `${account} email_ids mailbox` }, { idempotent: true, why: "Deletes for good." }),
    set_email_flags: changes(
      { target: `${account} email_ids mailbox`, control: "operation flags" },
      { idempotent: true, why: "A flag hides mail from the user or shows it." },
    ),
    set_email_tags: changes(
      { target: `${account} email_ids mailbox`, control: "operation tags" },
      { idempotent: true, why: "Tags may start what other programs do." },
    ),
    mark_emails_as_read: changes(
      { target: `${account} email_ids mailbox` },
      { idempotent: true, why: "Hides mail from the user, who takes it for read." },
    ),
    move_emails: changes(
      { target: `${account} email_ids source_mailbox destination_mailbox`, control: "destination_role" },
      { idempotent: false, why: "Mail that is moved is mail that is not found." },
    ),
    archive_emails: changes(
      { target: `${account} email_ids mailbox` },
      { idempotent: false, why: "Mail that is moved is mail that is not found." },
    ),
    create_mailbox: changes({ target: `${account} mailbox` }, { idempotent: true, why: "Makes a folder." }),
    email_command: tool(
      ["read", "write", "network", "message", "execute"],
      { target: account, control: "protocol", command: "commands" },
      { idempotent: false, why: "Raw IMAP and SMTP: it can send, delete and fetch whatever the account may." },
    ),
  },
};
