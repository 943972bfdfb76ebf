/**
 * What others have published about AgentDojo, each with its source and with what differs from the runs here.
 * Only quotes. Never a figure without where it stands, and never one that was worked out from others.
 */

/** One published figure. */
export interface Published {
  readonly system: string;
  /** The model, and the version of AgentDojo, as far as the source says. */
  readonly setup: string;
  readonly utility: string;
  readonly attack: string;
  readonly differs: string;
  readonly source: string;
}

const camelDiffers =
  "a model writes the program for each task and answers the user, so its mistakes count; its interpreter replaces the agent; published per model, one attack";
const camelSource = "CaMeL's repository, `analysis.ipynb` at f083b6b";

/** In the order of the table. Utility: of the 97 user tasks without an attack, where nothing else is said. */
export const published: readonly Published[] = [
  {
    system: "CaMeL, the paper's abstract",
    setup: "AgentDojo; models not said there",
    utility: "77 % with provable security; 84 % undefended",
    attack: "–",
    differs: camelDiffers,
    source: "arXiv 2503.18813 v2, abstract (secondary copy)",
  },
  {
    system: "CaMeL, no policies",
    setup: "Claude 4 Sonnet, v1.2",
    utility: "74.2 % (native tool calling 86.6 %)",
    attack: "13 of 949 (native 75); with policies 11, all in travel",
    differs: camelDiffers,
    source: camelSource,
  },
  {
    system: "CaMeL, no policies",
    setup: "o3 (high), v1.2",
    utility: "77.3 % (native 84.5 %)",
    attack: "1 of 949 (native 11); with policies 0",
    differs: camelDiffers,
    source: camelSource,
  },
  {
    system: "CaMeL, no policies",
    setup: "Claude 3.5 Sonnet, v1.2",
    utility: "63.9 % (native 90.7 %)",
    attack: "1 of 949 (native 44); with policies 0",
    differs: `${camelDiffers}. On the tasks that it completes a policy asks a human in 33.9 % (53.2 % in strict mode)`,
    source: camelSource,
  },
  {
    system: "CaMeL, no policies",
    setup: "Gemini 2.5 Pro, v1.2",
    utility: "41.2 % (native 73.2 %)",
    attack: "0 of 949 (native 163)",
    differs: camelDiffers,
    source: camelSource,
  },
  {
    system: "Progent, policies by a model",
    setup: "AgentDojo",
    utility: "“high utility”",
    attack: "41.2 % → 2.2 %",
    differs: "a policy over single calls, no data flow; a model runs; utility in the paper's tables only",
    source: "arXiv 2504.11703 v1, abstract",
  },
  {
    system: "Progent, policies by hand",
    setup: "AgentDojo",
    utility: "“preserving agent utility”",
    attack: "→ 0 %",
    differs: "as above; policies written by hand for each suite's agent, not for each task",
    source: "arXiv 2504.11703 v2, abstract",
  },
  {
    system: "FIDES",
    setup: "AgentDojo; model not said there",
    utility: "78.9 % (task completion with as many human answers as are asked for)",
    attack: "–",
    differs: "labels on a model's own planning loop; only a secondary table could be read",
    source: "an aggregator of results (wizwand.com), not the paper",
  },
  {
    system: "PRUDENTIA",
    setup: "AgentDojo; model not said there",
    utility: "80 % (as above)",
    attack: "–",
    differs: "as FIDES, with fewer questions to a human: that is its own measure",
    source: "the same aggregator; arXiv 2602.11416",
  },
  {
    system: "Agent Governance Toolkit, information flow",
    setup: "AgentDojo, banking only",
    utility: "0.75 → 0.75 (benign); 0.75 → 0.125 under attack",
    attack: "stopped by stopping the task",
    differs: "a model runs; one suite. It says itself that the task is lost with the attack",
    source: "its repository, `policy-engine/benchmarks/agentdojo/README.md` at b570558",
  },
];
