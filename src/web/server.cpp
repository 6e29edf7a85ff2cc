// The one file that knows Pistache, and one of the three that catch.
//
// Pistache gives us the listening socket, the accepting thread and the I/O threads, and hands over
// raw bytes; web/gate reads them and web/connection writes the answers. Its HTTP layer is left out
// altogether: Http::Handler::onInput is private, so that it cannot be called after a gate; and what
// it does after is what the gate is there to prevent (lengths believed that are none, the first of
// two headers believed, answers that overtake each other, texts of exceptions sent to clients,
// handlers cut off by its timers). What the gate has let through needs no second reading.
#include "web/server.h"

#include "base/log.h"
#include "web/reception.h"

#undef TRY  // Pistache has a macro of the same name; ours is not used in this file
#include <pistache/listener.h>
#include <pistache/peer.h>
#include <pistache/tcp.h>

#include <csignal>
#include <exception>
#include <mutex>
#include <typeinfo>

namespace switchyard {
namespace {

namespace Tcp = Pistache::Tcp;

constexpr const char* connection_key = "connection";
constexpr int backlog = 4096;

std::string address_of(const Tcp::Peer& peer) {
  std::string host = peer.address().host();
  if (host.starts_with("::ffff:") && host.find('.') != std::string::npos) host.erase(0, 7);
  return host;
}

// Pistache copies one of these for each I/O thread.
class RawBytes final : public Tcp::Handler {
 public:
  PROTOTYPE_OF(Tcp::Handler, RawBytes)

  explicit RawBytes(Reception& reception) : reception_(&reception) {}

  void onConnection(const std::shared_ptr<Tcp::Peer>& peer) override {
    if (auto connection = reception_->welcome(peer->fd(), address_of(*peer)))
      peer->putData(connection_key, std::move(connection));
  }

  void onInput(const char* bytes, std::size_t size,
               const std::shared_ptr<Tcp::Peer>& peer) override {
    const auto connection = connection_of(*peer);
    if (!connection) return;
    try {
      reception_->take(connection, {bytes, size});
    } catch (const std::exception& problem) {  // memory has run out, say; one client pays for it
      log_error("http.input_failed", {{"what", problem.what()}});
      connection->shut_down();
    }
  }

  // Called before the socket is closed.
  void onDisconnection(const std::shared_ptr<Tcp::Peer>& peer) override {
    if (const auto connection = connection_of(*peer)) reception_->say_goodbye(connection);
  }

 private:
  static std::shared_ptr<ClientConnection> connection_of(const Tcp::Peer& peer) {
    return std::static_pointer_cast<ClientConnection>(peer.tryGetData(connection_key));
  }

  Reception* reception_;
};

// The one place where what a handler throws ends: in the log, and as a sentence that says nothing.
Result<Reply> run_handler(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& problem) {
    log_error("http.handler_threw", {{"type", typeid(problem).name()}, {"what", problem.what()}});
  } catch (...) {
    log_error("http.handler_threw", {{"type", "unknown"}});
  }
  return fail(ErrorCode::internal, "Something went wrong on our side. It has been logged.");
}

}  // namespace

struct Server::Inside {
  Inside(ServerOptions options, std::vector<Route> routes, Metrics& metrics)
      : reception(std::move(options), std::move(routes), metrics, run_handler) {}

  Reception reception;
  std::mutex mutex;  // of start and drain
  std::unique_ptr<Tcp::Listener> listener;
};

Server::Server(ServerOptions options, std::vector<Route> routes, Metrics& metrics)
    : inside_(std::make_unique<Inside>(std::move(options), std::move(routes), metrics)) {}

Server::~Server() { drain(inside_->reception.options().limits.answer_time); }

Result<int> Server::start() {
  const std::lock_guard lock(inside_->mutex);
  std::signal(SIGPIPE, SIG_IGN);  // a client that has gone is an error code, not the end
  const ServerOptions& options = inside_->reception.options();
  try {
    auto listener = std::make_unique<Tcp::Listener>();
    const auto flags = Pistache::Flags<Tcp::Options>(Tcp::Options::ReuseAddr) |
                       Tcp::Options::NoDelay | Tcp::Options::CloseOnExec;
    listener->init(static_cast<std::size_t>(options.io_threads), flags,
                   options.name.substr(0, 10) + " io", backlog);
    listener->setHandler(std::make_shared<RawBytes>(inside_->reception));
    listener->bind({options.address, Pistache::Port(static_cast<std::uint16_t>(options.port))});
    listener->runThreaded();
    inside_->listener = std::move(listener);
  } catch (const std::exception& problem) {
    return fail(ErrorCode::internal, "Cannot listen on " + options.address + ", port " +
                                         std::to_string(options.port) + ": " + problem.what());
  }
  return static_cast<int>(inside_->listener->getPort());
}

void Server::drain(std::chrono::milliseconds deadline) {
  const std::lock_guard lock(inside_->mutex);
  if (!inside_->listener) return;
  inside_->reception.begin_drain();
  // Ends the accepting thread and the I/O threads, and closes the listening socket. The sockets of
  // clients stay open, and answers are written to them without Pistache.
  inside_->listener->shutdown();
  inside_->listener.reset();
  inside_->reception.finish_drain(deadline);
}

std::size_t Server::running_handlers() const { return inside_->reception.running_handlers(); }

}  // namespace switchyard
