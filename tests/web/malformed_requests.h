// Every spelling of a request that is none, with what the gate says of it.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_code.h"
#include "web/gate.h"

namespace switchyard::malformed {

inline constexpr GateLimits small{
    .target_bytes = 200, .header_bytes = 400, .header_count = 10, .body_bytes = 100};

inline std::string head(const std::string& request_line, const std::string& more = "") {
  return request_line + "\r\nHost: shop.example\r\n" + more + "\r\n";
}

struct Malformed {
  const char* name;
  std::string bytes;
  ErrorCode code;
  std::string_view reason;
};

inline void PrintTo(const Malformed& malformed, std::ostream* out) { *out << malformed.name; }

// clang-format off
inline const ErrorCode bad = ErrorCode::malformed_request;
inline const std::string get = "GET / HTTP/1.1";
inline const std::string post = "POST / HTTP/1.1";
inline const std::string chunked = head(post, "Transfer-Encoding: chunked\r\n");

inline std::string target(const std::string& raw) { return head("GET " + raw + " HTTP/1.1"); }

inline const std::vector<Malformed> cases = {
    {"H2_length_negative", head(post, "Content-Length: -1\r\n"), bad, "content_length"},
    {"H2_length_word", head(post, "Content-Length: abc\r\n"), bad, "content_length"},
    {"H2_length_trailing", head(post, "Content-Length: 5x\r\n"), bad, "content_length"},
    {"H2_length_plus", head(post, "Content-Length: +5\r\n"), bad, "content_length"},
    {"H2_length_empty", head(post, "Content-Length: \r\n"), bad, "content_length"},
    {"H2_length_hex", head(post, "Content-Length: 0x5\r\n"), bad, "content_length"},
    {"H2_length_list", head(post, "Content-Length: 5, 5\r\n"), bad, "content_length"},
    {"H2_length_2_to_64", head(post, "Content-Length: 18446744073709551616\r\n"), bad, "content_length"},
    {"H2_length_2_to_64_less_1", head(post, "Content-Length: 18446744073709551615\r\n"), ErrorCode::body_too_large, "body_size"},
    {"H2_length_over_limit", head(post, "Content-Length: 101\r\n"), ErrorCode::body_too_large, "body_size"},
    {"H2_length_twice", head(post, "Content-Length: 5\r\nContent-Length: 6\r\n"), bad, "header_duplicate"},
    {"H2_length_twice_same", head(post, "Content-Length: 5\r\nContent-Length: 5\r\n"), bad, "header_duplicate"},
    {"H2_length_and_chunked", head(post, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), bad, "framing"},
    {"H2_chunked_and_length", head(post, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), bad, "framing"},
    {"H2_coding_twice", head(post, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), bad, "header_duplicate"},
    {"H2_coding_gzip", head(post, "Transfer-Encoding: gzip, chunked\r\n"), bad, "framing"},
    {"H2_coding_x", head(post, "Transfer-Encoding: xchunked\r\n"), bad, "framing"},
    {"H2_coding_empty", head(post, "Transfer-Encoding:\r\n"), bad, "framing"},
    {"H2_coding_in_1_0", head("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), bad, "framing"},

    {"H3_space_before_colon", head(post, "Content-Length : 5\r\n"), bad, "header_name"},
    {"H3_tab_before_colon", head(post, "Content-Length\t: 5\r\n"), bad, "header_name"},
    {"H3_cr_in_name", head(get, "X-A\rB: 5\r\n"), bad, "header_name"},
    {"H3_crlf_in_name", head(get, "X-A\r\nB: 5\r\n"), bad, "header_name"},
    {"H3_empty_name", head(get, ": 5\r\n"), bad, "header_name"},
    {"H3_no_colon", head(get, "X-A\r\n"), bad, "header_name"},
    {"H3_tab_after_colon", head(get, "X-A:\tb\r\n"), bad, "header_control"},
    {"D13_cr_in_value", head(get, "X-A: b\rc\r\n"), bad, "header_control"},
    {"D13_two_crs", head(get, "X-A: b\r\r\n"), bad, "header_control"},
    {"D13_nul_in_value", head(get, std::string("X-A: b\0c\r\n", 10)), bad, "header_control"},
    {"D13_delete_in_value", head(get, "X-A: b\x7f\r\n"), bad, "header_control"},
    {"H3_fold_space", head(get, "X-A: b\r\n c\r\n"), bad, "header_fold"},
    {"H3_fold_tab", head(get, "X-A: b\r\n\tc\r\n"), bad, "header_fold"},
    {"H3_fold_first", get + "\r\n Host: a\r\n\r\n", bad, "header_fold"},
    {"H3_bare_lf_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", bad, "bare_lf"},
    {"H3_bare_lf_header", get + "\r\nHost: a\nX-A: b\r\n\r\n", bad, "bare_lf"},
    {"H3_bare_lf_end", get + "\r\nHost: a\r\n\n", bad, "bare_lf"},

    {"H3_version_empty", "GET / \r\n\r\n", bad, "version"},
    {"H3_version_partial", head("GET / HTTP/1"), bad, "version"},
    {"H3_version_dot", head("GET / HTTP/1."), bad, "version"},
    {"H9_version_2", head("GET / HTTP/2.0"), bad, "version"},
    {"H3_version_1_2", head("GET / HTTP/1.2"), bad, "version"},
    {"H3_version_lower_case", head("GET / http/1.1"), bad, "version"},
    {"H9_version_0_9", "GET /\r\n", bad, "request_line"},
    {"H9_http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad, "version"},
    {"H3_one_word", "GET\r\n", bad, "request_line"},
    {"H3_empty_line_first", "\r\n" + head(get), bad, "request_line"},
    {"H3_space_first", " " + head(get), bad, "request_line"},
    {"tls_hello", std::string("\x16\x03\x01\x02\x00\x01", 6), bad, "request_line"},
    {"nul_first", std::string("\0", 1), bad, "request_line"},
    {"H3_two_spaces", head("GET  / HTTP/1.1"), bad, "target_form"},
    {"H3_tab_for_space", head("GET\t/ HTTP/1.1"), bad, "request_line"},
    {"H9_method_not_a_word", head("G(T / HTTP/1.1"), bad, "method"},
    {"H9_trace", head("TRACE / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_connect", head("CONNECT shop.example:443 HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_unknown_method", head("BREW / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_lower_case_method", head("get / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},

    {"H9_h2c", head(get, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"), bad, "upgrade"},
    {"H9_websocket", head(get, "Upgrade: websocket\r\n"), bad, "upgrade"},
    {"expectation", head(post, "Expect: 200-ok\r\nContent-Length: 5\r\n"), bad, "expect"},
    {"H8_gzip", head(post, "Content-Encoding: gzip\r\nContent-Length: 5\r\n"), ErrorCode::unsupported_media_type, "content_encoding"},
    {"H8_encoding_empty", head(post, "Content-Encoding:\r\n"), ErrorCode::unsupported_media_type, "content_encoding"},
    {"H3_no_host", "GET / HTTP/1.1\r\n\r\n", bad, "host"},
    {"H3_host_with_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", bad, "host"},
    {"H3_host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", bad, "host"},
    {"H3_host_user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", bad, "host"},
    {"D15_host_twice", head(get, "host: shop.example\r\n"), bad, "header_duplicate"},
    {"A10_authorization_twice", head(get, "Authorization: Bearer a\r\nAUTHORIZATION: Bearer b\r\n"), bad, "header_duplicate"},
    {"D15_key_twice", head(post, "Idempotency-Key: a\r\nIdempotency-Key: a\r\n"), bad, "header_duplicate"},
    {"D15_type_twice", head(post, "Content-Type: a/b\r\nContent-Type: a/c\r\n"), bad, "header_duplicate"},
    {"D15_unknown_twice", head(get, "X-Signature: a\r\nX-Signature: b\r\n"), bad, "header_duplicate"},

    {"H6_line_too_long", "GET /" + std::string(300, 'a'), ErrorCode::url_too_long, "request_line_size"},
    {"H6_line_too_long_whole", target("/" + std::string(300, 'a')), ErrorCode::url_too_long, "request_line_size"},
    {"H6_header_too_long", head(get, "X-A: " + std::string(500, 'a') + "\r\n"), ErrorCode::headers_too_large, "header_size"},
    {"H6_headers_too_long", head(get, "X-A: " + std::string(190, 'a') + "\r\nX-B: " + std::string(190, 'a') + "\r\n"), ErrorCode::headers_too_large, "header_size"},
    {"H6_headers_too_many", head(get, "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\nI:\r\nJ:\r\n"), ErrorCode::headers_too_large, "header_count"},

    {"H4_chunk_2_to_64_less_1", chunked + "ffffffffffffffff\r\n", ErrorCode::body_too_large, "body_size"},
    {"H4_chunk_2_to_64", chunked + "10000000000000000\r\n", bad, "chunk"},
    {"H4_chunk_negative", chunked + "-1\r\n", bad, "chunk"},
    {"H4_chunk_hex_prefix", chunked + "0x5\r\n", bad, "chunk"},
    {"H4_chunk_plus", chunked + "+5\r\n", bad, "chunk"},
    {"H4_chunk_empty", chunked + "\r\n", bad, "chunk"},
    {"H4_chunk_space", chunked + "5 \r\n", bad, "chunk"},
    {"H4_chunk_extension", chunked + "5;a=b\r\nhello\r\n", bad, "chunk"},
    {"H4_chunk_bare_lf", chunked + "5\nhello\r\n", bad, "bare_lf"},
    {"H4_chunk_no_end", chunked + "5\r\nhelloworld\r\n", bad, "chunk"},
    {"H4_chunk_end_lf", chunked + "5\r\nhello\n", bad, "bare_lf"},
    {"H4_chunks_over_limit", chunked + "3c\r\n" + std::string(60, 'a') + "\r\n3c\r\n", ErrorCode::body_too_large, "body_size"},
    {"H4_trailer", chunked + "0\r\nX-A: b\r\n\r\n", bad, "trailer"},

    {"D14_absolute_form", target("http://shop.example/v1"), bad, "target_form"},
    {"asterisk", head("OPTIONS * HTTP/1.1"), bad, "target_form"},
    {"no_slash", target("v1/payments"), bad, "target_form"},
    {"fragment", target("/v1#a"), bad, "path_character"},
    {"fragment_in_query", target("/v1?a=b#c"), bad, "query_character"},
    {"space_in_target", target("/a b"), bad, "path_character"},
    {"D14_backslash", target("/a\\b"), bad, "path_character"},
    {"non_ascii", target("/\xc3\xa9"), bad, "path_character"},
    {"nul_in_target", head(std::string("GET /a\0b HTTP/1.1", 17)), bad, "path_character"},
    {"D14_empty_segment", target("//v1"), bad, "path_empty_segment"},
    {"D14_empty_segment_later", target("/v1//payments"), bad, "path_empty_segment"},
    {"D14_dot_dot", target("/v1/../admin"), bad, "path_traversal"},
    {"D14_dot_dot_last", target("/v1/.."), bad, "path_traversal"},
    {"D14_dot", target("/v1/./payments"), bad, "path_traversal"},
    {"D14_dot_dot_encoded", target("/%2e%2E/etc/passwd"), bad, "path_traversal"},
    {"D14_dot_dot_semicolon", target("/v1/..;/admin"), bad, "path_traversal"},
    {"D14_encoded_slash", target("/v1%2fpayments"), bad, "path_encoded_slash"},
    {"D14_encoded_backslash", target("/v1%5Cpayments"), bad, "path_encoded_slash"},
    {"D13_encoded_nul", target("/v1/%00"), bad, "path_control"},
    {"D13_encoded_newline", target("/v1/%0d%0aX"), bad, "path_control"},
    {"D8_encoded_not_utf8", target("/v1/%ff"), bad, "path_control"},
    {"D14_encoded_overlong_slash", target("/v1/%c0%af"), bad, "path_control"},
    {"D8_encoded_surrogate", target("/v1/%ed%a0%80"), bad, "path_control"},
    {"D14_double_encoding", target("/%252e%252e/etc"), bad, "path_double_encoding"},
    {"encoding_cut", target("/v1/%2"), bad, "path_encoding"},
    {"encoding_not_hex", target("/v1/%zz"), bad, "path_encoding"},
    {"D15_query_twice", target("/v1?limit=1&limit=9999"), bad, "query_duplicate"},
    {"D15_query_twice_encoded", target("/v1?limit=1&%6cimit=9999"), bad, "query_duplicate"},
    {"D13_query_nul", target("/v1?a=%00"), bad, "query_encoding"},
    {"D13_query_newline", target("/v1?a=%0d%0a"), bad, "query_encoding"},
    {"D8_query_not_utf8", target("/v1?a=%ff"), bad, "query_encoding"},
    {"query_cut", target("/v1?a=%f"), bad, "query_encoding"},
    {"query_no_name", target("/v1?=b"), bad, "query_key"},
    {"query_quote", target("/v1?a=\"b\""), bad, "query_character"},
};
// clang-format on

}  // namespace switchyard::malformed
