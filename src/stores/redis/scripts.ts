/**
 * The server-side scripts of the Redis store: one for each transition. Redis runs a script alone, so that each is one moment.
 * A script checks everything before its first write, never reads users' values (they are opaque text), and never compares texts by
 * order: Lua does that by the server's locale.
 *
 * Numbers go in and out as text that reads back as the same double (`%.17g`); Redis' own conversions lose digits. Every key that a script
 * touches is among its KEYS, all of one hash slot. `KEYS[1]` is the store's mark and `ARGV[1]` what it must begin with: a store that was
 * emptied, or made anew by another, answers `replaced`, and grants nothing a second time.
 */

const marked = `
local mark = redis.call('GET', KEYS[1])
if not mark or string.sub(mark, 1, #ARGV[1]) ~= ARGV[1] then return {'replaced'} end
`;

/** Adds references to a session's events to the journal, if the store keeps one: when, number of the event, session. */
const journaling = `
local function addLine(list, text)
  local time = redis.call('TIME')
  redis.call('RPUSH', list, time[1] .. string.format('%06d', tonumber(time[2])) .. ' ' .. text)
end
local function addEvents(list, counts, session, first, count)
  if #mark == #ARGV[1] or count == 0 then return end
  for number = first, first + count - 1 do addLine(list, string.format('%.0f ', number) .. session) end
  redis.call('HINCRBY', counts, session, count)
end
`;

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

/** The compensated sum of total.ts, operation for operation. */
const totals = `
local function add(sum, lost, amount)
  local after = sum + amount
  if math.abs(sum) >= math.abs(amount) then return after, lost + (sum - after + amount) end
  return after, lost + (amount - after + sum)
end
local function fits(sum, lost, amount, max)
  local after, lostAfter = add(sum, lost, amount)
  return after + lostAfter <= max
end
local function text(number) return string.format('%.17g', number) end
`;

/** Labels are three lines: sources, those that are untrusted, readers (`-` for everyone, else \`=\` and names). A space ends each name. */
const labels = `
local function union(a, b)
  local known, both = {}, {a}
  for name in string.gmatch(a, '([^ ]*) ') do known[name] = true end
  for name in string.gmatch(b, '([^ ]*) ') do
    if not known[name] then
      known[name] = true
      both[#both + 1] = name .. ' '
    end
  end
  return table.concat(both)
end
local function common(a, b)
  if b == '-' or a == b then return a end
  if a == '-' then return b end
  local known, both = {}, {'='}
  for name in string.gmatch(string.sub(b, 2), '([^ ]*) ') do known[name] = true end
  for name in string.gmatch(string.sub(a, 2), '([^ ]*) ') do
    if known[name] then both[#both + 1] = name .. ' ' end
  end
  return table.concat(both)
end
local function join(a, b)
  if not a or a == b then return b end
  local sourcesA, untrustedA, readersA = string.match(a, '^([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)$')
  local sourcesB, untrustedB, readersB = string.match(b, '^([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)$')
  return union(sourcesA, sourcesB) .. '\\n' .. union(untrustedA, untrustedB) .. '\\n' .. common(readersA, readersB)
end
`;

/**
 * KEYS: mark, session, conversations, totals, labels of resources, names of resources, closed, sequence, journal, journaled; then what
 * ARGV names by number: windows, and pairs of values and names of records.
 * ARGV: mark, version, session's name, whether it closes, label of the conversation; numbers of records, takes, gives, resources; then those,
 * and the entries.
 */
