/**
 * Argument vectors: which program runs, and whether its arguments can make it run another one.
 * Pure. Never judges what a program does with files and networks: that is for its sandbox.
 */
import { isPlainProse } from "../lang/template/characters.ts";
import { argvWordsMax, commandCharsMax } from "../limits.ts";

/** Which commands a node may run. */
export interface ArgvSpec {
  /** First words, compared exactly: `git` is not `/tmp/git`. */
  readonly programs: readonly string[];
  /** Options that may be given; absent: all but those that run something else. */
  readonly options?: readonly string[];
}

/** Programs whose arguments are code or another command, whatever the options. They never run, not even if they are listed. */
const runners: ReadonlySet<string> = new Set(
  (
    "sh bash zsh dash ksh mksh fish csh tcsh ash rbash busybox toybox cmd powershell pwsh wsl command eval exec source . env xargs parallel sudo doas su runuser setpriv " +
    "nohup setsid nice ionice chrt taskset timeout time stdbuf unbuffer script scriptreplay expect tclsh wish osascript watch entr strace ltrace gdb lldb chroot unshare " +
    "nsenter flock start-stop-daemon systemd-run at batch crontab ssh sshpass rsh rexec telnet nc ncat netcat socat awk gawk mawk nawk sed ed ex vi vim nvim view emacs nano less more " +
    "man screen tmux m4 make gmake cmake ninja rake ld.so npx bunx pnpx uvx pipx mshta wscript cscript rundll32 regsvr32 certutil bitsadmin msbuild installutil forfiles wmic"
  ).split(" "),
);

/** Programs that run a file with code but must not be given the code itself: the options that would do so, of one letter and long. */
const interpreters: Readonly<Record<string, string>> = {
  python: "cmi",
  pypy: "cmi",
  node: "eprirC",
  nodejs: "eprirC",
  deno: "e",
  bun: "epr",
  perl: "eEMmnpixd",
  ruby: "erIxnp",
  php: "rRBFESad",
  lua: "eli",
  luajit: "elij",
  rscript: "e",
  r: "ef",
  java: "",
  groovy: "e",
  scala: "e",
  julia: "eEiL",
  elixir: "erS",
  ghc: "e",
  swift: "e",
};
/** First arguments of programs that run code or other programs given behind them. */
const runningVerbs: Readonly<Record<string, readonly string[]>> = {
  deno: ["eval", "repl", "x", "task", "install"],
  bun: ["x", "exec", "repl"],
  npm: ["exec", "x", "explore", "run", "run-script", "start", "test", "config", "set"],
  pnpm: ["exec", "dlx", "run"],
  yarn: ["exec", "dlx", "run"],
  pip: ["install", "download", "wheel"],
  docker: ["run", "exec", "build", "compose"],
  podman: ["run", "exec", "build"],
  kubectl: ["exec", "run", "debug", "cp"],
  go: ["run", "generate", "tool"],
  cargo: ["run", "install"],
  git: ["filter-branch", "bisect", "config", "difftool", "mergetool", "submodule", "daemon", "shell"],
  openssl: ["engine", "s_client"],
};

/**
 * Options that make common programs run another one, read code or write where they are told (GTFOBins; CVE-2025-66032, CVE-2025-68144). Long ones
 * also count when they are cut short, as `getopt_long` allows.
 */
const runningLong: readonly string[] = (
  "--eval --exec --execute --exec-batch --exec-path --command --compress-program --checkpoint-action --to-command --use-compress-program --info-script --new-volume-script " +
  "--rsh --rsh-command --rsync-path --upload-pack --receive-pack --config --config-env --pager --browser --html --preprocessor --hostname-bin --pre --unzip-command " +
  "--require --import --loader --experimental-loader --inspect --inspect-brk --inspect-wait --init-command --init-file --rcfile --proxy-command --local-command " +
  "--output-document --post-file --use-askpass --ext-diff --textconv --open-files-in-pager --template --separate-git-dir --hook --plugin --load-extension --load --script"
).split(" ");
/** Long options whose names are the beginning of one above and mean something harmless. */
const harmlessLong: ReadonlySet<string> = new Set(["--in", "--no", "--out", "--output", "--l", "--local"]);

