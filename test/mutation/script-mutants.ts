/**
 * Mutants of what runs inside the servers of stores, and so is only text to Stryker: the Lua of Redis and the functions of PostgreSQL.
 * Data only. A check that looks a second time at what may have changed meanwhile has no row: no test can hold the moment between.
 */

/** One change of one piece of a file. */
export interface ScriptMutant {
  /** The file, from the root. */
  readonly file: string;
  /** What goes wrong, as a sentence without a subject. */
  readonly fault: string;
  /** The text that is replaced; it occurs once. */
  readonly replace: string;
  readonly with: string;
}

type Row = readonly [fault: string, replace: string, replacement: string];

const inFile =
  (file: string) =>
  ([fault, replace, replacement]: Row): ScriptMutant => ({ file, fault, replace, with: replacement });

const scripts: readonly Row[] = [
  ["creates a session twice", "if redis.call('EXISTS', KEYS[2]) == 1 then return {'exists'} end", ""],
  ["lists no new session", "redis.call('ZADD', KEYS[3], ARGV[5], ARGV[2])", ""],
  ["forgets when a session expires", "redis.call('ZADD', KEYS[4], ARGV[6], ARGV[2])", ""],
  ["keeps no line of an opening", "addEvents(KEYS[5], KEYS[6], ARGV[2], 0, 1)", ""],
  ["counts the header as an event", "'ok', header, redis.call('LLEN', KEYS[2]) - 1", "'ok', header, redis.call('LLEN', KEYS[2])"],
  ["looks for no revoked plan", "'plan:' .. plan", "'plan:'"],
  ["looks for no revoked session", "'session:' .. ARGV[2]", "'session:'"],
  ["looks for no revoked principal", "'principal:' .. principal", "'principal:'"],
  ["loads events from the first", "redis.call('LRANGE', KEYS[2], ARGV[3], -1)", "redis.call('LRANGE', KEYS[2], 1, -1)"],
  ["lists one session too many", "0, tonumber(ARGV[2]) - 1)}", "0, tonumber(ARGV[2]))}"],
  ["lists closed sessions as open", "redis.call('SISMEMBER', KEYS[2], ARGV[i])", "0"],
  ["counts too few events in a list", "redis.call('LLEN', KEYS[i + 1]) - 1", "redis.call('LLEN', KEYS[i + 1]) - 2"],
  ["keeps what expires right now", "'-inf', ARGV[2], 'LIMIT', ARGV[4]", "'-inf', '(' .. ARGV[2], 'LIMIT', ARGV[4]"],
  ["forgets more than it is told", "#found < tonumber(ARGV[3]) and ", ""],
  ["keeps the events of what expired", "redis.call('UNLINK', KEYS[i + 3])", ""],
  ["still lists what expired", "redis.call('ZREM', KEYS[2], ARGV[i])", ""],
  ["expires a session twice", "redis.call('ZREM', KEYS[3], ARGV[i])", ""],
  ["takes a new session for the closed one of its name", "redis.call('SREM', KEYS[4], ARGV[i])", ""],
  ["overwrites a document", "'HSETNX', KEYS[2], ARGV[2]", "'HSET', KEYS[2], ARGV[2]"],
  ["ignores the limit of a page of records", "'LIMIT', 0, ARGV[4])) do", ")) do"],
  ["writes a record over a newer one", "if now ~= tonumber(ARGV[3]) then", "if now < tonumber(ARGV[3]) then"],
  ["writes a record before its time", "if now ~= tonumber(ARGV[3]) then", "if now > tonumber(ARGV[3]) then"],
  ["leaves a record's version", "string.format('%.0f ', now + 1) .. ARGV[4])", "string.format('%.0f ', now) .. ARGV[4])"],
  ["lists no record that is written alone", "redis.call('ZADD', KEYS[3], 0, ARGV[2])", ""],
  ["forgets all records at once", "'-', ARGV[2], 'LIMIT', 0, ARGV[3])", "'-', ARGV[2])"],
  ["keeps the values of forgotten records", "redis.call('HDEL', KEYS[2], id)", ""],
  ["keeps the names of forgotten records", "redis.call('ZREM', KEYS[3], id)", ""],
  ["looks up one resource too few", "for i = 3, 2 + names do", "for i = 3, 1 + names do"],
  ["looks up no resources by prefix", "ARGV[i], ARGV[i + 1])) do look(name) end", "ARGV[i], ARGV[i + 1])) do end"],
  ["keeps no note", "addLine(KEYS[2], '- ' .. ARGV[2])", ""],
  [
    "takes what was trimmed for rewritten",
    "if number <= trimmed then return true end",
    "if number < trimmed then return true end",
  ],
  ["gives lines again that were trimmed", "math.max(0, number - trimmed)", "number"],
  ["counts lines from the last trim", "return {'ok', trimmed + from,", "return {'ok', from,"],
  ["gives one line too many", "from + tonumber(ARGV[4]) - 1)", "from + tonumber(ARGV[4]))"],
  ["puts the event before into a line", "tonumber(ARGV[i]) + 1) end", "tonumber(ARGV[i])) end"],
  ["trims what was trimmed again", "math.min(number - trimmed, tonumber(ARGV[4]))", "math.min(number, tonumber(ARGV[4]))"],
  ["keeps sessions for lines that are gone", "redis.call('HINCRBY', KEYS[4], session, -1) <= 0", "false"],
  ["lets sessions go at the first line that goes", "session, -1) <= 0", "session, -1) >= 0"],
  ["forgets how much was trimmed", "redis.call('SET', KEYS[3], string.format('%.0f', trimmed + count))", ""],
];

