// write_seeds FOLDER: writes the seeds that are made from the exchanges to FOLDER/TARGET/NAME.
#include <filesystem>
#include <fstream>

#include "seeds.h"

int main(int count, char** words) {
  if (count != 2) return 2;
  for (const switchyard::Seed& seed : switchyard::seeds_from_exchanges()) {
    const auto folder = std::filesystem::path(words[1]) / seed.target;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / seed.name, std::ios::binary) << seed.bytes;
  }
}
