#include "base/clock.h"

#include <string>

namespace switchyard {
namespace {

using namespace std::chrono;

// PostgreSQL knows no year 0000, and nobody reads a year of five digits.
constexpr Time first_time = sys_days{1y / January / 1};
constexpr Time after_last_time = sys_days{10000y / January / 1};

// Reads from the front of a text; once something does not fit, it stays failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool is_good() const { return is_good_; }
  bool is_at_end() const { return rest_.empty(); }

  bool accept(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) is_good_ = false;
  }

  // Exactly `count` digits.
  int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }

  // What follows a decimal point: one to nine digits. Those after the sixth are finer than Time.
  microseconds decimals() {
    int value = 0;
    int count = 0;
    for (; has_digit(); ++count) {
      const int next = digit();
      if (count < 6) value = value * 10 + next;
    }
    if (count < 1 || count > 9) is_good_ = false;
    for (int i = count; i < 6; ++i) value *= 10;
    return microseconds{value};
  }

 private:
  bool has_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  int digit() {
    if (!has_digit()) {
      is_good_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<sys_days> read_date(Reader& reader) {
  const year y{reader.digits(4)};
  reader.expect('-');
  const month m{static_cast<unsigned>(reader.digits(2))};
  reader.expect('-');
  const day d{static_cast<unsigned>(reader.digits(2))};
  const year_month_day date{y, m, d};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<Duration> read_time_of_day(Reader& reader) {
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  reader.expect(':');
  const int second = reader.digits(2);
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const microseconds fraction = reader.accept('.') ? reader.decimals() : microseconds{0};
  return hours{hour} + minutes{minute} + seconds{second} + fraction;
}

std::optional<Duration> read_offset(Reader& reader) {
  if (reader.accept('Z')) return Duration{0};
  const bool is_behind = reader.accept('-');
  if (!is_behind) reader.expect('+');
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  if (hour > 23 || minute > 59) return std::nullopt;
  const Duration offset = hours{hour} + minutes{minute};
  return is_behind ? -offset : offset;
}

// The mark before them, then exactly `count` digits.
void add_digits(std::string& text, char mark, unsigned value, int count) {
  char digits[4] = {mark};
  for (int place = count; place > 0; --place, value /= 10)
    digits[place] = static_cast<char>('0' + value % 10);
  text.append(digits, static_cast<std::size_t>(count) + 1);
}

// Four digits; those that are not of our years, as they come.
void add_year(std::string& text, int year) {
  const std::string number = std::to_string(year < 0 ? -year : year);
  if (year < 0) text += '-';
  if (number.size() < 4) text.append(4 - number.size(), '0');
  text += number;
}

}  // namespace

// By hand: it is asked for several times an event, and snprintf reads its pattern each time.
std::string to_rfc3339(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  std::string text;
  text.reserve(24);
  add_year(text, static_cast<int>(date.year()));
  add_digits(text, '-', static_cast<unsigned>(date.month()), 2);
  add_digits(text, '-', static_cast<unsigned>(date.day()), 2);
  add_digits(text, 'T', static_cast<unsigned>(clock.hours().count()), 2);
  add_digits(text, ':', static_cast<unsigned>(clock.minutes().count()), 2);
  add_digits(text, ':', static_cast<unsigned>(clock.seconds().count()), 2);
  add_digits(text, '.', static_cast<unsigned>(clock.subseconds().count()), 3);
  text += 'Z';
  return text;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  Reader reader(text);
  const auto date = read_date(reader);
  reader.expect('T');
  const auto time_of_day = read_time_of_day(reader);
  const auto offset = read_offset(reader);
  if (!reader.is_good() || !reader.is_at_end()) return std::nullopt;
  if (!date || !time_of_day || !offset) return std::nullopt;
  const Time time = Time{*date} + *time_of_day - *offset;
  if (time < first_time || time >= after_last_time) return std::nullopt;
  return time;
}

}  // namespace switchyard
