// Bytes that are no requests, or more than one, or too much, with the status of their refusal.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace switchyard::testing {

struct Bytes {
  std::string name;
  std::string bytes;
  int status;
};

inline void PrintTo(const Bytes& bytes, std::ostream* out) { *out << bytes.name; }

inline const std::string line = "POST /v1/payments HTTP/1.1\r\n";
inline const std::string host = "Host: shop.example\r\n";

inline std::string posted(const std::string& headers, const std::string& rest = "{}") {
  return line + host + headers + "\r\n" + rest;
}
inline std::string got(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\n" + host + headers + "\r\n";
}

inline const std::vector<Bytes> all_bytes = {
    {"H2_length_negative", posted("Content-Length: -1\r\n"), 400},
    {"H2_length_word", posted("Content-Length: abc\r\n"), 400},
    {"H2_length_trailing", posted("Content-Length: 5x\r\n"), 400},
    {"H2_length_plus", posted("Content-Length: +5\r\n"), 400},
    {"H2_length_2_to_64", posted("Content-Length: 18446744073709551616\r\n"), 400},
    {"H2_two_lengths", posted("Content-Length: 2\r\nContent-Length: 5\r\n"), 400},
    {"H2_length_and_chunks", posted("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"H3_space_before_colon", posted("Content-Length : 5\r\n"), 400},
    {"H3_line_end_in_a_name", posted("X-A\rB: 5\r\n"), 400},
    {"H3_tab_after_colon", posted("X-A:\tb\r\n"), 400},
    {"H3_folded", posted("X-A: b\r\n c\r\n"), 400},
    {"H3_bare_lf", "GET /healthz HTTP/1.1\nHost: a\n\n", 400},
    {"H3_no_version", "GET /healthz \r\n" + host + "\r\n", 400},
    {"H3_half_a_version", "GET /healthz HTTP/1.\r\n" + host + "\r\n", 400},
    {"H4_chunk_2_to_64_less_1", posted("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"),
     413},
    {"H4_chunk_negative", posted("Transfer-Encoding: chunked\r\n", "-1\r\n"), 400},
    {"H4_chunk_without_end", posted("Transfer-Encoding: chunked\r\n", "2\r\n{}0\r\n\r\n"), 400},
    {"H4_trailer", posted("Transfer-Encoding: chunked\r\n", "0\r\nX-A: b\r\n\r\n"), 400},
    {"H6_line_of_64_kib", got("/" + std::string(65'536, 'a')), 414},
    {"H6_header_of_64_kib", got("/healthz", "X-A: " + std::string(65'536, 'a') + "\r\n"), 431},
    {"H8_gzip", posted("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "\x1f\x8b"), 415},
    {"H9_trace", "TRACE /healthz HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_connect", "CONNECT shop.example:443 HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_unknown_method", "BREW /healthz HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_http_0_9", "GET /healthz\r\n", 400},
    {"H9_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"H9_h2c", got("/healthz", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 400},
    {"H13_tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 13), 400},
    {"A10_two_authorizations",
     got("/v1/payments", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
    {"A10_nul_in_a_key", got("/v1/payments", std::string("Authorization: Bearer a\0b\r\n", 27)),
     400},
    {"A10_line_end_in_a_key", got("/v1/payments", "Authorization: Bearer a\rb\r\n"), 400},
    {"D14_dots_encoded", got("/v1/%2e%2e/metrics"), 400},
    {"D14_dots_semicolon", got("/v1/..;/metrics"), 400},
    {"D14_slash_encoded", got("/v1%2fpayments"), 400},
    {"D14_encoded_twice", got("/%252e%252e/etc/passwd"), 400},
    {"D14_absolute_form", got("http://127.0.0.1/metrics"), 400},
    {"D14_file", got("/etc/passwd"), 404},
    {"D14_file_of_ours", got("/docs/openapi.yaml"), 404},
    {"D15_limit_twice", got("/v1/payments?limit=1&limit=9999"), 400},
    {"D15_limit_twice_encoded", got("/v1/payments?limit=1&%6cimit=9999"), 400},
    {"A14_metrics", got("/metrics"), 404},
    {"K9_debug", got("/debug/pprof"), 404},
    {"K9_openapi", got("/openapi.json"), 404},
    {"K9_env", got("/.env"), 404},
    {"K9_admin", got("/admin"), 404},
};

}  // namespace switchyard::testing
