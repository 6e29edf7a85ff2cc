// Long because one class owns the thread, the handles and the callbacks that libcurl gives it.
#include "http/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "base/contain.h"
#include "base/failpoint.h"
#include "base/seeded_bug.h"
#include "http/address.h"
#include "http/answer.h"
#include "http/dial_rule.h"
#include "http/request_problem.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using Instant = std::chrono::steady_clock::time_point;

constexpr std::size_t running_limit = 16'384;
constexpr std::size_t pooled_handles = 256;
constexpr long kept_connections = 1'024;
constexpr long kept_idle_sec = 60, kept_at_all_sec = 300;
constexpr std::string_view unreachable = "the address could not be reached";

struct Transfer {
  HttpRequest request;
  SendOptions options;
  std::function<void(SendOutcome)> done;
  Instant started_at = std::chrono::steady_clock::now();
  Instant deadline = started_at + options.timeout;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  CURLU* url = nullptr;
  DialRule rule = {};
  AnswerReader answer = AnswerReader(options.answer_bytes);
  bool is_second_copy = false;   // libcurl sends it again by itself
  bool is_sent = false;          // a byte of the request was handed to a connection, in any try
  bool is_broken = false;        // something was thrown, or it was cut by a test
  bool is_too_late = false;      // see SendOptions::may_still_leave
  bool is_dial_refused = false;  // an address of ours, or plain http to elsewhere
  std::string address = {};

  ~Transfer() {
    curl_slist_free_all(headers);
    curl_url_cleanup(url);
  }
};

// libcurl's callbacks. Each gets the Transfer it was set for. Nothing may be thrown through a
// library in C: a transfer in which that happens is broken off.

curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  if (!transfer.rule.may_dial(&address->addr)) {
    transfer.is_dial_refused = true;
    return CURL_SOCKET_BAD;
  }
  transfer.address = address_text(&address->addr);
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Before each request, on new connections and kept ones. A kept one was opened for somebody else,
// perhaps under another rule: without this, a merchant's endpoint could ride on a connection into
// our own network that a provider's call has left open.
bool may_use_connection(Transfer& transfer, const char* remote_address) {
  if (!transfer.rule.may_dial(std::string_view(remote_address))) {
    transfer.is_dial_refused = true;
    transfer.address.clear();
    return false;
  }
  transfer.address = remote_address;
  transfer.is_too_late = transfer.options.may_still_leave && !transfer.options.may_still_leave();
  if (transfer.is_too_late) return false;
  transfer.is_second_copy = transfer.is_sent;
  return !FAILPOINT_DROPS("call.after_connect");
}

int check_connection(void* context, char* remote_address, char*, int, int) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  bool is_fine = false;
  contain("http.connect", [&] { is_fine = may_use_connection(transfer, remote_address); });
  return is_fine ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

size_t read_header(char* bytes, size_t size, size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  bool is_fine = false;
  contain("http.header", [&] {
    is_fine = !transfer.is_broken && !FAILPOINT_DROPS("call.mid_response") &&
              transfer.answer.read_header_line({bytes, size * count});
  });
  return is_fine ? size * count : 0;
}

size_t read_body(char* bytes, size_t size, size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  bool is_fine = false;
  contain("http.body", [&] {
    is_fine = !transfer.is_broken && transfer.answer.read_body({bytes, size * count});
  });
  // Nothing is written for an empty piece, and 0 would then be success.
  return is_fine ? size * count : CURL_WRITEFUNC_ERROR;
}

// Runs for every line libcurl would tell a person, so it must stay as short as this.
int watch_bytes(CURL*, curl_infotype kind, char* bytes, size_t size, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const bool is_ours = kind == CURLINFO_HEADER_OUT || kind == CURLINFO_DATA_OUT;
  if (is_ours) transfer.is_sent = true;
  // What is said here cannot be taken back: the answer is not read any more.
  const bool is_fine = contain("http.bytes", [&] {
    if (is_ours && FAILPOINT_DROPS("call.after_write")) transfer.is_broken = true;
    if (kind == CURLINFO_DATA_IN) transfer.answer.read_wire({bytes, size});
  });
  if (!is_fine) transfer.is_broken = true;
  return 0;
}

