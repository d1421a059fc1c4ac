#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a document names a file, a link or a heading that does not exist.

Read are the Markdown files at the top and under docs/. A path is a `code span` that begins with a
folder of this repository (from its top, or from src/) and ends in a slash or in a file name with an
extension. Paths in code blocks are examples and are not looked at. A code span that begins a row of
the first table of docs/troubleshooting.md is part of a message, and the program must have it.
"""

import argparse
import pathlib
import re
import sys

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^()\s]+)\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
# Made by the build or by a package manager, so absent from a fresh clone.
GENERATED = ("build/", ".cache/", "node_modules/")


def blanked(text, pattern):
    """The text with what matches replaced by spaces, so that line numbers stay."""
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def anchors(document):
    """The names a heading can be linked by, as GitHub makes them."""
    titles = HEADING.findall(blanked(document, FENCE))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_path(span, folders):
    if re.search(r"[\s<>*{}$?=:,;|\\]", span) or span.startswith(GENERATED):
        return False
    first, slash, rest = span.partition("/")
    return bool(slash) and first in folders and (not rest or rest.endswith("/") or "." in rest)


def missing_paths(text, root, folders):
    for found in SPAN.finditer(text):
        span = found[1]
        if is_path(span, folders) and not any((base / span).exists() for base in (root, root / "src")):
            yield found.start(), f"`{span}` does not exist"


def broken_links(text, document):
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = document.parent / name if name else document
        if not file.exists():
            yield found.start(), f"the link to {target} leads nowhere"
        elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield found.start(), f"the link to {target} names a heading that is not there"


def messages_of(root):
    """All string literals of the program, one text; `"a" "b"` is one literal, "HTTP {}" any status."""
    sources = [p for p in sorted((root / "src").glob("**/*.cpp")) if not p.stem.endswith("_test")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    return re.sub(r'"\s*\n\s*"', "", text)


def unknown_messages(text, messages):
    table = re.search(r"^## Messages$.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    for row in re.finditer(r"^\| `([^`]+)`", table[0] if table else "", re.MULTILINE):
        if row[1] not in messages and re.sub(r"\d+$", "{}", row[1]) not in messages:
            yield table.start() + row.start(), f"the program has no message with `{row[1]}`"


def problems(root):
    documents = sorted([*root.glob("*.md"), *(root / "docs").glob("**/*.md")])
    if not (root / "README.md").is_file() or not (root / "docs").is_dir():
        return [f"cannot find README.md and docs/ in {root}"]
    folders = {p.name for base in (root, root / "src") if base.is_dir()
               for p in base.iterdir() if p.is_dir()}
    found = []
    for document in documents:
        text = blanked(document.read_text(encoding="utf-8"), FENCE)
        wrong = [*missing_paths(text, root, folders), *broken_links(text, document)]
        if document.name == "troubleshooting.md":
            wrong += unknown_messages(text, messages_of(root))
        for at, what in sorted(wrong):
            found.append(f"{document.relative_to(root)}:{text.count(chr(10), 0, at) + 1}: {what}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = problems(parser.parse_args().root)
    print("\n".join(found) or "every path and link in the documents leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
