/**
 * Cases of canonical.json: canonical bytes (RFC 8785). The doubles of the RFC's Appendix B by their bits, doubles drawn by chance, and texts.
 * Data and nothing else: what comes of them is computed, and must be what an implementation in another language makes of them.
 */
import type { CanonicalVector } from "../outcomes.ts";
import { seeded } from "./seeded.ts";

/** RFC 8785 Appendix B, and what the RFC says of each; `null`: no JSON. */
const appendixB: readonly (readonly [bits: string, text: string | null])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["7fffffffffffffff", null],
  ["7ff0000000000000", null],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

/** Texts: what the RFC shows (§3.2.2 to §3.2.4), and what implementations get wrong. */
const texts: readonly (readonly [name: string, text: string])[] = [
  [
    "the sample of RFC 8785 §3.2.2",
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  ],
  [
    "keys in the order of UTF-16 units, RFC 8785 §3.2.3",
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  ],
  ["a key of a private area comes after one beyond the plane", '{"\\ue000":1,"\\ud800\\udc00":2}'],
  ["keys that look like indexes are sorted as text", '{"10":1,"9":2,"1":3,"01":4}'],
  ["the empty key comes first", '{"a":1,"":2,"A":3}'],
  ["a key that is the beginning of another", '{"ab":1,"a":2,"abc":3}'],
  ["__proto__ is a key", '{"b":1,"__proto__":{"x":1},"constructor":2}'],
  ["control characters", '"\\u0000\\u0001\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\\u0080\\u2028\\u2029"'],
  ["nothing else is escaped", '"<script>&\\/\\u00e9\\u20ac\\ud83d\\ude00</script>"'],
  ["composed and decomposed stay two texts", '["\\u00e9","e\\u0301"]'],
  ["nested, with blanks", ' { "b" : [ 1 , { "d" : { } , "c" : [ ] } ] , "a" : null } '],
  ["numbers that are one", "[1,1.0,1e0,10e-1,0.1e1]"],
  ["zeros", "[0,-0,0.0,-0.0,0e9,-1e-400]"],
  ["the ends of plain notation", "[1e20,1e21,123456789012345680000,1e-6,1e-7,0.00000123]"],
  ["integers beyond 2^53 keep their digits", "[9007199254740991,9007199254740993,-9007199254740993,12345678901234567890]"],
  ["the same with a fraction or an exponent is a double", "[9007199254740993.0,12345678901234567890e0]"],
  ["fractions", "[0.1,0.2,0.30000000000000004,1.1,2.675,100.5,1e-5]"],
  ["no value: a lone surrogate", '"\\ud800"'],
  ["no value: a key twice", '{"a":1,"\\u0061":2}'],
  ["no value: a number beyond a double", "1e309"],
];

/** The cases. Throws if the engine and the RFC disagree: see `expected`. */
export function canonicalCases(): readonly CanonicalVector[] {
  const source = seeded("doubles");
  const drawn = Array.from({ length: 100 }, (_, i) => {
    const bytes = source.bytes(8);
    // Every other one near the size of what people count.
    if (i % 2 === 0) bytes.set([(bytes[0] ?? 0) & 128 ? 0xc0 : 0x40, (bytes[1] ?? 0) & 0x7f], 0);
    return Buffer.from(bytes).toString("hex");
  });
  return [
    ...appendixB.map(([bits]): CanonicalVector => ({ name: `the double ${bits} of RFC 8785 Appendix B`, version: 1, bits })),
    ...drawn.map((bits): CanonicalVector => ({ name: `the double ${bits}`, version: 1, bits })),
    ...texts.map(([name, text]): CanonicalVector => ({ name, version: 1, text })),
  ];
}

/** What the RFC says of a double, or `undefined`. */
export function saidByRfc(bits: string | undefined): string | null | undefined {
  return appendixB.find(([each]) => each === bits)?.[1];
}
