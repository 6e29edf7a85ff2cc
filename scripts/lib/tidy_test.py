"""Shows scripts/tidy one small wrong tree after the other: each rule finds what it is there for."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

LOADER = importlib.machinery.SourceFileLoader("tidy", str(Path(__file__).parent.parent / "tidy"))
TIDY = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(TIDY)

# A whole adapter that offers two calls, and has an exchange for both.
PAYS = {
    "adapters/pays/pays.cpp": 'const Adapter pays = {\n    .offers = {{"create", {build_charge, '
                              'read_charge}}},\n    .lookup = {build_lookup, read_charge},\n};\n',
    "adapters/pays/simulator.cpp": '#include "sandbox/simulator.h"\n\nmake_pays_simulator(world);\n',
    "adapters/pays/README.md": "Pays\n",
    "adapters/pays/exchanges/a.json": '[{"call": "charge.create"}, {"call": "lookup"}]',
    "adapters/list.txt": "pays\n",
}


def found(files):
    """What tidy says about a tree of these files, as "FILE:LINE what"."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [f"{name}:{line} {what}" for name, line, what in TIDY.findings_in(Path(folder))]


class Tidy(unittest.TestCase):
    def finds(self, name, text, where_and_what):
        said = found({name: text})
        self.assertEqual(len(said), 1, said)
        self.assertTrue(said[0].startswith(f"{name}:{where_and_what}"), said)

    def passes(self, name, text):
        self.assertEqual(found({name: text}), [])

    def test_arrows_point_down(self):
        self.finds("src/base/a.cpp", '#include "domain/money.h"\n', "1 base includes")
        self.finds("src/routing/a.cpp", '\n#include "store/payments.h"\n', "2 routing includes")
        self.finds("src/store/a.cpp", '#include "http/message.h"\n', "1 store includes")
        self.finds("src/jobs/a.cpp", '#include "web/message.h"\n', "1 jobs includes")
        self.finds("src/api/a.cpp", '#include "sandbox/ledger.h"\n', "1 api includes")
        self.finds("src/store/a.cpp", '#include "adapters/adapter.h"\n', "1 store includes")
        self.passes("src/flow/a.cpp", '#include "store/payments.h"\n#include "base/log.h"\n')
        self.passes("src/app/a.cpp", '#include "api/routes.h"\n#include "adapters/adapter.h"\n')

    def test_nothing_is_left_half_made(self):
        what = "1 TRY beside other values"
        self.finds("src/base/a.cpp", "void f() { return g(a, TRY(b())); }\n", what)
        self.finds("src/base/a.cpp", "const A a{.b = TRY(c())};\n", what)
        self.passes("src/base/a.cpp", "void f() { a.b = TRY(c()); return g(TRY(d())); }\n")

    def test_a_name_is_one_type(self):
        header = "#pragma once\nnamespace switchyard {\nclass %s {\n};\n}\n"
        said = found({"src/web/a.h": header % "Line", "src/store/a.h": header % "Line"})
        self.assertEqual(len(said), 1, said)
        self.assertIn("src/web/a.h:3 Line is a type of src/store/a.h too", said[0])
        self.assertEqual(found({"src/web/a.h": header % "Line", "src/store/a.h": header % "Row"}), [])

    def test_the_page_of_attacks_tells_the_truth(self):
        test = "TEST(Address, O2_ends) {}\n"
        row = "| O2 | addresses | %s |  |\n"
        self.assertEqual(found({"tests/http/a_test.cpp": test,
                                "docs/attacks.md": row % "`Address.O2_ends`"}), [])
        for tests, page, what in [(test, row % "`Address.O2_began`", "run scripts/lib/attacks.py"),
                                  (test, "", "O2 is in a test's name"),
                                  ("", "| O2 | addresses |  |  |\n", "O2 has no test")]:
            said = found({"tests/http/a_test.cpp": tests, "docs/attacks.md": page})
            self.assertEqual(len(said), 1, said)
            self.assertIn(what, said[0])
        self.assertEqual(found({"docs/attacks.md": "| O2 | addresses |  | not yet |\n"}), [])

    def test_some_arrows_carry_one_header_only(self):
        self.finds("adapters/pays/a.cpp", '#include "http/client.h"\n', "1 adapters includes")
        self.passes("adapters/pays/a.cpp", '#include "http/message.h"\n')
        self.finds("src/sandbox/a.cpp", '#include "web/server.h"\n', "1 sandbox includes")
        self.passes("src/sandbox/a.cpp", '#include "web/message.h"\n#include "http/client.h"\n')

    def test_adapters_and_simulators_keep_apart(self):
        self.finds("adapters/pays/simulator.cpp", '#include "adapters/pays/amounts.h"\n',
                   "1 adapter and simulator share")
        self.finds("adapters/pays/simulator_book.h",
                   '#pragma once\n#include "adapters/adapter.h"\n', "2 a simulator includes")
        self.finds("adapters/pays/a.cpp", '#include "adapters/pays/simulator_book.h"\n',
                   "1 adapter and simulator share")
        self.finds("adapters/pays/a.cpp", '#include "adapters/other/wire.h"\n', "1 a provider's")
        self.finds("src/flow/a.cpp", '#include "adapters/pays/wire.h"\n', "1 a provider's")
        self.passes("adapters/pays/a.cpp", '#include "adapters/wire.h"\n')
        self.finds("src/flow/a.cpp", '#include "adapters/wire.h"\n', "1 ")
        self.finds("adapters/pays/simulator.cpp", '#include "adapters/wire.h"\n', "1 a simulator")
        self.finds("adapters/pays/a.cpp", '#include "sandbox/wire.h"\n', "1 adapters includes")
        self.finds("adapters/pays/simulator.cpp", '#include "domain/money.h"\n',
                   "1 sandbox includes")

    def test_a_library_has_one_home(self):
        for header, home in [("pistache/http.h", "src/web/server.cpp"),
                             ("curl/curl.h", "src/http/client.cpp"),
                             ("pqxx/pqxx", "src/store/database.h"),
                             ("nlohmann/json.hpp", "src/base/json.h"),
                             ("openssl/evp.h", "src/base/crypto.cpp"),
                             ("openssl/x509.h", "src/base/certificate.cpp"),
                             ("spdlog/spdlog.h", "src/base/log.cpp"),
                             ("toml++/toml.h", "src/app/config_load.cpp"),
                             ("CLI/CLI.hpp", "src/app/main.cpp"),
                             ("gtest/gtest.h", "tests/base/a_test.cpp")]:
            self.finds("src/api/a.cpp", f"#include <{header}>\n", "1 ")
            self.passes(home, f"#pragma once\n#include <{header}>\n")

    def test_sql_stays_in_store(self):
        for query in ["SELECT id FROM payments", "insert into events values", "delete from x",
                      "update payments set status", "create table x"]:
            self.finds("src/api/a.cpp", f'auto q = "{query}";\n', "1 SQL")
            self.passes("src/store/a.cpp", f'auto q = "{query}";\n')
        self.finds("src/api/a.cpp", '\nauto q = "select id "\n    "from payments";\n', "2 SQL")
        self.finds("src/api/a.cpp", 'auto q = R"(select id\nfrom payments)";\n', "1 SQL")
        self.passes("src/api/a.cpp", '// select one from many\nauto s = "select a payment";\n')

    def test_exceptions_stop_at_the_doors(self):
        self.finds("src/flow/a.cpp", "  } catch (...) {\n", "1 catch outside")
        self.finds("src/base/a.cpp", "f();\n\n\n  } catch (...) {\n", "4 catch in base")
        self.passes("src/base/a.cpp", "  // The parser throws on this.\n  } catch (...) {\n")
        self.passes("src/web/server.cpp", "  } catch (...) {\n")
        self.finds("src/web/server.cpp", "  throw 1;\n", "1 throw")
        self.passes("src/flow/a.cpp", '// never throw\nauto s = "throw";\n')

    def test_chance_and_shells(self):
        self.finds("src/base/id.cpp", "auto i = rand();\n", "1 random")
        self.finds("src/base/id.cpp", "std::mt19937_64 r;\n", "1 random")
        self.finds("src/cli/a.cpp", 'std::system("ls");\n', "1 a shell")
        self.passes("src/base/clock.cpp", "std::chrono::system_clock::now();\n")

    def test_files(self):
        self.finds("src/base/a.h", "int a;\n", "1 no #pragma once")
        self.finds("tests/base/a_test.cpp", "\n" * 401, "1 401 lines")
        self.passes("tests/base/a_test.cpp", "// Long because it is a table.\n" + "\n" * 400)
        self.finds("docs/a.md", "later\nTO" + "DO: write\n", "2 a leftover")
        self.finds("scripts/a", "cd /ho" + "me/someone\n", "1 a path of one machine")
        self.passes("src/web/a.cpp", 'auto s = "https://pay.example.com/ho' + 'me/1";\n')
        said = found({"src/base/a.h": "#pragma once\n", "src/base/a.cpp": "#include <map>\n"})
        self.assertIn("the first #include is not", said[0])

    def test_a_whole_adapter_passes(self):
        self.assertEqual(found(PAYS), [])

    def test_an_adapter_is_whole(self):
        for name, change, what in [
                ("adapters/pays/exchanges/a.json", '{"call": "lookup"}', "offers charge.create"),
                ("adapters/pays/exchanges/a.json", '{"call": "charge.create"}', "offers lookup"),
                ("adapters/pays/README.md", None, "no README.md"),
                ("adapters/pays/simulator.cpp", None, "no simulator.cpp"),
                ("adapters/list.txt", "others\n", "not in adapters/list.txt"),
                ("adapters/pays/simulator.cpp", '#include "sandbox/simulator.h"\n', "has no make_pays"),
                ("src/flow/a.cpp", 'if (name == "pays") f();\n', "knows the provider pays")]:
            files = {**PAYS, name: change}
            said = found({name: text for name, text in files.items() if text is not None})
            self.assertEqual(len(said), 1, said)
            self.assertIn(what, said[0])


if __name__ == "__main__":
    unittest.main()
