#!/usr/bin/env python3
"""Fills in the tests of docs/attacks.md from their names: attacks.py [FOLDER].

A test bears the ids of its attacks at the front of its name: `O1_O4_a_name_…`. So does a row of a
table of parameters: `{"H2_length_negative", …`. The table may stand in a header beside its test.
"""

import re
import sys
from pathlib import Path

PAGE = "docs/attacks.md"
IDS = r"(?:[ABCDHKMOP]\d+_)+"
TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*((%s)\w+)\)" % IDS, re.M)
# Whose tests have no ids of their own: they are in the table.
ANY_PARAMETERIZED = re.compile(r"^TEST_P\(\s*(\w+),\s*(?!%s)\w+\)" % IDS, re.M)
PARAMETER = re.compile(r'^\s*\{\s*"(%s)\w+",' % IDS, re.M)
TABLE = re.compile(r'^#include "tests/\w+/(\w+\.h)"', re.M)
ROW = re.compile(r"^\| ([ABCDHKMOP]\d+) \| (.*?) \| (.*?) \| (.*?) \|$")


def tests_by_id(root):
    """{"O5": ["`Suite.O5_name`", "`Suite` × 7"]}, in the order of files."""
    found = {}

    def add(ids, text):
        for each in ids.rstrip("_").split("_"):
            tests = found.setdefault(each, [])
            if text not in tests:
                tests.append(text)

    for path in sorted((root / "tests").rglob("*_test.cpp")):
        text = path.read_text(encoding="utf-8")
        for test in TEST.finditer(text):
            add(test[3], f"`{test[1]}.{test[2]}`")
        suite = ANY_PARAMETERIZED.search(text)
        counts = {}
        beside = [path.parent / table for table in TABLE.findall(text)]
        text += "".join(each.read_text(encoding="utf-8") for each in beside if each.exists())
        for parameter in PARAMETER.finditer(text) if suite else ():
            for each in parameter[1].rstrip("_").split("_"):
                counts[each] = counts.get(each, 0) + 1
        for each, count in counts.items():
            add(each, f"`{suite[1]}` × {count}")
    return found


def filled(page, found):
    """The page with its third column as the tests say."""
    lines = []
    for line in page.split("\n"):
        row = ROW.match(line) or re.match(r"^\| ([ABCDHKMOP]\d+) \| (.*?) \|( *)\| ?(.*?) ?\|$", line)
        if row:
            tests = "<br>".join(found.get(row[1], []))
            line = f"| {row[1]} | {row[2]} | {tests} | {row[4].strip()} |"
        lines.append(line)
    return "\n".join(lines)


def findings(root):
    """(file, line, what is wrong) for scripts/tidy."""
    path = root / PAGE
    if not path.exists():
        return
    page = path.read_text(encoding="utf-8")
    found = tests_by_id(root)
    known = set()
    for number, (is_so, is_right) in enumerate(
            zip(page.split("\n"), filled(page, found).split("\n")), 1):
        row = re.match(r"\| ([ABCDHKMOP]\d+) \|", is_so)
        if row:
            known.add(row[1])
            if is_right.endswith("|  |  |"):
                yield PAGE, number, f"{row[1]} has no test; write one, or say why there is none"
        if is_so != is_right:
            yield PAGE, number, "is not what the tests' names say; run scripts/lib/attacks.py"
    for each in sorted(set(found) - known):
        yield PAGE, 1, f"{each} is in a test's name and not on this page; add its row"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    path = root / PAGE
    path.write_text(filled(path.read_text(encoding="utf-8"), tests_by_id(root)), encoding="utf-8")


if __name__ == "__main__":
    main()