const prelude: readonly Row[] = [
  ["keeps one line too few", "first, first + count - 1 do", "first, first + count - 2 do"],
  ["keeps a journal unasked", "if #mark == #ARGV[1] or count == 0", "if count == 0"],
  ["lets sessions go that the journal has lines of", "redis.call('HINCRBY', counts, session, count)", ""],
];

const commit: readonly Row[] = [
  ["writes to a session that is not there", "if size == 0 then return {'unknown'} end", ""],
  ["takes a version that is behind", "if version ~= tonumber(ARGV[2])", "if version < tonumber(ARGV[2])"],
  ["takes a version that is ahead", "if version ~= tonumber(ARGV[2])", "if version > tonumber(ARGV[2])"],
  ["writes a record that has changed", "if now ~= expected then return {'conflict'} end", ""],
  ["does not see its own writes of records", "local now = written[name]\n", "local now = nil\n"],
  ["counts no write of a record", "written[name] = now + 1", "written[name] = now"],
  ["does not see its own takes", "if held[counter] then return held[counter] end", ""],
  ["counts what has just left the window", "'(' .. text(since), '+inf'", "text(since), '+inf'"],
  ["does not see its own takes within a window", "ipairs(windows[window] or {})", "ipairs({})"],
  ["counts its own takes that have left the window", "if row[1] > since then sum", "if true then sum"],
  ["adds up a window by time", "if not isSorted then table.sort", "if false then table.sort"],
  ["refuses what just fits", "return after + lostAfter <= max", "return after + lostAfter < max"],
  ["drifts where the sum is larger", "return after, lost + (sum - after + amount) end", "return after, lost end"],
  ["drifts where the amount is larger", "return after, lost + (amount - after + sum)", "return after, lost"],
  ["grants any sum", "if not fits(total[1], total[2], amount, max) then return {'budget', i} end", ""],
  [
    "names the first counter for any",
    "if not fits(total[1], total[2], amount, max) then return {'budget', i} end",
    "if not fits(total[1], total[2], amount, max) then return {'budget', 1} end",
  ],
  ["reserves nothing", "held[counter] = {add(total[1], total[2], amount)}", ""],
  ["grants any sum within a window", "if not fits(sum, lost, amount, max) then return {'budget', i} end", ""],
  ["reserves nothing within a window", "spends[#spends + 1] =", "local _ ="],
  ["forgets what another clock still counts", "text(moment - 2 * windowMs)", "text(moment - windowMs)"],
  ["gives nothing back within a window", "returns[#returns + 1] =", "local _ ="],
  [
    "gives back what other runs took",
    "{KEYS[tonumber(counter)], ' ' .. run .. ' ' .. session}",
    "{KEYS[tonumber(counter)], ' ' .. session}",
  ],
  ["gives back what other sessions took", "if string.sub(member, -#back[2]) == back[2] then", "if true then"],
  ["gives nothing back", "held[counter] = {add(total[1], total[2], -amount)}", ""],
  ["takes where it should give", "add(total[1], total[2], -amount)", "add(total[1], total[2], amount)"],
  ["lowers a resource's label", "local after = join(before, label)", "local after = label"],
  ["raises no resource", "if after ~= before then raised[name] = after end", ""],
  ["raises a resource once a change", "local before = raised[name] or", "local before ="],
  ["lowers a conversation's label", "context = join(before, ARGV[5])", "context = ARGV[5]"],
  ["raises no conversation", "if context then redis.call('HSET', KEYS[3], conversation, context) end", ""],
  ["loses sources", "union(sourcesA, sourcesB)", "sourcesA"],
  ["loses what is untrusted", "union(untrustedA, untrustedB)", "untrustedA"],
  ["keeps all readers", "common(readersA, readersB)", "readersA"],
  ["adds readers where there were some", "if known[name] then both[#both + 1]", "if true then both[#both + 1]"],
  ["opens to everyone what had readers", "if b == '-' or a == b then return a end", "if b == '-' then return b end"],
  ["leaves open what now has readers", "if a == '-' then return b end", "if a == '-' then return a end"],
  ["names a source twice", "if not known[name] then\n      known", "if true then\n      known"],
  ["writes no sum", "do redis.call('HSET', KEYS[4], counter,", "do local _ = (counter .."],
  ["never forgets what was spent", "redis.call('ZREMRANGEBYSCORE', spend[1], '-inf', spend[3])", ""],
  ["takes two equal spendings for one", "'%016.0f ', sequence + i)", "'%016.0f ', 0)"],
  ["gives nothing of a window back", "then redis.call('ZREM', back[1], member) end", "then end"],
  ["writes no record", "redis.call('HSET', record[1], record[3], record[4])", ""],
  ["lists no record of a change", "redis.call('ZADD', record[2], 0, record[3])", ""],
  ["finds no raised resource by prefix", "redis.call('ZADD', KEYS[6], 0, name)", ""],
  ["writes no label of a resource", "redis.call('HSET', KEYS[5], name, label)", ""],
  ["loses one event of a thousand", "math.min(first + 999, #ARGV)", "math.min(first + 998, #ARGV)"],
  ["closes nothing", "if ARGV[4] == '1' then redis.call('SADD', KEYS[7], session) end", ""],
  ["closes everything", "if ARGV[4] == '1' then redis", "if true then redis"],
  ["keeps no line of a change", "addEvents(KEYS[9], KEYS[10], session, version, #ARGV - at)", ""],
  ["says another version", "return {'ok', version + #ARGV - at}", "return {'ok', version + #ARGV - at - 1}"],
];

