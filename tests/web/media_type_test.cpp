#include "web/media_type.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(MediaType, is_json_in_utf8) {
  for (const char* type : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json; charset=UTF-8", "application/json; charset=\"utf-8\"",
                           "application/json ; version=1; charset=utf-8"})
    EXPECT_TRUE(is_json(type)) << type;
}

TEST(MediaType, D10_is_nothing_else) {
  for (const char* type :
       {"", "text/json", "application/jsonx", "application/json+x", "application/json, text/html",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/xml",
        "application/json; charset=utf-16", "application/json; charset=", "application/json;",
        "application/json; charset=utf-8; charset=utf-7", "application/json; charset",
        "text/html; a=application/json"})
    EXPECT_FALSE(is_json(type)) << type;
}

}  // namespace
}  // namespace switchyard
