#!/usr/bin/env python3
"""Turns what the driver measured into a table; after a full run also into the files README shows."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess

import plot

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUBJECTS = ["floor", "mcp-stdio", "mcp-remote", "supergateway"]
OURS, FLOOR, REMOTE = "mcp-stdio", "floor", "mcp-remote"


class Figures:
    """The medians, by (variant, metric, subject)."""

    def __init__(self, measured):
        self.medians = {(r["variant"], r["metric"], r["subject"]): r["median"]
                        for r in measured["rows"]}
        self.failures = {(f["variant"], f["subject"]): f["reason"] for f in measured["failures"]}

    def get(self, variant, metric, subject):
        return self.medians.get((variant, metric, subject))


# Each condition takes the figures, the variant and the metric, and returns what is to be reached, what
# was reached, and whether that is enough; or None where a figure is missing.

def times(ratio):
    return f"{ratio:.{2 if ratio < 10 else 0}f} ×"


def with_the_floor(got, good, floor, ratio):
    """What was missed is shown beside what a gateway that costs nothing would reach."""
    return f"{got}; the floor itself {ratio(floor)}" if not good and floor else got


def at_most_share(of, divisor):
    def condition(figures, variant, metric):
        ours, other = figures.get(variant, metric, OURS), figures.get(variant, metric, of)
        if not ours or not other:
            return None
        good = ours * divisor <= other
        got = with_the_floor(f"1/{other / ours:.0f}", good, figures.get(variant, metric, FLOOR),
                             lambda floor: f"1/{other / floor:.0f}")
        return f"≤ 1/{divisor} of {of}", got, good
    return condition


def at_most_times(of, factor):
    def condition(figures, variant, metric):
        ours, other = figures.get(variant, metric, OURS), figures.get(variant, metric, of)
        if not ours or not other:
            return None
        return f"≤ {factor} × {of}", f"{ours / other:.2f} ×", ours <= other * factor
    return condition


def at_least_times(of, factor):
    def condition(figures, variant, metric):
        ours, other = figures.get(variant, metric, OURS), figures.get(variant, metric, of)
        if not ours or not other:
            return None
        good = ours >= factor * other
        got = times(ours / other)
        if of != FLOOR:
            got = with_the_floor(got, good, figures.get(variant, metric, FLOOR),
                                 lambda floor: times(floor / other))
        return f"≥ {factor} × {of}", got, good
    return condition


def above_floor_by_at_most(limit, unit):
    def condition(figures, variant, metric):
        ours, floor = figures.get(variant, metric, OURS), figures.get(variant, metric, FLOOR)
        if not ours or not floor:
            return None
        return f"≤ floor + {limit} {unit}", f"+ {ours - floor:.1f} {unit}", ours - floor <= limit
    return condition


def at_most_times_our(other_variant, factor):
    def condition(figures, variant, metric):
        ours, other = figures.get(variant, metric, OURS), figures.get(other_variant, metric, OURS)
        if not ours or not other:
            return None
        return f"≤ {factor} × {other_variant}", f"{ours / other:.2f} ×", ours <= other * factor
    return condition


def above_our_by_at_most(other_variant, limit, unit):
    def condition(figures, variant, metric):
        ours, other = figures.get(variant, metric, OURS), figures.get(other_variant, metric, OURS)
        if not ours or not other:
            return None
        return f"≤ {other_variant} + {limit} {unit}", f"{ours - other:+.1f} {unit}", ours - other <= limit
    return condition


def at_most(limit):
    def condition(figures, variant, metric):
        ours = figures.get(variant, metric, OURS)
        return ours and (f"≤ {limit:g}", f"{ours:.1f}", ours <= limit)
    return condition


def large_rows():
    for shape in ("text", "rich"):
        for size in (20, 40):
            for kind in ("JSON", "SSE"):
                variant = f"{size} MB {shape}, {kind}"
                conditions = []
                if size == 20:
                    conditions += [at_most_times(FLOOR, 1.5)] if kind == "JSON" else [
                        at_most_times_our(f"20 MB {shape}, JSON", 1.3), at_most_share(REMOTE, 15)]
                else:
                    conditions += [at_most_times_our(f"20 MB {shape}, {kind}", 2.3)]
                yield variant, "ms", conditions
                yield variant, "CPU ms", []
                yield variant, "peak MB", [at_most(size * 1.5 + 15)]


def rows():
    """Every line of the table: variant, metric, what is to be reached."""
    yield "start", "ms", [at_most_share(REMOTE, 30), above_floor_by_at_most(8, "ms")]
    yield "start, signed in", "ms", [above_our_by_at_most("start", 3, "ms")]
    yield "one idle", "private dirty MB", [at_most_share(REMOTE, 20)]
    yield "one idle", "RSS MB", [at_most_share(REMOTE, 6)]
    yield "one idle", "PSS MB", []
    yield "ten idle", "PSS MB", [at_most_share(REMOTE, 15)]
    yield "ten idle", "private dirty MB", []
    for in_flight in (1, 32):
        for kind in ("JSON", "SSE"):
            variant = f"{in_flight} in flight, {kind}"
            one = in_flight == 1
            yield variant, "calls/s", ([at_least_times(REMOTE, 8)] if one else
                                       [at_least_times(FLOOR, 0.6), at_least_times(REMOTE, 15)])
            yield variant, "p50 us", [at_most_times(FLOOR, 2)] if one else []
            yield variant, "p99 us", []
            yield variant, "CPU us/call", [at_most_share(REMOTE, 25)]
    yield from large_rows()
    yield "128 slow calls", "ms", [at_most(420)]
    yield "10,000 notifications", "ms", []
    yield "10,000 notifications", "CPU ms", []


def number(value):
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(figures):
    lines = ["| case | unit | " + " | ".join(SUBJECTS) + " | reach | reached |",
             "|---|---|" + "---:|" * len(SUBJECTS) + "---|---|"]
    for variant, metric, conditions in rows():
        values = [figures.get(variant, metric, subject) for subject in SUBJECTS]
        if not any(values):
            continue
        met = [m for m in (c(figures, variant, metric) for c in conditions) if m]
        reach = "; ".join(what for what, _, _ in met)
        reached = "; ".join(f"{'yes' if good else '**no**'} ({got})" for _, got, good in met)
        cells = [variant, metric.replace("us", "µs"), *map(number, values), reach, reached]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def first_match(path, start):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(start):
            return line[len(start):].strip(' :=\t"')
    return "unknown"


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def surroundings(node, load):
    memory = int(first_match("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    packages = json.loads((ROOT / "bench/package.json").read_text())["dependencies"]
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{first_match('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {memory:.0f} GB",
        "system": f"{first_match('/etc/os-release', 'PRETTY_NAME')}, Linux {platform.release()}",
        "load before": load,
        "mcp-stdio": output_of(str(ROOT / "build/release/mcp-stdio"), "--version").split("\n")[0],
        "mcp-remote": packages["mcp-remote"],
        "supergateway": packages["supergateway"],
        "node": output_of(node, "--version") if node else "none",
        "libcurl of the floor": output_of("curl-config", "--version"),
    }


EXPLANATION = """\
One driver plays the MCP client, one small native server plays the remote MCP server, both on the loopback
interface. Between them stands, in turn, each bridge; and as the floor nothing at all: the driver then makes the
same calls itself with libcurl over kept-alive connections. For starting up the floor is a process that answers
`initialize` from memory. Every figure is the median of several rounds, and in each round every subject has its
turn, so that whatever else the machine does meets all of them alike.

