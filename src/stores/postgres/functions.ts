/**
 * The functions of the PostgreSQL store: one call, and so one round trip and one transaction, for each transition of a session.
 * Never sorts by a locale, never looks into recorded JSON, and leaves nothing behind of a change that it refuses.
 *
 * Locks are taken in one order (session, records by name, counters by name, conversation, resources by name), so no two changes wait for
 * each other. The names end in the version of the tables, so that an older Sluice never calls a newer function.
 */

/** SQLSTATE of a transaction that is not READ COMMITTED: another would read what it has locked as it was before. */
export const isolationState = "SL003";

/**
 * SECURITY: names that are not ours are the system's own. Otherwise whoever may make a function or an operator in a schema of the caller's
 * search path could make one that fits better, and it would be called with the caller's rights (CVE-2018-1058). What these functions call
 * in turn, they call under the same path.
 */
export const path = "SET search_path = pg_catalog, pg_temp";

/** How each function begins that locks: in the isolation that it needs, and waiting no longer than it is told. */
export const opened = `
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'sluice needs read committed' USING ERRCODE = '${isolationState}';
  END IF;
  PERFORM set_config('lock_timeout', p_lock, true);`;

/**
 * A refused change has taken locks and nothing else, so nobody needs to wait for the disk on its account.
 */
const unwritten = "PERFORM set_config('synchronous_commit', 'off', true);";

const load = (s: string): string => `
CREATE FUNCTION ${s}.load_1(p_session text, p_since integer) RETURNS TABLE (
  plan text, principal text, conversation text, token text, opened text, expires text, version integer,
  sources text[], readers text[], untrusted text[], r_plan text, r_session text, r_principal text,
  event text, value text, facts text
) LANGUAGE plpgsql STABLE ${path} AS $$
#variable_conflict use_column
DECLARE v_version integer;
BEGIN
  -- SECURITY: a standby may not know yet what was revoked.
  IF pg_is_in_recovery() THEN RAISE EXCEPTION 'standby' USING ERRCODE = '25006'; END IF;
  SELECT s.version INTO v_version FROM ${s}.sessions s WHERE s.id = p_session;
  RETURN QUERY SELECT s.plan, s.principal, s.conversation, s.token, s.opened::text, s.expires::text, s.version,
      c.sources, c.readers, c.untrusted,
      (SELECT r.value FROM ${s}.records r WHERE r.kind = 'revocation' AND r.id = 'plan:' || s.plan),
      (SELECT r.value FROM ${s}.records r WHERE r.kind = 'revocation' AND r.id = 'session:' || s.id),
      (SELECT r.value FROM ${s}.records r WHERE r.kind = 'revocation' AND r.id = 'principal:' || s.principal),
      NULL::text, NULL::text, NULL::text
    FROM ${s}.sessions s LEFT JOIN ${s}.conversations c ON c.id = s.conversation WHERE s.id = p_session;
  IF p_since >= v_version THEN RETURN; END IF;
  RETURN QUERY SELECT NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::integer,
      NULL::text[], NULL::text[], NULL::text[], NULL::text, NULL::text, NULL::text, e.event, e.value, e.facts
    FROM ${s}.events e WHERE e.session = p_session AND e.number >= p_since ORDER BY e.number;
END $$`;

const create = (s: string): string => `
CREATE FUNCTION ${s}.create_1(p_id text, p_plan text, p_principal text, p_conversation text, p_token text, p_opened text,
  p_expires text, p_event text, p_value text, p_facts text, p_lock text, p_journal boolean) RETURNS text
LANGUAGE plpgsql ${path} AS $$
BEGIN ${opened}
  INSERT INTO ${s}.sessions (id, plan, principal, conversation, token, opened, expires, version)
    VALUES (p_id, p_plan, p_principal, p_conversation, p_token, p_opened::numeric, p_expires::numeric, 1) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 'exists'; END IF;
  INSERT INTO ${s}.events VALUES (p_id, 0, p_event, p_value, p_facts);
  IF p_journal THEN INSERT INTO ${s}.journal (session, number) VALUES (p_id, 0); END IF;
  RETURN 'ok';
END $$`;

