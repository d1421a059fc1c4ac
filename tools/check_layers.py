#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on an #include that the module table of docs/architecture.md does not allow.

The table is the one under the heading "Modules": its columns are the module, the modules it may
include, the libraries it may include, and its job. A folder of src/ without a row is a failure, and
so is a row without a folder. Unit tests (*_test, *_fixture) may use any library and test/support/.
"""

import argparse
import pathlib
import re
import sys

# Which library a header in angle brackets belongs to. What is not here is the standard library or
# the operating system, and allowed everywhere.
LIBRARIES = [
    ("boost/beast/", "Beast"),
    ("boost/", "Asio"),
    ("curl/", "libcurl"),
    ("openssl/", "OpenSSL"),
    ("nlohmann/", "nlohmann-json"),
    ("simdjson", "simdjson"),
    ("fmt/", "fmt"),
    ("spdlog/", "spdlog"),
    ("CLI/", "CLI11"),
    ("gtest/", "GoogleTest"),
    ("gmock/", "GoogleTest"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


class Module:
    def __init__(self, modules, libraries):
        self.modules = modules
        self.libraries = libraries


def names_in(cell):
    return set(re.findall(r"`([^`]+)`", cell))


def read_table(document):
    """The rows of the table under "Modules", by the module's name."""
    section = re.search(r"^## +Modules\b.*?$(.*?)(?=^## |\Z)", document, re.MULTILINE | re.DOTALL)
    if not section:
        return {}
    table = {}
    for line in section[1].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`(\w+)`", cells[0])
        if name and len(cells) >= 4:
            table[name[1]] = Module(names_in(cells[1]), names_in(cells[2]))
    return table


def table_against_folders(table, folders):
    for name in sorted(folders - table.keys()):
        yield f"src/{name}/ has no row in the module table"
    for name in sorted(table.keys() - folders):
        yield f"the module table has a row for `{name}`, but there is no folder src/{name}/"
    for name, module in sorted(table.items()):
        for used in sorted(module.modules - table.keys()):
            yield f"the row of `{name}` allows `{used}`, which is no module"
        for used in sorted(module.libraries - {library for _, library in LIBRARIES}):
            yield f"the row of `{name}` allows the library `{used}`, which this check does not know"


def refused(quote, header, name, module, is_test, modules):
    """Why this include is not allowed; None if it is."""
    if quote == '"':
        folder = header.split("/")[0] if "/" in header else ""
        if is_test and folder in ("test", "support"):
            return None
        if folder not in modules:
            return "is not written as <module>/<file>"
        if folder != name and folder not in module.modules:
            return f"`{name}` may not include `{folder}`"
        return None
    library = next((library for prefix, library in LIBRARIES if header.startswith(prefix)), None)
    if library and not is_test and library not in module.libraries:
        return f"`{name}` may not include {library}"
    return None


def bad_includes(root, table):
    files = [p for p in sorted((root / "src").glob("*/**/*")) if p.suffix in (".h", ".cpp")]
    if not files:
        yield "no source files found under src/"
    for path in files:
        name = path.relative_to(root / "src").parts[0]
        if name not in table:
            continue
        text = path.read_text(encoding="utf-8")
        for found in INCLUDE.finditer(text):
            reason = refused(found[1], found[2], name, table[name],
                             path.stem.endswith(("_test", "_fixture")), table.keys())
            if reason:
                line = text.count("\n", 0, found.start(2)) + 1
                yield f"{path.relative_to(root)}:{line}: {found[2]}: {reason}"


def problems(root):
    document = root / "docs" / "architecture.md"
    if not document.is_file():
        return [f"cannot find {document}"]
    table = read_table(document.read_text(encoding="utf-8"))
    if not table:
        return [f"cannot find the module table in {document}"]
    folders = {p.name for p in (root / "src").iterdir() if p.is_dir()}
    return [*table_against_folders(table, folders), *bad_includes(root, table)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = problems(parser.parse_args().root)
    print("\n".join(found) or "every #include follows the module table")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
