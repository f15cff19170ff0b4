# SPDX-License-Identifier: Apache-2.0
"""Runs Autobahn's cases against a server or a client and judges the reports. Called by scripts/autobahn."""

import argparse
import datetime
import fnmatch
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from local_server import LocalServer, free_port, wait_until_listening

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / ".build" / "autobahn"
ENGINE = "native" if sys.platform == "linux" else "nio"

# How many cases each group of the suite 0.8.2 has; 11 does not exist, 8 is empty.
GROUPS = {
    "1.1": 8, "1.2": 8, "2": 11, "3": 7, "4.1": 5, "4.2": 5, "5": 20,
    "6.1": 3, "6.2": 4, "6.3": 2, "6.4": 4, "6.5": 5, "6.6": 11, "6.7": 4, "6.8": 2, "6.9": 4, "6.10": 3, "6.11": 5,
    "6.12": 8, "6.13": 5, "6.14": 10, "6.15": 1, "6.16": 3, "6.17": 5, "6.18": 5, "6.19": 5, "6.20": 7, "6.21": 8,
    "6.22": 34, "6.23": 7,
    "7.1": 6, "7.3": 6, "7.5": 1, "7.7": 13, "7.9": 9, "7.13": 2,
    "9.1": 6, "9.2": 6, "9.3": 9, "9.4": 9, "9.5": 6, "9.6": 6, "9.7": 6, "9.8": 6, "10.1": 1,
    "12.1": 18, "12.2": 18, "12.3": 18, "12.4": 18, "12.5": 18,
    "13.1": 18, "13.2": 18, "13.3": 18, "13.4": 18, "13.5": 18, "13.6": 18, "13.7": 18,
}  # fmt: skip

SUBJECTS = {
    1: "framing", 2: "pings and pongs", 3: "reserved bits", 4: "opcodes", 5: "fragmentation", 6: "UTF-8",
    7: "closing", 9: "limits and performance", 10: "automatic fragmentation", 12: "compression, sizes",
    13: "compression, parameters",
}  # fmt: skip

GOOD = {"OK", "INFORMATIONAL"}

PATIENCE = 1800  # seconds for all cases; alone, they take some nine minutes


def all_cases():
    return [f"{group}.{number}" for group, count in GROUPS.items() for number in range(1, count + 1)]


def is_in_fast_selection(case):
    """A diagonal through the slow groups: over all of a chapter, every size and every parameter gets its turn."""
    numbers = [int(part) for part in case.split(".")]
    return numbers[0] not in (9, 12, 13) or (numbers[1] + numbers[2]) % 6 == 0


def group_of(case):
    return int(case.split(".")[0])


def start_suite(mode, wstest, folder, specification):
    """Starts one process of the suite in a folder of its own."""
    folder.mkdir(parents=True)
    file = folder / "spec.json"
    specification.update({"outdir": str(folder), "exclude-cases": [], "exclude-agent-cases": {}})
    file.write_text(json.dumps(specification))
    command = shlex.split(wstest) + ["--mode", mode, "--spec", str(file), "--webport", "0"]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)


def run_server_tests(parts, arguments):
    # Case 9.1.6 sends 16 MiB in one message: the limit must be beyond it.
    options = ["echo", "--host", "127.0.0.1", "--port", "0", "--max-size", str(32 << 20)]
    options += ["--engine", arguments.engine]
    log = (WORK / "server" / "program.log").open("w")
    with LocalServer(shlex.split(arguments.program) + options, log=log) as server:
        target = {"agent": "Alicorn", "url": f"ws://127.0.0.1:{server.port}/", "options": {"version": 18}}
        runs = [
            start_suite("fuzzingclient", arguments.wstest, folder, {"servers": [target], "cases": cases})
            for folder, cases in parts
        ]
        for run in runs:
            try:
                run.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                run.kill()
                print(f"The suite did not come to an end within {PATIENCE} s.")


