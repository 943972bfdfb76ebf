"""Vectors of json.json and canonical.json."""

import base64
import hashlib
import struct

from .json_text import Refused, canonical, read, read_bytes


def text_of(vector):
    if "units" in vector:
        return struct.pack(f"<{len(vector['units'])}H", *vector["units"]).decode("utf-16-le", "surrogatepass")
    return vector["text"]


def check_json(vector):
    """What came, and what had to: the canonical text, or the members of the error that the vector names."""
    try:
        value = read_bytes(base64.b64decode(vector["base64"])) if "base64" in vector else read(text_of(vector))
        return canonical(value), vector.get("ok", "an error")
    except Refused as error:
        wanted = vector.get("error", {})
        return canonical({"code": error.code, **{name: getattr(error, name) for name in wanted}}), canonical(wanted)


def check_canonical(vector):
    if "bits" in vector:
        (double,) = struct.unpack(">d", bytes.fromhex(vector["bits"]))
        if double != double or double in (float("inf"), float("-inf")):
            return {"refused": True}
        return {"canonical": canonical(double)}
    try:
        text = canonical(read(vector["text"]))
    except Refused:
        return {"refused": True}
    data = text.encode("utf-8")
    return {"canonical": text, "utf8": data.hex(), "sha256": hashlib.sha256(data).hexdigest()}
