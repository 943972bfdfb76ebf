a = 7
b = -3
c = 2
note([a // b, a % b, -a // c, -a % c, a / c, a - b - c, a - (b - c), -2 ** 2, 2 ** 3 ** 2 % 5, 2 ** -0, a * b + c, a + b * c, a // c * c, a % c * 10])
note([not a == b, not True and False, not False or True, True or False and False, not True == False, 1 < 2 < 3, 1 < 3 < 2, 3 > 2 == 2, (3 > 2) == True])
note([a if b > 0 else c if c > 2 else "else", [x for x in [1, 2, 3] if x > 1 if x < 3], 1 in [1, 2] == True, "a" not in ["b"], not "a" in ["b"]])
note([a, b] + [c], title="x" + "y" + f"{a}", extra=[] if False else [a])
x, (y, z) = 1, (2, 3)
x, y = y, x
note([x, y, z])
(p, q), r = [4, 5], 6
p += 1; q -= 1; r *= 2
note([p, q, r], title="a" if not a else "b")
s = t = 5
s += 1
note([s, t])
total = 10
total //= 3
total %= 2
note(total); note(min(a, b, c), title=str(max([a, b, c])), extra=abs(b))
note(round(2.5), extra=[round(3.5), round(-2.5), round(0.5), round(1.5), round(2.674, 2), round(1.0049, 2), round(-1.5), round(7), round(1e15 + 0.5)])
note(sum([0.1, 0.2, 0.3]), extra=[sum(x * 2 for x in [1, 2]), sum([]), int(2.7), int(-2.7), float(3), len("naïve 🙂"), len([1, 2]), bool([]), bool("a")])
note(["a,b".split(","), ",".join(["a", "b"]), "Abc".lower(), "abc".upper(), " a ".strip(), "banana".replace("an", "o"), "abc".startswith("ab"), "abc".endswith("bc"), [1, 2, 3][-1]])
note(sorted([3, 1, 2]), title=", ".join(sorted(["b", "B", "a"])), extra=[sorted([3, 1, 2], reverse=True), any([0, 1]), all([1, 0]), any([]), all([])])
