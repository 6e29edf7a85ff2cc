#include "openapi.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "schema.h"

namespace switchyard::testing {
namespace {

constexpr std::string_view methods[] = {"get", "post", "put", "patch", "delete"};

// Plain scalars of YAML 1.2's JSON schema; quoted ones are strings whatever they look like.
Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  if (text == "true" || text == "false") return text == "true";
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

Json to_json(const YAML::Node& node) {
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& item : node) list.push_back(to_json(item));
    return list;
  }
  if (!node.IsMap()) return nullptr;
  Json object = Json::object();
  for (const auto& pair : node) object[pair.first.Scalar()] = to_json(pair.second);
  return object;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "{rest}") return path.size() > i;
    if (i >= path.size() || (!is_parameter(pattern[i]) && pattern[i] != path[i])) return false;
  }
  return pattern.size() == path.size();
}

std::string without_query(const std::string& path) { return path.substr(0, path.find('?')); }

// Of several templates, the one with the fewest parameters; "" when none fits.
std::string template_of(const std::string& path) {
  const auto segments = segments_of(without_query(path));
  std::string best;
  std::ptrdiff_t fewest = 100;
  for (const auto& entry : openapi_document()["paths"].items()) {
    const auto pattern = segments_of(entry.key());
    const auto parameters = std::ranges::count_if(pattern, is_parameter);
    if (!fits(pattern, segments) || parameters >= fewest) continue;
    fewest = parameters;
    best = entry.key();
  }
  return best;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string route_path(std::string path) {
  if (const std::size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
  return path;
}

}  // namespace

const Json& openapi_document() {
  static const Json document = to_json(YAML::LoadFile(SOURCE_DIR "/docs/openapi.yaml"));
  return document;
}

const Json& resolved(const Json& maybe_reference) {
  return SchemaCheck(openapi_document()).resolve(maybe_reference);
}

std::vector<std::string> problems_of(const Json& schema, const Json& value) {
  return SchemaCheck(openapi_document()).problems(schema, value);
}

std::vector<Operation> operations() {
  std::vector<Operation> list;
  for (const auto& entry : openapi_document()["paths"].items())
    for (const std::string_view method : methods)
      if (entry.value().contains(std::string(method))) {
        std::string upper(method);
        std::ranges::transform(upper, upper.begin(),
                               [](unsigned char c) { return std::toupper(c); });
        list.push_back({upper, entry.key()});
      }
  return list;
}

std::vector<std::string> problems_of(const std::string& method, const std::string& path, int status,
                                     const std::string& body) {
  const std::string call = method + " " + path + " " + std::to_string(status);
  const std::string known_path = template_of(path);
  if (known_path.empty()) return {call + ": the path is not documented"};
  const Json& item = openapi_document()["paths"][known_path];
  if (!item.contains(lower_case(method))) return {call + ": the method is not documented"};
  const Json& responses = item[lower_case(method)]["responses"];
  // `default` is for what is refused before a handler is reached.
  const bool is_known = responses.contains(std::to_string(status));
  const bool is_refused_early = status == 405 || status == 408 || (status >= 413 && status <= 431);
  if (!is_known && !is_refused_early) return {call + ": the status is not documented"};
  const Json& response = resolved(responses[is_known ? std::to_string(status) : "default"]);
  if (!response.contains("content") || !response["content"].contains("application/json")) return {};
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return {call + ": the body is not JSON"};
  std::vector<std::string> problems =
      problems_of(response["content"]["application/json"]["schema"], json);
  for (std::string& problem : problems) problem = call + ": " + problem;
  return problems;
}

std::vector<std::string> differences(const std::vector<Operation>& documented,
                                     const std::vector<Operation>& routed) {
  std::vector<std::string> list;
  std::vector<Operation> routes;
  for (const Operation& each : routed) routes.push_back({each.method, route_path(each.path)});
  for (const Operation& each : routes)
    if (std::ranges::find(documented, each) == documented.end())
      list.push_back(each.method + " " + each.path + " is routed and not documented");
  for (const Operation& each : documented)
    if (std::ranges::find(routes, each) == routes.end())
      list.push_back(each.method + " " + each.path + " is documented and not routed");
  return list;
}

}  // namespace switchyard::testing