/** One-letter options (and find's words) that do the same, by program. */
const runningShort: Readonly<Record<string, readonly string[]>> = {
  find: ["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fls", "-fprint", "-fprint0", "-fprintf"],
  fd: ["-x", "-X"],
  git: ["-c", "-C", "-O", "-u"],
  tar: ["-I", "-F"],
  rsync: ["-e", "-M"],
  scp: ["-S", "-o"],
  sftp: ["-S", "-o", "-D"],
  zip: ["-T", "-TT"],
  psql: ["-c", "-f", "-v"],
  mysql: ["-e"],
  sqlite3: ["-cmd", "-init"],
  sort: ["-T", "-o"],
  rg: [],
  wget: ["-O", "-i", "-e", "-P"],
  curl: ["-K", "-o", "-O", "-T"],
  tcpdump: ["-z", "-w"],
  cpio: ["-H"],
  jq: ["-L", "-f"],
  grep: ["-f"],
  history: ["-s", "-a", "-w"],
  dpkg: ["-i"],
  apt: ["-o", "-c"],
};

/** The name that decides what a program is: without folder and extension, in lower case. */
function programName(word: string): string {
  const base = word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1).toLowerCase();
  return base.replace(/\.(?:exe|cmd|bat|com|ps1)$/, "");
}

/** An interpreter's name without its version: `python3.12` is `python`. */
function interpreterOf(name: string): string | undefined {
  const base = name.replace(/(?<![0-9.])[0-9.]+$/, "");
  return Object.hasOwn(interpreters, base) ? interpreters[base] : undefined;
}

/** Whether a program is never run under a list of programs, because its arguments are code. */
export function isRunner(program: string): boolean {
  const name = programName(program);
  return runners.has(name) || runners.has(name.replace(/(?<![0-9.])[0-9.]+$/, "")) || name === "";
}

/** Whether a long option is one that runs something, or an abbreviation of it. */
function isRunningLong(option: string): boolean {
  const equals = option.indexOf("=");
  const name = (equals < 0 ? option : option.slice(0, equals)).toLowerCase();
  if (harmlessLong.has(name)) return false;
  return runningLong.some((long) => long === name || (name.length >= 5 && long.startsWith(name)));
}

/** Whether an argument makes the program run code or another program. */
function isRunningOption(name: string, option: string): boolean {
  if (option.startsWith("--")) return isRunningLong(option);
  const letters = interpreterOf(name);
  // Letters of one option may be put together (`-Bc`), and the code glued to them (`-e1`).
  if (letters !== undefined && /^-[A-Za-z]/.test(option) && [...option.slice(1)].some((letter) => letters.includes(letter)))
    return true;
  const listed = Object.hasOwn(runningShort, name) ? (runningShort[name] ?? []) : [];
  return (
    listed.some((short) => option === short || (short.length === 2 && option.startsWith(short))) ||
    /^-(?:exec|ok)(?:dir)?$/.test(option)
  );
}

/** Whether an option is in the list, alone or with `=value` behind it. */
function isListed(option: string, options: readonly string[]): boolean {
  const equals = option.indexOf("=");
  return options.includes(option) || (option.startsWith("--") && equals > 0 && options.includes(option.slice(0, equals)));
}

/**
 * Whether a vector runs one of the programs and nothing else. Refuses control and hidden characters, empty words, shells and other runners, code for
 * interpreters, options that run a program, and standard input as a script (`-`).
 */
export function isArgvWithin(words: readonly string[], spec: ArgvSpec): boolean {
  const [program, ...args] = words;
  if (program === undefined || words.length > argvWordsMax || !spec.programs.includes(program) || isRunner(program)) return false;
  if (words.some((each) => each === "" || each.length > commandCharsMax || !isPlainProse(each))) return false;
  const name = programName(program);
  const end = args.indexOf("--");
  const options = args.filter((each, at) => each.startsWith("-") && (end < 0 || at < end));
  if (spec.options !== undefined && !options.every((each) => isListed(each, spec.options ?? []))) return false;
  if (options.some((each) => isRunningOption(name, each) && !isListed(each, spec.options ?? []))) return false;
  const verb = args.find((each) => !each.startsWith("-"));
  if (verb !== undefined && Object.hasOwn(runningVerbs, name) && runningVerbs[name]?.includes(verb)) return false;
  if (interpreterOf(name) === undefined) return true;
  // An interpreter without a script reads its code from standard input or starts a console.
  return verb !== undefined && !args.includes("-") && verb !== "-" && !/^(?:data|https?):|^\/dev\/|^\/proc\//i.test(verb);
}
