#include "sandbox/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "sandbox/wire.h"

namespace switchyard::sandbox {
namespace {

int open_socket(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return -1;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      listen(socket, 4096) == 0)
    return socket;
  close(socket);
  return -1;
}

int port_of(int socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

struct ConnectionTask {
  Listener* listener;
  int socket;
};

// What is left in the kernel's buffers is dropped, and the peer gets a RST.
void make_close_a_reset(int socket) {
  const linger abrupt = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
}

// True when the connection can take another request.
bool send_answer(int socket, const Answer& answer, bool keeps_open) {
  if (answer.how == Answer::How::reset) make_close_a_reset(socket);
  if (answer.how == Answer::How::reset || answer.how == Answer::How::nothing) return false;
  std::string bytes = write_reply(answer.reply, keeps_open);
  const bool is_whole = answer.how == Answer::How::whole;
  const std::size_t missing = std::max<std::size_t>(answer.reply.body.size() / 2, 1);
  if (!is_whole) bytes.resize(bytes.size() - std::min(missing, bytes.size()));
  return send_bytes(socket, bytes) && is_whole && keeps_open;
}

}  // namespace

Listener::Listener(std::string host, int port, Answerer answerer)
    : host_(std::move(host)), port_(port), answerer_(std::move(answerer)) {}

Listener::~Listener() { stop(); }

Result<int> Listener::bind() {
  listening_ = open_socket(host_, port_);
  if (listening_ < 0)
    return fail(ErrorCode::internal,
                "Cannot listen on " + host_ + ":" + std::to_string(port_) +
                    "; is the port taken, or the host not an IPv4 address of this machine?");
  port_ = port_of(listening_);
  return port_;
}

void Listener::start() {
  accepting_ = std::thread([this] { accept_all(); });
}

void Listener::accept_all() {
  for (;;) {
    const int socket = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) {
      begin(socket);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    usleep(1000);  // out of descriptors: others will be closed
  }
}

void Listener::begin(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      close(socket);
      return;
    }
    open_.insert(socket);
  }
  // Thousands of connections may wait at once, so their stacks are small.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 512 << 10);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  auto task = std::make_unique<ConnectionTask>(this, socket);
  pthread_t thread;
  const bool has_begun = pthread_create(&thread, &attributes, run_thread, task.get()) == 0;
  pthread_attr_destroy(&attributes);
  if (has_begun) {
    static_cast<void>(task.release());  // run_thread deletes it
    return;
  }
  const std::lock_guard lock(mutex_);
  open_.erase(socket);
  close(socket);
}

void* Listener::run_thread(void* task) {
  const std::unique_ptr<ConnectionTask> mine(static_cast<ConnectionTask*>(task));
  Listener& listener = *mine->listener;
  listener.serve(mine->socket);
  const std::lock_guard lock(listener.mutex_);
  // Closed under the lock: stop() must not shut down a number that was given away again.
  listener.open_.erase(mine->socket);
  close(mine->socket);
  listener.all_closed_.notify_all();
  return nullptr;
}

void Listener::serve(int socket) {
  RequestReader reader(socket);
  while (const auto request = reader.next()) {
    const Answer answer = answerer_(*request);
    if (!send_answer(socket, answer, reader.keeps_open())) return;
  }
}

void Listener::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (listening_ < 0) return;
    is_stopping_ = true;
    shutdown(listening_, SHUT_RDWR);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  accepting_.join();
  std::unique_lock lock(mutex_);
  all_closed_.wait(lock, [this] { return open_.empty(); });
  close(listening_);
  listening_ = -1;
}

}  // namespace switchyard::sandbox
