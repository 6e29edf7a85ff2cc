#include "kit/form.h"

#include <algorithm>
#include <cctype>

namespace switchyard {

std::string encode_form(const FormPairs& pairs) {
  const auto encoded = [](const std::string& text) {
    std::string out;
    for (const unsigned char c : text) {
      if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '*') {
        out += static_cast<char>(c);
      } else {
        constexpr char digits[] = "0123456789ABCDEF";
        out += {'%', digits[c >> 4], digits[c & 15]};
      }
    }
    return out;
  };
  std::string body;
  for (const auto& [name, value] : pairs)
    body += (body.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
  return body;
}

FormPairs decode_form(std::string_view body) {
  const auto decoded = [](std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '+') {
        out += ' ';
      } else if (text[i] == '%' && i + 2 < text.size()) {
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  };
  FormPairs pairs;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    const std::string_view pair = body.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(decoded(pair.substr(0, equals)),
                       equals < pair.size() ? decoded(pair.substr(equals + 1)) : "");
    at = end + 1;
  }
  return pairs;
}

}  // namespace switchyard
