// Bodies, queries and texts made to be misread: the D cases on a running router.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

using namespace std::string_literals;

std::string with_amount(const std::string& amount) {
  return R"({"amount":)" + amount + R"(,"currency":"USD"})";
}
std::string with_currency(const std::string& currency) {
  return R"({"amount":100,"currency":)" + currency + "}";
}

TEST(InputAttack, D3_an_amount_is_a_whole_number_of_the_smallest_unit_and_is_never_rounded) {
  const std::string before = count_of("payments");
  for (const std::string amount : {"-1",
                                   "0",
                                   "-0",
                                   "1.5",
                                   "1.0",
                                   "\"100\"",
                                   "1e2",
                                   "1E400",
                                   "1e-400",
                                   "9007199254740992",
                                   "9223372036854775808",
                                   "18446744073709551616",
                                   "00100",
                                   "NaN",
                                   "Infinity",
                                   "-Infinity",
                                   "+5",
                                   "0x64",
                                   "1_000",
                                   "1,000",
                                   "1.",
                                   ".5",
                                   "null",
                                   "true",
                                   "[100]",
                                   "{\"value\":100}",
                                   "",
                                   "100n",
                                   "'100'",
                                   "\"\"",
                                   "99999999999999999999999999999999999999"}) {
    const RawAnswer answer = create_raw(with_amount(amount));
    EXPECT_EQ(answer.status, 400) << amount << ": " << answer.body;
    EXPECT_NE(answer.code, "") << amount;
  }
  EXPECT_EQ(create_raw("\xef\xbb\xbf" + with_amount("100")).status, 400) << "a byte order mark";
  EXPECT_EQ(count_of("payments"), before);
  for (const std::string amount : {"1", "100", "9007199254740991"}) {
    const RawAnswer answer = create_raw(with_amount(amount));
    EXPECT_EQ(answer.status, 201) << amount << ": " << answer.body;
    EXPECT_NE(answer.body.find("\"amount\":" + amount + ","), std::string::npos) << answer.body;
  }
}

TEST(InputAttack, D1_what_is_ours_to_set_cannot_be_sent) {
  for (const std::string field : {"status",
                                  "amount_captured",
                                  "amount_received",
                                  "merchant_id",
                                  "merchant",
                                  "fee",
                                  "id",
                                  "mode",
                                  "livemode",
                                  "provider",
                                  "account",
                                  "attempts",
                                  "late",
                                  "review",
                                  "__proto__",
                                  "constructor",
                                  "Amount",
                                  "amount ",
                                  "application_fee_amount",
                                  "split",
                                  "transfer_data"}) {
    const RawAnswer answer = create_raw(write_json(small_payment({{field, "captured"}})));
    EXPECT_EQ(answer.status, 400) << field;
    EXPECT_EQ(answer.code, "unknown_field") << field << answer.body;
  }
}

TEST(InputAttack, D2_a_key_stands_once_at_any_depth) {
  for (const std::string& body :
       {R"({"amount":100,"amount":1,"currency":"USD"})"s,
        R"({"amount":100,"currency":"USD","currency":"USD"})"s,
        R"({"amount":100,"\u0061mount":1,"currency":"USD"})"s,
        R"({"amount":1,"currency":"USD","metadata":{"a":"1","a":"2"}})"s,
        R"({"amount":1,"currency":"USD","customer":{"name":"a","email":"a@b.c","name":"b"}})"s,
        R"({"amount":1,"currency":"USD","metadata":{"a":[{"b":1,"b":1}]}})"s}) {
    const RawAnswer answer = create_raw(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.code, "invalid_json") << body;
  }
}

