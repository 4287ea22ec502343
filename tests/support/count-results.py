#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-results.py FILE...: adds up meson's JUnit files; names what failed and shows its output.

The last line is "N passed, N failed", with ", N skipped" where there are any. The exit status is 1 if
anything failed or nothing passed."""

import json
import os
import sys
import xml.etree.ElementTree as ElementTree

SHOWN = 200  # lines of output of one failed test


def tail(text):
    lines = (text or "").rstrip().splitlines()
    return (["..."] if len(lines) > SHOWN else []) + lines[-SHOWN:]


def show_failure(where, case, suite):
    print("\nFAILED  %s" % where)
    lines = []
    for kind in ("failure", "error"):
        for node in case.findall(kind):
            lines += tail(node.text or node.get("message"))
    if not lines:
        for node in (case.find("system-out"), case.find("system-err"), suite.find("system-out"),
                     suite.find("system-err")):
            if node is not None:
                lines += tail(node.text)
    for line in lines:
        print("    " + line)


def read_programs(path):
    """What meson says of each test program, in the log beside the JUnit file."""
    try:
        with open(path.replace(".junit.xml", ".json"), encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except (OSError, ValueError):
        return []


def count_bad_ends(path, failed):
    """A program whose tests all pass may still end badly: a leak, a crash on the way out."""
    count = 0
    for program in read_programs(path):
        if program["result"] not in ("FAIL", "TIMEOUT", "ERROR", "INTERRUPT"):
            continue
        if any(program["name"].split(" / ")[-1] == name for name in failed):
            continue
        count += 1
        print("\nFAILED  %s: %s, with all that it counted passed" % (program["name"], program["result"]))
        for line in tail(program.get("stderr") or program.get("stdout")):
            print("    " + line)
    return count


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[1:]:
        try:
            root = ElementTree.parse(path).getroot()
        except (OSError, ElementTree.ParseError) as error:
            print("\nFAILED  no results: %s" % error)
            totals["failed"] += 1
            continue
        failed = set()
        for suite in root.iter("testsuite"):
            for case in suite.findall("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    totals["failed"] += 1
                    failed.add(suite.get("name").split(" / ")[-1].split(".")[0])
                    failed.add(case.get("name"))
                    show_failure("%s: %s" % (suite.get("name"), case.get("name")), case, suite)
                elif case.find("skipped") is not None or case.get("status") == "notrun":
                    totals["skipped"] += 1
                else:
                    totals["passed"] += 1
        if os.path.exists(path):
            totals["failed"] += count_bad_ends(path, failed)
    print("%(passed)d passed, %(failed)d failed" % totals
          + (", %(skipped)d skipped" % totals if totals["skipped"] else ""))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
