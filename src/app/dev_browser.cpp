#include "app/dev_browser.h"

#include <algorithm>

#include "base/crypto.h"

namespace switchyard {
namespace {

constexpr int most_redirects = 10;

std::string form_encoded(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.')
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += "%" + to_hex(std::string_view(&c, 1));
  return out;
}

std::string unescaped(std::string text) {
  constexpr std::pair<std::string_view, char> entities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}};
  for (const auto& [entity, character] : entities)
    for (std::size_t at = text.find(entity); at != std::string::npos;
         at = text.find(entity, at + 1))
      text.replace(at, entity.size(), 1, character);
  return text;
}

// The value of NAME="…" within a tag.
std::string attribute(std::string_view tag, std::string_view name) {
  const std::string start = " " + std::string(name) + "=\"";
  const std::size_t at = tag.find(start);
  if (at == std::string_view::npos) return "";
  const std::size_t begin = at + start.size();
  return unescaped(std::string(tag.substr(begin, tag.find('"', begin) - begin)));
}

void read_tag(std::string_view tag, std::string_view after, std::vector<PageForm>& forms) {
  if (tag.starts_with("<form"))
    forms.push_back(
        {.is_post = attribute(tag, "method") == "post", .action = attribute(tag, "action")});
  if (forms.empty()) return;
  PageForm& form = forms.back();
  if (tag.starts_with("<input") && !attribute(tag, "name").empty())
    form.fields.emplace_back(attribute(tag, "name"), attribute(tag, "value"));
  if (tag.starts_with("<button"))
    form.buttons.push_back({attribute(tag, "name"), attribute(tag, "value"),
                            unescaped(std::string(after.substr(0, after.find('<'))))});
}

bool has_fields(const PageForm& form, const Headers& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& field) {
    return std::any_of(form.fields.begin(), form.fields.end(),
                       [&](const auto& each) { return each.first == field.first; });
  });
}

// "http://host:1/a/b" and "/c" → "http://host:1/c"
std::string resolved(const std::string& base, const std::string& target) {
  if (target.empty()) return base;
  if (target.starts_with("http://") || target.starts_with("https://")) return target;
  const std::size_t host = base.find("//") + 2;
  const std::string origin = base.substr(0, base.find('/', host));
  if (target.starts_with("/")) return origin + target;
  return base.substr(0, base.rfind('/') + 1) + target;
}

HttpRequest filled_in(const PageForm& form, const PageButton& button, const Headers& typed,
                      const std::string& page_url) {
  Headers fields = form.fields;
  for (auto& field : fields)
    for (const auto& each : typed)
      if (each.first == field.first) field.second = each.second;
  if (!button.name.empty()) fields.emplace_back(button.name, button.value);
  std::string body;
  for (const auto& [name, value] : fields)
    body += (body.empty() ? "" : "&") + form_encoded(name) + "=" + form_encoded(value);
  const std::string url = resolved(page_url, form.action);
  if (!form.is_post) return {.url = url + "?" + body};
  return {.method = "POST",
          .url = url,
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = body};
}

}  // namespace

std::vector<PageForm> find_forms(std::string_view html) {
  std::vector<PageForm> forms;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) break;
    read_tag(html.substr(at, end - at + 1), html.substr(end + 1), forms);
  }
  return forms;
}

Result<void> Browser::open(const std::string& url) { return go({.url = url}); }

Result<void> Browser::press(const std::string& wanted, const Headers& fields) {
  for (const PageForm& form : find_forms(page_)) {
    if (!has_fields(form, fields)) continue;
    for (const PageButton& button : form.buttons)
      if (wanted.empty() || button.value == wanted || button.label == wanted)
        return go(filled_in(form, button, fields, url_));
  }
  return fail(ErrorCode::not_found, "The page " + url_ + " has no button \"" + wanted + "\".");
}

Result<void> Browser::go(HttpRequest request) {
  for (int i = 0; i < most_redirects; ++i) {
    url_ = request.url;
    const SendOutcome outcome = http_.send(request, {.fresh_connection = true});
    if (outcome.transport != Transport::answered)
      return fail(ErrorCode::internal, request.url + ": " + outcome.problem);
    page_ = outcome.response.body;
    const int status = outcome.response.status;
    if (status >= 400)
      return fail(ErrorCode::internal, request.url + " answers " + std::to_string(status) + ".");
    if (status < 300) return {};
    request = {.url = resolved(url_, header_of(outcome.response.headers, "Location"))};
  }
  return fail(ErrorCode::internal, url_ + " redirects for ever.");
}

}  // namespace switchyard
