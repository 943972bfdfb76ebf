/**
 * What the tools of the Slack servers do that Anthropic began (`@modelcontextprotocol/server-slack`) and Zencoder keeps.
 * Pure data. Never takes the members of a workspace for its operator: guests and shared channels write messages too.
 */
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

const reads = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { parse: "json", why });

/** Who may read what is posted: the channel, by the name that `channel_id` gives it. */
const speaks = (table: RoleTable, why: string): StarterTool =>
  tool(["network", "message"], table, {
    audience: { arg: "channel_id" },
    resource: { template: "workspace:messages", access: "both" },
    parse: "json",
    idempotent: false,
    why,
  });

/** What both Slack servers say of their messages. */
export const slackLabels: StarterServer["labels"] = {
  slack_message: {
    integrity: "untrusted",
    description: "messages, names and profiles of a workspace: any member, guest, app or shared channel wrote them",
  },
};

/** Channels and messages of a Slack workspace. */
export const slack: StarterServer = {
  server: "slack",
  title: "channels and messages of a Slack workspace (Anthropic's and Zencoder's server)",
  label: "slack_message",
  labels: slackLabels,
  // One channel has a name and an id, and what is posted under one is read under the other: all messages are one resource.
  resource: "workspace:messages",
  tools: {
    slack_list_channels: reads({ control: "limit cursor" }, "Names, topics and purposes of channels are texts of members."),
    slack_post_message: speaks(
      { target: "channel_id", content: "text" },
      "The channel, or the person, is the target; links in `text` are fetched by Slack for a preview.",
    ),
    slack_reply_to_thread: speaks({ target: "channel_id thread_ts", content: "text" }, "Channel and thread say who is told."),
    slack_add_reaction: speaks(
      { target: "channel_id timestamp", control: "reaction" },
      "An emoji can be a vote or an approval, so it is a choice that steers, and no text.",
    ),
    slack_get_channel_history: reads({ selector: "channel_id", control: "limit" }, "Messages of all who may post there."),
    slack_get_thread_replies: reads({ selector: "channel_id thread_ts" }, "Messages of all who may post there."),
    slack_get_users: reads({ control: "cursor limit" }, "Names and titles are what each member says."),
    slack_get_user_profile: reads({ selector: "user_id" }, "A profile is what the member says."),
  },
};
