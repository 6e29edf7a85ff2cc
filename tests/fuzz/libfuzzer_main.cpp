// Joins one target, named by the build as FUZZ_TARGET, with libFuzzer.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace switchyard {
void FUZZ_TARGET(std::string_view input);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  switchyard::FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
