# SPDX-License-Identifier: MIT
"""What tools/check_coroutines.py refuses and what it lets pass."""

import unittest

import check_coroutines as check

REFUSED = [
    ("a braced aggregate as argument", "co_await f(Options{p});", check.BRACE),
    ("bare braces as argument", "co_await f({p, 2});", check.BRACE),
    ("a lambda as argument", "co_await f([p] { g(p); });", check.BRACE),
    ("a brace over two lines", "co_await f(\n    Options{p});", check.BRACE),
    ("a brace beside a co_await", "g(Options{p}, co_await f());", check.BRACE),
    ("a brace in the same condition", "if (Options{p}.n == co_await f()) {}", check.BRACE),
    ("a co_await inside braces", "g(Options{p, co_await f()});", check.BRACE),
    ("a co_await in a named aggregate", "void h() {\n  Options o{p, co_await f()};\n}", check.BRACE),
    ("a co_await in a returned aggregate", "co_return Options{co_await f()};", check.BRACE),
    ("a designated co_await", "Options o{.n = co_await f()};", check.BRACE),
    ("a choice behind a co_await", "co_await (c ? f() : g());", check.CHOICE),
    ("a choice with a co_await in an arm", "auto x = c ? co_await f() : y;", check.CHOICE),
    ("a co_await in a condition", "if (!co_await f()) co_return;", check.CONDITION),
    ("a co_await in a loop's condition", "while (co_await f(1) < 3) { ++n; }", check.CONDITION),
    ("a co_await behind an init statement", "if (int n = 1; co_await f(n)) {}", check.CONDITION),
    ("a default argument", "awaitable<void> f(Options o = {});", check.DEFAULT),
    ("a later default argument", "awaitable<Result<int>> C::f(int a, int b = 2) {", check.DEFAULT),
    ("a capturing coroutine", "auto f = [this](int n) -> awaitable<void> { };", check.CAPTURE),
    ("a capturing coroutine without parameters", "[&]() mutable -> asio::awaitable<void> {}",
     check.CAPTURE),
    ("detached", "co_spawn(e, f(), asio::detached);", check.DETACHED),
    ("a channel", "asio::experimental::channel<void(int)> c;", check.CHANNEL),
]

ALLOWED = [
    ("a named operation", "auto op = f(Options{p});\nco_await std::move(op);"),
    ("a condition with a block", "if (auto r = co_await f(); !r) { g(Options{p}); }"),
    ("a switch", "switch (co_await f()) { case 1: break; }"),
    ("range-for", "for (auto& x : co_await f()) { g(x); }"),
    ("a block before", "if (c) { g(); } co_await f();"),
    ("an assignment through a pointer behind a block", "if (c) { g(); }\n*p = co_await f();"),
    ("else", "if (c) return; else { co_await f(); }"),
    ("the begin of a coroutine", "awaitable<void> C::f() const { co_await g(); }"),
    ("a lambda without captures", "auto f = [](int n) -> awaitable<void> { co_await g(n); };"),
    ("a choice in another statement", "int x = c ? 1 : 2;\nco_await f(x);"),
    ("a choice in the condition before", "if (c ? a : b) co_await f();"),
    ("a returned aggregate", "co_return Options{p};"),
    ("comparisons in parameters", "awaitable<void> f(std::array<int, (2 >= 1)> a);"),
    ("a comment", "co_await f();  // not f(Options{p}) and not c ? a : b"),
    ("a string", 'co_await f("{?");'),
    ("a raw string", 'co_await f(R"({"a": 1})");'),
    ("a digit separator", "g(1'000); co_await f(); h(2'000);"),
    ("detached of another kind", "bool detached = true;"),
]


class CheckCoroutines(unittest.TestCase):
    def test_refuses(self):
        for name, source, reason in REFUSED:
            with self.subTest(name):
                self.assertIn(reason, [what for _, what in check.problems_in(source)])

    def test_allows(self):
        for name, source in ALLOWED:
            with self.subTest(name):
                self.assertEqual(check.problems_in(source), [])

    def test_names_the_line(self):
        found = check.problems_in("int a;\n/* two\nlines */\nco_await f({a});\n")
        self.assertEqual(found, [(4, check.BRACE)])


if __name__ == "__main__":
    unittest.main()
