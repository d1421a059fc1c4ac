#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when the options the program knows and the options the documents name differ.

The program's own list comes from `mcp-stdio --list-options`: one option a line, as its name, its
environment variable and its config key, with tabs between (the last two may be empty).
docs/options.md must name all of them, and no document may name another one, but for those in
FOREIGN. A name without dashes is an argument, such as URL.
"""

import argparse
import pathlib
import re
import subprocess
import sys

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9.-]*[a-z0-9]")
REFERENCE = "docs/options.md"
VARIABLE = re.compile(r"\bMCP_[A-Z0-9_]+\b")
# How this check asks the program; not for users.
HIDDEN = {"--list-options"}
# What the documents say to type to other programs, and variables of the tests.
FOREIGN = {"--preset", "--test", "MCP_STDIO_BINARY", "MCP_STDIO_SOAK_CALLS"}


class Options:
    def __init__(self, listing):
        self.names, self.variables, self.keys = set(), set(), set()
        for line in listing.splitlines():
            name, variable, key = (line.split("\t") + ["", ""])[:3]
            self.names.add(name)
            self.variables |= {variable} - {""}
            self.keys |= {key} - {""}
        self.names -= HIDDEN


def compare(options, documents):
    if not options.names:
        yield "the program lists no options"
        return
    for document, text in documents.items():
        for name in sorted(set(OPTION.findall(text)) - options.names - HIDDEN - FOREIGN):
            yield f"{document} names {name}, which the program does not know"
        for name in sorted(set(VARIABLE.findall(text)) - options.variables - FOREIGN):
            yield f"{document} names {name}, which no option reads"
    reference = documents[REFERENCE]
    code_spans = set(re.findall(r"`([^`\n]+)`", reference))
    named = set(OPTION.findall(reference)) | set(VARIABLE.findall(reference)) | code_spans
    for name in sorted((options.names | options.variables) - named):
        yield f"docs/options.md does not name {name}"
    for key in sorted(options.keys - code_spans):
        yield f"docs/options.md does not name the config key `{key}`"


def documents_of(root):
    paths = [*root.glob("*.md"), *root.glob("docs/**/*.md")]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(paths)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the mcp-stdio to ask")
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    try:
        listing = subprocess.run([arguments.program, "--list-options"], capture_output=True,
                                 text=True, check=True, timeout=30).stdout
        documents = documents_of(arguments.root)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"cannot compare the options: {error}")
        return 1
    found = list(compare(Options(listing), documents))
    print("\n".join(found) or "the options and the documents agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
