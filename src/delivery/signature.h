// Standard Webhooks, version 1: what proves to a merchant that a message is ours and is whole.
// https://github.com/standard-webhooks/standard-webhooks, checked 2026-11-20.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/message.h"

namespace switchyard {

// What lies sealed with an endpoint: its secrets, newest first, one space between them. An old one
// that is being rotated out ends in "@" and the unix second until which it still signs.
std::vector<Secret> secrets_in(const Secret& sealed_text, Time now);

// "v1,…" for each secret, one space between; a secret that is not whsec_ and padded base64 signs
// nothing. The id must be of [A-Za-z0-9_]: with a dot in it two messages could share a signature.
std::string sign_message(std::span<const Secret> secrets, std::string_view id, Time at,
                         std::string_view body);

// How a careful receiver checks: any of the secrets, 300 seconds either way, nothing lenient.
bool is_signed(std::span<const Secret> secrets, const Headers& headers, std::string_view body,
               Time now);

}  // namespace switchyard
