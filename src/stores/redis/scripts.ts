/**
 * The server-side scripts of the Redis store: one for each transition. Redis runs a script alone, so that each is one moment.
 * A script checks everything before its first write, never reads users' values (they are opaque text), and never compares texts by
 * order: Lua does that by the server's locale.
 *
 * Numbers go in and out as text that reads back as the same double (`%.17g`); Redis' own conversions lose digits. Every key that a script
 * touches is among its KEYS, all of one hash slot. `KEYS[1]` is the store's mark and `ARGV[1]` what it must begin with: a store that was
 * emptied, or made anew by another, answers `replaced`, and grants nothing a second time.
 */
import { commit } from "./commit-script.ts";
import { journaling, marked } from "./prelude.ts";

/** KEYS: mark, session, opened, expires, journal, journaled. ARGV: mark, session's name, header, opening, opened (negative), expires. */
const create = `${marked}${journaling}
if redis.call('EXISTS', KEYS[2]) == 1 then return {'exists'} end
redis.call('RPUSH', KEYS[2], ARGV[3], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[2])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[2])
addEvents(KEYS[5], KEYS[6], ARGV[2], 0, 1)
return {'ok'}
`;

/** KEYS: mark, session, conversations, values of revocations. ARGV: mark, session's name, first event. */
const load = `${marked}
local header = redis.call('LINDEX', KEYS[2], 0)
if not header then return {'unknown'} end
local plan, principal, conversation = string.match(header, '^(%S*) (%S*) (%S*) ')
return {
  'ok', header, redis.call('LLEN', KEYS[2]) - 1, redis.call('HGET', KEYS[3], conversation),
  redis.call('HGET', KEYS[4], 'plan:' .. plan), redis.call('HGET', KEYS[4], 'session:' .. ARGV[2]),
  redis.call('HGET', KEYS[4], 'principal:' .. principal), redis.call('LRANGE', KEYS[2], ARGV[3], -1)
}
`;

/** KEYS: mark, a hash. ARGV: mark, field. */
const field = `${marked}
return {'ok', redis.call('HGET', KEYS[2], ARGV[2])}
`;

/** KEYS: mark, opened. ARGV: mark, how many. */
const newest = `${marked}
return {'ok', redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[2]) - 1)}
`;

/** KEYS: mark, closed, sessions. ARGV: mark, names of the sessions. */
const rows = `${marked}
local found = {'ok'}
for i = 2, #ARGV do
  local header = redis.call('LINDEX', KEYS[i + 1], 0)
  if header then
    found[#found + 1] = {ARGV[i], header, redis.call('LLEN', KEYS[i + 1]) - 1, redis.call('SISMEMBER', KEYS[2], ARGV[i])}
  end
end
return found
`;

/** KEYS: mark, expires, journaled. ARGV: mark, before, how many, where to begin, how many to look at. */
const expired = `${marked}
local names = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', ARGV[4], ARGV[5])
local found = {}
for _, name in ipairs(names) do
  if #found < tonumber(ARGV[3]) and redis.call('HEXISTS', KEYS[3], name) == 0 then found[#found + 1] = name end
end
return {'ok', found, #names}
`;

/** KEYS: mark, opened, expires, closed, journaled, sessions. ARGV: mark, before, names of the sessions. */
const forget = `${marked}
local count = 0
for i = 3, #ARGV do
  local expires = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if expires and tonumber(expires) <= tonumber(ARGV[2]) and redis.call('HEXISTS', KEYS[5], ARGV[i]) == 0 then
    redis.call('UNLINK', KEYS[i + 3])
    redis.call('ZREM', KEYS[2], ARGV[i])
    redis.call('ZREM', KEYS[3], ARGV[i])
    redis.call('SREM', KEYS[4], ARGV[i])
    count = count + 1
  end
end
return {'ok', count}
`;

/** KEYS: mark, documents. ARGV: mark, digest, text. */
const saveDocument = `${marked}
redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[3])
return {'ok'}
`;

/** KEYS: mark, documents. ARGV: mark. */
const digests = `${marked}
return {'ok', redis.call('HKEYS', KEYS[2])}
`;

/** KEYS: mark, values and names of the records. ARGV: mark, least name, greatest name (as ZRANGEBYLEX has them), how many. */
const records = `${marked}
local found = {}
for i, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[3], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  found[i] = {id, redis.call('HGET', KEYS[2], id)}
end
return {'ok', found}
`;

/** KEYS: mark, values and names of the records. ARGV: mark, name, version, value. */
const writeRecord = `${marked}
local now = tonumber(string.match(redis.call('HGET', KEYS[2], ARGV[2]) or '0', '^%d+'))
if now ~= tonumber(ARGV[3]) then return {'conflict'} end
redis.call('HSET', KEYS[2], ARGV[2], string.format('%.0f ', now + 1) .. ARGV[4])
redis.call('ZADD', KEYS[3], 0, ARGV[2])
return {'ok'}
`;

