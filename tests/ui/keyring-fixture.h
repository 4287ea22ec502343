/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/fake-keyring.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

/* One for all tests: libsecret talks to the one that it has met first. */
inline FakeKeyring &
the_keyring ()
{
  static FakeKeyring keyring;

  return keyring;
}

/* A page's test on a desktop without a keyring (with-desktop --no-keyring), until it brings one. */
template <class PageTest> class WithKeyring : public PageTest
{
protected:
  using Person = FakeKeyring::Person;

  WithKeyring () : keyring (the_keyring ()) { keyring.reset (); }

  ~WithKeyring () override
  {
    this->close ();
    keyring.vanish ();
  }

  FakeKeyring &keyring;
};

using KeyringTest = WithKeyring<AddTest>;

} // namespace postseal_test
