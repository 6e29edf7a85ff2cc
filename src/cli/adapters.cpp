// switchyard adapters check | errors | page
#include <filesystem>
#include <iostream>

#include "cli/commands.h"
#include "kit/pages.h"

namespace switchyard::cli {
namespace {

struct AdapterOptions {
  std::string name;
  std::string folder = "adapters";
};

std::vector<const Adapter*> chosen(const AdapterOptions& options) {
  const auto all = all_adapters();
  if (options.name.empty()) return {all.begin(), all.end()};
  const Adapter* adapter = find_adapter(options.name);
  return adapter ? std::vector<const Adapter*>{adapter} : std::vector<const Adapter*>{};
}

int complain_of_name(const AdapterOptions& options) {
  std::string names;
  for (const Adapter* adapter : all_adapters())
    names += (names.empty() ? "" : ", ") + std::string(adapter->name);
  return complain("There is no adapter \"" + options.name + "\"; there are " + names + ".");
}

std::vector<AdapterReport> check_chosen(const AdapterOptions& options) {
  return check_adapters(chosen(options), options.folder);
}

bool has_folder(const AdapterOptions& options) {
  if (std::filesystem::is_directory(options.folder)) return true;
  complain("There is no folder " + options.folder +
           ": run this in the source tree, or say where the adapters are with --folder.");
  return false;
}

int run_check(const AdapterOptions& options) {
  if (chosen(options).empty()) return complain_of_name(options);
  if (!has_folder(options)) return 2;
  int unsound = 0;
  for (const AdapterReport& report : check_chosen(options)) {
    std::cout << report_text(report) << "\n";
    unsound += !report.is_sound();
  }
  if (unsound == 0)
    std::cout << "Sound.\n";
  else
    std::cout << unsound << (unsound == 1 ? " adapter is" : " adapters are") << " not sound.\n";
  return unsound == 0 ? 0 : 1;
}

CLI::App* add(CLI::App& group, const char* name, const char* sentence,
              const std::shared_ptr<AdapterOptions>& options, bool has_name, bool has_folder) {
  auto* command = group.add_subcommand(name, sentence);
  if (has_name) command->add_option("name", options->name, "One adapter; all when left out");
  if (has_folder)
    command->add_option("--folder", options->folder, "Where the adapters' folders are")
        ->capture_default_str();
  return command;
}

}  // namespace

void offer_adapters(Program& program) {
  auto* group = program.app.add_subcommand("adapters", "What the adapters do, and whether rightly");
  group->require_subcommand(1);
  const auto options = std::make_shared<AdapterOptions>();
  add(*group, "check", "Put adapters through the conformance kit, offline", options, true, true)
      ->callback([&program, options] { program.run = [options] { return run_check(*options); }; });
  add(*group, "errors", "Print what each provider's codes mean to us", options, true, true)
      ->callback([&program, options] {
        program.run = [options] {
          const auto adapters = chosen(*options);
          if (adapters.empty()) return complain_of_name(*options);
          // Where the source is not at hand, nobody says how certain each of them is.
          std::vector<Exchange> exchanges;
          if (std::filesystem::is_directory(options->folder))
            for (const ExchangePlace& place : find_exchanges(options->folder))
              exchanges.push_back(read_exchange(place));
          std::cout << errors_table(adapters, exchanges);
          return 0;
        };
      });
  add(*group, "page", "Print docs/providers.md", options, false, true)
      ->callback([&program, options] {
        program.run = [options] {
          if (!has_folder(*options)) return 2;
          const auto reports = check_chosen(*options);
          std::cout << providers_page(reports);
          return 0;
        };
      });
  group->footer("Example:\n  switchyard adapters check example");
}

}  // namespace switchyard::cli