const commit = `${marked}${journaling}${totals}${labels}
local size = redis.call('LLEN', KEYS[2])
if size == 0 then return {'unknown'} end
local version, session = size - 1, ARGV[3]
if version ~= tonumber(ARGV[2]) then return {'conflict'} end
local at = 9

local records, written = {}, {}
for i = 1, tonumber(ARGV[6]) do
  local values, names = KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 1]) + 1]
  local id, expected = ARGV[at + 2], tonumber(ARGV[at + 3])
  local name = values .. ' ' .. id
  local now = written[name]
  if not now then now = tonumber(string.match(redis.call('HGET', values, id) or '0', '^%d+')) end
  if now ~= expected then return {'conflict'} end
  written[name] = now + 1
  records[i] = {values, names, id, string.format('%.0f ', now + 1) .. ARGV[at + 4]}
  at = at + 4
end

local held, windows, spends = {}, {}, {}
local function stored(counter)
  if held[counter] then return held[counter] end
  local total = redis.call('HGET', KEYS[4], counter)
  if not total then return nil end
  local sum, lost = string.match(total, '^(%S+) (%S+)$')
  return {tonumber(sum), tonumber(lost)}
end
local function inside(window, since)
  local rows, isSorted = {}, true
  for i, member in ipairs(redis.call('ZRANGEBYSCORE', window, '(' .. text(since), '+inf')) do
    local sequence, amount = string.match(member, '^(%d+) (%S+)')
    rows[i] = {tonumber(sequence), tonumber(amount)}
    if i > 1 and rows[i][1] < rows[i - 1][1] then isSorted = false end
  end
  if not isSorted then table.sort(rows, function(a, b) return a[1] < b[1] end) end
  local sum, lost = 0, 0
  for _, row in ipairs(rows) do sum, lost = add(sum, lost, row[2]) end
  for _, row in ipairs(windows[window] or {}) do
    if row[1] > since then sum, lost = add(sum, lost, row[2]) end
  end
  return sum, lost
end
for i = 1, tonumber(ARGV[7]) do
  local counter, run, amountText, amount = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 3])
  local max, moment, windowMs = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  if not windowMs then
    local total = stored(counter) or {0, 0}
    if not fits(total[1], total[2], amount, max) then return {'budget', i} end
    held[counter] = {add(total[1], total[2], amount)}
  else
    local window = KEYS[tonumber(counter)]
    local sum, lost = inside(window, moment - windowMs)
    if not fits(sum, lost, amount, max) then return {'budget', i} end
    windows[window] = windows[window] or {}
    table.insert(windows[window], {moment, amount})
    spends[#spends + 1] = {window, text(moment), text(moment - 2 * windowMs), amountText .. ' ' .. run .. ' ' .. session}
  end
  at = at + 6
end

local returns = {}
for i = 1, tonumber(ARGV[8]) do
  local counter, run, amount, isWindow = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4] ~= ''
  if isWindow then
    returns[#returns + 1] = {KEYS[tonumber(counter)], ' ' .. run .. ' ' .. session}
  else
    local total = stored(counter)
    if total then held[counter] = {add(total[1], total[2], -amount)} end
  end
  at = at + 4
end

local raised = {}
for i = 1, tonumber(ARGV[9]) do
  local name, label = ARGV[at + 1], ARGV[at + 2]
  local before = raised[name] or redis.call('HGET', KEYS[5], name)
  local after = join(before, label)
  if after ~= before then raised[name] = after end
  at = at + 2
end
local conversation, context
if ARGV[5] ~= '' then
  conversation = string.match(redis.call('LINDEX', KEYS[2], 0), '^%S* %S* (%S*) ')
  local before = redis.call('HGET', KEYS[3], conversation)
  context = join(before, ARGV[5])
  if context == before then context = nil end
end

for counter, total in pairs(held) do redis.call('HSET', KEYS[4], counter, text(total[1]) .. ' ' .. text(total[2])) end
if #spends > 0 then
  local sequence = redis.call('INCRBY', KEYS[8], #spends) - #spends
  for i, spend in ipairs(spends) do
    redis.call('ZREMRANGEBYSCORE', spend[1], '-inf', spend[3])
    redis.call('ZADD', spend[1], spend[2], string.format('%016.0f ', sequence + i) .. spend[4])
  end
end
for _, back in ipairs(returns) do
  for _, member in ipairs(redis.call('ZRANGE', back[1], 0, -1)) do
    if string.sub(member, -#back[2]) == back[2] then redis.call('ZREM', back[1], member) end
  end
end
for _, record in ipairs(records) do
  redis.call('HSET', record[1], record[3], record[4])
  redis.call('ZADD', record[2], 0, record[3])
end
for name, label in pairs(raised) do
  redis.call('HSET', KEYS[5], name, label)
  redis.call('ZADD', KEYS[6], 0, name)
end
if context then redis.call('HSET', KEYS[3], conversation, context) end
for first = at + 1, #ARGV, 1000 do redis.call('RPUSH', KEYS[2], unpack(ARGV, first, math.min(first + 999, #ARGV))) end
if ARGV[4] == '1' then redis.call('SADD', KEYS[7], session) end
addEvents(KEYS[9], KEYS[10], session, version, #ARGV - at)
return {'ok', version + #ARGV - at}
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
