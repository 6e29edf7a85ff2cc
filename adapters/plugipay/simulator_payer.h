// The payer at the hosted page, the vendor's widget at the public routes, and the shop that
// confirms bank transfers by hand.
#pragma once

#include <string>
#include <vector>

#include "adapters/plugipay/simulator_pages.h"
#include "adapters/plugipay/simulator_sessions.h"

namespace switchyard::sandbox::plugipay_simulator {

class Payer {
 public:
  Payer(World& world, const Voice& voice, Sessions& sessions)
      : world_(world), voice_(voice), sessions_(sessions) {}

  // /c/ID and below; /pay/ID in the pages' contract.
  Reply hosted(const Request& request, const std::vector<std::string>& path) {
    Session* session = path.size() >= 2 ? sessions_.find(path[1], "") : nullptr;
    if (!session)
      return {.status = 404, .body = "There is no such page.", .content_type = "text/plain"};
    const std::string step = path.size() > 2 ? path[2] : "";
    if (request.method != "POST") return show(*session, step);
    const Request form = {.query = decode_fields(request.body)};
    const std::string action(form.query_value("action"));
    if (session->is_over()) return state_page(*session);
    if (action == "cancel") {
      sessions_.cancel(*session);
      return see_other(session->cancel_url);
    }
    if (action == "claim") {
      sessions_.claim(*session);
      return see_other(success_url(*session));
    }
    if (!step.empty()) return decide(*session, step, form.query_value("decision") == "approve");
    choose(*session, std::string(form.query_value("method")),
           std::string(form.query_value("number")));
    return go_on(*session);
  }

  // Public and without a key: what the vendor's script in the shop's page calls.
  Reply widget(const Request& request, const std::vector<std::string>& path) {
    Session* session = path.size() >= 4 ? sessions_.find(path[3], "") : nullptr;
    if (!session) return voice_.missing();
    const std::string verb = path.size() > 4 ? path[4] : "";
    const bool is_post = request.method == "POST";
    if (!is_post && verb.empty()) return describe(*session);
    if (is_post && verb == "proof-image")
      return voice_.success({{"url", world_.base_url("plugipay") + "/qr/" + session->id}});
    if (is_post && verb == "buyer-claim") {
      if (sessions_.claim(*session)) return voice_.success(sessions_.json(*session));
      return voice_.failure(409, "invalid_transition", "nothing was to be transferred by hand");
    }
    if (!is_post || verb != "charge") return voice_.missing();
    if (session->is_over())
      return voice_.failure(409, "invalid_transition", "the session is " + session->status);
    const std::string method = text_at(parse_json(request.body), "method");
    if (!sessions_.offers(*session, method)) return voice_.invalid("method", "is not offered");
    if (method == "card")
      return voice_.success({{"kind", "redirect"}, {"redirectUrl", session->page_url}});
    choose(*session, method, "");
    if (!session->awaiting.empty())
      return voice_.success(
          {{"kind", "redirect"}, {"redirectUrl", session->page_url + "/" + session->awaiting}});
    return voice_.success({{"kind", "instructions"}, {"instructions", instructions(*session)}});
  }

  // The dashboard's list of claimed transfers: GET shows it, POST /dashboard/ID decides.
  Reply dashboard(const Request& request, const std::vector<std::string>& path) {
    Session* session = path.size() == 2 ? sessions_.find(path[1], "") : nullptr;
    if (request.method == "POST" && session) {
      const Request form = {.query = decode_fields(request.body)};
      if (form.query_value("decision") == "confirm")
        sessions_.confirm(*session);
      else
        sessions_.cancel(*session);
      return see_other(world_.base_url("plugipay") + "/dashboard");
    }
    std::string content;
    for (const auto& [id, each] : sessions_.all()) {
      if (each.status != "pending_review") continue;
      const std::string action = world_.base_url("plugipay") + "/dashboard/" + id;
      content += "<p>" + id + ": " + price_of(each) + "</p>" +
                 form_of(action, "decision", "confirm", "Confirm") +
                 form_of(action, "decision", "reject", "Reject");
    }
    return page("Transfers to confirm", content.empty() ? "<p>There are none.</p>" : content);
  }

