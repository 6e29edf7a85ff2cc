#include "tests/attacks/target.h"

#include "store/query.h"

namespace switchyard::testing {
namespace {

std::unique_ptr<Stack>& the_one() {
  static std::unique_ptr<Stack> stack;
  return stack;
}

// Its processes end before the program's statics do.
class EndOfTarget : public ::testing::Environment {
 public:
  void TearDown() override { the_one().reset(); }
};

const auto* const end_of_target = ::testing::AddGlobalTestEnvironment(new EndOfTarget);

}  // namespace

Stack& target() {
  if (!the_one())
    the_one() = std::make_unique<Stack>(StackOptions{.config = R"(
[log]
level = "debug"
)"});
  return *the_one();
}

RawAnswer send_raw(const std::string& bytes) {
  RawClient client(target_port());
  const std::string whole = client.ask(bytes);
  RawAnswer answer{.status = status_of(whole), .head = whole, .body = body_of(whole)};
  answer.head = whole.substr(0, whole.size() - answer.body.size());
  answer.code = text_at(parse_json(answer.body), "error.code");
  return answer;
}

std::string request_bytes(const std::string& method, const std::string& path,
                          const std::string& body, const std::string& headers) {
  std::string bytes = method + " " + path + " HTTP/1.1\r\nHost: shop.example\r\n" +
                      "Authorization: Bearer " + target().keys().secret + "\r\n" + headers;
  if (!body.empty() && headers.find("Content-Type:") == std::string::npos)
    bytes += "Content-Type: application/json\r\n";
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return bytes + "\r\n" + body;
}

RawAnswer create_raw(const std::string& body, const std::string& headers) {
  return send_raw(request_bytes("POST", "/v1/payments", body, headers));
}

void execute(const std::string& sql) {
  const auto done = Connection(target().database_url()).write([&](Transaction& transaction) {
    transaction.exec(sql);
    return Result<void>();
  });
  EXPECT_TRUE(done);
}

Json small_payment(const Json& more) {
  Json body = {{"amount", 100}, {"currency", "USD"}};
  for (const auto& [name, value] : more.items()) body[name] = value;
  return body;
}

std::string dump(Stack& stack) {
  std::string all;
  for (const auto& table :
       stack.rows("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                  "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"))
    for (const auto& row : stack.rows("SELECT t::text FROM " + table[0] + " t"))
      all += table[0] + " " + row[0] + "\n";
  return all;
}

}  // namespace switchyard::testing