TEST(InputAttack, D4_a_currency_is_three_capitals_of_the_list_and_the_payments_own) {
  for (const std::string currency :
       {"\"usd\"", "\"US\"", "\"USDX\"", "\"XXX\"", "\"XTS\"", "\"Usd\"", "\" USD\"", "\"USD \"",
        "\"USD\\n\"", "\"\\u0055\\u0405D\"", "\"\xef\xbc\xb5\xef\xbc\xb3\xef\xbc\xa4\"", "\"840\"",
        "840", "null", "[\"USD\"]", "\"USD,EUR\"", "\"\""}) {
    const RawAnswer answer = create_raw(with_currency(currency));
    EXPECT_EQ(answer.status, 400) << currency << ": " << answer.body;
  }
  EXPECT_EQ(create_raw(with_currency(R"("\u0055SD")")).status, 201) << "the same letters, escaped";
  const JsonAnswer paid = target().pay(stripe_card());
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  const JsonAnswer refund = target().post("/v1/payments/" + id_of(paid) + "/refunds",
                                          {{"amount", 100}, {"currency", "EUR"}});
  EXPECT_EQ(refund.status, 400) << refund.text;
}

TEST(InputAttack, D7_depth_width_and_length_have_their_ends) {
  const auto code = [](const std::string& body) {
    const RawAnswer answer = create_raw(body);
    return std::to_string(answer.status) + " " + answer.code;
  };
  EXPECT_EQ(code(std::string(100'000, '[')), "400 invalid_json");
  EXPECT_EQ(code("{\"metadata\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"),
            "400 invalid_json");
  std::string wide = "{";
  for (int i = 0; i < 80'000; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
  wide.back() = '}';
  EXPECT_EQ(code(wide), "400 missing_field") << "and unknown ones";
  EXPECT_EQ(code(with_amount("\"" + std::string(1'000'000, 'a') + "\"")), "400 amount_invalid");
  // Said before it comes.
  const std::string ten_megabytes = "Content-Length: 10000000\r\n";
  const std::string head = request_bytes("POST", "/v1/payments", "", ten_megabytes);
  EXPECT_EQ(send_raw(head + "\"aaa").status, 413);
  EXPECT_EQ(code(with_amount(std::string(100'000, '9'))), "400 invalid_json");
}

TEST(InputAttack, D8_what_is_no_text_is_refused) {
  for (const std::string& text :
       {"\xff"s, "\xc0\xaf"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xc3"s,
        "\\ud800"s, "\\udc00"s, "\\ud800\\ud800"s, "\\udc00\\ud800"s, "\\u0000"s, "a\\u0000b"s,
        "\0"s, "\x01"s, "\n"s, "\\x41"s, "\\u00"s, "\\"s}) {
    const RawAnswer answer =
        create_raw(R"({"amount":1,"currency":"USD","description":")" + text + "\"}");
    EXPECT_EQ(answer.status, 400) << text << answer.body;
    EXPECT_NE(answer.code, "") << text;
  }
}

// Texts that have broken something somewhere, each in every field that takes one; what comes back
// is what was sent, byte for byte.
const std::vector<std::string> naughty = {
    // Other scripts, marks that pile up, directions that turn, characters that are not to be seen.
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "الكل في المجمو عة",
    "בְּרֵאשִׁית",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪",
    "\u202e\u202dtest\u202c",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u2028\u2029",
    "\u00a0\u1680\u3000",
    "👩‍👩‍👧‍👦 🇱🇷 🏳️‍🌈",
    "\U0010ffff\U0001f600",
    "ﷺ",
    "ﬀ ﬁ Ǆ ß ẞ İ ı",
    "e\u0301 é",
    "ＵＳＤ",
    "\u0080\u009f",
    "\ufdd0\ufffe\uffff",
    "\ue000",
    // Words that others take for values, numbers or the end.
    "undefined",
    "null",
    "NULL",
    "(null)",
    "nil",
    "None",
    "true",
    "NaN",
    "Infinity",
    "-1",
    "1e9999",
    "0x0",
    "1/0",
    "'",
    "\"",
    "''",
    "\"\"",
    "`",
    "\\",
    "\\\\",
    "\\0",
    "%00",
    "%0d%0a",
    "%s%n%d%x",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "<%= 7*7 %>",
    "#{7*7}",
    "$(reboot)",
    "`reboot`",
    "; ls",
    "| cat /etc/passwd",
    "$HOME",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "CON",
    "LPT1",
    // For databases, pages, spreadsheets and mail.
    "'; DROP TABLE payments; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(10)",
    "$1",
    "$$;",
    "\\copy",
    "{\"$gt\":\"\"}",
    "*)(uid=*))(|(uid=*",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=a>",
    "javascript:alert(1)",
    "<!--",
    "]]>",
    "&amp;&lt;",
    "<?xml version=\"1.0\"?><!DOCTYPE x>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\tx",
    "a@b.example\nBcc: c@d.example",
    // Long, and blank.
    std::string(200, 'W'),
    " ",
    "   ",
    "\n\n\t",
};

TEST(InputAttack, D8_D9_D12_D16_D17_any_text_comes_back_as_it_was_sent) {
  const std::string merchants = count_of("merchants");
  for (const std::string& text : naughty) {
    const Json body = small_payment({{"description", text}, {"metadata", {{"note", text}}}});
    const JsonAnswer made = target().post("/v1/payments", body);
    ASSERT_EQ(made.status, 201) << text << ": " << made.text;
    const Json again = target().payment(id_of(made));
    EXPECT_EQ(text_at(again, "description"), text);
    EXPECT_EQ(text_at(again, "metadata.note"), text);
    EXPECT_EQ(text_at(target().get("/v1/payments?limit=1").body, "data.0.description"), text);
  }
  EXPECT_EQ(count_of("merchants"), merchants);
  EXPECT_EQ(target().get("/v1/payments?limit=100").status, 200);
}

// Where a name or a number is meant, no 500 and nothing executed, whatever the text.
TEST(InputAttack, D9_D12_no_text_breaks_a_field_that_is_not_for_it) {
  for (const std::string& text : naughty) {
    for (const std::string field : {"amount", "currency", "return_url", "country", "expires_at",
                                    "capture_method", "confirm", "payment_method", "customer"}) {
      const JsonAnswer answer = target().post("/v1/payments", small_payment({{field, text}}));
      // A text of blanks is no amount either; only where it is left out does nothing happen.
      EXPECT_TRUE(answer.status == 400 || answer.status == 422)
          << field << " " << text << answer.text;
    }
    const JsonAnswer named = target().post("/v1/payments", small_payment({{"external_id", text}}));
    EXPECT_TRUE(named.status == 201 || named.status == 200 || named.status == 400 ||
                named.status == 409)
        << text << named.text;
  }
}

std::string percent_encoded(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) out += "%" + to_hex(std::string(1, static_cast<char>(c)));
  return out;
}

TEST(InputAttack, D12_D15_no_text_in_a_path_or_query_is_more_than_a_text) {
  for (const std::string& text : naughty) {
    for (const std::string path : {"/v1/payments/", "/v1/customers/", "/v1/events/", "/return/"}) {
      const RawAnswer answer = send_raw(request_bytes("GET", path + percent_encoded(text)));
      EXPECT_TRUE(answer.status == 404 || answer.status == 400) << path << text << answer.body;
    }
    for (const std::string query :
         {"external_id", "status", "limit", "after", "before", "customer", "created_after"}) {
      const RawAnswer answer =
          send_raw(request_bytes("GET", "/v1/payments?" + query + "=" + percent_encoded(text)));
      EXPECT_TRUE(answer.status == 200 || answer.status == 400) << query << text << answer.body;
      if (query == "limit" || query == "after") {
        EXPECT_EQ(answer.status, 400) << query << text;
      }
    }
  }
}

TEST(InputAttack, D10_only_json_in_utf8_is_read) {
  const std::string body = write_json(small_payment());
  for (const std::string type :
       {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml",
        "application/xml", "text/plain", "application/json; charset=utf-16",
        "application/json; charset=latin1", "application/jsonp", "application/ld+json", "*/*",
        "application/json, text/plain"})
    EXPECT_EQ(create_raw(body, "Content-Type: " + std::string(type) + "\r\n").status, 415) << type;
  EXPECT_EQ(create_raw(body, "Content-Type: application/json; charset=UTF-8\r\n").status, 201);
  EXPECT_EQ(create_raw("\xff\xfe{\0}\0"s).status, 400);
}

TEST(InputAttack, D13_no_line_end_reaches_a_header_or_a_provider) {
  for (const std::string& text : {"a\r\nX-Evil: 1"s, "a\rb"s, "a\x7f"s, "a\x1b[31m"s}) {
    const std::string json = write_json(Json(text));
    for (const std::string& body :
         {R"({"amount":1,"currency":"USD","description":)" + json + "}",
          R"({"amount":1,"currency":"USD","external_id":)" + json + "}",
          R"({"amount":1,"currency":"USD","metadata":{"k":)" + json + "}}",
          R"({"amount":1,"currency":"USD","metadata":{)" + json + ":\"v\"}}",
          R"({"amount":1,"currency":"USD","customer":{"name":)" + json + "}}",
          R"({"amount":1,"currency":"USD","return_url":)" + json + "}"})
      EXPECT_EQ(create_raw(body).status, 400) << body;
    EXPECT_EQ(create_raw(R"({"amount":1,"currency":"USD","confirm":true,"payment_method":{"type":)"
                         R"("card","token":)" +
                         json + "}}")
                  .status,
              400);
  }
}

TEST(InputAttack, D15_a_path_and_a_body_that_differ_are_not_two_payments) {
  const JsonAnswer paid = target().pay(stripe_card());
  const JsonAnswer other = target().pay(stripe_card());
  const JsonAnswer refund = target().post("/v1/payments/" + id_of(paid) + "/refunds",
                                          {{"payment", id_of(other)}, {"amount", 100}});
  EXPECT_EQ(refund.status, 400) << refund.text;
  EXPECT_EQ(integer_at(target().payment(id_of(other)), "amount_refunded"), 0);
  EXPECT_EQ(target().get("/v1/payments?status=succeeded&status=failed").status, 400);
}

TEST(InputAttack, D19_metadata_ends_where_it_says) {
  const auto status = [](const Json& metadata) {
    return target().post("/v1/payments", small_payment({{"metadata", metadata}})).status;
  };
  const auto pairs = [](int count) {
    Json json = Json::object();
    for (int i = 0; i < count; ++i) json["k" + std::to_string(i)] = "v";
    return json;
  };
  EXPECT_EQ(status(pairs(50)), 201);
  EXPECT_EQ(status(pairs(51)), 400);
  EXPECT_EQ(status({{std::string(40, 'k'), "v"}}), 201);
  EXPECT_EQ(status({{std::string(41, 'k'), "v"}}), 400);
  EXPECT_EQ(status({{"", "v"}}), 400);
  EXPECT_EQ(status({{"k", std::string(500, 'v')}}), 201);
  EXPECT_EQ(status({{"k", std::string(501, 'v')}}), 400);
  std::string wide;
  for (int i = 0; i < 500; ++i) wide += "é";
  EXPECT_EQ(status({{"k", wide}}), 201) << "characters, not bytes";
  EXPECT_EQ(status({{"k", wide + "é"}}), 400);
  EXPECT_EQ(status({{"k", 1}}), 400);
  EXPECT_EQ(status({{"k", nullptr}}), 400);
  EXPECT_EQ(status({{"switchyard_k", "v"}}), 400);
}

TEST(InputAttack, D20_limits_times_and_cursors_that_mean_nothing_are_refused) {
  for (const std::string query :
       {"limit=-1", "limit=0", "limit=101", "limit=1000000000", "limit=1e2", "limit=", "limit=abc",
        "limit=%201", "limit=99999999999999999999", "after=garbage", "after=pay_",
        "before=%F0%9F%98%80",
        "after=pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E&before=pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E",
        "after=evt_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E", "created_after=yesterday",
        "created_after=99999-01-01T00:00:00Z", "created_before=-1", "nothing=1"}) {
    const JsonAnswer answer = target().get("/v1/payments?" + query);
    if (query == "limit=") continue;  // left out
    EXPECT_EQ(answer.status, 400) << query << answer.text;
  }
  for (const std::string time : {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "now", "",
                                 "2026-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "1795000000"})
    EXPECT_EQ(target().post("/v1/payments", small_payment({{"expires_at", time}})).status, 400)
        << time;
}

}  // namespace
}  // namespace switchyard::testing