 private:
  std::vector<std::string> methods_of(const Session& session) const {
    std::vector<std::string> methods;
    for (const Json& method : session.methods)
      if (method.is_string()) methods.push_back(method.get<std::string>());
    if (sessions_.offers(session, "manual_transfer")) methods.emplace_back("manual_transfer");
    return methods;
  }

  Json instructions(const Session& session) const {
    return instructions_for(session, world_.base_url("plugipay"));
  }

  // The payer was told what to transfer, scan or say at the till.
  static bool is_transfer(const Session& session) {
    const std::string group = group_of(session.payment_method);
    return group == "qr" || group == "va" || group == "retail" || group == "offline";
  }

  Reply show(const Session& session, const std::string& step) {
    if (session.is_over() || session.status == "pending_review") return state_page(session);
    if (!session.awaiting.empty()) return question_page(session, session.awaiting);
    if (is_transfer(session) && (session.status == "pending" || step == "transfer"))
      return instructions_page(session, instructions(session));
    return session.status == "pending" ? state_page(session)
                                       : method_page(session, methods_of(session));
  }

  // Where the browser goes after a method was chosen.
  Reply go_on(const Session& session) {
    if (session.status == "completed") return see_other(success_url(session));
    if (session.is_over()) return state_page(session);
    if (!session.remark.empty()) return method_page(session, methods_of(session));
    if (!session.awaiting.empty()) return see_other(session.page_url + "/" + session.awaiting);
    return see_other(session.page_url + "/transfer");
  }

  // A virtual account's number and a shop's code are under way at once, and paid 5 s later; a QRIS
  // code is scanned within 3 s; e-wallets and PayPal ask on a page of their own.
  void choose(Session& session, const std::string& method, const std::string& number) {
    using namespace std::chrono_literals;
    const std::string group = group_of(method);
    if (session.status != "open") return;
    if (!sessions_.offers(session, method)) {
      session.remark = "This method is not offered.";
      return;
    }
    sessions_.begin(session, method);
    if (group == "card") return try_card(session, number);
    if (group == "ewallet" || group == "paypal") return sessions_.wait_for_payer(session, group);
    if (group == "offline") return;
    const bool is_pending = group != "qr";
    sessions_.pay_in(session, is_pending ? 5s : 3s, is_pending);
  }

  void try_card(Session& session, const std::string& typed) {
    std::string number = typed;
    std::erase_if(number, [](char c) { return c < '0' || c > '9'; });
    const std::string refusal = refusal_of_card(number);
    if (number == challenged_card) return sessions_.wait_for_payer(session, "3ds");
    if (refusal.empty()) return sessions_.pay(session);
    sessions_.reopen(session, refusal);
  }

  Reply decide(Session& session, const std::string& step, bool is_approved) {
    using namespace std::chrono_literals;
    if (session.awaiting != step) return show(session, step);
    if (!is_approved) {
      sessions_.reopen(session, "It was not approved. Try again, or pay in another way.");
      return method_page(session, methods_of(session));
    }
    session.awaiting.clear();
    if (step == "ewallet")
      sessions_.pay_in(session, 3s, true);
    else
      sessions_.pay(session);
    return see_other(success_url(session));
  }

  Reply describe(const Session& session) const {
    Json catalog = Json::array();
    const std::vector<std::string> methods = methods_of(session);
    for (const std::string& method : methods) {
      const Json entry = {{"id", method},
                          {"label", words_for(method)},
                          {"group", group_of(method)},
                          {"currency", session.currency}};
      catalog.push_back(entry);
    }
    Json body = Json::object();
    body["session"] = sessions_.json(session);
    body["methods"] = methods;
    body["catalog"] = std::move(catalog);
    body["branding"] = {{"name", "A shop"}, {"logoUrl", nullptr}};
    body["activeAdapters"] = Json::array({"xendit", "paypal", "manual"});
    return voice_.success(std::move(body));
  }

  World& world_;
  const Voice& voice_;
  Sessions& sessions_;
};

}  // namespace switchyard::sandbox::plugipay_simulator
