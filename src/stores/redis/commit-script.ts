/**
 * The script that commits a change to a session, in Lua. It checks and computes everything before its first write.
 * Never reads users' values. See scripts.ts for what all scripts keep to.
 */
import { journaling, marked } from "./prelude.ts";

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
export const commit = `${marked}${journaling}${totals}${labels}
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