/** What a label and another become; as `joinValues`. Both are sets, and a first one is never given. */
const join = (s: string): string => `
CREATE FUNCTION ${s}.join_1(INOUT sources text[], INOUT readers text[], INOUT untrusted text[],
  p_sources text[], p_readers text[], p_untrusted text[], OUT raised boolean)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  raised := NOT (sources @> p_sources AND coalesce(untrusted, '{}') @> coalesce(p_untrusted, '{}')
    AND (p_readers IS NULL OR (readers IS NOT NULL AND readers <@ p_readers)));
  IF NOT raised THEN RETURN; END IF;
  sources := ARRAY(SELECT DISTINCT x COLLATE "C" FROM unnest(sources || p_sources) x ORDER BY 1);
  untrusted := nullif(ARRAY(SELECT DISTINCT x COLLATE "C" FROM unnest(untrusted || p_untrusted) x ORDER BY 1), '{}');
  IF readers IS NULL THEN readers := p_readers;
  ELSIF p_readers IS NOT NULL THEN readers := ARRAY(SELECT x FROM unnest(readers) x WHERE x = ANY (p_readers));
  END IF;
  IF readers IS NOT NULL THEN readers := ARRAY(SELECT x COLLATE "C" FROM unnest(readers) x ORDER BY 1); END IF;
END $$`;

/**
 * A label only rises, so one that is high enough needs no lock: it still is when the change is committed.
 * `table` has the label under the condition `where`; `insert` makes the first one.
 */
const raising = (table: string, where: string, insert: string): string => `
    LOOP
      SELECT sources, readers, untrusted INTO a FROM ${table} WHERE ${where};
      IF NOT FOUND THEN
        ${insert} ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
        CONTINUE;
      END IF;
      SELECT * INTO a FROM JOINED;
      EXIT WHEN NOT a.raised;
      SELECT sources, readers, untrusted INTO a FROM ${table} WHERE ${where} FOR UPDATE;
      SELECT * INTO a FROM JOINED;
      UPDATE ${table} SET sources = a.sources, readers = a.readers, untrusted = a.untrusted WHERE ${where};
      EXIT;
    END LOOP;`;

const raise = (s: string): string => `
CREATE FUNCTION ${s}.raise_1(p_conversation text, p_sources text[], p_readers text[], p_untrusted text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE a record;
BEGIN ${raising(
  `${s}.conversations`,
  "id = p_conversation",
  `INSERT INTO ${s}.conversations VALUES (p_conversation, p_sources, p_readers, p_untrusted)`,
).replaceAll("JOINED", `${s}.join_1(a.sources, a.readers, a.untrusted, p_sources, p_readers, p_untrusted)`)}
END $$`;

/** Keys of resources may be longer than an index takes: beyond 600 characters, a digest of the rest stands for it. */
const raiseResource = (s: string): string => `
CREATE FUNCTION ${s}.raise_resource_1(p_key text, p_sources text[], p_readers text[], p_untrusted text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  a record;
  p_head text := left(p_key, 600);
  p_tail bytea := CASE WHEN length(p_key) > 600 THEN sha256(convert_to(p_key, 'UTF8')) ELSE '' END;
BEGIN ${raising(
  `${s}.resources`,
  "head = p_head AND tail = p_tail",
  `INSERT INTO ${s}.resources VALUES (p_head, p_tail, p_key, p_sources, p_readers, p_untrusted)`,
).replaceAll("JOINED", `${s}.join_1(a.sources, a.readers, a.untrusted, p_sources, p_readers, p_untrusted)`)}
END $$`;

const take = (s: string): string => `
CREATE FUNCTION ${s}.take_1(p_session text, t json) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_id text := t->>'c';
  v_amount float8 := (t->>'a')::float8;
  v_sum float8;
  v_lost float8 := 0;
  v_total float8;
  v_exact boolean;
  v_each float8;
BEGIN
  IF t->>'w' IS NULL THEN
    SELECT coalesce(sum, 0), coalesce(lost, 0) INTO v_sum, v_lost FROM ${s}.counters WHERE id = v_id;
  ELSE
    SELECT coalesce(sum(amount), 0), coalesce(bool_and(amount = trunc(amount)), true) INTO v_sum, v_exact
      FROM ${s}.spent WHERE counter = v_id AND at > (t->>'w')::float8;
    -- Whole numbers add up exactly; for others the sum is the compensated one, in the order in which they came.
    IF NOT v_exact OR v_sum >= 9007199254740992 THEN
      v_sum := 0;
      FOR v_each IN SELECT amount FROM ${s}.spent WHERE counter = v_id AND at > (t->>'w')::float8 ORDER BY seq LOOP
        v_total := v_sum + v_each;
        v_lost := v_lost + CASE WHEN abs(v_sum) >= abs(v_each) THEN v_sum - v_total + v_each ELSE v_each - v_total + v_sum END;
        v_sum := v_total;
      END LOOP;
    END IF;
  END IF;
  v_total := v_sum + v_amount;
  v_lost := v_lost + CASE WHEN abs(v_sum) >= abs(v_amount) THEN v_sum - v_total + v_amount ELSE v_amount - v_total + v_sum END;
  -- NaN is the greatest number here and no number there.
  IF v_total + v_lost > (t->>'m')::float8 OR (t->>'m')::float8 = 'NaN' THEN
    RAISE EXCEPTION 'budget' USING ERRCODE = 'SL002';
  ELSIF t->>'w' IS NULL THEN
    UPDATE ${s}.counters SET sum = v_total, lost = v_lost WHERE id = v_id;
  ELSE
    DELETE FROM ${s}.spent WHERE counter = v_id AND at <= (t->>'p')::float8;
    INSERT INTO ${s}.spent (counter, at, session, run, amount)
      VALUES (v_id, (t->>'t')::float8, p_session, (t->>'r')::bigint, v_amount);
  END IF;
END $$`;

