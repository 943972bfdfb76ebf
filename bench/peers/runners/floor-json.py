"""The floor of whatever runs in Python: `json.loads` of the bytes. Never a verdict: it allows everything."""

import json

from process import measure_peer

measure_peer(lambda policy, sessions: lambda raw: json.loads(raw) is not None)
