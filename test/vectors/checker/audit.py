"""The audit log: records chained by their digests, checkpoints over a Merkle tree (RFC 6962), proofs. Vectors of audit.json.

The tree is computed by the RFC's recursive definition of it, proofs and signatures by the witness of the audit log.
"""

import hashlib
import re

from witness import below, node, octets, root, roots, signed

from .digests import thumbprint
from .json_text import SAFE, Refused, read, read_bytes

NOTES = "plan-frozen config admin grant revoke receipt declassify disclose erase"
KINDS = set(f"open allow release deny hold settle error context ask-amend amend judge-amend approve refuse close begin plan-loaded {NOTES}".split())
HASH = re.compile(r"[0-9a-f]{64}")
CHECKPOINT = re.compile(r"[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,100000}\.[A-Za-z0-9_-]{85}[AQgw]")


def is_hash(value):
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and -SAFE <= value <= SAFE


def leaf(text):
    return hashlib.sha256(b"\x00" + text.encode("utf-8")).digest()


def tree(leaves):
    """MTH of RFC 6962 §2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = below(len(leaves))
    return node(tree(leaves[:k]), tree(leaves[k:]))


def record_of(text):
    """The record of a text, or None for what is none."""
    try:
        record = read(text)
    except Refused:
        return None
    if not isinstance(record, dict):
        return None
    texts = ("session", "plan", "principal", "node", "tool", "code", "cursor")
    values = record.get("values")
    whole = (
        is_number(record.get("v"))
        and record["v"] == 1
        and is_number(record.get("seq"))
        and is_number(record.get("at"))
        and record.get("kind") in KINDS
        and isinstance(record.get("facts"), dict)
        and isinstance(values, dict)
        and all(isinstance(each, dict) and isinstance(each.get("commit"), str) for each in values.values())
        and all(isinstance(each.get("subject", ""), str) for each in values.values())
        and isinstance(record.get("prev"), str)
        and all(isinstance(record.get(name, ""), str) for name in texts)
        and is_number(record.get("number", 0))
    )
    return record if whole else None


def checkpoint(jws, keys):
    """What a checkpoint says, or why it does not count."""
    if not isinstance(jws, str) or not CHECKPOINT.fullmatch(jws):
        return "malformed"
    head, body, mark = jws.split(".")
    try:
        header = read_bytes(octets(head))
    except (Refused, ValueError):
        return "signature"
    if not isinstance(header, dict) or header.get("typ") != "sluice-checkpoint+jws" or header.get("alg") != "EdDSA" or "crit" in header:
        return "malformed"
    for key in keys:
        if thumbprint(key["x"]) != header.get("kid"):
            continue
        if not signed(octets(key["x"]), f"{head}.{body}".encode("ascii"), octets(mark)):
            return "signature"
        said = read_bytes(octets(body))
        hashes = [said.get("log"), said.get("root"), said.get("head"), *said["tree"]] if isinstance(said.get("tree"), list) else [None]
        whole = said.get("v") == 1 and is_count(said.get("size")) and is_number(said.get("at")) and all(map(is_hash, hashes))
        return said if whole and isinstance(said.get("after", ""), str) else "malformed"
    return "key"


def grown_to(said):
    """The root that the complete subtrees of a checkpoint have, from the right; None if there are not as many as there must be."""
    hashes = [bytes.fromhex(each) for each in said["tree"]]
    if len(hashes) != bin(said["size"]).count("1"):
        return None
    if not hashes:
        return tree([]).hex()
    top = hashes[-1]
    for each in reversed(hashes[:-1]):
        top = node(each, top)
    return top.hex()


def check_links(records, leaves):
    """Faults of order, chain and sessions, record by record."""
    faults, sessions, head = [], {}, "0" * 64
    for seq, record in enumerate(records):
        if record is None:
            faults.append(["record", seq])
        else:
            if record["seq"] != seq:
                faults.append(["order", seq])
            if record["prev"] != head:
                faults.append(["chain", seq])
            if "session" in record and "number" in record:
                due = sessions.get(record["session"], record["number"])
                if record["number"] != due:
                    faults.append(["session", seq])
                sessions[record["session"]] = record["number"] + 1
        head = leaves[seq].hex()
        yield seq, head, faults
        faults = []


def check_log(vector):
    keys, faults, signed_at = vector["keys"], [], {}
    if keys:
        for jws in [*vector["checkpoints"], *([vector["witness"]] if "witness" in vector else [])]:
            said = checkpoint(jws, keys)
            if isinstance(said, str) or grown_to(said) != said["root"]:
                faults.append(["checkpoint", None])
            else:
                signed_at.setdefault(said["size"], []).append(said)
    leaves = [leaf(text) for text in vector["records"]]
    head = "0" * 64
    for seq, head, found in check_links([record_of(text) for text in vector["records"]], leaves):
        faults += found
        for said in signed_at.get(seq + 1, []):
            if (said["root"], said["head"], said["log"]) != (tree(leaves[: seq + 1]).hex(), head, leaves[0].hex()):
                faults.append(["checkpoint", seq])
    size = len(leaves)
    faults += [["truncated", None] for each in signed_at if each > size]
    held = {each: list_ for each, list_ in signed_at.items() if each <= size}
    return {
        "isValid": not faults,
        "size": size,
        "root": tree(leaves).hex(),
        "head": head,
        "checkpoints": sum(map(len, held.values())),
        "signed": max([0, *held]),
        "faults": faults,
    }


def form_of(proof):
    """The kind of a proof, or None for what is none."""
    if not isinstance(proof, dict) or proof.get("v") != 1 or not isinstance(proof.get("path"), list):
        return None
    if len(proof["path"]) > 64 or not all(map(is_hash, proof["path"])):
        return None
    members = {"inclusion": ("checkpoint", "seq", "record"), "consistency": ("from", "to")}.get(proof.get("type"))
    if members is None or set(proof) != {"v", "type", "path", *members}:
        return None
    return proof["type"] if all(is_number(proof[name]) if name == "seq" else isinstance(proof[name], str) for name in members) else None


def check_proof(vector):
    proof, keys = vector["proof"], vector["keys"]
    kind = form_of(proof)
    if kind is None:
        return {"fault": "malformed"}
    path = [bytes.fromhex(each) for each in proof["path"]]
    found = [checkpoint(proof[name], keys) for name in (("checkpoint",) if kind == "inclusion" else ("from", "to"))]
    for each in found:
        if isinstance(each, str):
            return {"fault": each}
    if kind == "inclusion":
        (said,) = found
        record, own, seq = record_of(proof["record"]), leaf(proof["record"]), proof["seq"]
        if record is None or record["seq"] != seq:
            return {"fault": "malformed"}
        named = (seq != said["size"] - 1 or own.hex() == said["head"]) and (seq != 0 or own.hex() == said["log"])
        try:
            holds = named and 0 <= seq < said["size"] and root(seq, said["size"], own, path).hex() == said["root"]
        except (ValueError, IndexError):
            holds = False
        return {"type": kind, "seq": seq, "kind": record["kind"], "size": said["size"]} if holds else {"fault": "path"}
    first, second = found
    try:
        fits = first["log"] == second["log"] and 0 < first["size"] <= second["size"]
        shown = fits and roots(first["size"], second["size"], path, True, bytes.fromhex(first["root"]))
    except (ValueError, IndexError):
        shown = False
    if not shown or [each.hex() for each in shown] != [first["root"], second["root"]]:
        return {"fault": "path"}
    return {"type": kind, "from": first["size"], "to": second["size"]}


def check(vector):
    return check_log(vector) if vector["kind"] == "log" else check_proof(vector)