// The same parsed URL is checked here and dialled by libcurl: two readings could disagree.
std::string prepare_url(Transfer& transfer) {
  transfer.url = curl_url();
  const CURLUcode code = curl_url_set(transfer.url, CURLUPART_URL, transfer.request.url.c_str(),
                                      CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
  char* scheme = nullptr;
  if (code != CURLUE_OK || curl_url_get(transfer.url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
    return "the URL cannot be read";
  const std::string read = scheme;
  curl_free(scheme);
  if (read != "https" && read != "http") return "the URL is not one of https";
  return transfer.rule.read(transfer.options, read == "http");
}

void add_header(Transfer& transfer, const std::string& line) {
  transfer.headers = curl_slist_append(transfer.headers, line.c_str());
}

void set_headers(Transfer& transfer) {
  // No wait for "100 Continue": a server that never says it would hold every larger body back.
  add_header(transfer, "Expect:");
  // libcurl would call a body a form unless told what it is.
  if (header_of(transfer.request.headers, "Content-Type").empty())
    add_header(transfer, "Content-Type:");
  for (const auto& [name, value] : transfer.request.headers)
    add_header(transfer, value.empty() ? name + ";" : name + ": " + value);
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.headers);
}

void set_request(Transfer& transfer) {
  CURL* easy = transfer.easy;
  const HttpRequest& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_CURLU, transfer.url);
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (has_body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "Switchyard");
  set_headers(transfer);
}

void set_limits(CURL* easy, const SendOptions& options) {
  // libcurl takes 0 for "forever".
  const auto ms = [](std::chrono::milliseconds time) { return long(std::max(time, 1ms) / 1ms); };
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms(options.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms(options.timeout));
  curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, kept_at_all_sec);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kept_idle_sec);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, long(options.fresh_connection));
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, long(options.fresh_connection));
  // Else a transfer that runs out of time while its name is being looked up would hold this one
  // thread, and with it every other transfer, until the resolver gives up.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

void set_safety(CURL* easy, const std::string& ca_file) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");  // which of them: DialRule
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // explicitly none: the environment is not asked
  curl_easy_setopt(easy, CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
}

void set_callbacks(Transfer& transfer) {
  CURL* easy = transfer.easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, check_connection);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, read_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, watch_bytes);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

// clang-format off
constexpr std::pair<CURLcode, std::string_view> problems[] = {
    {CURLE_COULDNT_RESOLVE_HOST,     "the name could not be resolved"},
    {CURLE_COULDNT_CONNECT,          unreachable},
    {CURLE_PEER_FAILED_VERIFICATION, "the certificate could not be verified"},
    {CURLE_SSL_CONNECT_ERROR,        "no TLS connection could be made"},
    {CURLE_GOT_NOTHING,              "the connection was closed without an answer"},
    {CURLE_PARTIAL_FILE,             "the answer ended early"},
    {CURLE_SEND_ERROR,               "the connection was lost"},
    {CURLE_RECV_ERROR,               "the connection was lost"},
    {CURLE_BAD_CONTENT_ENCODING,     "the answer's compression could not be read"},
    {CURLE_ABORTED_BY_CALLBACK,      "the client was stopped"},
};
// clang-format on

std::string problem_of(CURLcode code, const Transfer& transfer) {
  if (code == CURLE_OPERATION_TIMEDOUT)
    return "timed out after " +
           std::to_string((std::chrono::steady_clock::now() - transfer.started_at) / 1ms) + " ms";
  for (const auto& [known, text] : problems)
    if (known == code) return std::string(text);
  return curl_easy_strerror(code);
}

bool is_tls_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
}

std::string problem_text(CURLcode code, const Transfer& transfer) {
  if (transfer.options.public_addresses_only && !transfer.is_sent && !is_tls_problem(code))
    return std::string(unreachable);
  if (transfer.is_too_late) return "it was too late to send it";
  if (transfer.is_dial_refused) return "plain http is for loopback addresses only";
  if (!transfer.answer.problem().empty()) return transfer.answer.problem();
  if (transfer.is_sent && code == CURLE_COULDNT_CONNECT)
    return "the connection was closed without an answer, and could not be opened again";
  return problem_of(code, transfer);
}

