#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the longest files and functions of src/. Fails nothing: it tells where to look."""

import argparse
import pathlib
import re
import sys

from cpp_text import code_only, end_of_group, line_of

SHOWN = 10
NAME = re.compile(r"(~?\w[\w:]*|operator\s*\S+?)\s*(?=\()")
NO_FUNCTION = {"if", "for", "while", "switch", "catch", "return", "sizeof", "decltype", "noexcept"}
BEHIND_PARAMETERS = re.compile(r"(\s|const\b|noexcept\b|override\b|final\b|&&?|->[^;{}()]+)*")
INITIALIZER = re.compile(r"\s*[:,]\s*[\w:<>, ]+(?=[({])")


def body_of(text, at):
    """Where the body begins of the function whose parameters end at `at`; None if it has none."""
    at = BEHIND_PARAMETERS.match(text, at).end()
    while initializer := INITIALIZER.match(text, at):
        at = end_of_group(text, initializer.end())
    body = re.compile(r"\s*\{").match(text, at)
    return body.end() - 1 if body else None


def functions_in(source):
    """Name, line and length in lines of each function; a lambda counts to its function."""
    text = code_only(source)
    at = 0
    while found := NAME.search(text, at):
        at = found.end()
        if found[1] in NO_FUNCTION:
            continue
        body = body_of(text, end_of_group(text, found.end()))
        if body is None:
            continue
        first = line_of(text, found.start())
        at = end_of_group(text, body)
        yield found[1], first, line_of(text, at) - first + 1


def print_longest(title, rows):
    print(title)
    for length, where in sorted(rows, reverse=True)[:SHOWN]:
        print(f"{length:6}  {where}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    files, functions = [], []
    for path in sorted((root / "src").glob("**/*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        source, name = path.read_text(encoding="utf-8"), path.relative_to(root)
        files.append((source.count("\n"), str(name)))
        if not path.stem.endswith("_test"):
            functions += [(lines, f"{function}  {name}:{line}")
                          for function, line, lines in functions_in(source)]
    if not files:
        print(f"no C++ files found under {root / 'src'}")
        return 1
    print_longest("Longest files, in lines", files)
    print_longest("Longest functions, in lines, without tests", functions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
