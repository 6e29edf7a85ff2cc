// Runs every adapters/*/exchanges/*.json of every adapter. The format: adapters/README.md.
#include <gtest/gtest.h>

#include <set>

#include "kit/check_exchange.h"

namespace switchyard {
namespace {

std::vector<ExchangePlace> all_exchanges() { return find_exchanges(SOURCE_DIR "/adapters"); }

class Exchanges : public testing::TestWithParam<ExchangePlace> {};

TEST_P(Exchanges, is_sent_and_understood_as_written) {
  const Exchange exchange = read_exchange(GetParam());
  SCOPED_TRACE(GetParam().path);
  const Adapter* adapter = find_adapter(exchange.adapter);
  ASSERT_TRUE(adapter) << "adapters/list.txt does not name this adapter";
  for (const std::string& complaint : check_exchange(*adapter, exchange))
    ADD_FAILURE() << complaint;
}

std::string test_name(const testing::TestParamInfo<ExchangePlace>& place) {
  std::string name = place.param.adapter + "_" + place.param.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Adapters, Exchanges, testing::ValuesIn(all_exchanges()), test_name);

TEST(Adapters, map_no_code_twice) {
  for (const Adapter* adapter : all_adapters()) {
    std::set<std::string_view> codes;
    for (const DeclineRow& row : adapter->declines)
      EXPECT_TRUE(codes.insert(row.provider_code).second)
          << adapter->name << " " << row.provider_code;
  }
}

}  // namespace
}  // namespace switchyard