SendOutcome outcome_of(CURLcode code, Transfer& transfer) {
  SendOutcome outcome = {.address = transfer.address, .is_of_second_copy = transfer.is_second_copy};
  if (code == CURLE_OK && !transfer.is_broken && transfer.answer.is_whole()) {
    outcome.transport = Transport::answered;
    outcome.response = transfer.answer.take();
  } else {
    outcome.transport = transfer.is_sent ? Transport::no_answer : Transport::not_sent;
    outcome.problem = problem_text(code, transfer);
  }
  return outcome;
}

}  // namespace

struct HttpClient::Inside {
  Counter& answered;
  Counter& not_sent;
  Counter& no_answer;
  std::string ca_file;
  // Shared with the gauge, which the metrics may read after the client has gone.
  std::shared_ptr<std::atomic<std::size_t>> running;
  CURLM* multi = nullptr;
  std::vector<CURL*> idle;  // easy handles to use again
  // Owned, and in the hands of `multi`; whose time runs out first comes first.
  std::set<std::pair<Instant, Transfer*>> transfers;
  std::mutex mutex;
  std::deque<std::unique_ptr<Transfer>> queue;  // under the mutex, as is the next line
  bool is_stopping = false;
  std::thread thread;

  void add(std::unique_ptr<Transfer> transfer);
  bool start_queued();
  void start(std::unique_ptr<Transfer> transfer);
  void end_finished();
  std::chrono::milliseconds end_overdue();
  void end(Transfer* transfer, CURLcode code);
  void tell(Transfer& transfer, SendOutcome outcome);
  void run();
};

void HttpClient::Inside::add(std::unique_ptr<Transfer> transfer) {
  ++*running;
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex);
    was_empty = queue.empty();
    queue.push_back(std::move(transfer));
  }
  if (was_empty) curl_multi_wakeup(multi);  // who came before has woken it already
}

// False when the client is to stop; what was queued until then has been told so.
bool HttpClient::Inside::start_queued() {
  std::deque<std::unique_ptr<Transfer>> taken;
  bool is_last = false;
  {
    const std::lock_guard lock(mutex);
    taken.swap(queue);
    is_last = is_stopping;
  }
  for (auto& transfer : taken)
    if (is_last)
      tell(*transfer, {.transport = Transport::not_sent, .problem = "the client was stopped"});
    else
      start(std::move(transfer));
  return !is_last;
}

void HttpClient::Inside::start(std::unique_ptr<Transfer> transfer) {
  std::string problem = request_problem(transfer->request);
  if (problem.empty()) problem = prepare_url(*transfer);
  if (problem.empty() && transfers.size() >= running_limit)
    problem = "too many requests are running";
  if (!problem.empty())
    return tell(*transfer, {.transport = Transport::not_sent, .problem = std::move(problem)});
  if (idle.empty()) idle.push_back(curl_easy_init());
  transfer->easy = idle.back();
  idle.pop_back();
  assert(transfer->easy != nullptr);
  set_request(*transfer);
  set_limits(transfer->easy, transfer->options);
  set_safety(transfer->easy, ca_file);
  if (SEEDED_BUG("X19") && transfer->options.public_addresses_only)
    curl_easy_setopt(transfer->easy, CURLOPT_FOLLOWLOCATION, 1L);
  set_callbacks(*transfer);
  const CURLMcode code = curl_multi_add_handle(multi, transfer->easy);
  assert(code == CURLM_OK);
  transfers.emplace(transfer->deadline, transfer.get());
  transfer.release();
}

void HttpClient::Inside::end_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    end(transfer, message->data.result);
  }
}

// libcurl forgets the time of a transfer that waits for one of its host's connections to be free:
// it would wait for as long as the others take. Returns how long there is to the next deadline.
std::chrono::milliseconds HttpClient::Inside::end_overdue() {
  const Instant now = std::chrono::steady_clock::now();
  while (!transfers.empty() && transfers.begin()->first <= now)
    end(transfers.begin()->second, CURLE_OPERATION_TIMEDOUT);
  if (transfers.empty()) return 1s;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(transfers.begin()->first - now);
  return std::min<std::chrono::milliseconds>(left, 1s);
}

