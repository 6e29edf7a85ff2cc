// Which route a request means. Segments written out win over {name}, and {name} over {rest...}.
// Who may take a route is carried along, not decided here.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/message.h"

namespace switchyard {

struct Found {
  enum class Kind { route, preflight, method_not_allowed, not_found };

  Kind kind = Kind::not_found;
  const Route* route = nullptr;
  std::size_t index = 0;  // of the route, in the order they were given
  Fields path_params = {};
  std::string allow = {};  // for Allow, or for Access-Control-Allow-Methods of a preflight
};

class Router {
 public:
  // Asserts that patterns are well formed and that no two routes are the same.
  explicit Router(std::vector<Route> routes);
  ~Router();

  // `path` is decoded and starts with "/". HEAD finds the route of GET. OPTIONS finds a preflight
  // where a publishable route stands.
  Found find(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  struct Search;

  void add(std::size_t index);
  void search(const Node& node, std::string_view rest, Search& search) const;
  void visit(const Node& node, Search& search) const;
  Found missed(std::string_view method, const Search& search) const;

  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace switchyard
