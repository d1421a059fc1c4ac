# SPDX-License-Identifier: MIT
"""The C++ files of this repository, and their text without what only people read."""

import re

_SKIPPED = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"([^\s()\\]{0,16})\(.*?\)\1"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)

_CLOSES = {")": "(", "]": "[", "}": "{", ">": "<"}


def cpp_files(root):
    for folder in ("src", "test", "fuzz", "bench"):
        for path in sorted((root / folder).glob("**/*")):
            if path.suffix in (".h", ".cpp") and "node_modules" not in path.parts:
                yield path


def code_only(text):
    """Comments, strings and characters become blanks; every position and line stays."""
    return _SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def end_of_group(text, at):
    """The place behind the bracket that closes the one at `at`."""
    closes = {opening: closing for closing, opening in _CLOSES.items()}[text[at]]
    depth = 0
    for place in range(at, len(text)):
        if text[place] == text[at]:
            depth += 1
        elif text[place] == closes and not (closes == ">" and text[place - 1] == "-"):
            depth -= 1
            if depth == 0:
                return place + 1
    return len(text)
