"""A witness of an audit log, in nothing but Python's standard library: python3 witness.py KEY PROOF

Ed25519 by RFC 8032 section 5.1, the tree by the recursive definitions of RFC 6962 section 2.1, JWS by RFC 7515.
Prints what the proof shows as JSON and exits 0, or says why it shows nothing and exits 1. Shares no code with what it checks.
"""

import base64
import hashlib
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def x_of(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(s, point):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, point)
        point = add(point, point)
        s >>= 1
    return q


def point_of(data):
    y = int.from_bytes(data, "little")
    x = x_of(y & (1 << 255) - 1, y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signed(public, message, signature):
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def checkpoint(jws, public):
    header, payload, signature = jws.split(".")
    head = json.loads(octets(header))
    if head["alg"] != "EdDSA" or head["typ"] != "sluice-checkpoint+jws":
        raise ValueError("header")
    if not signed(public, f"{header}.{payload}".encode("ascii"), octets(signature)):
        raise ValueError("signature")
    return json.loads(octets(payload))


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(m, n, leaf, path):
    """MTH(D[n]) out of PATH(m, D[n])."""
    if n == 1:
        if path:
            raise ValueError("path")
        return leaf
    k, last = below(n), path[-1]
    return node(root(m, k, leaf, path[:-1]), last) if m < k else node(last, root(m - k, n - k, leaf, path[:-1]))


def roots(m, n, path, whole, first):
    """MTH(D[0:m]) and MTH(D[n]) out of SUBPROOF(m, D[n], whole); `first` is the former, known where it is whole."""
    if m == n:
        if whole:
            if path:
                raise ValueError("path")
            return first, first
        (only,) = path
        return only, only
    k, last = below(n), path[-1]
    if m <= k:
        before, after = roots(m, k, path[:-1], whole, first)
        return before, node(after, last)
    before, after = roots(m - k, n - k, path[:-1], False, first)
    return node(last, before), node(last, after)


def main(key_file, proof_file):
    with open(key_file, encoding="utf-8") as file:
        public = octets(json.load(file)["x"])
    with open(proof_file, encoding="utf-8") as file:
        proof = json.load(file)
    path = [bytes.fromhex(each) for each in proof["path"]]
    if proof["type"] == "inclusion":
        to = checkpoint(proof["checkpoint"], public)
        leaf = hashlib.sha256(b"\x00" + proof["record"].encode("utf-8")).digest()
        if not 0 <= proof["seq"] < to["size"] or root(proof["seq"], to["size"], leaf, path).hex() != to["root"]:
            raise ValueError("path")
        return {"seq": proof["seq"], "size": to["size"], "kind": json.loads(proof["record"])["kind"]}
    start, to = (checkpoint(proof[name], public) for name in ("from", "to"))
    before, after = roots(start["size"], to["size"], path, True, bytes.fromhex(start["root"]))
    if start["log"] != to["log"] or before.hex() != start["root"] or after.hex() != to["root"]:
        raise ValueError("path")
    return {"from": start["size"], "to": to["size"]}


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1], sys.argv[2])))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        sys.exit(f"shows nothing: {error}")
