// What one key of a section means for another, and what the environment adds.

#include <cstdlib>

#include "app/config_sections.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

constexpr std::size_t master_key_size = 32;

const ConfigMember* find_key(const ConfigNode& file, std::string_view section,
                             std::string_view key) {
  const ConfigMember* table = find_member(file, section);
  return table == nullptr ? nullptr : find_member(table->node, key);
}

Place place_of(const ConfigNode& file, std::string_view section, std::string_view key) {
  if (const ConfigMember* member = find_key(file, section, key)) return member->node.place;
  const ConfigMember* table = find_member(file, section);
  return table == nullptr ? Place{} : table->place;
}

// What the file leaves out may be in the environment.
void take_from_environment(Secret& secret, const char* variable, Place place, std::string_view key,
                           Findings& findings) {
  const char* value = std::getenv(variable);
  if (value != nullptr) secret = Secret(value);
  if (!secret.is_empty()) return;
  std::string message = std::string(key) + " is missing, and the environment variable " + variable +
                        " is not set either";
  if (findings.secrets == SecretsHere::may_be)
    findings.warn(place, std::move(message));
  else
    findings.refuse(place, std::move(message));
}

std::optional<std::string> decoded_key(std::string_view text) {
  const auto bytes = text.size() == 2 * master_key_size ? from_hex(text) : from_base64(text);
  return bytes && bytes->size() == master_key_size ? bytes : std::nullopt;
}

// "KEY" or "NEWEST,OLDER" → the raw bytes of all of them.
std::optional<std::string> decoded_keys(std::string_view text) {
  std::string all;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto key = decoded_key(text.substr(0, comma));
    if (!key) return std::nullopt;
    all += *key;
    if (comma == std::string_view::npos) return all;
    text.remove_prefix(comma + 1);
  }
}

void complete_database(const ConfigNode& file, Findings& findings, Config& config) {
  if (find_key(file, "database", "url") == nullptr)
    take_from_environment(config.database.url, "DATABASE_URL", place_of(file, "database", "url"),
                          "database.url", findings);
}

void complete_master_key(const ConfigNode& file, Findings& findings, Config& config) {
  Secret& master_key = config.secrets.master_key;
  const Place place = place_of(file, "secrets", "master_key");
  if (find_key(file, "secrets", "master_key") == nullptr)
    take_from_environment(master_key, "SWITCHYARD_MASTER_KEY", place, "secrets.master_key",
                          findings);
  if (master_key.is_empty()) return;
  const auto bytes = decoded_keys(master_key.reveal());
  master_key = Secret(bytes.value_or(""));
  if (!bytes)
    findings.refuse(place,
                    "secrets.master_key must be 32 bytes as 64 hex digits or base64; "
                    "`openssl rand -hex 32` makes one");
}

void complete_server(const ConfigNode& file, Findings& findings, Config& config) {
  auto& server = config.server;
  if (server.operations_port == server.port)
    findings.refuse(place_of(file, "server", "operations_port"),
                    "server.operations_port must differ from server.port");
  if (server.operations_port == 0 && server.port == 65535)
    findings.refuse(place_of(file, "server", "port"),
                    "server.port 65535 leaves no port after it: give server.operations_port too");
  if (!server.public_url.empty()) return;
  // Nobody can call 0.0.0.0; whoever listens everywhere is also reached through the loopback.
  std::string host = server.address;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  server.public_url = "http://" + host + ":" + std::to_string(server.port);
}

}  // namespace

void complete_sections(const ConfigNode& file, Findings& findings, Config& config) {
  complete_database(file, findings, config);
  complete_master_key(file, findings, config);
  complete_server(file, findings, config);
}

}  // namespace switchyard
