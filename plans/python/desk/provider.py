"""A provider of models on this machine, with the scripted model behind the APIs of OpenAI (chat completions, responses) and Anthropic
(messages), whole and streamed. It prints what its model sees and does. `python provider.py` prints its URL first.
"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scripted import Call, Seen, bare, named, next_turn, ticket_of

Json = dict[str, Any]


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or a list of parts."""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content or [])


def chat(body: Json) -> Json:
    """Chat completions of OpenAI."""
    messages = body["messages"]
    names = {call["id"]: call["function"]["name"] for one in messages for call in one.get("tool_calls") or []}
    seen = [Seen(bare(names[one["tool_call_id"]]), text_of(one["content"])) for one in messages if one["role"] == "tool"]
    turn = think(messages, seen)
    message: Json = {"role": "assistant", "content": turn if isinstance(turn, str) else None}
    if isinstance(turn, Call):
        offered = [tool["function"]["name"] for tool in body["tools"]]
        function = {"name": named(turn.tool, offered), "arguments": json.dumps(turn.args)}
        message["tool_calls"] = [{"id": f"call_{len(messages)}", "type": "function", "function": function}]
    reason = "stop" if isinstance(turn, str) else "tool_calls"
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    return {"id": f"chat_{len(messages)}", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]}


def chat_stream(body: Json) -> Iterator[Json | str]:
    """The same in pieces: a text word by word, a call's arguments in three."""
    whole = chat(body)
    message = whole["choices"][0]["message"]
    head = {**whole, "object": "chat.completion.chunk"}

    def piece(delta: Json, reason: str | None = None) -> Json:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    yield piece({"role": "assistant", "content": None if message["content"] is None else ""})
    for word in (message["content"] or "").split(" "):
        if word:
            yield piece({"content": f"{word} "})
    for at, call in enumerate(message.get("tool_calls") or []):
        text = call["function"]["arguments"]
        yield piece({"tool_calls": [{"index": at, **call, "function": {**call["function"], "arguments": ""}}]})
        for part in (text[:5], text[5:20], text[20:]):
            yield piece({"tool_calls": [{"index": at, "function": {"arguments": part}}]})
    yield piece({}, whole["choices"][0]["finish_reason"])
    yield "[DONE]"


def responses(body: Json) -> Json:
    """Responses of OpenAI."""
    items = [{"role": "user", "content": body["input"]}] if isinstance(body["input"], str) else body["input"]
    names = {one["call_id"]: one["name"] for one in items if one.get("type") == "function_call"}
    outputs = [one for one in items if one.get("type") == "function_call_output"]
    turn = think(items, [Seen(bare(names[one["call_id"]]), text_of(one["output"])) for one in outputs])
    if isinstance(turn, Call):
        name = named(turn.tool, [tool["name"] for tool in body["tools"]])
        base = {"type": "function_call", "id": f"fc_{len(items)}", "call_id": f"call_{len(items)}", "status": "completed"}
        item: Json = {**base, "name": name, "arguments": json.dumps(turn.args)}
    else:
        text = {"type": "output_text", "text": turn, "annotations": []}
        item = {"type": "message", "id": f"msg_{len(items)}", "status": "completed", "role": "assistant", "content": [text]}
    options = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": body.get("tools", [])}
    head = {"id": f"resp_{len(items)}", "object": "response", "created_at": 0, "model": body["model"], "status": "completed"}
    return {**head, **options, "output": [item]}


def messages(body: Json) -> Json:
    """Messages of Anthropic."""
    parts = [part for one in body["messages"] if isinstance(one["content"], list) for part in one["content"]]
    names = {part["id"]: part["name"] for part in parts if part["type"] == "tool_use"}
    results = [part for part in parts if part["type"] == "tool_result"]
    turn = think(body["messages"], [Seen(bare(names[part["tool_use_id"]]), text_of(part["content"])) for part in results])
    number = len(body["messages"])
    if isinstance(turn, Call):
        name = named(turn.tool, [tool["name"] for tool in body["tools"]])
        content: Json = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": turn.args}
    else:
        content = {"type": "text", "text": turn}
    end = {"stop_reason": "tool_use" if isinstance(turn, Call) else "end_turn", "stop_sequence": None}
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": body["model"]}
    return {**head, "content": [content], **end, "usage": usage}


def think(conversation: list[Json], seen: list[Seen]) -> Call | str:
    """One turn of the model."""
    task = next(text_of(one["content"]) for one in conversation if one.get("role") == "user")
    return next_turn(ticket_of(task), seen)


class Provider(BaseHTTPRequestHandler):
    """Answers requests."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        answers = {"/v1/chat/completions": chat, "/v1/responses": responses, "/v1/messages": messages}
        if body.get("stream"):
            events = [one if isinstance(one, str) else json.dumps(one) for one in chat_stream(body)]
            self.answer("text/event-stream", "".join(f"data: {one}\n\n" for one in events))
        else:
            self.answer("application/json", json.dumps(answers[self.path](body)))

    def answer(self, media: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
