# SPDX-License-Identifier: MIT
"""What tools/check_format.py refuses and what it lets pass."""

import unittest

import check_format as check
from tree import TreeTest


class CheckFormat(TreeTest):
    def setUp(self):
        super().setUp()
        self.write(".clang-format", "BasedOnStyle: Google\n")

    def found(self, source):
        self.write("src/base/a.cpp", source)
        return "\n".join(check.problems(self.root))

    def test_lets_a_formatted_file_pass(self):
        self.assertEqual(self.found(check.LICENSE + "int a = 1;\n"), "")

    def test_refuses_a_file_without_its_license(self):
        self.assertIn("src/base/a.cpp:1: the first line is not", self.found("int a = 1;\n"))

    def test_refuses_a_file_that_is_not_formatted(self):
        self.assertIn("would change it", self.found(check.LICENSE + "int  a=1;\n"))

    def test_fails_when_there_is_nothing_to_read(self):
        self.assertIn("no C++ files found", "\n".join(check.problems(self.root)))


if __name__ == "__main__":
    unittest.main()
