#include "app/dev_access.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/crypto.h"
#include "store/merchants.h"

namespace switchyard {
namespace {

std::string file_in(const std::string& folder) { return folder + "/dev.json"; }

}  // namespace

DevAccess read_access(const std::string& folder) {
  std::ifstream file(file_in(folder));
  std::ostringstream text;
  text << file.rdbuf();
  const Json json = parse_json(text.str());
  DevAccess access{.merchant = text_at(json, "merchant"),
                   .secret_key = text_at(json, "secret_key"),
                   .publishable_key = text_at(json, "publishable_key"),
                   .master_key = text_at(json, "master_key"),
                   .endpoint = text_at(json, "endpoint"),
                   .receiver_url = text_at(json, "receiver_url"),
                   .webhook_secret = text_at(json, "webhook_secret")};
  access.sandbox_port = static_cast<int>(integer_at(json, "sandbox_port").value_or(0));
  if (access.master_key.empty()) access.master_key = to_hex(random_bytes(32));
  return access;
}

Result<void> keep_access(const std::string& folder, const DevAccess& access) {
  const std::string text = write_json({{"merchant", access.merchant},
                                       {"secret_key", access.secret_key},
                                       {"publishable_key", access.publishable_key},
                                       {"master_key", access.master_key},
                                       {"endpoint", access.endpoint},
                                       {"receiver_url", access.receiver_url},
                                       {"webhook_secret", access.webhook_secret},
                                       {"sandbox_port", access.sandbox_port}});
  const int file = ::open(file_in(folder).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool is_written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!is_written) return fail(ErrorCode::internal, "Cannot write " + file_in(folder) + ".");
  return {};
}

Result<void> complete_access(const Secret& database_url, DevAccess& access) {
  Database database(database_url, 1);
  if (!access.merchant.empty() && TRY(find_merchant(database, access.merchant))) return {};
  access.merchant = TRY(create_merchant(database, "Demo Shop")).id;
  access.secret_key = TRY(create_key(database, access.merchant, Mode::test, false)).text.reveal();
  access.publishable_key =
      TRY(create_key(database, access.merchant, Mode::test, true)).text.reveal();
  return {};
}

}  // namespace switchyard
