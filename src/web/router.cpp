#include "web/router.h"

#include <algorithm>
#include <cassert>

#include "web/tokens.h"

namespace switchyard {
namespace {

std::string_view first_segment(std::string_view rest) { return rest.substr(0, rest.find('/')); }

// What follows the first segment's slash; "" at the end.
std::string_view after_segment(std::string_view rest) {
  return rest.substr(std::min(first_segment(rest).size() + 1, rest.size()));
}

bool is_param(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}
bool is_rest(std::string_view segment) { return is_param(segment) && segment.ends_with("...}"); }

std::string_view param_name(std::string_view segment) {
  return segment.substr(1, segment.size() - (is_rest(segment) ? 5 : 2));
}

void add_word(std::string& list, std::string_view word) {
  if (list_holds_word(list, to_lower(word))) return;
  if (!list.empty()) list += ", ";
  list += word;
}

}  // namespace

// A place in the tree of segments. Few children each, so that looking along a row is fastest.
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> children;
  std::unique_ptr<Node> param;
  std::unique_ptr<Node> rest;
  std::vector<std::size_t> routes;  // that end here
};

struct Router::Search {
  std::string_view method;
  std::vector<std::string_view> values = {};  // of the params on the way down
  const Route* route = nullptr;
  std::size_t index = 0;
  std::vector<std::string_view> found_values = {};
  std::vector<std::size_t> others = {};  // routes of this path under other methods
};

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()) {
  for (std::size_t index = 0; index < routes_.size(); ++index) add(index);
}

Router::~Router() = default;

void Router::add(std::size_t index) {
  std::string_view rest = routes_[index].pattern;
  assert(rest.starts_with('/'));
  rest.remove_prefix(1);
  Node* node = root_.get();
  for (bool is_last = false; !is_last;) {
    const std::string_view segment = first_segment(rest);
    is_last = segment.size() == rest.size();
    assert(!is_rest(segment) || is_last);
    std::unique_ptr<Node>* next = nullptr;
    if (is_rest(segment)) {
      next = &node->rest;
    } else if (is_param(segment)) {
      next = &node->param;
    } else {
      auto& row = node->children;
      auto at = std::find_if(row.begin(), row.end(), [&](auto& c) { return c.first == segment; });
      if (at == row.end()) at = row.emplace(row.end(), segment, nullptr);
      next = &at->second;
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
    rest = after_segment(rest);
  }
  for (const std::size_t other : node->routes)
    assert(routes_[other].method != routes_[index].method);
  node->routes.push_back(index);
}

// A path may fit several patterns: the first in order of preference that has the method is taken.
void Router::visit(const Node& node, Search& search) const {
  for (const std::size_t index : node.routes) {
    const Route& route = routes_[index];
    const bool fits =
        route.method == search.method || (search.method == "HEAD" && route.method == "GET");
    if (!fits) {
      search.others.push_back(index);
    } else if (!search.route || route.method == search.method) {
      search.route = &route;
      search.index = index;
      search.found_values = search.values;
    }
  }
}

void Router::search(const Node& node, std::string_view rest, Search& search) const {
  const std::string_view segment = first_segment(rest);
  const bool is_last = segment.size() == rest.size();
  const auto go = [&](const Node& next) {
    if (is_last)
      visit(next, search);
    else
      this->search(next, after_segment(rest), search);
  };
  for (const auto& [name, child] : node.children) {
    if (name != segment) continue;
    go(*child);
    break;
  }
  if (!search.route && node.param && !segment.empty()) {
    search.values.push_back(segment);
    go(*node.param);
    search.values.pop_back();
  }
  if (!search.route && node.rest && !rest.empty()) {
    search.values.push_back(rest);
    visit(*node.rest, search);
    search.values.pop_back();
  }
}

Found Router::find(std::string_view method, std::string_view path) const {
  assert(path.starts_with('/'));
  Search search{.method = method};
  this->search(*root_, path.substr(1), search);
  if (!search.route) return missed(method, search);

  Found found{.kind = Found::Kind::route, .route = search.route, .index = search.index};
  std::string_view pattern = std::string_view(search.route->pattern).substr(1);
  for (const std::string_view value : search.found_values) {
    while (!is_param(first_segment(pattern))) pattern = after_segment(pattern);
    found.path_params.emplace_back(param_name(first_segment(pattern)), value);
    pattern = after_segment(pattern);
  }
  return found;
}

Found Router::missed(std::string_view method, const Search& search) const {
  if (search.others.empty()) return {};
  std::string allowed;
  std::string from_browsers;
  for (const std::size_t index : search.others) {
    add_word(allowed, routes_[index].method);
    if (routes_[index].method == "GET") add_word(allowed, "HEAD");
    if (routes_[index].access == Access::publishable)
      add_word(from_browsers, routes_[index].method);
  }
  if (method == "OPTIONS" && !from_browsers.empty())
    return {.kind = Found::Kind::preflight, .allow = std::move(from_browsers)};
  if (!from_browsers.empty()) add_word(allowed, "OPTIONS");
  return {.kind = Found::Kind::method_not_allowed, .allow = std::move(allowed)};
}

}  // namespace switchyard
