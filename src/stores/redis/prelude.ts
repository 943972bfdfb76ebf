/**
 * What the scripts of the Redis store begin with, in Lua.
 * Never written to be run alone.
 */

/** The mark of the store as `mark`; another store than the one that was opened is `replaced`. */
export const marked = `
local mark = redis.call('GET', KEYS[1])
if not mark or string.sub(mark, 1, #ARGV[1]) ~= ARGV[1] then return {'replaced'} end
`;

/** Adds references to a session's events to the journal, if the store keeps one: when, number of the event, session. */
export const journaling = `
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