/** KEYS: mark, values and names of the records. ARGV: mark, greatest name, how many. */
const forgetRecords = `${marked}
local gone = redis.call('ZRANGEBYLEX', KEYS[3], '-', ARGV[2], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(gone) do
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
end
return {'ok', #gone}
`;

/** KEYS: mark, labels of resources, names of resources. ARGV: mark, number of names, names, prefixes as pairs of bounds. */
const resourceLabels = `${marked}
local found, seen = {}, {}
local function look(name)
  local label = redis.call('HGET', KEYS[2], name)
  if label and not seen[label] then
    seen[label] = true
    found[#found + 1] = label
  end
end
local names = tonumber(ARGV[2])
for i = 3, 2 + names do look(ARGV[i]) end
for i = 3 + names, #ARGV, 2 do
  for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[3], ARGV[i], ARGV[i + 1])) do look(name) end
end
return {'ok', found}
`;

/** KEYS: mark, journal. ARGV: mark, note. */
const note = `${marked}${journaling}
if #mark > #ARGV[1] then addLine(KEYS[2], '- ' .. ARGV[2]) end
return {'ok'}
`;

/** Finds a line that was seen, by its number and when it was written: in a journal that lost lines there may be another in its place. */
const cursors = `
local trimmed = tonumber(redis.call('GET', KEYS[3]) or '0')
local function isThere(number, moment)
  if number <= trimmed then return true end
  local line = redis.call('LINDEX', KEYS[2], number - trimmed - 1)
  return line and string.sub(line, 1, #moment + 1) == moment .. ' '
end
`;

/** KEYS: mark, journal, trimmed, reads. ARGV: mark, number and moment of the last line that was seen, how many, whether to leave a trace. */
const journal = `${marked}${cursors}
local number = tonumber(ARGV[2])
if not isThere(number, ARGV[3]) then return {'rewritten'} end
local from = math.max(0, number - trimmed)
if ARGV[5] == '1' then redis.call('INCR', KEYS[4]) end
return {'ok', trimmed + from, redis.call('LRANGE', KEYS[2], from, from + tonumber(ARGV[4]) - 1)}
`;

/** KEYS: mark, sessions. ARGV: mark, numbers of their events. */
const entries = `${marked}
local found = {'ok'}
for i = 2, #ARGV do found[i] = redis.call('LINDEX', KEYS[i], tonumber(ARGV[i]) + 1) end
return found
`;

/** KEYS: mark, journal, trimmed, journaled. ARGV: mark, number and moment of the last line to go, how many at most. */
const trim = `${marked}${cursors}
local number = tonumber(ARGV[2])
if not isThere(number, ARGV[3]) then return {'rewritten'} end
local count = math.min(number - trimmed, tonumber(ARGV[4]))
if count <= 0 then return {'ok', 0} end
for _, line in ipairs(redis.call('LPOP', KEYS[2], count)) do
  local session = string.match(line, '^%d+ %d+ (.*)$')
  if session and redis.call('HINCRBY', KEYS[4], session, -1) <= 0 then redis.call('HDEL', KEYS[4], session) end
end
redis.call('SET', KEYS[3], string.format('%.0f', trimmed + count))
return {'ok', number - trimmed - count}
`;

/** All scripts by name. */
export const scripts = {
  create,
  load,
  commit,
  field,
  newest,
  rows,
  expired,
  forget,
  saveDocument,
  digests,
  records,
  writeRecord,
  forgetRecords,
  resourceLabels,
  note,
  journal,
  entries,
  trim,
} as const;

/** Name of a script. */
export type ScriptName = keyof typeof scripts;

/**
 * KEYS: mark. ARGV: the mark to write if there is none (or nothing), and what a mark of this version must begin and a journal's must end with
 * (or nothing). Answers the mark, and what the server says of itself.
 */
export const openScript = `
local mark = redis.call('GET', KEYS[1]) or ARGV[1]
local isOurs = string.sub(mark, 1, #ARGV[2]) == ARGV[2]
if isOurs and string.sub(mark, -#ARGV[3]) ~= ARGV[3] then mark = mark .. ARGV[3] end
if isOurs and ARGV[1] ~= '' then redis.call('SET', KEYS[1], mark) end
local facts = {mark}
for i, section in ipairs({'server', 'memory', 'persistence', 'replication'}) do facts[i + 1] = redis.call('INFO', section) end
return facts
`;

/** The script of one step of a migration: `step` is Lua over the store's keys. KEYS: mark, the step's own. ARGV: what the mark begins with before and after. */
export function migrationScript(step: string): string {
  return `
local mark = redis.call('GET', KEYS[1])
if not mark or string.sub(mark, 1, #ARGV[1]) ~= ARGV[1] then return {'replaced'} end
${step}
redis.call('SET', KEYS[1], ARGV[2] .. string.sub(mark, #ARGV[1] + 1))
return {'ok'}
`;
}
