"""Receipts: compact JWS (RFC 7515) with Ed25519, whose payload is canonical JSON. Vectors of receipts.json."""

import re

from witness import octets, signed

from .digests import domain_digest, thumbprint
from .json_text import SAFE, Refused, canonical, read_bytes
from .labels import ordered

CHARS_MAX = 6000
SECONDS_MAX = 3600
TOP = {"sources": ["*"], "readers": [], "untrusted": ["*"]}
PART = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?")


def text(pattern):
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= SAFE


def many(check, most=None):
    return lambda value: isinstance(value, list) and (most is None or len(value) <= most) and all(map(check, value))


def shaped(needed, optional=()):
    optional = dict(optional)

    def check(value):
        return (
            isinstance(value, dict)
            and all(name in needed or name in optional for name in value)
            and all(name in value and each(value[name]) for name, each in needed.items())
            and all(name not in value or each(value[name]) for name, each in optional.items())
        )

    return check


phrase, number, digest = text(r"[\x20-\x7e]{1,260}"), text(r"[0-9a-f]{32}"), text(r"sha256:[0-9a-f]{64}")
name = text(r"\*|[A-Za-z0-9_.-]{1,128}")
readers = many(lambda value: isinstance(value, str) and 1 <= len(value) <= 260)
label_form = shaped({"sources": many(name), "readers": lambda value: value is None or readers(value)}, {"untrusted": many(name)})


def label(value):
    return label_form(value) and all(each in value["sources"] for each in value.get("untrusted", []))


link = shaped(
    {"kind": lambda value: value in ("result", "receipt", "context"), "labels": many(name, 16)},
    {"tool": phrase, "node": phrase, "run": count, "issuer": phrase, "key": phrase, "receipt": number, "status": phrase},
)
payload_form = shaped(
    {
        "version": lambda value: canonical(value) == "1",
        "id": number,
        "purpose": lambda value: value in ("request", "response"),
        "audience": phrase,
        "issued": count,
        "expires": count,
        "digest": digest,
        "label": label,
        "context": label,
        "chain": many(link, 16),
    },
    {"parts": lambda value: isinstance(value, dict) and all(len(key) <= 260 and label(each) for key, each in value.items()), "replyTo": number},
)


def key_of(jws):
    """The `kid` of a header that has `alg`, `typ` and `kid` and nothing else."""
    try:
        header = read_bytes(octets(jws.split(".")[0]))
    except (Refused, ValueError):
        return None
    if not isinstance(header, dict) or set(header) != {"alg", "typ", "kid"} or header["typ"] != "sluice-receipt+jws":
        return None
    return header["kid"] if header["alg"] in ("EdDSA", "Ed25519") and isinstance(header["kid"], str) else None


def verified(arrival, vector):
    """A receipt, or what is wrong with it; and the terms of its issuer."""
    jws = arrival.get("receipt")
    if jws is None:
        return "missing", None
    parts = jws.split(".")
    if len(jws) > CHARS_MAX or len(parts) != 3 or not all(part and PART.fullmatch(part) for part in parts):
        return "malformed", None
    kid = key_of(jws)
    if kid is None:
        return "malformed", None
    for issuer, terms in vector["issuers"].items():
        if "key" not in terms or arrival.get("from", issuer) != issuer or thumbprint(terms["key"]["x"]) != kid:
            continue
        head, body, mark = parts
        if not signed(octets(terms["key"]["x"]), f"{head}.{body}".encode("ascii"), octets(mark)):
            return "forged", None
        try:
            receipt = read_bytes(octets(body))
        except Refused:
            return "malformed", None
        is_ours = payload_form(receipt) and canonical(receipt).encode("utf-8") == octets(body)
        return (fault(receipt, arrival, vector) or receipt, terms) if is_ours else ("malformed", None)
    return "unknown-issuer", None


def fault(receipt, arrival, vector):
    skew = vector["skewSeconds"] * 1000
    if receipt["audience"] not in vector["audience"]:
        return "other-audience"
    if receipt["purpose"] != arrival["purpose"]:
        return "other-purpose"
    if receipt.get("replyTo") != arrival.get("replyTo"):
        return "other-request"
    if receipt["issued"] > arrival["at"] + skew:
        return "early"
    if not 0 < receipt["expires"] - receipt["issued"] <= SECONDS_MAX * 1000 or arrival["at"] > receipt["expires"] + skew:
        return "expired"
    return None if receipt["digest"] == domain_digest("receipt-value", canonical(arrival["value"])) else "other-value"


def listed(value):
    return value if isinstance(value, list) else [value]


def translated(terms, value):
    """The issuer's label in the receiver's names."""
    known = terms.get("labels", {})

    def ours(names):
        return ordered({each for theirs in names for each in (["*"] if theirs == "*" else listed(known.get(theirs, "unknown")))})

    people = terms.get("readers", {})
    sources = ours(value["sources"]) if value["sources"] else ordered(set(listed(terms.get("constants", "unknown"))))
    who = None if value["readers"] is None else ordered({people[each] for each in value["readers"] if each in people})
    untrusted = ours(value.get("untrusted", []))
    return {"sources": sources, "readers": who, **({"untrusted": untrusted} if untrusted else {})}


def check(vector):
    used, outcomes = set(), []
    for arrival in vector["arrivals"]:
        receipt, terms = verified(arrival, vector)
        if isinstance(receipt, dict):
            kid = key_of(arrival["receipt"])
            if (kid, receipt["id"]) in used:
                receipt = "replayed"
            else:
                used.add((kid, receipt["id"]))
        if isinstance(receipt, str):
            outcomes.append({"status": receipt, "label": TOP, "parts": {}, "context": None, "from": None})
            continue
        parts = receipt.get("parts", {}) if isinstance(arrival["value"], dict) else {}
        outcomes.append(
            {
                "status": "admitted",
                "label": translated(terms, receipt["label"]),
                "parts": {key: translated(terms, each) for key, each in parts.items()},
                "context": translated(terms, receipt["context"]),
                "from": {"key": kid, "receipt": receipt["id"]},
            }
        )
    return outcomes
