// switchyard states
#include <iostream>

#include "cli/commands.h"
#include "domain/states_text.h"

namespace switchyard::cli {

void offer_states(Program& program) {
  auto* command =
      program.app.add_subcommand("states", "Print docs/states.md, drawn from the tables that run");
  command->footer("Example:\n  switchyard states > docs/states.md");
  command->callback([&program] {
    program.run = [] {
      std::cout << states_markdown();
      return 0;
    };
  });
}

}  // namespace switchyard::cli
