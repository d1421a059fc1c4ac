# SPDX-License-Identifier: MIT
"""What tools/check_layers.py refuses and what it lets pass."""

import unittest

import check_layers as check
from tree import TreeTest

TABLE = """# Architecture

## Modules

| module | may include | libraries | job |
|---|---|---|---|
| `base` | - | `fmt` | errors |
| `http` | `base` | `Asio`, `libcurl` | transfers |

## Something else

| `nothing` | `base` | - | no module |
"""


class CheckLayers(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("docs/architecture.md", TABLE)
        self.write("src/base/result.h", "#include <expected>\n#include <fmt/core.h>\n")
        self.write("src/http/client.h", '#include "base/result.h"\n#include <boost/asio/post.hpp>\n')

    def found(self):
        return "\n".join(check.problems(self.root))

    def test_lets_a_tree_pass_that_follows_the_table(self):
        self.assertEqual(self.found(), "")

    def test_refuses_an_include_upwards(self):
        self.write("src/base/bad.cpp", '\n#include "http/client.h"\n')
        self.assertEqual(self.found(),
                         "src/base/bad.cpp:2: http/client.h: `base` may not include `http`")

    def test_holds_tests_to_the_modules_but_not_to_the_libraries(self):
        self.write("src/base/a_test.cpp", '#include "support/run.h"\n#include <gtest/gtest.h>\n')
        self.write("src/base/a_fixture.h", '#include "support/run.h"\n#include <gmock/gmock.h>\n')
        self.assertEqual(self.found(), "")
        self.write("src/base/a_test.cpp", '#include "http/client.h"\n')
        self.assertIn("`base` may not include `http`", self.found())

    def test_refuses_a_library_without_a_place_in_the_row(self):
        self.write("src/base/bad.h", "#include <curl/curl.h>\n")
        self.assertIn("`base` may not include libcurl", self.found())

    def test_refuses_an_include_without_its_module(self):
        self.write("src/base/bad.h", '#include "result.h"\n')
        self.assertIn("is not written as <module>/<file>", self.found())

    def test_looks_into_folders_of_a_module(self):
        self.write("src/base/deep/bad.h", '#include "http/client.h"\n')
        self.assertIn("`base` may not include `http`", self.found())

    def test_refuses_a_folder_without_a_row(self):
        self.write("src/more/more.h")
        self.assertIn("src/more/ has no row", self.found())

    def test_refuses_a_row_without_a_folder(self):
        self.write("docs/architecture.md", TABLE.replace("`http` |", "`gone` | - | - | x |\n| `http` |"))
        self.assertIn("there is no folder src/gone/", self.found())

    def test_refuses_a_row_that_names_no_module_or_library(self):
        self.write("docs/architecture.md", TABLE.replace("`Asio`", "`Asia`").replace("| `base` |", "| `basis` |", 2))
        self.assertIn("allows the library `Asia`", self.found())

    def test_fails_without_a_table_or_a_document_or_sources(self):
        self.write("docs/architecture.md", "# Architecture\n")
        self.assertIn("cannot find the module table", self.found())
        (self.root / "docs/architecture.md").unlink()
        self.assertIn("cannot find", self.found())

    def test_fails_when_there_is_nothing_to_read(self):
        (self.root / "src/base/result.h").unlink()
        (self.root / "src/http/client.h").unlink()
        self.assertIn("no source files found", self.found())


if __name__ == "__main__":
    unittest.main()
