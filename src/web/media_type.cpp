#include "web/media_type.h"

#include "web/tokens.h"

namespace switchyard {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_accepted_parameter(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos || !is_token(parameter.substr(0, equals))) return false;
  if (!is_same_word(parameter.substr(0, equals), "charset")) return true;
  const std::string_view value = parameter.substr(equals + 1);
  return is_same_word(value, "utf-8") || is_same_word(value, "\"utf-8\"");
}

}  // namespace

bool is_json(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (!is_same_word(trim(type), "application/json")) return false;
  content_type.remove_prefix(type.size());
  while (!content_type.empty()) {
    content_type.remove_prefix(1);  // the semicolon
    const std::string_view parameter = content_type.substr(0, content_type.find(';'));
    if (!is_accepted_parameter(trim(parameter))) return false;
    content_type.remove_prefix(parameter.size());
  }
  return true;
}

}  // namespace switchyard
