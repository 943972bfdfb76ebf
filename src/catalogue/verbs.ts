/**
 * The published word lists from which effects of tools are inferred.
 * Pure data. A word that is missing here makes a tool look more dangerous, never less.
 */
import type { Effect } from "../plan/plan.ts";

function words(list: string): readonly string[] {
  return list.split(/\s+/).filter((word) => word !== "");
}

/** Verbs that only read. Anything not listed is no reader, whatever it sounds like. */
export const readers: ReadonlySet<string> = new Set(
  words(`get read list search find check fetch query lookup look view show describe retrieve count compare calculate compute
    convert validate verify analyze analyse summarize predict recommend inspect explain select browse download see`),
);

const acting: readonly (readonly [readonly Effect[], string])[] = [
  [
    ["message", "network"],
    "send post reply message mail email notify invite respond forward tweet retweet broadcast announce chat dm sms",
  ],
  [
    ["write", "money"],
    "pay transfer order buy refund purchase charge withdraw deposit donate trade sell invest bid checkout remit reimburse transact transaction",
  ],
  [
    ["write"],
    `create update delete set write add remove move cancel schedule reschedule reserve book insert upsert edit modify change
     replace rename save store put patch register enroll reset enable disable start stop activate deactivate approve reject accept
     decline confirm close open archive restore clear assign unassign grant revoke block unblock follow unfollow like unlike mark
     copy import exchange return apply make place turn play pause control lock unlock merge push commit deploy install
     uninstall drop truncate alter configure manage organize complete finish join leave subscribe unsubscribe upgrade
     rate record log append overwrite erase wipe purge destroy kill`,
  ],
  [["write", "network"], "upload share publish submit request review comment sync"],
  [
    ["execute", "write", "network"],
    "run exec execute shell eval python terminal bash command script powershell subprocess spawn sudo ssh",
  ],
];

/** Verbs that act, with the effects they mean. What executes may also write and talk to the network. */
export const actors: ReadonlyMap<string, readonly Effect[]> = new Map(
  acting.flatMap(([effects, list]) => words(list).map((word) => [word, effects] as const)),
);

/** Acting words that are as often nouns (`get_order_status`): they count unless a reading verb stands before them in the name. */
export const nouns: ReadonlySet<string> = new Set(
  words(`message mail email chat dm sms tweet order trade transfer transaction purchase charge deposit refund bid checkout post
    share schedule set move comment reply request review rate return like play run command script terminal shell python record log
    book change copy store mark exchange control start stop open close import lock merge push place make reserve commit register
    upgrade bash ssh block follow patch leave put drop kill`),
);

/** Words that name the network. They add an effect and say nothing about the verb. */
export const networkWords: ReadonlySet<string> = new Set(
  words("web url urls http https page webpage website browse browser download upload internet crawl scrape webhook online"),
);

/** Words of what is worth money: together with a writing or sending verb they mean the effect `money`. */
export const moneyWords: ReadonlySet<string> = new Set(
  words(`money fund funds payment payments transaction transactions order orders purchase bill bills invoice invoices stock stocks
    payout refund salary deposit withdrawal`),
);

/** Words that may stand before the verb of a description. */
export const fillers: ReadonlySet<string> = new Set(
  words(`use using this that the a an tool function api endpoint method command allows allow lets let enables enable you users user
    can will is used to for helps help provides ability it`),
);

/** Names of arguments through which a tool is told where on the network to go. */
export const addressArguments: ReadonlySet<string> = new Set(
  words("url urls uri href link webhook endpoint host hostname domain website"),
);

/** Names of arguments that carry code for the tool to run. */
export const codeArguments: ReadonlySet<string> = new Set(words("sql command cmd script shell"));
