/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

namespace postseal_test
{

/* What a name resolves to, while this object lives. */
class FakeResolver
{
public:
  struct Family
  {
    std::vector<std::string> addresses;
    unsigned delay_ms = 0;
    bool never_answers = false;
  };

  FakeResolver ();
  ~FakeResolver ();
  FakeResolver (const FakeResolver &) = delete;
  FakeResolver &operator= (const FakeResolver &) = delete;

  Family ipv6, ipv4;
  std::string failure; /* what is said instead, as where no name service can be asked */
  unsigned lookups = 0;

private:
  GResolver *original_;
  GResolver *fake_;
};

} // namespace postseal_test
