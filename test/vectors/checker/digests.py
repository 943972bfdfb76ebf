"""Digests, signatures of plans, handles, commitments: vectors of digests.json."""

import base64
import hashlib
import hmac
from datetime import datetime

from witness import octets, signed

from .json_text import canonical, read_bytes

NAMED = ("plan", "tools", "servers", "labels", "policy")


def domain_digest(domain, text):
    return "sha256:" + hashlib.sha256(f"sluice/{domain}/v1\n{text}".encode("utf-8")).hexdigest()


def plan_digest(frozen):
    return domain_digest("plan", canonical({name: frozen[name] for name in NAMED if name in frozen}))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def thumbprint(x):
    """RFC 7638, of a public Ed25519 key."""
    return base64url(hashlib.sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": x}).encode("ascii")).digest())


def handle(key, place):
    data = hmac.new(key.encode("utf-8"), canonical(place).encode("utf-8"), hashlib.sha256).digest()
    return "sluice:h:" + base64url(data[:16])


def milliseconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def signature(vector):
    frozen = vector["frozen"]
    if plan_digest(frozen) != frozen["digest"]:
        return {"refused": "PLAN_DIGEST_MISMATCH"}
    invalid = {"refused": "PLAN_SIGNATURE_INVALID"}
    if "signature" not in frozen:
        return invalid
    if "notAfter" in frozen["plan"] and vector["now"] > milliseconds(frozen["plan"]["notAfter"]):
        return {"refused": "PLAN_EXPIRED"}
    head, payload, mark = frozen["signature"].split(".")
    header = read_bytes(octets(head))
    if header.get("typ") != "sluice-plan+jws" or header.get("alg") not in ("EdDSA", "Ed25519") or "crit" in header:
        return invalid
    for key in vector["keys"]:
        if thumbprint(key["x"]) == header["kid"]:
            holds = signed(octets(key["x"]), f"{head}.{payload}".encode("ascii"), octets(mark))
            return {"key": header["kid"]} if holds and octets(payload) == frozen["digest"].encode("ascii") else invalid
    return invalid


def check(vector):
    kind = vector["kind"]
    if kind == "plan":
        digest = plan_digest(vector["frozen"])
        return {"digest": digest} if digest == vector["frozen"]["digest"] else {"refused": "PLAN_DIGEST_MISMATCH"}
    if kind == "signature":
        return signature(vector)
    if kind == "domain":
        return {"digest": domain_digest(vector["domain"], canonical(vector["value"]))}
    if kind == "commitment":
        return {"commit": domain_digest("audit-value", f"{vector['salt']}\n{canonical(vector['value'])}")}
    if kind == "thumbprint":
        return {"key": thumbprint(vector["x"])}
    if kind == "handle":
        return {"handle": handle(vector["key"], [vector["session"], vector["node"], vector["run"], vector["path"]])}
    raise ValueError(f"no kind {kind}")
