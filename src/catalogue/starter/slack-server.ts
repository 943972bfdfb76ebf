/**
 * What the tools of `slack-mcp-server` (by Dmitrii Korotovskii) do.
 * Pure data. Never takes the members of a workspace for its operator: guests and shared channels write messages too.
 */
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";
import { slackLabels } from "./slack.ts";

/** Lists are CSV in this package, no JSON. */
const reads = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { why });

const changes = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["write", "network"], table, { resource: { template: "workspace:messages", access: "both" }, ...more });

const speaks = (table: RoleTable, why: string): StarterTool =>
  tool(["network", "message"], table, {
    audience: { arg: "channel_id" },
    resource: { template: "workspace:messages", access: "both" },
    idempotent: false,
    why,
  });

const group = "A mention of the group reaches whoever is in it, so its name, handle and members steer.";

/** Channels, messages and user groups of a Slack workspace. */
export const slackServer: StarterServer = {
  server: "slack",
  title: "channels, messages and user groups of a Slack workspace (slack-mcp-server)",
  label: "slack_message",
  labels: slackLabels,
  // A channel may be given by id, by #name and by @user: all messages are one resource.
  resource: "workspace:messages",
  tools: {
    attachment_get_data: reads(
      { selector: "file_id" },
      "Files of whoever uploaded them. The answer has JSON of the file's data and its text as it is.",
    ),
    channels_list: reads(
      { selector: "query", control: "channel_types cursor limit query_targets sort" },
      "Names and topics are texts of members.",
    ),
    channels_me: reads({ control: "channel_types cursor limit" }, "Names and topics are texts of members."),
    conversations_add_message: speaks(
      { target: "channel_id thread_ts blocks", control: "content_type", content: "text" },
      "`blocks` is a program for Slack's client (buttons, images that are fetched), so the agent may not write it freely; `text` is text.",
    ),
    conversations_history: reads(
      { selector: "channel_id", control: "cursor include_activity_messages limit" },
      "Messages of all who may post there.",
    ),
    conversations_replies: reads(
      { selector: "channel_id thread_ts", control: "cursor include_activity_messages limit" },
      "Messages of all who may post there.",
    ),
    conversations_search_messages: reads(
      {
        selector:
          "search_query filter_in_channel filter_in_im_or_mpim filter_users_from filter_users_with filter_date_after filter_date_before filter_date_during filter_date_on",
        control: "filter_threads_only cursor limit",
      },
      "Whoever posts the right words is found.",
    ),
    conversations_unreads: reads(
      { control: "channel_types include_messages include_muted max_channels max_messages_per_channel mentions_only" },
      "Messages of everybody who may write to the user.",
    ),
    conversations_join: changes(
      { target: "channel_id" },
      { idempotent: true, why: "Others see who joins, and what is posted there is read from then on." },
    ),
    conversations_leave: changes(
      { target: "channel_id" },
      { idempotent: true, why: "A private channel cannot be joined again without an invitation." },
    ),
    conversations_mark: changes(
      { target: "channel_id ts" },
      { idempotent: true, why: "Hides messages from the user, who takes them for read." },
    ),
    reactions_add: speaks(
      { target: "channel_id timestamp", control: "emoji" },
      "An emoji can be a vote or an approval, so it steers.",
    ),
    reactions_remove: speaks({ target: "channel_id timestamp", control: "emoji" }, "Takes a vote back."),
    saved_clear_completed: changes({}, { idempotent: true, why: "Clears a list of the user's own." }),
    saved_list: reads(
      { control: "filter include_messages limit max_messages_per_item" },
      "Messages that the user kept; others wrote them.",
    ),
    saved_update: changes(
      { target: "item_id ts", control: "mark date_due" },
      { idempotent: true, why: "Changes a list of the user's own." },
    ),
    usergroups_create: changes({ target: "channels handle name", content: "description" }, { idempotent: false, why: group }),
    usergroups_list: reads({ control: "include_count include_disabled include_users" }, "Names are texts of members."),
    usergroups_me: changes(
      { target: "usergroup_id", control: "action" },
      { idempotent: true, why: "`action` may join and leave." },
    ),
    usergroups_update: changes(
      { target: "usergroup_id channels handle name", content: "description" },
      { idempotent: true, why: group },
    ),
    usergroups_users_update: changes(
      { target: "usergroup_id users" },
      { idempotent: true, why: "Replaces all members of a group." },
    ),
    users_search: reads({ selector: "query", control: "limit" }, "Names and titles are what each member says."),
  },
};