const give = (s: string): string => `
CREATE FUNCTION ${s}.give_1(p_session text, g json) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_id text := g->>'c';
  v_amount float8 := -(g->>'a')::float8;
BEGIN
  IF g->>'w' IS NOT NULL THEN
    DELETE FROM ${s}.spent WHERE counter = v_id AND session = p_session AND run = (g->>'r')::bigint;
  ELSE
    UPDATE ${s}.counters SET sum = sum + v_amount,
        lost = lost + CASE WHEN abs(sum) >= abs(v_amount) THEN sum - (sum + v_amount) + v_amount ELSE v_amount - (sum + v_amount) + sum END
      WHERE id = v_id AND sum IS NOT NULL;
  END IF;
END $$`;

/**
 * A change, wholly or not at all. What may be refused is in a block of its own: leaving it by an exception undoes what it wrote, and the
 * server's log hears nothing of it.
 */
const commit = (s: string): string => `
CREATE FUNCTION ${s}.commit_1(p_session text, p_version integer, p_change text, p_lock text, p_journal boolean) RETURNS text
LANGUAGE plpgsql ${path} AS $$
#variable_conflict use_column
DECLARE
  c json := p_change;
  x json;
  v_version integer;
  v_conversation text;
  v_take integer := -1;
BEGIN ${opened}
  SELECT version INTO v_version FROM ${s}.sessions WHERE id = p_session;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF v_version <> p_version THEN RETURN 'conflict'; END IF;
  SELECT version, conversation INTO v_version, v_conversation FROM ${s}.sessions WHERE id = p_session FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF v_version <> p_version OR c->>'broken' IS NOT NULL THEN ${unwritten} RETURN 'conflict'; END IF;
  IF c->>'counters' IS NOT NULL OR c->>'records' IS NOT NULL THEN
    BEGIN
      PERFORM ${s}.write_1(e.value) FROM json_array_elements(c->'records') e;
      PERFORM ${s}.lock_1(e.value) FROM json_array_elements(c->'counters') e;
      FOR x IN SELECT * FROM json_array_elements(c->'takes') LOOP
        v_take := v_take + 1;
        PERFORM ${s}.take_1(p_session, x);
      END LOOP;
      v_take := -1;
      PERFORM ${s}.give_1(p_session, e.value) FROM json_array_elements(c->'gives') e;
    EXCEPTION
      WHEN SQLSTATE 'SL001' THEN ${unwritten} RETURN 'conflict';
      WHEN SQLSTATE 'SL002' OR numeric_value_out_of_range THEN
        IF v_take < 0 THEN RAISE; END IF;
        ${unwritten} RETURN 'budget ' || v_take;
    END;
  END IF;
  UPDATE ${s}.sessions SET version = p_version + json_array_length(c->'entries'), closed = closed OR c->>'closes' IS NOT NULL
    WHERE id = p_session;
  INSERT INTO ${s}.events
    SELECT p_session, p_version + n - 1, e->>'e', e->>'v', e->>'f' FROM json_array_elements(c->'entries') WITH ORDINALITY t(e, n);
  IF p_journal THEN
    INSERT INTO ${s}.journal (session, number)
      SELECT p_session, n FROM generate_series(p_version, p_version + json_array_length(c->'entries') - 1) n ORDER BY n;
  END IF;
  IF c->>'context' IS NOT NULL THEN
    x := c->'context';
    PERFORM ${s}.raise_1(v_conversation, ${names("s")}, ${names("r")}, ${names("u")});
  END IF;
  FOR x IN SELECT * FROM json_array_elements(c->'resources') LOOP
    PERFORM ${s}.raise_resource_1(x->>'k', ${names("s")}, ${names("r")}, ${names("u")});
  END LOOP;
  RETURN 'ok';
END $$`;