- **start**: from spawning the bridge to the answer of its first `initialize`. The Node.js programs are started
  by `node` directly, without `npx`.
- **start, signed in**: the same by mcp-stdio alone, at a server that wants a token, with the token of an earlier login
  in the store; the two take turns.
- **idle**: after the handshake and one `tools/list`; whole process tree. Private dirty memory is what an instance
  costs whatever else runs; PSS divides shared pages among those who share them.
- **in flight**: an `echo` of a hundred characters, as many calls at a time as given, for a second a round. The CPU time
  is the bridge's, children included; in the floor's column it is the driver's own.
- **20 MB, 40 MB**: one result by a fresh process each time; *text* is one long string, *rich* a table of small
  values; *SSE* is the same in one event. Peak is the process's largest resident size. 1 MB is 1,000,000 bytes.
  A subject that took more than 3 s is measured once.
- **128 slow calls**: a tool that takes 100 ms, 32 calls at a time: 400 ms is ideal.
- **10,000 notifications**: log messages on the stream of one call, then its answer.

Whoever receives does the same work in all cases: every answer is read to its last byte, its id and its length are
checked. A dash means that the subject cannot do it.

What is out of reach, and why. Where a figure is missed against another bridge, the table says what the floor itself
would reach: a gateway has to do the same call as the floor, and read and write two pipes besides.

- In flight: by `perf`, half of a call's CPU time is the kernel's (sockets and pipes: 11 system calls), a quarter is
  libcurl's, a quarter is the program's own. No part of its own stands out any more.
- Large JSON results: the time is that of three copies one after the other, since nothing may be passed on
  before the whole is known to be well-formed: into the program, which takes as long as the floor; through a pipe; into
  the driver. The program's own part is the check, 2 ms for 20 MB of text, 13 ms for 20 MB of small values. The rest that
  varies is memory: its 20 MB are new to the process, and on a virtual machine the first touch of a page that the
  host has not backed yet takes up to 15 ms in all, where 2 ms are usual.
"""


def write_files(measured, figures, around):
    names = {"libcurl of the floor": "floor"}
    facts = "\n".join(f"| {names.get(name, name)} | {value} |" for name, value in around.items())
    failures = "".join(f"- {subject}, {variant}: {reason}\n"
                       for (variant, subject), reason in figures.failures.items())
    (ROOT / "docs/benchmark.md").write_text(
        "# Benchmark\n\nWritten by `bench/run`; the raw figures are in `bench/results.json`.\n\n"
        f"![The cost of each bridge](../bench/results.svg)\n\n{EXPLANATION}\n"
        f"| | |\n|---|---|\n{facts}\n\n{table(figures)}\n"
        + (f"\nNot done:\n\n{failures}" if failures else ""), encoding="utf-8")
    (ROOT / "bench/results.json").write_text(
        json.dumps({"surroundings": around, **measured}, indent=1) + "\n", encoding="utf-8")
    (ROOT / "bench/results.svg").write_text(plot.draw(figures, around), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measured")
    parser.add_argument("--load", default="unknown")
    parser.add_argument("--node", default="")
    parser.add_argument("--full", choices=["yes", "no"], default="no")
    options = parser.parse_args()
    measured = json.loads(pathlib.Path(options.measured).read_text(encoding="utf-8"))
    figures = Figures(measured)
    print(table(figures))
    for (variant, subject), reason in figures.failures.items():
        print(f"not done: {subject}, {variant}: {reason}")
    if options.full == "yes":
        write_files(measured, figures, surroundings(options.node, options.load))


if __name__ == "__main__":
    main()
