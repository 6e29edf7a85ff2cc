#include "base/crypto.h"

#include <gtest/gtest.h>

#include <set>

namespace switchyard {
namespace {

using namespace std::string_literals;

std::string unhex(std::string_view text) { return from_hex(text).value(); }

TEST(Crypto, sha256_gives_the_digests_of_fips_180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256("abc").size(), 32u);
  EXPECT_NE(sha256("a\0b"s), sha256("a\0c"s));
}

TEST(Crypto, hmac_gives_the_digests_of_rfc_4231) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, hmac_takes_an_empty_key_and_an_empty_text) {
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, hex_is_written_in_lower_case_and_read_in_either) {
  EXPECT_EQ(to_hex("\x00\x0f\xf0\xff"s), "000ff0ff");
  EXPECT_EQ(from_hex("000ff0ff"), "\x00\x0f\xf0\xff"s);
  EXPECT_EQ(from_hex("ABCDEF"), "\xab\xcd\xef");
  EXPECT_EQ(from_hex(""), "");
  for (const char* bad : {"0", "0g", "g0", " 0", "0x", "00 "}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Crypto, base64_gives_the_texts_of_rfc_4648) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xbf", "+/+/"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(to_base64url("\xfb\xff\xbf"), "-_-_");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("f"), "Zg");
}

TEST(Crypto, base64_returns_bytes_of_every_length_unchanged) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string bytes = random_bytes(length);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Crypto, base64_has_one_spelling) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zg==Zg==", "Zh==", "Zm9=",
                          "Zm9v\n", " Zm9", "Zm-v", "Zm_v", "Zm9vZ"}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

TEST(Crypto, K8_equality_needs_every_byte) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc\0d"s, "abc\0d"s));
  EXPECT_FALSE(equal_in_constant_time("abc\0d"s, "abc\0e"s));
  EXPECT_FALSE(equal_in_constant_time("xbc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(Crypto, K7_chance_is_as_long_as_asked_and_does_not_repeat) {
  EXPECT_EQ(random_bytes(0), "");
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random_bytes(16).size(), 16u);
    seen.insert(random_bytes(16));
  }
  EXPECT_EQ(seen.size(), 100u);
}

const std::string key_a(32, 'a');
const std::string key_b(32, 'b');

TEST(Sealer, opens_what_it_sealed) {
  const Sealer sealer{Secret(key_a)};
  for (const std::string& plain : {""s, "x"s, "a\0b"s, std::string(100'000, 'z')}) {
    EXPECT_EQ(sealer.open(sealer.seal(plain, "row 1"), "row 1"), plain);
  }
}

TEST(Sealer, opens_nothing_as_another_row) {
  const Sealer sealer{Secret(key_a)};
  const std::string sealed = sealer.seal("secret", "endpoint we_1");
  EXPECT_FALSE(sealer.open(sealed, "endpoint we_2"));
  EXPECT_FALSE(sealer.open(sealed, ""));
  EXPECT_FALSE(sealer.open(sealed, "endpoint we_1 "));
}

TEST(Sealer, opens_nothing_that_was_changed) {
  const Sealer sealer{Secret(key_a)};
  const std::string sealed = sealer.seal("secret", "row");
  for (std::size_t place = 0; place < sealed.size(); ++place) {
    std::string changed = sealed;
    changed[place] = static_cast<char>(changed[place] ^ 1);
    EXPECT_FALSE(sealer.open(changed, "row")) << place;
  }
}

TEST(Sealer, opens_nothing_that_was_cut_or_lengthened) {
  const Sealer sealer{Secret(key_a)};
  const std::string sealed = sealer.seal("secret", "row");
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(sealer.open(sealed.substr(0, length), "row")) << length;
  }
  EXPECT_FALSE(sealer.open(sealed + "x", "row"));
}

TEST(Sealer, K5_opens_nothing_of_another_key) {
  const std::string sealed = Sealer{Secret(key_a)}.seal("secret", "row");
  EXPECT_FALSE(Sealer{Secret(key_b)}.open(sealed, "row"));
}

TEST(Sealer, K5_never_seals_the_same_way_twice_and_hides_the_text) {
  const Sealer sealer{Secret(key_a)};
  const std::string plain = "a text to hide";
  EXPECT_NE(sealer.seal(plain, "row"), sealer.seal(plain, "row"));
  EXPECT_EQ(sealer.seal(plain, "row").find(plain), std::string::npos);
}

// Sealed with nonce 000102…0b by an implementation that is not ours. If this fails, a new version
// cannot read the database of an old one.
TEST(Sealer, opens_what_earlier_versions_sealed) {
  EXPECT_EQ(
      Sealer{Secret(key_a)}.open(
          unhex("49000102030405060708090a0ba1fbc69d627c29d1f9a45d77b28e909ef59be66d01abda1ec96c"),
          "endpoint we_1"),
      "whsec_kept");
}

TEST(Sealer, K5_keeps_opening_with_the_older_key_and_seals_with_the_newer) {
  const Sealer before{Secret(key_a)};
  const Sealer during{Secret(key_b + key_a)};
  const Sealer after{Secret(key_b)};
  EXPECT_EQ(during.open(before.seal("old", "row"), "row"), "old");
  EXPECT_EQ(after.open(during.seal("new", "row"), "row"), "new");
  EXPECT_FALSE(before.open(during.seal("new", "row"), "row"));
}

TEST(Sealer, derives_26_characters_that_never_change) {
  const Sealer sealer{Secret(key_a)};
  EXPECT_EQ(sealer.derive("client_secret", "pay_1"), "yz6egkiqn6aerxh7dkl6kukj3w");
}

TEST(Sealer, derives_another_secret_for_another_purpose_name_or_key) {
  const Sealer sealer{Secret(key_a)};
  const std::set<std::string> secrets = {
      sealer.derive("client_secret", "pay_1"),
      sealer.derive("client_secret", "pay_2"),
      sealer.derive("return", "pay_1"),
      sealer.derive("client_secretp", "ay_1"),
      Sealer{Secret(key_b)}.derive("client_secret", "pay_1"),
  };
  EXPECT_EQ(secrets.size(), 5u);
}

TEST(Sealer, knows_what_any_of_its_keys_derived) {
  const std::string given = Sealer{Secret(key_a)}.derive("return", "att_1");
  const Sealer during{Secret(key_b + key_a)};
  EXPECT_NE(during.derive("return", "att_1"), given);
  EXPECT_TRUE(during.is_derived(given, "return", "att_1"));
  EXPECT_TRUE(during.is_derived(during.derive("return", "att_1"), "return", "att_1"));
  EXPECT_FALSE(during.is_derived(given, "return", "att_2"));
  EXPECT_FALSE(during.is_derived("", "return", "att_1"));
  EXPECT_FALSE(Sealer{Secret(key_b)}.is_derived(given, "return", "att_1"));
}

TEST(SealerDeathTest, refuses_a_key_of_another_length) {
  EXPECT_DEATH(Sealer{Secret("")}, "master_key_size");
  EXPECT_DEATH(Sealer{Secret(std::string(31, 'a'))}, "master_key_size");
  EXPECT_DEATH(Sealer{Secret(std::string(33, 'a'))}, "master_key_size");
}

}  // namespace
}  // namespace switchyard