void HttpClient::Inside::end(Transfer* ended, CURLcode code) {
  const std::unique_ptr<Transfer> transfer(ended);
  transfers.erase({ended->deadline, ended});
  // Bytes decide, not `code`: libcurl sends again by itself when a kept connection dies, and may
  // then report that it could not connect, although the first copy was read and executed.
  long request_bytes = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
  if (request_bytes > 0) transfer->is_sent = true;
  curl_multi_remove_handle(multi, transfer->easy);
  curl_easy_reset(transfer->easy);
  if (idle.size() < pooled_handles)
    idle.push_back(transfer->easy);
  else
    curl_easy_cleanup(transfer->easy);
  tell(*transfer, outcome_of(code, *transfer));
}

void HttpClient::Inside::tell(Transfer& transfer, SendOutcome outcome) {
  outcome.took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - transfer.started_at);
  if (outcome.transport == Transport::answered)
    answered.add();
  else
    (outcome.transport == Transport::not_sent ? not_sent : no_answer).add();
  --*running;
  contain("http.done", [&] { transfer.done(std::move(outcome)); });
}

void HttpClient::Inside::run() {
  pthread_setname_np(pthread_self(), "http");
  while (start_queued()) {
    int still_running = 0;
    curl_multi_perform(multi, &still_running);
    end_finished();
    const auto wait = end_overdue();
    // Out of memory or descriptors: what runs must go on, but not as fast as this loop can turn.
    if (curl_multi_poll(multi, nullptr, 0, int(wait / 1ms), nullptr) != CURLM_OK)
      std::this_thread::sleep_for(10ms);
  }
  while (!transfers.empty()) end(transfers.begin()->second, CURLE_ABORTED_BY_CALLBACK);
}

HttpClient::HttpClient(Metrics& metrics, std::size_t max_connections_per_host,
                       std::string ca_file) {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  assert(is_ready);
  constexpr auto name = "http_client_transfers_total";
  metrics.help(name, "Requests we sent, by what became of them.");
  metrics.help("http_client_running", "Requests on their way or waiting for their answer.");
  inside_.reset(new Inside{
      .answered = metrics.counter(name, "result=\"answered\""),
      .not_sent = metrics.counter(name, "result=\"not_sent\""),
      .no_answer = metrics.counter(name, "result=\"no_answer\""),
      .ca_file = std::move(ca_file),
      .running = std::make_shared<std::atomic<std::size_t>>(0),
  });
  metrics.gauge("http_client_running", [running = inside_->running] { return double(*running); });
  inside_->multi = curl_multi_init();
  assert(inside_->multi != nullptr);
  curl_multi_setopt(inside_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, long(max_connections_per_host));
  curl_multi_setopt(inside_->multi, CURLMOPT_MAXCONNECTS, kept_connections);
  curl_multi_setopt(inside_->multi, CURLMOPT_PIPELINING, long(CURLPIPE_NOTHING));
  inside_->thread = std::thread([inside = inside_.get()] { inside->run(); });
}

HttpClient::~HttpClient() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->is_stopping = true;
  }
  curl_multi_wakeup(inside_->multi);
  inside_->thread.join();
  for (CURL* easy : inside_->idle) curl_easy_cleanup(easy);
  curl_multi_cleanup(inside_->multi);
}

void HttpClient::send(HttpRequest request, SendOptions options,
                      std::function<void(SendOutcome)> done) {
  inside_->add(std::unique_ptr<Transfer>(new Transfer{
      .request = std::move(request), .options = std::move(options), .done = std::move(done)}));
}

SendOutcome HttpClient::send(HttpRequest request, SendOptions options) {
  assert(std::this_thread::get_id() != inside_->thread.get_id());
  // Shared, since the client's thread may still be leaving set_value() when this one returns.
  const auto outcome = std::make_shared<std::promise<SendOutcome>>();
  send(std::move(request), std::move(options),
       [outcome](SendOutcome told) { outcome->set_value(std::move(told)); });
  return outcome->get_future().get();
}

std::size_t HttpClient::running() const { return *inside_->running; }

}  // namespace switchyard
