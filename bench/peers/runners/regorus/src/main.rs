//! Rego by regorus: `policy.rego` over tables made of `policy.json`, the engine made once and cloned by nothing. Speaks the protocol of `../../node.ts`.
//! By host: which values something untrusted had a part in, worked out when they arrive.

use regorus::{Engine, Value};
use serde_json::{json, Map, Value as Json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const LARGE_BYTES: usize = 100_000;
const LARGE_RUNS: usize = 15;
const PASSES_MIN: usize = 2;
const LENGTH_MAX: u64 = 1_000_000_000;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().expect("FOLDER");
    let budget = Duration::from_millis(args.next().and_then(|ms| ms.parse().ok()).unwrap_or(1_000));
    let read = |name: &str| -> Json {
        serde_json::from_slice(&std::fs::read(format!("{folder}/{name}")).expect(name)).expect(name)
    };
    let (policy, workload) = (read("policy.json"), read("calls.json"));
    let calls: Vec<String> = list(&workload["calls"]).iter().map(|call| text(&call["raw"])).collect();
    let mut engine = Engine::new();
    engine
        .add_policy("policy.rego".into(), include_str!("../policy.rego").into())
        .expect("policy.rego");
    let data = json!({ "nodes": nodes_of(&policy), "sessions": sessions_of(&policy, &workload["sessions"]) });
    engine.add_data_json(&data.to_string()).expect("data");
    let mut check = |raw: &str| -> bool {
        let Ok(call) = Value::from_json_str(raw) else { return false };
        let input = BTreeMap::from([
            (Value::from("call"), call),
            (Value::from("bytes"), Value::from(raw.len() as u64)),
        ]);
        engine.set_input(Value::from(input));
        matches!(engine.eval_rule("data.perf.allow".into()), Ok(Value::Bool(true)))
    };
    check(&calls[0]);
    println!("\"first\"");
    measure(&calls, budget, &mut check);
}

fn measure(calls: &[String], budget: Duration, check: &mut dyn FnMut(&str) -> bool) {
    let verdicts: Vec<bool> = calls.iter().map(|raw| check(raw)).collect();
    let (large, small): (Vec<&String>, Vec<&String>) = calls.iter().partition(|raw| raw.len() > LARGE_BYTES);
    let warm = Instant::now();
    while warm.elapsed() < budget / 3 {
        run(&small, check);
    }
    let (mut singles, mut cpus) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while cpus.len() < PASSES_MIN || start.elapsed() < budget * 2 / 3 {
        singles.extend(singles_of(&small, check));
        cpus.push(run(&small, check) / small.len() as f64);
    }
    let larges: Vec<f64> = (0..LARGE_RUNS).flat_map(|_| singles_of(&large, check)).collect();
    let is_steady = calls.iter().zip(&verdicts).all(|(raw, verdict)| check(raw) == *verdict);
    let samples = singles.len();
    let line = json!({
        "verdicts": verdicts,
        "isSteady": is_steady,
        "p50": quantile(&mut singles, 0.5),
        "p99": quantile(&mut singles, 0.99),
        "cpu": quantile(&mut cpus, 0.5),
        "largeMs": quantile(&mut larges.clone(), 0.5) / 1_000.0,
        "samples": samples,
    });
    println!("{line}");
}

/// Microseconds of each call.
fn singles_of(calls: &[&String], check: &mut dyn FnMut(&str) -> bool) -> Vec<f64> {
    let time = |raw: &&String| {
        let start = Instant::now();
        std::hint::black_box(check(raw));
        start.elapsed().as_nanos() as f64 / 1_000.0
    };
    calls.iter().map(time).collect()
}

/// Microseconds of processor time for all of the calls.
fn run(calls: &[&String], check: &mut dyn FnMut(&str) -> bool) -> f64 {
    let before = cpu();
    for raw in calls {
        std::hint::black_box(check(raw));
    }
    cpu() - before
}

fn cpu() -> f64 {
    // SAFETY: `usage` is a plain structure that the call fills in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let micros = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() as f64 * share) as usize).min(values.len() - 1)]
}

fn nodes_of(policy: &Json) -> Json {
    let nodes = members(&policy["nodes"]).map(|(name, node)| {
        let args: Map<String, Json> = members(&node["args"]).map(|(arg, spec)| (arg.clone(), spec_of(spec, policy))).collect();
        let table = json!({
            "tool": node["tool"], "after": node["after"], "maxBytes": node["maxBytes"], "noTaint": node["noTaint"], "args": args,
        });
        (name.clone(), table)
    });
    Json::Object(nodes.collect())
}

/// One argument, in the words of `policy.rego`.
fn spec_of(spec: &Json, policy: &Json) -> Json {
    let listed = spec["inList"].as_str().map(|list| &policy["lists"][list]);
    let values = if spec["const"].is_null() {
        listed.or(spec.get("enum")).map(|values| list(values).to_vec())
    } else {
        Some(vec![spec["const"].clone()])
    };
    if let Some(values) = values {
        let set: Map<String, Json> = values.iter().map(|value| (text(value), json!(true))).collect();
        return json!({ "kind": "values", "values": set });
    }
    let length = spec["maxLength"].as_u64().unwrap_or(LENGTH_MAX);
    match text(&spec["type"]).as_str() {
        "array" => json!({
            "kind": "list", "max": spec["maxItems"].as_u64().unwrap_or(LENGTH_MAX), "items": spec_of(&spec["items"], policy),
        }),
        "string" if spec["host"].is_array() => json!({ "kind": "pattern", "max": length, "pattern": host_pattern(&spec["host"]) }),
        "string" if spec["pattern"].is_string() => json!({ "kind": "pattern", "max": length, "pattern": spec["pattern"] }),
        "string" => json!({ "kind": "text", "max": length }),
        kind => json!({ "kind": kind, "min": spec["min"].as_f64().unwrap_or(-1e300), "max": spec["max"].as_f64().unwrap_or(1e300) }),
    }
}

/// As `hostPattern` in `../../host.ts`.
fn host_pattern(hosts: &Json) -> String {
    let names: Vec<String> = list(hosts).iter().map(|host| text(host).replace('.', "\\.")).collect();
    format!("^https://([a-z0-9-]+\\.)*({})(:443)?(/[!-\\[\\]-~]*)?$", names.join("|"))
}

fn sessions_of(policy: &Json, sessions: &Json) -> Json {
    let untrusted = list(&policy["untrustedTools"]);
    let sessions = members(sessions).map(|(name, session)| {
        let done: Map<String, Json> = list(&session["done"]).iter().map(|node| (text(node), json!(true))).collect();
        let clean = members(&session["values"]).filter(|(handle, _)| !is_tainted(handle, &session["values"], untrusted));
        let clean: Map<String, Json> = clean.map(|(handle, _)| (handle.clone(), json!(true))).collect();
        (name.clone(), json!({ "done": done, "clean": clean }))
    });
    Json::Object(sessions.collect())
}

fn is_tainted(handle: &str, values: &Json, untrusted: &[Json]) -> bool {
    match values.get(handle) {
        None => true,
        Some(value) if value["src"].is_string() => untrusted.contains(&value["src"]),
        Some(value) => list(&value["parents"]).iter().any(|parent| is_tainted(&text(parent), values, untrusted)),
    }
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
