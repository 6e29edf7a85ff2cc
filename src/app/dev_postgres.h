// A PostgreSQL of our own: a private cluster in a folder, reached by a socket that only we can
// open.
#pragma once

#include <string>

#include "app/dev_process.h"
#include "base/secret.h"

namespace switchyard {

// What is gone with this run anyway need not be brought to the disk when the cluster is made.
enum class Lasts { this_run, kept };

class PrivatePostgres {
 public:
  // Makes the cluster below `folder` unless it is there already, and starts it. As root, which
  // PostgreSQL refuses to run as, it belongs to the user nobody; the folder must be reachable for
  // that user. The socket has a folder of its own, since its path must be short.
  static Result<PrivatePostgres> start(const std::string& folder, Lasts lasts = Lasts::this_run);
  PrivatePostgres(PrivatePostgres&&) = default;
  ~PrivatePostgres() { stop(); }

  Secret url(const std::string& database) const;
  // Does nothing when there is one of that name.
  Result<void> create_database(const std::string& name);
  bool is_running() { return server_.is_running(); }
  void stop();  // idempotent

 private:
  PrivatePostgres() = default;
  Result<void> make_cluster(Lasts lasts);
  Result<void> wait_for_predecessor();
  Result<void> start_server();
  Result<void> wait_until_it_answers();

  std::string programs_;
  std::string folder_;
  std::string socket_folder_;
  ChildProcess server_;
};

// A new empty folder below the system's temporary one, which others may pass through but not read.
// Removes what runs that were killed have left there.
Result<std::string> make_temporary_folder(const std::string& name);
void remove_folder(const std::string& folder);

}  // namespace switchyard