const postgres: readonly Row[] = [
  ["looks for no revoked plan", "'plan:' || s.plan", "'plan:'"],
  ["looks for no revoked session", "'session:' || s.id", "'session:'"],
  ["looks for no revoked principal", "'principal:' || s.principal", "'principal:'"],
  ["loads one event too few", "e.number >= p_since", "e.number > p_since"],
  ["creates a session twice", "IF NOT FOUND THEN RETURN 'exists'; END IF;", ""],
  ["opens without an event", "INSERT INTO ${s}.events VALUES (p_id, 0, p_event, p_value, p_facts);", ""],
  ["keeps no line of an opening", "IF p_journal THEN INSERT INTO ${s}.journal (session, number) VALUES (p_id, 0); END IF;", ""],
  ["misses new sources", "raised := NOT (sources @> p_sources AND", "raised := NOT ("],
  ["misses what is newly untrusted", "AND coalesce(untrusted, '{}') @> coalesce(p_untrusted, '{}')\n", "\n"],
  ["misses fewer readers", "AND readers <@ p_readers)));", ")));"],
  ["misses first readers", "(p_readers IS NULL OR (readers IS NOT NULL AND", "(p_readers IS NULL OR readers IS NULL OR ("],
  ["loses sources", "FROM unnest(sources || p_sources) x", "FROM unnest(p_sources) x"],
  [
    "names a source twice",
    'ARRAY(SELECT DISTINCT x COLLATE "C" FROM unnest(sources',
    'ARRAY(SELECT x COLLATE "C" FROM unnest(sources',
  ],
  ["loses what is untrusted", "FROM unnest(untrusted || p_untrusted) x", "FROM unnest(p_untrusted) x"],
  [
    "leaves open what now has readers",
    "IF readers IS NULL THEN readers := p_readers;",
    "IF readers IS NULL THEN readers := NULL;",
  ],
  ["keeps all readers", "WHERE x = ANY (p_readers));", ");"],
  [
    "raises a label once",
    "UPDATE ${table} SET sources = a.sources, readers = a.readers, untrusted = a.untrusted WHERE ${where};",
    "",
  ],
  ["takes resources with long names for one", "THEN sha256(convert_to(p_key, 'UTF8')) ELSE '' END", "THEN '' ELSE '' END"],
  [
    "counts what has just left the window",
    "WHERE counter = v_id AND at > (t->>'w')::float8;",
    "WHERE counter = v_id AND at >= (t->>'w')::float8;",
  ],
  ["counts what left the window where sums are broken", "at > (t->>'w')::float8 ORDER BY seq LOOP", "true ORDER BY seq LOOP"],
  ["adds up a window by time", "ORDER BY seq LOOP", "ORDER BY at, seq LOOP"],
  ["drifts within a window", "IF NOT v_exact OR v_sum >= 9007199254740992 THEN", "IF false THEN"],
  ["drifts beyond 2^53", "IF NOT v_exact OR v_sum >= 9007199254740992 THEN", "IF NOT v_exact THEN"],
  ["drifts", "v_lost := v_lost + CASE WHEN abs(v_sum) >= abs(v_amount)", "v_lost := 0 * CASE WHEN abs(v_sum) >= abs(v_amount)"],
  ["refuses what just fits", "IF v_total + v_lost > (t->>'m')::float8", "IF v_total + v_lost >= (t->>'m')::float8"],
  ["grants what no number bounds", "OR (t->>'m')::float8 = 'NaN' THEN", "THEN"],
  ["grants any sum", "RAISE EXCEPTION 'budget' USING ERRCODE = 'SL002';", "NULL;"],
  ["reserves nothing", "UPDATE ${s}.counters SET sum = v_total, lost = v_lost WHERE id = v_id;", "NULL;"],
  ["never forgets what was spent", "DELETE FROM ${s}.spent WHERE counter = v_id AND at <= (t->>'p')::float8;", ""],
  ["reserves nothing within a window", "INSERT INTO ${s}.spent (counter, at, session, run, amount)\n      VALUES", "PERFORM"],
  ["takes where it should give", "v_amount float8 := -(g->>'a')::float8;", "v_amount float8 := (g->>'a')::float8;"],
  [
    "gives nothing back within a window",
    "DELETE FROM ${s}.spent WHERE counter = v_id AND session = p_session",
    "DELETE FROM ${s}.spent WHERE false AND session = p_session",
  ],
  ["gives back what other sessions took", "counter = v_id AND session = p_session AND run", "counter = v_id AND run"],
  ["gives back what other runs took", " AND run = (g->>'r')::bigint;", ";"],
  ["drifts when it gives", "lost = lost + CASE WHEN abs(sum) >=", "lost = lost + 0 * CASE WHEN abs(sum) >="],
  ["writes no record", "PERFORM ${s}.write_1(e.value) FROM json_array_elements(c->'records') e;", ""],
  ["takes nothing", "PERFORM ${s}.take_1(p_session, x);", ""],
  ["gives nothing", "PERFORM ${s}.give_1(p_session, e.value) FROM json_array_elements(c->'gives') e;", ""],
  ["names the first counter for any", "RETURN 'budget ' || v_take;", "RETURN 'budget 0';"],
  [
    "fails where a sum is too large for a double",
    "WHEN SQLSTATE 'SL002' OR numeric_value_out_of_range THEN",
    "WHEN SQLSTATE 'SL002' THEN",
  ],
  ["takes a change that contradicts itself", " OR c->>'broken' IS NOT NULL THEN", " THEN"],
  ["closes nothing", ", closed = closed OR c->>'closes' IS NOT NULL", ""],
  ["opens again what was closed", "closed = closed OR c->>'closes' IS NOT NULL", "closed = c->>'closes' IS NOT NULL"],
  ["loses facts", "e->>'e', e->>'v', e->>'f' FROM", "e->>'e', e->>'v', NULL FROM"],
  [
    "keeps one line too few",
    "p_version + json_array_length(c->'entries') - 1) n",
    "p_version + json_array_length(c->'entries') - 2) n",
  ],
  ["raises no conversation", "PERFORM ${s}.raise_1(v_conversation,", "PERFORM (v_conversation,"],
  ["raises no resource", "PERFORM ${s}.raise_resource_1(x->>'k',", "PERFORM (x->>'k',"],
  ["writes a record over a newer one", " AND version = (x->>'v')::bigint;", ";"],
  [
    "says nothing of a record that has changed",
    "IF NOT FOUND THEN RAISE EXCEPTION 'conflict' USING ERRCODE = 'SL001'; END IF;",
    "",
  ],
  ["keeps what expires right now", "s.expires <= p_before::numeric", "s.expires < p_before::numeric"],
  [
    "forgets more than it is told",
    "ORDER BY s.expires LIMIT p_limit FOR UPDATE SKIP LOCKED",
    "ORDER BY s.expires FOR UPDATE SKIP LOCKED",
  ],
  ["keeps the events of what expired", "DELETE FROM ${s}.events WHERE session = ANY (v_gone);", ""],
  ["keeps what expired", "DELETE FROM ${s}.sessions WHERE id = ANY (v_gone);", ""],
  ["gives fresh lines no place", "IF v_count < p_limit AND EXISTS (", "IF false AND EXISTS ("],
  ["gives lines places that were given", "UPDATE ${s}.state SET ended = v_ended + v_count;", ""],
  ["gives the last line again", "WHERE j.position > p_after::bigint ORDER BY", "WHERE j.position >= p_after::bigint ORDER BY"],
  ["ignores the limit of a page of lines", "ORDER BY j.position LIMIT p_limit;", "ORDER BY j.position;"],
];

/** All mutants, by the server whose tests must notice them. */
export const scriptMutants: Readonly<Record<"redis" | "postgres", readonly ScriptMutant[]>> = {
  redis: [
    ...scripts.map(inFile("src/stores/redis/scripts.ts")),
    ...prelude.map(inFile("src/stores/redis/prelude.ts")),
    ...commit.map(inFile("src/stores/redis/commit-script.ts")),
  ],
  postgres: postgres.map(inFile("src/stores/postgres/functions.ts")),
};