/** Names in the member of the JSON value `x`; NULL where there are none to be read. */
function names(member: string): string {
  return `CASE WHEN x->>'${member}' IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(x->'${member}')) END`;
}

/** Writes a record at the version that it must have. */
const write = (s: string): string => `
CREATE FUNCTION ${s}.write_1(x json) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF x->>'v' = '0' THEN
    INSERT INTO ${s}.records VALUES (x->>'k', x->>'i', (x->>'n')::bigint, x->>'t') ON CONFLICT DO NOTHING;
  ELSE
    UPDATE ${s}.records SET version = (x->>'n')::bigint, value = x->>'t'
      WHERE kind = x->>'k' AND id = x->>'i' AND version = (x->>'v')::bigint;
  END IF;
  IF NOT FOUND THEN RAISE EXCEPTION 'conflict' USING ERRCODE = 'SL001'; END IF;
END $$`;

/** Locks a counter. One that nothing was ever taken from has no sum. */
const lock = (s: string): string => `
CREATE FUNCTION ${s}.lock_1(x json) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM ${s}.counters WHERE id = x->>'c' FOR UPDATE;
  IF FOUND OR x->>'n' IS NULL THEN RETURN; END IF;
  INSERT INTO ${s}.counters (id) VALUES (x->>'c') ON CONFLICT DO NOTHING;
  PERFORM 1 FROM ${s}.counters WHERE id = x->>'c' FOR UPDATE;
END $$`;

/** Sessions are locked first, so that no change is half-way when their events go. */
const expire = (s: string): string => `
CREATE FUNCTION ${s}.expire_1(p_before text, p_limit integer, p_lock text) RETURNS integer
LANGUAGE plpgsql ${path} AS $$
DECLARE v_gone text[];
BEGIN ${opened}
  v_gone := ARRAY(SELECT s.id FROM ${s}.sessions s WHERE s.expires <= p_before::numeric
    AND NOT EXISTS (SELECT FROM ${s}.journal j WHERE j.session = s.id) ORDER BY s.expires LIMIT p_limit FOR UPDATE SKIP LOCKED);
  v_gone := ARRAY(SELECT g FROM unnest(v_gone) g WHERE NOT EXISTS (SELECT FROM ${s}.journal j WHERE j.session = g));
  DELETE FROM ${s}.events WHERE session = ANY (v_gone);
  DELETE FROM ${s}.sessions WHERE id = ANY (v_gone);
  RETURN cardinality(v_gone);
END $$`;

/**
 * Lines get their place when they are first read, by one reader at a time: what commits later, in whatever order it began, comes after.
 * `seq` was given under the session's lock, so that the lines of one session are in their order.
 */
const journal = (s: string): string => `
CREATE FUNCTION ${s}.journal_1(p_after text, p_limit integer, p_lock text)
RETURNS TABLE (cursor text, session text, number integer, note text, event text, value text, facts text)
LANGUAGE plpgsql ${path} AS $$
#variable_conflict use_column
DECLARE
  v_ended bigint;
  v_count bigint;
BEGIN ${opened}
  SELECT count(*) INTO v_count FROM (SELECT FROM ${s}.journal WHERE position > p_after::bigint LIMIT p_limit) read;
  IF v_count < p_limit AND EXISTS (SELECT FROM ${s}.journal WHERE position IS NULL) THEN
    SELECT ended INTO v_ended FROM ${s}.state FOR UPDATE;
    WITH fresh AS (
      SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM ${s}.journal WHERE position IS NULL ORDER BY seq LIMIT p_limit
    ) UPDATE ${s}.journal j SET position = v_ended + fresh.place FROM fresh WHERE j.seq = fresh.seq;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    UPDATE ${s}.state SET ended = v_ended + v_count;
  END IF;
  RETURN QUERY SELECT j.position::text, j.session, j.number, j.note, e.event, e.value, e.facts
    FROM ${s}.journal j LEFT JOIN ${s}.events e ON e.session = j.session AND e.number = j.number
    WHERE j.position > p_after::bigint ORDER BY j.position LIMIT p_limit;
END $$`;

/** What makes the functions in a schema, in order. */
export function functionsOf(schema: string): readonly string[] {
  return [load, create, join, raise, raiseResource, take, give, write, lock, commit, expire, journal].map((make) => make(schema));
}
