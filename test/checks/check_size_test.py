# SPDX-License-Identifier: MIT
"""What tools/check_size.py takes for a function."""

import unittest

import check_size as check

SOURCE = """namespace a {
struct S {
  S(int n) : n_(n), m_{n} {
    go();
  }
  int get() const { return n_; }
};
// void comment() {
int free(int x) {
  if (x) {
    f(x);
  }
  return 0;
}
awaitable<void> C::run() {
}
}
"""


class CheckSize(unittest.TestCase):
    def test_finds_each_function_with_its_line_and_length(self):
        self.assertEqual(list(check.functions_in(SOURCE)),
                         [("S", 3, 3), ("get", 6, 1), ("free", 9, 6), ("C::run", 15, 2)])


if __name__ == "__main__":
    unittest.main()
