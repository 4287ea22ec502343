/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/fake-keyring.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

/* On a desktop without a keyring (with-desktop --no-keyring), until the test brings one. */
class KeyringTest : public AddTest
{
protected:
  using Person = FakeKeyring::Person;

  KeyringTest () : keyring (shared ()) { keyring.reset (); }

  ~KeyringTest () override
  {
    close ();
    keyring.vanish ();
  }

  FakeKeyring &keyring;

private:
  /* One for all tests: libsecret talks to the one that it has met first. */
  static FakeKeyring &
  shared ()
  {
    static FakeKeyring keyring;

    return keyring;
  }
};

} // namespace postseal_test
