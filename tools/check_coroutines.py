#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on the coroutine shapes that g++ 12 miscompiles, or that this project bans for other reasons.

docs/decisions/0003-coroutine-shapes.md has the reasons and says what to write instead;
test/toolchain/ shows the faults. The check reads text, not types: it does not see
`f(Options(x))` where Options is an aggregate, which is miscompiled too.
"""

import argparse
import pathlib
import re
import sys

from cpp_text import code_only, cpp_files, end_of_group, line_of

BRACE = "a brace in a co_await expression: name the value first"
CHOICE = "a ?: in a co_await expression: write an if"
CONDITION = "a co_await in the condition of an if or a loop: name its result first"
DEFAULT = "a default argument on a coroutine: write an overload"
CAPTURE = "a coroutine lambda with captures: make it a named function"
DETACHED = "asio::detached: every coroutine has an owner, see io/task_scope.h"
CHANNEL = "experimental::channel loses messages: use io/mailbox.h"


def after_await(text, at):
    """What is wrong between a co_await and the end of its expression."""
    depth = 0
    while at < len(text):
        c = text[at]
        if c in "{?":
            return BRACE if c == "{" else CHOICE
        depth += (c in "([") - (c in ")]")
        if c in ";}" or depth < 0:
            return None
        at += 1
    return None


def before_await(text, at):
    """What is wrong between the begin of the statement and a co_await in it."""
    depth = 0
    for place in range(at - 1, -1, -1):
        c = text[place]
        depth += (c in ")]}") - (c in "([{" and depth > 0)
        if c == "}" and re.match(r"\}\s*([.,)\]+/<>]|[=!]=|&&|\|\|)", text[place:at + 1]):
            return BRACE
        if depth > 0:
            continue
        if c == "?":
            return CHOICE
        if c == "{" and opens_a_value(text[max(0, place - 400):place]):
            return BRACE
        if c in ";{}":
            return None
    return None


def opens_a_value(before):
    """Is a brace behind this text an initializer, rather than the begin of a block?"""
    word = re.search(r"([\w>\](,=]|\breturn)\s*$", before)
    if not word or re.search(r"\b(else|do|try|const|noexcept|override|final|mutable)\s*$", before):
        return False
    # `struct A : B {`, `awaitable<int> f() -> awaitable<int> {` and the like begin blocks.
    statement = re.split(r"[;{}]", before)[-1]
    return not re.search(r"->[^;]*$|\b(namespace|struct|class|enum|union)\b", statement)


def await_problems(text):
    for found in re.finditer(r"\bco_await\b", text):
        problem = after_await(text, found.end()) or before_await(text, found.start())
        if problem:
            yield found.start(), problem


def condition_problems(text):
    """`if (!co_await f())`; behind the `;` of an `if (auto r = co_await f(); !r)` it is safe."""
    for found in re.finditer(r"\b(?:if|while)\s*(?:constexpr\s*)?\(", text):
        condition = text[found.end():end_of_group(text, found.end() - 1)]
        if "co_await" in condition.rsplit(";", 1)[-1]:
            yield found.start(), CONDITION


def default_argument_problems(text):
    for found in re.finditer(r"\bawaitable\s*<", text):
        behind = end_of_group(text, found.end() - 1)
        name = re.match(r"\s*[\w:~]+\s*(?=\()", text[behind:])
        if not name:
            continue
        opens = behind + name.end()
        parameters = text[opens:end_of_group(text, opens)]
        if re.search(r"(?<![=<>!])=(?!=)", parameters):
            yield found.start(), DEFAULT


def lambda_problems(text):
    for found in re.finditer(r"\[([^\[\]]*)\]\s*(?=[({<]|mutable|->)", text):
        if not found[1].strip():
            continue
        at = found.end()
        if at < len(text) and text[at] == "<":
            at = end_of_group(text, at)
        opening = re.match(r"\s*\(", text[at:])
        if opening:
            at = end_of_group(text, at + opening.end() - 1)
        if re.match(r"\s*(mutable|noexcept|\s)*->\s*[\w:]*\bawaitable\b", text[at:]):
            yield found.start(), CAPTURE


def name_problems(text):
    for found in re.finditer(r"\bdetached\b", text):
        if re.search(r"asio::\s*$", text[:found.start()]) or "asio/detached.hpp" in text:
            yield found.start(), DETACHED
    for found in re.finditer(r"\bexperimental::\s*(basic_|concurrent_)?channel\b", text):
        yield found.start(), CHANNEL


def problems_in(source):
    text = code_only(source)
    found = [*await_problems(text), *condition_problems(text), *default_argument_problems(text), *lambda_problems(text),
             *name_problems(text)]
    return [(line_of(text, at), what) for at, what in sorted(found)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    files = [path for path in cpp_files(root) if "toolchain" not in path.parts]
    if not files:
        print(f"no C++ files found in {root}")
        return 1
    found = [f"{path.relative_to(root)}:{line}: {what}"
             for path in files for line, what in problems_in(path.read_text(encoding="utf-8"))]
    print("\n".join(found) or f"no banned coroutine shape in {len(files)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
