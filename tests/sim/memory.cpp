// Where the simulation's records come from. A payment allocates and frees some thousand small
// pieces, strings for the most part, and the general allocator was a fifth of its time. Here a
// piece that is let go waits in a list of its size for the next one who asks for that size; what is
// larger than `largest` is malloc's. Under a sanitizer, all of it is: it wants to see every piece.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <sys/mman.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t step = 16;  // sizes differ by that, and it is what new must align to
constexpr std::size_t largest = 1024;
constexpr std::size_t slab_bytes = 64 * 1024;  // of one size each
// Of addresses: memory comes when they are touched.
constexpr std::size_t region_bytes = std::size_t{4} << 30;

struct Piece {
  Piece* next;
};

// The addresses of all pieces, so that one which is let go without its size is recognized.
struct Region {
  char* begin = nullptr;
  std::size_t used = 0;
  unsigned char kinds[region_bytes / slab_bytes] = {};  // of each slab
};
constinit Region region;
constinit Piece* waiting[largest / step + 1] = {};

std::size_t kind_of(std::size_t size) { return (size + step - 1) / step; }

void open_region() {
  void* const begin = mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) std::abort();
  region.begin = static_cast<char*>(begin);
}

// The pieces of a new slab, in the order of their addresses.
void fill(std::size_t kind) {
  if (!region.begin) open_region();
  if (region.used == region_bytes) std::abort();
  region.kinds[region.used / slab_bytes] = static_cast<unsigned char>(kind);
  char* const slab = region.begin + region.used;
  region.used += slab_bytes;
  const std::size_t size = kind * step;
  for (std::size_t count = slab_bytes / size; count > 0; --count)
    waiting[kind] = new (slab + (count - 1) * size) Piece{waiting[kind]};
}

bool is_ours(void* piece) {
  return static_cast<std::size_t>(static_cast<char*>(piece) - region.begin) < region.used;
}

void wait(void* piece, std::size_t kind) { waiting[kind] = new (piece) Piece{waiting[kind]}; }

}  // namespace

// One thread is all that a simulation has.
void* operator new(std::size_t size) {
  if (size > largest) {
    void* const large = std::malloc(size);
    if (!large) std::abort();
    return large;
  }
  const std::size_t kind = kind_of(size == 0 ? 1 : size);
  if (!waiting[kind]) fill(kind);
  Piece* const piece = waiting[kind];
  waiting[kind] = piece->next;
  return piece;
}

void operator delete(void* piece, std::size_t size) noexcept {
  if (size > largest)
    std::free(piece);
  else if (piece)
    wait(piece, kind_of(size == 0 ? 1 : size));
}

void operator delete(void* piece) noexcept {
  if (!is_ours(piece)) return std::free(piece);
  wait(piece,
       region
           .kinds[static_cast<std::size_t>(static_cast<char*>(piece) - region.begin) / slab_bytes]);
}

#endif