def run_client_tests(parts, arguments):
    suites, clients = [], []
    try:
        for folder, cases in parts:
            port = free_port()
            url = f"ws://127.0.0.1:{port}"
            suites.append(start_suite("fuzzingserver", arguments.wstest, folder, {"url": url, "cases": cases}))
            wait_until_listening(port, suites[-1])
            log = (folder / "program.log").open("w")
            clients.append(subprocess.Popen(shlex.split(arguments.program) + [url], stdout=log, stderr=log))
        for client in clients:
            if client.wait(PATIENCE):
                print(f"The client ended with {client.returncode}; see .build/autobahn/client/*/program.log")
    except subprocess.TimeoutExpired:
        print(f"The client did not come to an end within {PATIENCE} s.")
    finally:
        for process in clients + suites:
            process.kill()
            process.wait()


def read_results(parts):
    """case -> its entry in the reports' indices"""
    results = {}
    for folder, _ in parts:
        index = folder / "index.json"
        if index.exists():
            for agent in json.loads(index.read_text()).values():
                results.update(agent)
    return results


def verdict(result):
    """None for a case that passed, otherwise what was wrong."""
    if result is None:
        return "did not run"
    if result["behavior"] not in GOOD:
        return f"behavior {result['behavior']}"
    if result["behaviorClose"] not in GOOD:
        return f"behaviorClose {result['behaviorClose']}"
    return None


def subject(arguments):
    return f"server on {arguments.engine}" if arguments.side == "server" else "client"


def record(side, cases, results):
    """Writes the table of this run between its two markers in docs/conformance.md."""
    rows = ["| cases | about | run | OK | INFORMATIONAL | others |", "| --- | --- | ---: | ---: | ---: | --- |"]
    for group in sorted({group_of(case) for case in cases}):
        mine = [case for case in cases if group_of(case) == group]
        bad = [case for case in mine if verdict(results.get(case))]
        informational = [c for c in mine if c not in bad and results[c]["behavior"] == "INFORMATIONAL"]
        named = ", ".join(f"{case} ({verdict(results.get(case))})" for case in bad) or "none"
        good = len(mine) - len(bad) - len(informational)
        rows.append(f"| {group} | {SUBJECTS[group]} | {len(mine)} | {good} | {len(informational)} | {named} |")
    failed = sum(1 for case in cases if verdict(results.get(case)))
    summary = f"{datetime.date.today()}: {len(cases) - failed} passed, {failed} failed, of {len(all_cases())} cases."
    file = ROOT / "docs" / "conformance.md"
    pattern = re.compile(rf"(<!-- autobahn {side} -->\n).*?(<!-- end of autobahn {side} -->)", re.DOTALL)
    text, replaced = pattern.subn(lambda m: f"{m[1]}\n{summary}\n\n" + "\n".join(rows) + f"\n\n{m[2]}", file.read_text())
    if not replaced:
        sys.exit(f"docs/conformance.md has no section between the markers `autobahn {side}`")
    file.write_text(text)


def main():
    parser = argparse.ArgumentParser(prog="scripts/autobahn")
    parser.add_argument("side", choices=["server", "client"])
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--engine", choices=["nio", "native"], default=ENGINE, help="what our server runs on")
    parser.add_argument("--cases", help="patterns such as 1.*, with commas between")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes of the suite run at a time")
    parser.add_argument("--wstest", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    cases = all_cases()
    if arguments.fast:
        cases = [case for case in cases if is_in_fast_selection(case)]
    if arguments.cases:
        patterns = arguments.cases.split(",")
        cases = [case for case in cases if any(fnmatch.fnmatch(case, pattern) for pattern in patterns)]
    if not cases:
        sys.exit("These patterns choose no case.")

    shutil.rmtree(WORK / arguments.side, ignore_errors=True)
    (WORK / arguments.side).mkdir(parents=True)
    jobs = min(arguments.jobs, len(cases))
    parts = [(WORK / arguments.side / str(job), cases[job::jobs]) for job in range(jobs)]
    print(f"Autobahn runs {len(cases)} cases against our {subject(arguments)} ...", file=sys.stderr)
    {"server": run_server_tests, "client": run_client_tests}[arguments.side](parts, arguments)

    results = read_results(parts)
    failures = {case: reason for case in cases if (reason := verdict(results.get(case)))}
    for case, reason in failures.items():
        print(f"{case}: {reason}")
    if failures:
        print(f"(The suite's own reports are in .build/autobahn/{arguments.side}/*/index.html.)")
    if arguments.record:
        record(subject(arguments), cases, results)
    print(f"{len(cases) - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
