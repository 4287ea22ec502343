/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/* What the fuzz targets share. The first byte of an input seeds the lengths of the pieces in which
   the rest is fed, so that the fuzzer can look for unlucky cuts. */
namespace fuzz
{

/* A broken invariant is a crash, which libFuzzer keeps the input of. */
inline void
demand (bool holds, const char *what, const std::string &one = "", const std::string &other = "")
{
  if (holds)
    return;

  fprintf (stderr, "broken: %s\n--- one\n%s\n--- other\n%s\n", what, one.c_str (), other.c_str ());
  abort ();
}

/* Mostly short lengths, sometimes long ones; the same seed gives the same lengths. */
class Pieces
{
public:
  explicit Pieces (uint8_t seed) : state (seed * 2654435761u + 1) {}

  size_t
  next ()
  {
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % 4 == 0 ? 1 + (state >> 20) % 300 : 1 + (state >> 20) % 5;
  }

private:
  uint32_t state;
};

struct Input
{
  uint8_t seed;
  std::string bytes;
};

inline Input
split (const uint8_t *data, size_t size)
{
  if (size == 0)
    return { 0, "" };
  return { data[0], std::string (reinterpret_cast<const char *> (data) + 1, size - 1) };
}

} // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
