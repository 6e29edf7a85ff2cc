#include "figures.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace bench {
namespace {

double ms_of(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double rounded(double number) { return std::round(number * 100) / 100; }

std::vector<Sample> between(const std::vector<Sample>& samples, Instant from, Instant to) {
  std::vector<Sample> found;
  for (const Sample& sample : samples)
    if (sample.done_at >= from && sample.done_at < to) found.push_back(sample);
  return found;
}

}  // namespace

Percentiles percentiles_of(std::vector<double> ms) {
  if (ms.empty()) return {};
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double part) {
    return ms[static_cast<std::size_t>(part * static_cast<double>(ms.size() - 1))];
  };
  return {at(0.5), at(0.9), at(0.99), ms.back()};
}

double rate_between(const std::vector<Sample>& samples, Instant from, Instant to) {
  return static_cast<double>(between(samples, from, to).size()) /
         std::chrono::duration<double>(to - from).count();
}

switchyard::Json percentiles_json(const std::vector<Sample>& samples, Instant from, Instant to,
                                  bool without_provider) {
  std::vector<double> ms;
  for (const Sample& sample : between(samples, from, to))
    ms.push_back(ms_of(sample.latency - (without_provider ? sample.provider : Clock::duration{})));
  const Percentiles p = percentiles_of(std::move(ms));
  return {{"p50", rounded(p.p50)},
          {"p90", rounded(p.p90)},
          {"p99", rounded(p.p99)},
          {"max", rounded(p.most)}};
}

ProcessFigures figures_of_process(int pid) {
  ProcessFigures figures;
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream status(folder + "/status");
  for (std::string name; status >> name;) {
    if (name == "VmRSS:") status >> figures.resident_mb;
    if (name == "VmHWM:") status >> figures.peak_mb;
    if (name == "Threads:") status >> figures.threads;
  }
  figures.resident_mb /= 1024;
  figures.peak_mb /= 1024;
  std::ifstream stat(folder + "/stat");
  std::string text;
  std::getline(stat, text);
  // The name in parentheses may hold blanks; user and system time are the 12th and 13th after it.
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 2, text.size())));
  std::string field;
  for (int i = 0; i < 13 && fields >> field; ++i)
    if (i >= 11)
      figures.cpu_seconds += std::stod(field) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return figures;
}

}  // namespace bench
