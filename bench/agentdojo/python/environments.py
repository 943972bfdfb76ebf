"""AgentDojo's environments, tools and judges (v1.2.2) for a process that asks line by line: one JSON object in, one out.
Never decides what an agent may do, and never judges by itself: `utility()` and `security()` are AgentDojo's own."""

import datetime
import functools
import hashlib
import importlib
import json
import pickle
import sys
import warnings

warnings.filterwarnings("ignore")

from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
from agentdojo.attacks.attack_registry import load_attack
from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime
from agentdojo.task_suite.load_suites import get_suites
from pydantic import TypeAdapter
import yaml

from attacker import written_calls

VERSION = "v1.2.2"
ATTACK = "important_instructions_no_model_name"
NOW = "2024-05-15T12:00:00"
CLOCKS = ["email_client", "cloud_drive_client"]
REMEMBERED = 4_000


class Victim:
    """What AgentDojo's attack asks of a pipeline: a name it knows. Its text names no model."""

    name = "gpt-4o-2024-05-13"


class FrozenClock(datetime.datetime):
    """The time of the tools, so that two runs are the same."""

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromisoformat(NOW)


class FrozenModule:
    """`datetime` with that clock."""

    def __getattr__(self, name):
        return FrozenClock if name == "datetime" else getattr(datetime, name)


def freeze_clocks():
    for name in CLOCKS:
        module = importlib.import_module(f"agentdojo.default_suites.v1.tools.{name}")
        module.datetime = FrozenModule()


def load_fast():
    """Has AgentDojo read its YAML by the C library: the same values, ten times faster."""
    yaml.safe_load = functools.partial(yaml.load, Loader=yaml.CSafeLoader)


@functools.lru_cache(maxsize=REMEMBERED)
def text_of(pickled):
    """A result as AgentDojo gives it to an agent. Most runs of a task read the same."""
    return tool_result_to_str(pickle.loads(pickled))


def plain_calls(calls):
    return [{"tool": call.function, "args": dict(call.args)} for call in calls]


def returns_of(tool):
    """The schema of what a tool returns, if it says so."""
    try:
        return TypeAdapter(tool.return_type).json_schema()
    except Exception:
        return None


class Suite:
    """A suite with its attack, and its environments as bytes, so that each run has one of its own."""

    def __init__(self, suite):
        self.suite = suite
        self.attack = load_attack(ATTACK, suite, Victim())
        self.environments = {}
        self.verdicts = {}

    def injections(self, user, injection):
        return {} if injection is None else self.attack.attack(user, injection)

    def environment(self, user, injection):
        injections = self.injections(user, injection)
        key = json.dumps(injections, sort_keys=True)
        if key not in self.environments:
            fresh = self.suite.load_and_inject_default_environment(injections)
            self.environments[key] = pickle.dumps(fresh)
        return user.init_environment(pickle.loads(self.environments[key]))

    def describe(self):
        tools = [
            {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters.model_json_schema(),
                "returns": returns_of(tool),
            }
            for tool in self.suite.tools
        ]
        users = {id_: {"prompt": task.PROMPT} for id_, task in self.suite.user_tasks.items()}
        injections = {
            id_: {"goal": task.GOAL, "output": task.GROUND_TRUTH_OUTPUT}
            for id_, task in self.suite.injection_tasks.items()
        }
        return {"tools": tools, "userTasks": users, "injectionTasks": injections}


class Run:
    """One run: an environment, what was called in it, and who judges it."""

    def __init__(self, suite, user_id, injection_id):
        self.suite = suite
        self.user = suite.suite.user_tasks[user_id]
        self.injection_id = injection_id
        self.injection = None if injection_id is None else suite.suite.injection_tasks[injection_id]
        self.now = suite.environment(self.user, self.injection)
        self.before = pickle.loads(pickle.dumps(self.now))
        self.runtime = FunctionsRuntime(suite.suite.tools)
        self.called = []

    def spare(self):
        """The environment as it is, for a question that may change it."""
        return pickle.loads(pickle.dumps(self.now))

    def start(self):
        calls = self.user.ground_truth(self.spare())
        return {"calls": plain_calls(calls), "output": self.user.GROUND_TRUTH_OUTPUT}

    def attacker(self):
        calls = self.injection.ground_truth(self.spare())
        is_written = len(calls) == 0
        if is_written and self.suite.suite.name == "workspace":
            calls = written_calls(self.injection_id, pickle.loads(pickle.dumps(self.before)), self.spare())
        return {"calls": plain_calls(calls), "isWritten": is_written and len(calls) > 0}

    def call(self, tool, args):
        self.called.append(FunctionCall(function=tool, args=args))
        result, error = self.runtime.run_function(self.now, tool, args)
        return {"value": text_of(pickle.dumps(result))} if error is None else {"error": error}

    def judge(self, answer):
        """The judges' verdict. They see the environment, the calls and the answer alone: for the same ones it is said again."""
        called = [call.model_dump() for call in self.called]
        key = pickle.dumps((self.user.ID, self.injection_id, answer, called, self.now))
        digest = hashlib.sha256(key).digest()
        if digest not in self.suite.verdicts:
            self.suite.verdicts[digest] = self.ask(answer)
        return self.suite.verdicts[digest]

    def ask(self, answer):
        content = [{"type": "text", "content": answer}]
        judge = self.suite.suite._check_task_result
        verdict = {"utility": bool(judge(self.user, content, self.before, self.now, self.called))}
        if self.injection is not None:
            verdict["security"] = bool(judge(self.injection, content, self.before, self.now, self.called))
        return verdict


def answers():
    suites = {name: Suite(suite) for name, suite in get_suites(VERSION).items()}
    run = None

    def answer(asked):
        nonlocal run
        op = asked["op"]
        if op == "suites":
            return list(suites)
        if op == "suite":
            return suites[asked["suite"]].describe()
        if op == "start":
            run = Run(suites[asked["suite"]], asked["userTask"], asked.get("injectionTask"))
            return run.start()
        if op == "attacker":
            return run.attacker()
        if op == "call":
            return run.call(asked["tool"], asked["args"])
        return run.judge(asked["answer"])

    return answer


def main():
    freeze_clocks()
    load_fast()
    answer = answers()
    for line in sys.stdin:
        try:
            said = {"ok": answer(json.loads(line))}
        except Exception as error:
            said = {"fault": f"{type(error).__name__}: {error}"}
        print(json.dumps(said, default=str), flush=True)


main()
