// What can be configured: every key with its default; config/switchyard.toml shows each of them
// with a sentence. Read by config_load, never changed afterwards; a reload makes another one.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "domain/account.h"
#include "flow/policies.h"
#include "routing/rule.h"

namespace switchyard {

struct Config {
  struct {
    std::string address = "127.0.0.1";
    int port = 8080;
    std::string public_url = {};  // how providers and payers reach us; default http://address:port
    int io_threads = 1;
    int workers = 6000;  // payments that may wait at once
    int connections = 20000;
    std::vector<std::string> trusted_proxies = {};
    std::string operations_address = "127.0.0.1";  // /metrics
    int operations_port = 0;                       // 0: port + 1
    std::chrono::milliseconds answer_within{20'000};
    std::chrono::seconds drain_within{25};
  } server;
  struct {
    Secret url = {};      // libpq URL; from DATABASE_URL when absent
    int connections = 8;  // for reads; the writer has its own
    int batch = 64;       // commands the writer commits together at most
  } database;
  struct {
    // As Sealer takes it: 32 raw bytes a key, newest first. Configured as 64 hex digits or base64,
    // several separated by commas; from SWITCHYARD_MASTER_KEY when absent.
    Secret master_key = {};
  } secrets;
  struct {
    bool require_idempotency_key = false;
    int reads_per_second = 100;  // per merchant; bursts of twice that
    int writes_per_second = 50;
    int requests_per_second_per_address = 0;  // 0: off
    int attempts_per_payment = 10;
    std::int64_t largest_amount = 0;  // 0: none but 2^53-1
  } api;
  struct {
    LateMoney after_cancel = LateMoney::refund;
    LateMoney after_other_success = LateMoney::refund;
    LateMoney after_expiry = LateMoney::keep;
    LateMoney after_failure = LateMoney::keep;
  } late_money;
  struct {
    std::chrono::seconds expire_after{24 * 3600};
    std::chrono::seconds transfers_expire_after{7 * 24 * 3600};
    std::chrono::seconds review_after{24 * 3600};  // unknown for so long: a person is asked
    double look_up_speed = 1.0;                    // tests divide the look-up gaps by it
  } payments;
  struct {
    std::vector<std::string> allowed_networks =
        {};                           // CIDR that endpoints may be in besides public ones
    bool plain_http_allowed = false;  // in test mode only
    std::vector<std::chrono::seconds> schedule = {
        std::chrono::seconds{0},
        std::chrono::seconds{5},
        std::chrono::seconds{300},
        std::chrono::seconds{1800},
        std::chrono::seconds{2 * 3600},
        std::chrono::seconds{5 * 3600},
        std::chrono::seconds{10 * 3600},
        std::chrono::seconds{14 * 3600},
        std::chrono::seconds{20 * 3600},
        std::chrono::seconds{24 * 3600}};  // gaps before each try, ±20 %
    std::chrono::seconds timeout{15};
    int workers = 64;  // deliveries under way at once
  } delivery;
  struct {
    std::string level = "info";
  } log;
  std::map<std::string, Account> accounts = {};
  RuleBook rules = {};
};

}  // namespace switchyard
